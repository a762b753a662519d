"""The protocol of a draw: announced, acknowledged above, one enters the value, another confirms it, all is published."""

import datetime as dt
import io
import json
import subprocess
import sys

import pytest
from django.conf import settings
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from pypdf import PdfReader

from campaigns import (
    announcing,
    extension,
    moves,
    policies,
    record,
    sampling,
    settling,
    terms,
    verifying,
    widening,
)
from campaigns.enums import DutyKind, TermsState
from campaigns.hooks import draws_under_way
from campaigns.models import DrawRun, DrawTerms, Duty
from campaigns.protocol import hashing, order
from campaigns.schedule import watch_draws, watch_returns
from inspections.models import InspectionTask
from metrostd.accounts.models import Membership
from metrostd.common import clock, sealing
from metrostd.common.models import AuditEntry
from metrostd.common.roles import Role
from metrostd.common.transitions import TransitionError
from metrostd.notifications.models import Message
from tests import draws
from tests.campaigns.test_taking_back import route
from tests.draws import DAY, ISSUE, NUMBERS
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.registry import FieldFactory, UnitFactory
from tests.printing import pages_of

NOW = clock.at_time(dt.date(2021, 6, 1), 9)
OTHER = "02 07 12 18 25 33 09"


@pytest.fixture(autouse=True)
def _day():
    with clock.pinned(NOW):
        yield


@pytest.fixture
def running(city, monkeypatch):
    """The district inspects five units with two fields; 纪检监督 watches."""
    monkeypatch.setattr(extension, "_opening", [])
    for unit in UnitFactory.create_batch(5, territorial_authority=city.district):
        city.standard(unit)
        city.standard(unit, field=FieldFactory(code="04", name="热学"))
    city.watch = MembershipFactory(role=Role.DISCIPLINE, authority=city.commission)
    for member in (city.office, city.bureau, city.watch):
        member.user.act_as(member)
    moves.open_campaign(city.campaign, actor=city.office.user)
    return city


@pytest.fixture
def frame(running):
    return draws.freeze(running.campaign, running.district, actor=running.bureau.user)


def fresh(frame, *, after=2 * DAY, issue=ISSUE, **kwargs):
    """Terms announced now, due in two days."""
    return announcing.announce_draw(
        frame,
        **{
            "ratio": 40,
            "floor": 20,
            "issue": issue,
            "moment": NOW + after,
            "actor": None,
            **kwargs,
        },
    )


# Announcing --------------------------------------------------------------------------------------


def test_what_is_announced_binds_everything_and_shows_no_nonce(running, frame):
    row = fresh(frame, actor=running.bureau.user)

    content = row.content
    assert (content["frame"], content["number"], content["required"]) == (frame.hash, 1, 2)
    assert content["moment"] == "2021-06-03T09:00:00+08:00"
    assert (row.nonce, row.acknowledge_by) == ("", NOW + DAY)
    nonce = sealing.unseal(row.sealed_nonce)
    assert len(bytes.fromhex(nonce)) == 32
    kept = [*AuditEntry.objects.all(), *Message.objects.all()]
    assert nonce not in repr([vars(each) for each in kept])
    assert nonce not in row.sealed_nonce
    told = Message.objects.filter(subject__startswith="请收悉")
    assert {each.membership for each in told} == {running.office, running.watch}
    assert all(row.commitment in each.body for each in told)
    assert Duty.objects.get(kind=DutyKind.DRAW_CHECK).authority == running.commission


def test_no_page_or_export_shows_the_nonce_before_the_draw(running, frame, client):
    row = fresh(frame)
    nonce = sealing.unseal(row.sealed_nonce)
    names = {"frame": frame.pk, "terms": row.pk, "frame_export": frame.pk}
    for who in (running.bureau, running.office):
        sign_in(client, who)
        for name, pk in names.items():
            answer = client.get(reverse(f"campaigns:{name}", args=[pk]))
            assert answer.status_code == 200
            assert nonce.encode() not in answer.content


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"after": DAY}, "day"),
        ({"after": 32 * DAY}, "day"),
        ({"issue": "61"}, "issue"),
        ({"ratio": 10}, "ratio_reason"),
        ({"ratio": 0}, "ratio"),
    ],
)
def test_terms_that_leave_no_time_or_say_nonsense_are_refused(frame, change, field):
    with pytest.raises(ValidationError) as refused:
        fresh(frame, **change)
    assert field in refused.value.message_dict
    assert not DrawTerms.objects.exists()


def test_one_list_has_one_set_of_terms_under_way(frame):
    fresh(frame)
    with pytest.raises(TransitionError, match="尚未办结"):
        fresh(frame)


def test_the_terms_leave_the_building_by_mail(running, frame, django_capture_on_commit_callbacks):
    user = running.watch.user
    user.email = "jijian@example.cn"
    user.email_verified_at = NOW
    user.save()
    with django_capture_on_commit_callbacks(execute=True):
        row = fresh(frame)

    (sent,) = mail.outbox
    assert sent.to == ["jijian@example.cn"]
    assert row.hash in sent.body
    assert row.commitment in sent.body


# Acknowledging -----------------------------------------------------------------------------------


def test_those_above_acknowledge_and_nobody_of_the_office(running, frame):
    row = fresh(frame)

    assert not policies.can_acknowledge(running.bureau.user, row)
    assert policies.can_acknowledge(running.office.user, row)
    assert policies.can_acknowledge(running.watch.user, row)
    terms.acknowledge(row, actor=running.office.user)

    assert str(running.office.user) in row.receipt
    assert not Duty.objects.open().filter(kind=DutyKind.DRAW_CHECK).exists()
    assert Message.objects.filter(membership=running.bureau, subject__contains="已收悉").exists()


def test_the_city_office_is_watched_by_discipline_alone(running):
    running.standard(category="sp_statutory")
    route(running)
    row = fresh(draws.freeze(running.campaign, running.commission))

    assert "纪检监督" in policies.can_acknowledge(running.office.user, row).reason
    assert policies.can_acknowledge(running.watch.user, row)
    assert Duty.objects.get(kind=DutyKind.DRAW_CHECK).membership == running.watch
    with clock.pinned(row.moment + 2 * DAY):
        row.state = TermsState.ACKNOWLEDGED
        assert not policies.can_enter(running.office.user, row)
        assert policies.can_enter(running.watch.user, row)
        row.state, row.entered_by = TermsState.ENTERED, running.watch.user
        assert not policies.can_confirm(running.watch.user, row)
        assert policies.can_confirm(running.office.user, row)


def test_nothing_is_announced_where_nobody_could_acknowledge_it(running):
    running.standard(category="sp_statutory")
    route(running)
    frame = draws.freeze(running.campaign, running.commission)
    user = running.office.user
    assert policies.can_announce(user, frame, drawn=False, live=False)
    Membership.objects.filter(pk=running.watch.pk).update(ends_on=NOW.date() - DAY)

    assert "纪检监督" in policies.can_announce(user, frame, drawn=False, live=False).reason


def test_terms_nobody_acknowledged_in_time_have_lapsed_whether_the_clock_came_or_not(
    running, frame
):
    row = fresh(frame)
    with clock.pinned(row.acknowledge_by + dt.timedelta(seconds=1)):
        with pytest.raises(TransitionError, match="不能再收悉"):
            terms.acknowledge(row, actor=running.office.user)
        owed = Duty.objects.filter(kind="draw_check")
        assert owed.open().exists()
        assert not owed.by_now(clock.today()).open().exists()
        watch_draws()
        watch_draws()
        assert not owed.open().exists()

    row.refresh_from_db()
    assert (row.state, row.nonce) == ("lapsed", sealing.unseal(row.sealed_nonce))
    assert Message.objects.filter(subject__contains="已失效").count() == 3
    late = row.acknowledge_by + DAY
    with transaction.atomic(), pytest.raises(IntegrityError):
        DrawTerms.objects.filter(pk=row.pk).update(acknowledged_at=late)


def test_what_lapsed_is_published_before_the_next_number_is_drawn(running, frame):
    row = fresh(frame)
    with clock.pinned(row.moment):
        terms.lapse()
        again = announcing.announce_draw(
            frame, ratio=20, floor=20, issue="2021063", moment=NOW + 5 * DAY, actor=None
        )
        terms.acknowledge(again, actor=running.office.user)
    with clock.pinned(again.moment):
        with pytest.raises(ValidationError, match="补录第1号约定"):
            draws.settling.enter_value(again, issue="2021063", numbers=NUMBERS, actor=None)
        row.refresh_from_db()
        settling.record_missed(row, issue=ISSUE, numbers=NUMBERS, actor=None)
        with pytest.raises(TransitionError):
            settling.record_missed(row, issue=ISSUE, numbers=OTHER, actor=None)
        settling.enter_value(again, issue="2021063", numbers=NUMBERS, actor=draws.person("office"))
        run = settling.confirm_value(
            again, issue="2021063", numbers=NUMBERS, actor=draws.person("above")
        )

    assert again.number == 2
    (earlier,) = record.of_run(run)["earlier"]
    assert (earlier["state"], earlier["value"][:4]) == ("lapsed", "ssq:")
    assert len(earlier["drawn"]) == 2


# Entering, confirming, drawing -------------------------------------------------------------------


def test_nothing_is_drawn_before_the_moment_not_even_by_the_database(running, frame):
    row = fresh(frame)
    terms.acknowledge(row, actor=running.office.user)
    with clock.pinned(row.moment - dt.timedelta(seconds=1)):
        assert "在此之前" in policies.can_enter(running.bureau.user, row).reason
        with pytest.raises(ValidationError, match="在此之前不能录入"):
            settling.enter_value(row, issue=ISSUE, numbers=NUMBERS, actor=running.bureau.user)
    early = {"entered_at": row.moment - DAY, "value": "ssq:x", "state": "entered"}
    with transaction.atomic(), pytest.raises(IntegrityError):
        DrawTerms.objects.filter(pk=row.pk).update(**early)


def test_two_people_enter_the_same_and_the_result_stands(running, frame, client):
    row = fresh(frame)
    terms.acknowledge(row, actor=running.office.user)
    sent = {"issue": ISSUE, "numbers": NUMBERS}
    enter, confirm = (reverse(f"campaigns:{n}_value", args=[row.pk]) for n in ("enter", "confirm"))
    with clock.pinned(row.moment):
        sign_in(client, running.bureau)
        assert client.post(enter, sent | {"numbers": "1 2 3"}).status_code == 422
        assert client.post(enter, sent).status_code == 302
        assert NUMBERS[:8] not in client.get(row.get_absolute_url()).content.decode()
        assert client.post(confirm, sent).status_code == 403
        sign_in(client, running.office)
        page = client.get(row.get_absolute_url()).content.decode()
        assert "01,07" not in page
        assert "核对并抽取" in page
        assert client.post(confirm, sent).url == row.get_absolute_url()
        assert client.post(confirm, sent).status_code == 409

    run = DrawRun.objects.get()
    row.refresh_from_db()
    assert (run.terms, run.drawn.count(), row.nonce) == (row, 2, sealing.unseal(row.sealed_nonce))
    assert (row.entered_by, row.confirmed_by) == (running.bureau.user, running.office.user)
    assert row.nonce in client.get(row.get_absolute_url()).content.decode()
    assert verifying.verify_draw(run) == []
    assert not Duty.objects.open().filter(kind__in=(DutyKind.DRAW, DutyKind.DRAW_CHECK)).exists()


def test_two_people_who_read_different_numbers_begin_anew(running, frame):
    row = draws.announce(frame)
    draws.acknowledge(row)
    settling.enter_value(row, issue=ISSUE, numbers=NUMBERS, actor=running.bureau.user)
    with pytest.raises(TransitionError, match="不能核对自己"):
        settling.confirm_value(row, issue=ISSUE, numbers=NUMBERS, actor=running.bureau.user)

    made = settling.confirm_value(row, issue=ISSUE, numbers=OTHER, actor=running.office.user)

    assert (made, row.state, row.value, row.nonce) == (None, "acknowledged", "", "")
    note = AuditEntry.objects.about(row).get(action="terms.dispute").note
    assert "01 07" in note
    assert "02 07" in note
    assert not DrawRun.objects.exists()
    assert draws.settle(row).drawn.count() == 1


def test_the_database_keeps_one_person_from_being_both(frame):
    run = draws.draw(frame)
    with transaction.atomic(), pytest.raises(IntegrityError):
        DrawTerms.objects.filter(pk=run.terms_id).update(confirmed_by=draws.person("office"))


def test_a_later_issue_counts_where_the_named_one_was_not_drawn_and_an_earlier_never(frame):
    row = draws.announce(frame)
    with pytest.raises(ValidationError, match="约定的是第2021061期"):
        settling.readable(row, "2021060", NUMBERS)
    assert settling.readable(row, "2021062", NUMBERS).startswith("ssq:2021062:")


def test_a_draw_let_pass_is_reported_and_made_by_those_above(running, frame):
    row = fresh(frame)
    terms.acknowledge(row, actor=running.office.user)
    late = row.moment + terms.GRACE + dt.timedelta(seconds=1)
    with clock.pinned(row.moment):
        assert policies.can_enter(running.bureau.user, row)
        assert not policies.can_enter(running.watch.user, row)
    with clock.pinned(late):
        assert [terms.report_overdue(), terms.report_overdue()] == [1, 0]
        assert not policies.can_enter(running.bureau.user, row)
        assert policies.can_enter(running.watch.user, row)
        settling.enter_value(row, issue=ISSUE, numbers=NUMBERS, actor=running.watch.user)
        assert not policies.can_confirm(running.watch.user, row)
        assert policies.can_confirm(running.office.user, row)
        run = settling.confirm_value(row, issue=ISSUE, numbers=NUMBERS, actor=running.office.user)

    assert run.drawn.count() == 2
    told = Message.objects.filter(subject__contains="还没有抽取")
    assert {running.watch, running.office, running.bureau} == {each.membership for each in told}
    assert AuditEntry.objects.about(row).filter(action="terms.report").count() == 1


def test_a_lost_key_is_told_and_no_other_nonce_takes_its_place(frame, settings):
    row = draws.announce(frame)
    draws.acknowledge(row)
    DrawTerms.objects.filter(pk=row.pk).update(sealed_nonce="gone")
    row.refresh_from_db()

    with pytest.raises(TransitionError, match="密钥已不可用"):
        draws.settle(row)
    assert not DrawRun.objects.exists()
    moves.annul_freeze(frame, ground="source_failed", actor=None, note="密钥遗失")
    row.refresh_from_db()
    assert (row.state, row.nonce) == ("annulled", "")


# Afterwards --------------------------------------------------------------------------------------


def test_a_mistyped_value_is_corrected_with_the_same_nonce(running, frame, client):
    first = draws.draw(frame, ratio=100, numbers=OTHER)
    void = reverse("campaigns:void", args=[first.pk])
    sign_in(client, running.office)
    assert client.post(void, {"note": "第一个红球应为01"}).status_code == 302
    row = DrawTerms.objects.get()
    assert (row.state, row.value, row.nonce) == ("acknowledged", "", first.terms.nonce)

    second = draws.settle(row)

    assert verifying.verify_draw(second) == []
    assert second.seed != first.seed
    assert second.terms == first.terms
    assert Duty.objects.filter(kind=DutyKind.DRAW).last().fulfilled_at is not None


def struck(run, unit):
    return announcing.announce_substitute(
        run,
        units=[unit],
        ground="dissolved",
        evidence="准予注销登记通知书（2021）第12号",
        issue=ISSUE,
        moment=clock.now() + 2 * DAY,
        actor=None,
    )


def test_a_unit_is_struck_with_evidence_once_acknowledged_and_replaced_by_a_later_issue(
    running, frame
):
    run = draws.draw(frame, ratio=40)
    first, second = run.drawn.order_by("order")
    with pytest.raises(ValidationError, match="依据"):
        announcing.announce_substitute(
            run, units=[first], ground="dissolved", evidence=" ", issue=ISSUE,
            moment=NOW + 2 * DAY, actor=None,
        )  # fmt: skip
    row = struck(run, first)
    first.refresh_from_db()
    assert first.struck_at is None

    draws.later(row)

    first.refresh_from_db()
    assert first.strike_reason == "单位已注销、吊销：准予注销登记通知书（2021）第12号"
    substitute = run.drawn.get(order=3)
    assert substitute.unit not in {first.unit, second.unit}
    assert substitute.supplement.terms == row
    assert set(InspectionTask.objects.listed().values_list("unit", flat=True)) == {
        second.unit_id,
        substitute.unit_id,
    }
    owed = Duty.objects.open().filter(kind=DutyKind.INSPECTION)
    assert owed.count() == 2
    assert verifying.verify_draw(run) == []
    told = record.of_run(run)
    assert told["struck"][0]["order"] == 1
    assert told["later"][0]["kind"] == "substitute"
    with pytest.raises(ValidationError, match="已经划除"):
        struck(run, first)


def test_a_strike_nobody_acknowledged_strikes_nothing(frame):
    run = draws.draw(frame)
    row = struck(run, run.drawn.get())
    with clock.pinned(row.moment):
        terms.lapse()
    assert run.drawn.standing().count() == 1


def test_a_campaign_is_not_closed_over_a_draw_that_was_announced(running, frame):
    row = draws.announce(frame)
    assert list(draws_under_way(running.campaign)) == []  # nobody acknowledged it in time
    with clock.pinned(row.acknowledge_by):
        assert str(row) in next(iter(draws_under_way(running.campaign)))
    draws.acknowledge(row)
    assert str(row) in next(iter(draws_under_way(running.campaign)))
    draws.settle(row)
    assert list(draws_under_way(running.campaign)) == []


def test_a_unit_whose_visit_has_begun_is_not_struck(frame, monkeypatch):
    run = draws.draw(frame)
    monkeypatch.setattr(extension, "_begun_guards", [lambda drawn: ["检查已经开始"]])
    with pytest.raises(ValidationError, match="检查已经开始"):
        struck(run, run.drawn.get())


def test_the_page_of_a_strike_announces_it(running, frame, client):
    run = draws.draw(frame)
    address = reverse("campaigns:strike", args=[run.pk])
    sign_in(client, running.bureau)
    day = client.get(address).context["form"].fields["day"].choices[0][0]
    sent = {"units": [run.drawn.get().pk], "ground": "dissolved", "day": day, "issue": ISSUE}

    assert client.post(address, sent).status_code == 422
    answer = client.post(address, sent | {"evidence": "注销通知书第12号"})

    row = DrawTerms.objects.get(kind="substitute")
    assert answer.url == row.get_absolute_url()
    assert "注销通知书第12号" in client.get(answer.url).content.decode()
    assert client.get(address).status_code == 403


def test_the_pages_lead_the_office_and_those_above_through_it(running, frame, client):
    sign_in(client, running.bureau)
    address = reverse("campaigns:announce", args=[frame.pk])
    form = client.get(address).context["form"]
    sent = {"ratio": 20, "day": form.fields["day"].choices[0][0], "issue": ISSUE}
    assert client.post(address, sent | {"issue": "x"}).status_code == 422
    assert client.post(address, sent | {"ratio": 10}).status_code == 422
    row_url = client.post(address, sent).url
    row = DrawTerms.objects.get()
    acknowledge = reverse("campaigns:acknowledge", args=[row.pk])
    assert client.post(acknowledge).status_code == 403
    assert row_url == row.get_absolute_url()
    assert client.post(address, sent).status_code == 409

    sign_in(client, running.watch)
    page = client.get(reverse("campaigns:terms_index")).content.decode()
    assert row.commitment[:16] in page
    assert "确认收悉" in client.get(row_url).content.decode()
    assert client.get(frame.get_absolute_url()).status_code == 404
    assert client.post(acknowledge).url == row_url
    assert client.post(acknowledge).status_code == 409


def test_a_lapsed_number_is_recorded_on_its_page(running, frame, client):
    row = fresh(frame)
    with clock.pinned(row.moment):
        sign_in(client, running.bureau)
        address = reverse("campaigns:missed_value", args=[row.pk])
        terms.lapse()
        assert client.post(address, {"issue": ISSUE, "numbers": "1"}).status_code == 422
        assert client.post(address, {"issue": ISSUE, "numbers": NUMBERS}).status_code == 302
        page = client.get(row.get_absolute_url()).content.decode()
    assert "本应抽中的名单" in page


# The record, computed again without this portal --------------------------------------------------


def verify(path):
    script = settings.BASE_DIR / "docs" / "verify_draw.py"
    return subprocess.run(
        [sys.executable, "-I", script, path], capture_output=True, text=True, check=False
    )


@pytest.fixture
def written(running, frame, tmp_path, client):
    """The record of a draw with everything: an earlier number, a strike, a directed unit, a supplement."""
    gone = fresh(frame)
    with clock.pinned(gone.moment):
        terms.lapse()
        gone.refresh_from_db()
        settling.record_missed(gone, issue=ISSUE, numbers=OTHER, actor=None)
        late = running.standard(running.campaign.routed.first().unit)
        run = draws.draw(frame, ratio=20)
        draws.later(struck(run, run.drawn.get()))
        left = frame.entries.exclude(unit__in=run.drawn.values("unit")).first()
        sampling.add_directed(
            run, left.unit, standards=[left.standard], reason="投诉举报", actor=None
        )
        assert late.unit
        assert widening.missed_fields(run).count() == 0
    sign_in(client, running.bureau)
    answer = client.get(reverse("campaigns:record_json", args=[run.pk]))
    assert json.loads(answer.content)["trail_head"] == run.facts["trail_head"]
    path = tmp_path / "record.json"
    path.write_bytes(answer.content)
    return run, path


def test_the_script_of_forty_lines_recomputes_the_record_of_a_real_draw(written):
    run, path = written
    lines = (settings.BASE_DIR / "docs" / "verify_draw.py").read_text(encoding="utf-8").splitlines()

    found = verify(path)

    assert (found.stderr, found.stdout.split()) == ("", ["OK", run.result_hash])
    assert len(lines) <= 40
    text = path.read_text(encoding="utf-8")
    assert list(json.loads(text))[:9] == [
        "algorithm", "rehearsal", "kind", "campaign", "authority", "number", "frame", "ratio",
        "required",
    ]  # fmt: skip
    for unit in {entry.unit for entry in run.frame.entries.select_related("unit")}:
        assert f'"{unit.uscc or f"无代码 {unit.name}"}"' in text


#: What somebody might alter in a record, and what the script calls it.
ALTERED = [
    (lambda r: r["frame"]["units"][0]["standards"][0].update(id="别的证书"), "2: frame"),
    (lambda r: r["terms"].update(ratio=99), "2: terms"),
    (lambda r: r.update(nonce="00" * 32), "2: commitment"),
    (lambda r: r["public"].update(value="ssq:2021061:01,02,03,04,05,06|01"), "2: seed"),
    (lambda r: r["drawn"][0].update(unit="别的单位"), "2: drawn"),
    (lambda r: r.update(result_hash="00" * 32), "2: result"),
    (lambda r: r["later"][0]["drawn"][0].update(unit="别的单位"), "3: drawn"),
    (lambda r: r["later"][0]["public"].update(value="ssq:2021061:01,02,03,04,05,06|01"), "3: seed"),
    (lambda r: r["earlier"][0].update(nonce="00" * 32), "1: commitment"),
    (lambda r: r.update(drawn_at="2021-01-01T00:00:00+08:00"), "2: moment"),
    (lambda r: r.update(rehearsal=True), "rehearsal: 预演, this was no draw"),
    (lambda r: r.update(number=1), "2: number"),
    (lambda r: r.update(ratio=10), "2: ratio"),
    (lambda r: r["later"][0].update(nonce="00" * 32), "3: commitment"),
    (lambda r: r["later"][0].update(receipts=[]), "3: receipt"),
    (lambda r: r["receipts"][0].update(at="2021-06-03T08:59:59+08:00"), "2: receipt"),
    (lambda r: r["struck"].clear(), "3: struck"),
    (lambda r: r["earlier"].clear(), "2: number"),
    (lambda r: r["earlier"][0]["drawn"][0].update(unit="别的单位"), "1: drawn"),
]  # fmt: skip


def test_the_script_names_what_was_altered(written):
    _, path = written
    text = path.read_text(encoding="utf-8")
    for change, named in ALTERED:
        told = json.loads(text)
        change(told)
        path.write_text(json.dumps(told), encoding="utf-8")

        found = verify(path)

        assert found.returncode == 1, named
        assert named in found.stderr.splitlines()


def forged(told, value):
    """The record somebody makes who may choose the value: everything follows from it, and nothing else is false."""
    terms_hash = bytes.fromhex(told["terms_hash"])
    seed = hashing.seed(terms_hash, bytes.fromhex(told["nonce"]), value)
    holders = [
        order.Holder(
            unit["unit"],
            tuple(
                order.Item(s["id"], s["field"], priority=s["priority"]) for s in unit["standards"]
            ),
        )
        for unit in told["frame"]["units"]
    ]
    drawn = [unit.as_json() for unit in order.draw(holders, seed=seed, required=told["required"])]
    result = hashing.result_hash(drawn, required=told["required"], seed=seed, terms=terms_hash)
    told |= {"seed": seed.hex(), "drawn": drawn, "result_hash": result, "later": [], "struck": []}
    told["public"]["value"] = value
    return told


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ("ssq:2021062:01,07,12,18,25,33|09", None),
        ("ssq:2021060:01,07,12,18,25,33|09", "2: value"),
        ("ssq:2021061:1,7,12,18,25,33|9", "2: value"),
        ("ssq:2021061:any", "2: value"),
        ("wit:4711,815", "2: witnesses"),
    ],
)
def test_a_consistent_record_over_a_value_nobody_named_is_none(written, value, named):
    _, path = written
    told = forged(json.loads(path.read_text(encoding="utf-8")), value)
    path.write_text(json.dumps(told), encoding="utf-8")

    found = verify(path)

    assert found.stderr.split("\n") == (["DIFFERENT", named, ""] if named else [""])


#: What no hash covers: who did it, what people decided without chance, and where it is kept.
FREE = {
    "by", "entered_by", "confirmed_by", "state", "record_no", "directed", "why", "trail_head",
}  # fmt: skip


def leaves(value, path=()):
    if not isinstance(value, dict | list):
        yield path
        return
    for key, each in value.items() if isinstance(value, dict) else enumerate(value):
        if key not in FREE:
            yield from leaves(each, (*path, key))


def altered(value):
    if isinstance(value, bool | int):
        return not value if isinstance(value, bool) else value + 1
    if value[4:5] == "-":
        return f"20{int(value[2:4]) - 1:02d}{value[4:]}" if value[:2] == "20" else value
    return value[:-1] + ("1" if value[-1:] == "0" else "0")


def test_no_value_the_result_hangs_on_is_altered_unseen(written):
    _, path = written
    told = json.loads(path.read_text(encoding="utf-8"))
    unseen = []
    for *way, last in leaves(told):
        copy = json.loads(json.dumps(told))
        part = copy
        for step in way:
            part = part[step]
        if part[last] == "":
            continue
        part[last] = altered(part[last])
        path.write_text(json.dumps(copy), encoding="utf-8")
        if verify(path).returncode != 1:
            unseen.append((*way, last))

    # A strike is dated and ordered by people, an announcement may be earlier than it was, a list shown earlier.
    assert {place[-1] for place in unseen} <= {"committed_at", "at", "order"}
    assert {place[0] for place in unseen if place[-1] in ("at", "order")} <= {
        "struck",
        "shown",
        "receipts",
    }
    assert len(unseen) < 8


def test_a_void_draw_keeps_its_value_and_the_next_one_tells_of_it(running, frame, client):
    void = draws.draw(frame, ratio=20)
    moves.void_draw(void, actor=running.bureau.user, note="号码录入有误")
    again = draws.draw(frame, numbers=OTHER)
    void = DrawRun.objects.get(pk=void.pk)

    for run, numbers in ((void, NUMBERS), (again, OTHER)):
        told = record.of_run(run)
        red, blue = numbers[:17].replace(" ", ","), numbers[18:]
        assert told["public"]["value"] == f"ssq:{ISSUE}:{red}|{blue}"
        assert told["public"]["entered_by"]
        assert verifying.verify_draw(run) == []
    (kept,) = record.of_run(again)["voided"]
    assert (kept["record_no"], kept["result_hash"]) == (void.record_no, void.result_hash)
    assert kept["value"] == record.of_run(void)["public"]["value"]
    sign_in(client, running.bureau)
    paper = pages_of(client, reverse("campaigns:record", args=[again.pk]))
    pages = PdfReader(io.BytesIO(paper)).pages
    text = "".join("".join(page.extract_text() for page in pages).split())
    assert "".join(f"此前作废的抽取记录编号{void.record_no}".split()) in text
    assert void.drawn.get().name_then in text


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"issue": "2021060"}, "约定的期号不一致"),
        ({"number": 7}, "约定的序号不一致"),
        ({"moment": NOW - DAY}, "约定的时间不一致"),
        ({"value": "ssq:2021060:01,07,12,18,25,33|09"}, "不是约定的第2021061期"),
        ({"entered_at": NOW + DAY}, "先后次序"),
    ],
)
def test_columns_beside_the_announced_terms_are_compared_with_them(frame, change, word):
    run = draws.draw(frame, ratio=20)
    DrawTerms.objects.update(**change)

    found = verifying.verify_draw(DrawRun.objects.get(pk=run.pk))

    assert any(word in line for line in found)


def test_an_issue_that_is_still_to_come_is_none(frame):
    row = fresh(frame)
    terms.acknowledge(row, actor=draws.person("above"))
    with clock.pinned(row.moment):
        for issue in ("2021070", "2022001"):
            with pytest.raises(ValidationError, match="到今天还没有开奖"):
                settling.enter_value(
                    row, issue=issue, numbers=NUMBERS, actor=draws.person("office")
                )
        settling.enter_value(row, issue="2021062", numbers=NUMBERS, actor=draws.person("office"))


def test_a_ratio_written_beside_the_draw_is_compared_with_the_terms(frame):
    run = draws.draw(frame, ratio=20)
    DrawRun.objects.update(ratio=21)

    assert verifying.verify_draw(DrawRun.objects.get(pk=run.pk)) == [
        "抽查比例不一致：记录为21%，约定为20%。"
    ]


def test_the_printed_record_has_earlier_terms_strikes_and_every_nonce(written, client):
    run, _ = written
    paper = pages_of(client, reverse("campaigns:record", args=[run.pk]))
    read = PdfReader(io.BytesIO(paper)).pages
    text = "".join("".join(part.extract_text() for part in read).split())

    nonces = {row.nonce for row in DrawTerms.objects.all()}
    assert len(nonces) == 3
    assert all(nonce in text for nonce in nonces)
    for words in ("逾期未收悉，失效", "第12号", "本应抽中", "递补", "投诉举报"):
        assert words in text


def test_the_nightly_look_at_lists_finds_nothing_to_tell(frame):
    watch_returns()
    assert not AuditEntry.objects.filter(action="frame.report_return").exists()
