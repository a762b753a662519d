"""Witnesses as the public source: commit, reveal, and every way somebody could try to steer it."""

import datetime as dt
import io
import json
import subprocess
import sys

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse
from pypdf import PdfReader

from campaigns import (
    acts,
    announcing,
    extension,
    frames,
    moves,
    record,
    settling,
    terms,
    verifying,
    witnessing,
)
from campaigns.enums import Act, AnnulGround, TermsState
from campaigns.models import DrawRun, DrawWitness
from campaigns.protocol import witness
from metrostd.accounts.models import Membership
from metrostd.common import clock, jobs, sealing
from metrostd.common.models import AuditEntry, Job
from metrostd.common.roles import Role
from metrostd.common.transitions import TransitionError
from reporting.narrative import outcomes
from tests import draws
from tests.factories.accounts import MembershipFactory, sign_in
from tests.printing import pages_of

pytestmark = pytest.mark.django_db
DAY = dt.timedelta(days=1)
SALTS = ("ab" * 16, "cd" * 16)


@pytest.fixture(autouse=True)
def no_other_stages(monkeypatch):
    for name in ("_opening", "_drawn", "_guards", "_void_guards", "_opening_guards"):
        monkeypatch.setattr(extension, name, [], raising=False)


@pytest.fixture
def seen(city):
    """Terms with two witnesses, acknowledged; the moment is now, the fallback in twelve hours."""
    for _ in range(10):
        city.standard()
    moves.open_campaign(city.campaign, actor=None)
    city.people = [
        MembershipFactory(role=Role.DISCIPLINE, authority=city.commission),
        MembershipFactory(role=Role.DISTRICT_ADMIN, authority=city.other),
    ]
    city.frame = draws.freeze(city.campaign, city.district)
    city.terms = announce(city, city.people)
    draws.acknowledge(city.terms)
    return city


def announce(city, people):
    now = clock.now()
    with clock.pinned(now - 2 * DAY):
        return announcing.announce_draw(
            city.frame,
            ratio=20,
            ratio_reason="示例",
            issue=draws.ISSUE,
            moment=now,
            floor=20,
            actor=city.bureau.user,
            witnesses=people,
            fallback_at=now + DAY / 2,
        )


def promise(seen, n, number="4711"):
    place = seen.terms.witnesses.get(order=n + 1)
    hashed = bytes.fromhex(seen.terms.hash)
    return witness.commitment(hashed, place.person, salt=SALTS[n], number=number)


def commit(seen, n, number="4711"):
    said = promise(seen, n, number)
    witnessing.commit(seen.terms, commitment=said, actor=seen.people[n].user)


def reveal(seen, n, number="4711", salt=None):
    actor = seen.people[n].user
    return witnessing.reveal(seen.terms, number=number, salt=salt or SALTS[n], actor=actor)


def drawn(seen, numbers=("4711", "815")):
    for n, number in enumerate(numbers):
        commit(seen, n, number)
    assert reveal(seen, 0, numbers[0]) is None
    return reveal(seen, 1, numbers[1])


def test_all_reveal_and_the_draw_is_made_and_computed_again(seen, tmp_path):
    run = drawn(seen)

    seen.terms.refresh_from_db()
    assert (seen.terms.state, seen.terms.value) == (TermsState.DRAWN, "wit:4711,815")
    assert seen.terms.entered_by_id != seen.terms.confirmed_by_id
    assert verifying.verify_draw(run) == []
    told = record.of_run(run)
    assert told["public"]["missing"] == []
    path = tmp_path / "record.json"
    for change, expected in ((None, 0), ("number", 1), ("person", 1)):
        copy = json.loads(json.dumps(told))
        if change:
            copy["public"]["witnesses"][0][change] = "99"
        path.write_text(json.dumps(copy), encoding="utf-8")
        script = django_settings.BASE_DIR / "docs" / "verify_draw.py"
        done = subprocess.run(
            [sys.executable, script, path], capture_output=True, text=True, check=False
        )
        assert done.returncode == expected, done.stderr
        assert ("witnesses" in done.stderr) is bool(expected)
    with pytest.raises(ValidationError, match="没有录入错误"):
        moves.VOID.check(run)


def test_the_public_record_names_no_witness_and_is_computed_again(seen, tmp_path):
    run = drawn(seen)
    public = json.dumps(outcomes.public_record(run), ensure_ascii=False)
    path = tmp_path / "record.json"

    for place in seen.terms.witnesses.all():
        assert place.person not in public
    for change, code in ((("nonce", "00" * 32), 1), ((None, None), 2)):
        copy = json.loads(public)
        copy |= {change[0]: change[1]} if change[0] else {}
        path.write_text(json.dumps(copy), encoding="utf-8")
        script = django_settings.BASE_DIR / "docs" / "verify_draw.py"
        done = subprocess.run(
            [sys.executable, script, path], capture_output=True, text=True, check=False
        )
        assert done.returncode == code, done.stderr
    assert done.stdout.startswith(f"PARTLY {run.result_hash}")
    assert f"announced as {seen.terms.hash}" in done.stdout


def printed(client, seen, run):
    """The printed record, in one line."""
    sign_in(client, seen.bureau)
    paper = pages_of(client, reverse("campaigns:record", args=[run.pk]))
    pages = PdfReader(io.BytesIO(paper)).pages
    return "".join("".join(page.extract_text() for page in pages).split())


def test_the_printed_record_names_witnesses_commitments_numbers_and_salts(client, seen):
    text = printed(client, seen, drawn(seen))

    for place in seen.terms.witnesses.all():
        for said in (place.person, place.commitment, f"数{place.number}", place.salt):
            assert "".join(said.split()) in text
    assert "录入人" not in text
    assert text.count("（签名）") == 2


def test_another_number_than_was_committed_to_is_refused(seen):
    commit(seen, 0)
    commit(seen, 1)
    for number, salt in (("4712", SALTS[0]), ("4711", SALTS[1]), ("4711", "zz"), ("", SALTS[0])):
        with pytest.raises(ValidationError, match="与您提交的承诺不符"):
            reveal(seen, 0, number, salt)
    assert not DrawRun.objects.exists()


def test_a_commitment_is_made_once_and_not_copied(seen):
    commit(seen, 0)
    with pytest.raises(TransitionError, match="不能更换"):
        commit(seen, 0, "5")
    with pytest.raises(TransitionError, match="相同"):
        witnessing.commit(seen.terms, commitment=promise(seen, 0), actor=seen.people[1].user)
    with pytest.raises(ValidationError):
        witnessing.commit(seen.terms, commitment="4711", actor=seen.people[1].user)
    with pytest.raises(TransitionError, match="全部提交后"):
        reveal(seen, 0)


def test_nothing_is_revealed_before_the_moment(seen):
    commit(seen, 0)
    commit(seen, 1)
    early = seen.terms.moment - dt.timedelta(minutes=1)
    with clock.pinned(early), pytest.raises(TransitionError, match="约定的时间"):
        reveal(seen, 0)


def test_a_missing_reveal_takes_the_named_issue_and_says_so(client, seen):
    commit(seen, 0)
    commit(seen, 1)
    reveal(seen, 0)
    with pytest.raises((TransitionError, ValidationError), match="改以双色球"):
        draws.settle(seen.terms)
    with clock.pinned(seen.terms.fallback_at + dt.timedelta(minutes=1)):
        with pytest.raises(TransitionError, match="已过公布的时间"):
            reveal(seen, 1)
        run = draws.settle(seen.terms)

    assert "没有公布，改以双色球为准" in printed(client, seen, run)
    told = record.of_run(run)["public"]
    assert told["value"].startswith("ssq:")
    assert told["missing"] == [seen.terms.witnesses.get(order=2).person]
    assert verifying.verify_draw(run) == []


def test_who_may_be_a_witness(seen):
    def refused(people):
        with pytest.raises(ValidationError) as error:
            witnessing.check_named(people, authority_id=seen.district.pk)
        return error.value.messages[0]

    watch, other = seen.people
    assert "2至4名" in refused([watch])
    assert "2至4名" in refused([watch, watch])
    assert "抽取部门" in refused([watch, seen.bureau])
    assert "纪检" in refused([other, seen.office])
    found = witnessing.candidates(seen.campaign, seen.district.pk)
    assert seen.bureau not in found
    assert {watch, other} <= set(found)


def test_numbers_are_on_no_page_before_all_are_revealed(client, seen):
    commit(seen, 0, "424242424242")
    commit(seen, 1)
    reveal(seen, 0, "424242424242")
    for member in (*seen.people, seen.office, seen.bureau):
        sign_in(client, member)
        assert "424242424242" not in client.get(seen.terms.get_absolute_url()).content.decode()
    kept = AuditEntry.objects.about(seen.terms)
    assert not any("424242424242" in f"{row.after}{row.note}" for row in kept)
    sign_in(client, seen.office)
    answer = client.post(
        reverse("campaigns:witness_reveal", args=[seen.terms.pk]), {"number": "1", "salt": "2"}
    )
    assert answer.status_code == 403


def test_choosing_a_number_gives_nobody_the_wanted_units(seen):
    """The last witness tries 10,000 numbers with everything a page shows: as good as guessing."""
    row = seen.terms
    wanted = sorted({e.unit_key for e in seen.frame.entries.all()})[0]
    holders = frames.holders_of(seen.frame)  # the list stays while numbers are tried
    hits = 0
    for n in range(10_000):
        row.value = witness.value_of(["4711", str(n)])
        seed = settling.seed_of(row)
        drawn = settling.drawn_of(seen.frame, holders, seed=seed, required=row.required)
        if n < 50:
            assert drawn == settling.result_of(row, seed)
        hits += any(unit.id == wanted for unit in drawn)
    assert abs(hits / 10_000 - 2 / 10) < 0.02


def test_the_database_keeps_the_order(seen):
    place = seen.terms.witnesses.first()
    with pytest.raises(IntegrityError), transaction.atomic():
        DrawWitness.objects.filter(pk=place.pk).update(revealed_at=clock.now(), number="1")


def test_the_envelope_brings_a_lost_number_back(client, seen, settings):
    watch = seen.people[0]
    sign_in(client, watch)
    page = client.post(reverse("campaigns:seal_nonce", args=[seen.terms.pk]))
    code = page.context["code"]
    before = terms.nonce_of(seen.terms)
    assert client.post(reverse("campaigns:seal_nonce", args=[seen.terms.pk])).status_code == 403
    settings.FIELD_KEYS = ["another-key"]
    seen.terms.refresh_from_db()
    assert sealing.unseal(seen.terms.sealed_nonce) == ""
    opening = reverse("campaigns:open_nonce", args=[seen.terms.pk])
    client.post(opening, {"code": "AAAAA-AAAAA-AAAAA-AAAAA"})
    seen.terms.refresh_from_db()
    assert sealing.unseal(seen.terms.sealed_nonce) == ""
    client.post(opening, {"code": code.lower()})

    seen.terms.refresh_from_db()
    assert terms.nonce_of(seen.terms) == before
    sign_in(client, seen.office)
    assert client.post(opening, {"code": code}).status_code == 403


# From a list of thousands of units ----------------------------------------------------------------


@pytest.fixture
def left_to_a_job(seen, client, monkeypatch):
    """Both have revealed, the last one on the page; any number of units is many."""
    monkeypatch.setattr(acts, "MANY", 1)
    for n in (0, 1):
        commit(seen, n)
    reveal(seen, 0)
    sign_in(client, seen.people[1])
    given = {"number": "4711", "salt": SALTS[1]}
    answer = client.post(reverse("campaigns:witness_reveal", args=[seen.terms.pk]), given)
    seen.job = Job.objects.get(kind=acts.ACT_JOB)
    assert answer.headers["Location"] == reverse("common:job", args=[seen.job.pk])
    seen.terms.refresh_from_db()
    return seen


def is_drawn(seen):
    """By the job, as the terms and the numbers say, with the last to reveal as who confirmed."""
    seen.job.refresh_from_db()
    assert (seen.job.state, seen.job.failure) == ("done", "")
    run = DrawRun.objects.get()
    assert verifying.verify_draw(run) == []
    seen.terms.refresh_from_db()
    assert (seen.terms.state, seen.terms.value) == (TermsState.DRAWN, "wit:4711,4711")
    assert seen.terms.confirmed_by == seen.people[1].user
    assert seen.job.next_url == run.get_absolute_url()
    drawn = [unit.id for unit in settling.result_of(seen.terms, bytes.fromhex(run.seed))]
    keys = dict(seen.frame.entries.values_list("unit", "unit_key"))
    assert [keys[pk] for pk in run.drawn.order_by("order").values_list("unit", flat=True)] == drawn
    return True


def test_the_last_reveal_settles_the_draw_and_a_job_makes_it(left_to_a_job, client):
    seen = left_to_a_job
    assert (seen.terms.state, seen.terms.value, seen.terms.nonce) == (
        "entered",
        "wit:4711,4711",
        "",
    )
    assert not DrawRun.objects.exists()
    page = client.get(seen.terms.get_absolute_url()).content.decode()
    assert seen.job.title in page
    assert "见证人已全部公布，结果由此确定" in page
    assert "4711" not in page

    jobs.perform(seen.job)

    assert is_drawn(seen)


def test_nobody_changes_or_stops_what_the_witnesses_have_settled(left_to_a_job, client):
    """Nobody enters or confirms another value, before and after the evening's lottery, while the job waits or has failed."""
    seen = left_to_a_job
    numbers = {"issue": draws.ISSUE, "numbers": draws.NUMBERS}
    sign_in(client, seen.office)
    for later, state in ((dt.timedelta(), "queued"), (DAY, "failed")):
        Job.objects.filter(pk=seen.job.pk).update(state=state)
        with clock.pinned(clock.now() + later):
            for name in ("enter_value", "confirm_value", "missed_value"):
                answer = client.post(reverse(f"campaigns:{name}", args=[seen.terms.pk]), numbers)
                assert answer.status_code in (403, 409, 422), name
            for act in (settling.enter_value, settling.confirm_value):
                with pytest.raises((TransitionError, ValidationError)):
                    act(seen.terms, actor=seen.office.user, **numbers)
    seen.terms.refresh_from_db()
    assert (seen.terms.state, seen.terms.value) == ("entered", "wit:4711,4711")
    Job.objects.filter(pk=seen.job.pk).update(state="queued")
    with pytest.raises(TransitionError, match="正在办理"):
        moves.annul_freeze(
            seen.frame, ground=AnnulGround.values[0], actor=seen.office.user, note="示例"
        )
    jobs.perform(seen.job)
    assert is_drawn(seen)


def test_it_is_drawn_also_when_the_last_witness_has_no_account_any_more(left_to_a_job):
    seen = left_to_a_job
    Membership.objects.filter(pk=seen.people[1].pk).update(is_active=False)

    jobs.perform(seen.job)

    assert is_drawn(seen)


def test_another_act_keeps_nobody_from_revealing(seen, monkeypatch):
    monkeypatch.setattr(acts, "MANY", 1)
    for n in (0, 1):
        commit(seen, n)
    reveal(seen, 0)
    acts.leave(Act.ADJUST, seen.campaign, title="示例", actor=seen.office.user)

    given = {"number": "4711", "salt": SALTS[1], "actor": seen.people[1].user}
    seen.job = witnessing.request_revealing(seen.terms, **given)

    jobs.perform(seen.job)
    assert is_drawn(seen)


def test_a_job_that_fails_is_taken_up_again_by_the_clock(left_to_a_job, monkeypatch):
    seen = left_to_a_job

    def breaks(*_given, **_named):
        raise OSError("ends here")

    with monkeypatch.context() as patched:
        patched.setattr(settling, "calculate", breaks)
        jobs.perform(seen.job)
    seen.job.refresh_from_db()
    assert (seen.job.state, DrawRun.objects.count()) == ("failed", 0)

    assert witnessing.take_up() == 1
    assert witnessing.take_up() == 0
    jobs.perform(seen.job)

    assert is_drawn(seen)
    assert witnessing.take_up() == 0
    assert DrawRun.objects.count() == 1
