import datetime as dt

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError

from campaigns import extension, moves, sampling, verifying
from campaigns.enums import DutyKind
from campaigns.frames import added_later
from campaigns.models import (
    DrawnStandard,
    DrawnUnit,
    DrawRun,
    Duty,
    FrameStandard,
    RoutedStandard,
    SamplingFrame,
)
from campaigns.unit_frames import AFTER_OPENING, DRAFT, NOT_IN_SCOPE, WHOLE_UNIT
from metrostd.common import clock
from metrostd.common.models import AuditEntry
from metrostd.common.transitions import TransitionError
from metrostd.notifications.models import Message
from metrostd.registry.enums import CertificateState, Regime
from metrostd.registry.models import StandardCertificate, StandardDomain
from metrostd.registry.services import decide_scope
from tests import draws
from tests.engines import known_rows
from tests.factories.accounts import MembershipFactory
from tests.factories.registry import CertificateFactory, FieldFactory, UnitFactory
from tests.queries import queries_of


@pytest.fixture(autouse=True)
def no_other_stages(monkeypatch):
    for name in ("_opening", "_drawn", "_guards", "_void_guards", "_scope_hooks"):
        monkeypatch.setattr(extension, name, [])


@pytest.fixture(autouse=True)
def _day():
    """The certificates of the factories are valid on it."""
    with clock.pinned(clock.at_time(dt.date(2021, 6, 1), 9)):
        yield


@pytest.fixture
def running(city):
    """The campaign is open; the district inspects six units with two fields each."""
    city.units = UnitFactory.create_batch(6, territorial_authority=city.district)
    for unit in city.units:
        city.standard(unit)
        city.standard(unit, field=FieldFactory(code="04", name="热学"))
    moves.open_campaign(city.campaign, actor=city.office.user)
    return city


def freeze(city, authority=None):
    return draws.freeze(city.campaign, authority or city.district, actor=city.bureau.user)


def draw(frame, **kwargs):
    return draws.draw(frame, **kwargs)


def set_state(standard, state):
    StandardCertificate.objects.filter(standard=standard).update(state=state)


# Statistics --------------------------------------------------------------------------------------


def test_opening_and_drawing_make_the_database_look_at_its_tables(
    city, django_capture_on_commit_callbacks
):
    for unit in UnitFactory.create_batch(6, territorial_authority=city.district):
        city.standard(unit)
    with django_capture_on_commit_callbacks(execute=True):
        moves.open_campaign(city.campaign, actor=city.office.user)
    assert known_rows(RoutedStandard) == 6

    frame = freeze(city)
    with django_capture_on_commit_callbacks(execute=True):
        draw(frame, ratio=100)
    assert known_rows(DrawnStandard) == 6


# The frame ---------------------------------------------------------------------------------------


def test_freezing_keeps_what_the_office_inspects_and_nothing_else(running):
    frame = freeze(running)

    assert frame.entries.count() == 12
    assert set(frame.entries.values_list("unit", flat=True)) == {u.pk for u in running.units}
    assert AuditEntry.objects.about(frame).get(action="frame.hash").after["hash"] == frame.hash


def test_category_field_and_priority_are_frozen(city):
    standard = city.standard()
    StandardDomain.objects.create(standard=standard, domain="food")
    moves.open_campaign(city.campaign, actor=None)

    freeze(city)

    entry = FrameStandard.objects.get()
    assert (entry.category, entry.field, entry.is_priority) == ("ent_highest", standard.field, True)


@pytest.mark.parametrize("state", sorted(CertificateState.ended | {"sealed"}))
def test_an_ended_certificate_leaves_the_frame_with_its_reason(running, state):
    gone = running.standard(running.units[0])
    running.campaign.routed.create(
        standard=gone,
        unit=gone.unit,
        category=gone.category,
        field=gone.field,
        issuing_authority=gone.issuing_authority,
        inspecting_authority=running.district,
        rule_version=1,
    )
    set_state(gone, state)

    frame = freeze(running)

    exclusion = frame.exclusions.get()
    assert exclusion.standard == gone
    assert exclusion.reason == f"证书状态：{CertificateState(state).label}"
    assert not frame.entries.filter(standard=gone).exists()


@pytest.mark.parametrize("state", sorted(CertificateState.in_frame))
def test_a_live_certificate_even_an_expired_one_stays(city, state):
    standard = city.standard()
    set_state(standard, state)
    moves.open_campaign(city.campaign, actor=None)

    assert freeze(city).entries.get().standard == standard


def test_a_unit_of_which_nothing_is_left_is_named(running):
    for entry in running.campaign.routed.filter(unit=running.units[0]):
        set_state(entry.standard, "sealed")

    frame = freeze(running)

    rows = frame.exclusions.filter(unit=running.units[0])
    assert rows.get(standard=None).reason == WHOLE_UNIT
    assert rows.count() == 3
    assert frame.entries.values("unit").distinct().count() == 5


def test_drafts_out_of_scope_and_late_standards_are_named(running):
    draft = running.standard(running.units[0], certificate=None)
    CertificateFactory(standard=draft, number="", identity="", state="draft")
    foreign = running.standard(running.units[1], in_scope=False)
    late = running.standard(running.units[2])

    frame = freeze(running)

    reasons = dict(frame.exclusions.values_list("standard", "reason"))
    assert reasons == {draft.pk: DRAFT, foreign.pk: NOT_IN_SCOPE, late.pk: AFTER_OPENING}


def decide(standard, in_scope):
    standard.refresh_from_db()
    values = {"in_scope": in_scope, "scope_reason": "核对了证书原件"}
    return decide_scope(standard, base_version=standard.version, values=values, actor=None)


def test_a_frame_follows_what_was_decided_on_the_scope_before_it(running):
    gone, back = (r.standard for r in running.campaign.routed.filter(unit=running.units[0]))
    new = running.standard(running.units[1], in_scope=False)
    yesterday = clock.now()

    told = [decide(gone, False), decide(back, False), decide(back, True), decide(new, True)]
    frame = freeze(running)

    assert told == [[], [], [], []]
    assert frame.exclusions.get().standard == gone
    assert frame.exclusions.get().reason == NOT_IN_SCOPE
    assert {back.pk, new.pk} <= set(frame.entries.values_list("standard", flat=True))
    routed = running.campaign.routed.get(standard=new)
    assert routed.inspecting_authority == running.district
    earlier = routed.earlier.get()
    assert earlier.inspecting_authority is None
    assert earlier.until >= yesterday


def test_a_frozen_frame_stays_and_who_decides_is_told(running):
    new = running.standard(running.units[1], in_scope=False)
    frame = freeze(running)
    run = draw(frame)
    unit, (gone, _) = undrawn(running, run)

    assert "冻结的抽样框中已有" in decide(gone, False)[0]
    assert "作为定向检查补充" in decide(new, True)[0]

    assert frame.entries.filter(standard=gone).exists()
    with pytest.raises(ValidationError, match="不由本部门"):
        sampling.add_directed(run, unit, standards=[gone], reason="举报", actor=None)


def test_a_self_managed_standard_needs_no_certificate(city):
    city.standard(certificate=None, regime=Regime.SELF_MANAGED)
    without = city.standard(certificate=None)
    moves.open_campaign(city.campaign, actor=None)

    frame = freeze(city)

    assert frame.entries.count() == 1
    assert frame.exclusions.get(standard=without).reason == "没有现行考核证书"


def test_a_unit_with_both_kinds_is_in_two_frames(city):
    unit = UnitFactory(territorial_authority=city.district)
    public, own = city.standard(unit, category="sp_authorised"), city.standard(unit)
    moves.open_campaign(city.campaign, actor=None)

    assert freeze(city, city.commission).entries.get().standard == public
    assert freeze(city, city.district).entries.get().standard == own


def test_a_standard_certified_after_freezing_is_listed_beside_the_frame(running):
    frame = freeze(running)
    later = running.standard(running.units[0])
    running.standard(running.units[0], category="sp_statutory")

    assert list(added_later(frame)) == [later]
    assert frame.entries.count() == 12


def test_showing_and_freezing_twice_is_refused(running):
    frame = freeze(running)

    with pytest.raises(TransitionError, match="已经公示或者冻结"):
        sampling.show_frame(running.campaign, running.district, actor=None)
    with pytest.raises(TransitionError, match="已冻结"):
        sampling.freeze_frame(frame, actor=None)

    assert SamplingFrame.objects.count() == 1


def test_freezing_needs_an_open_campaign_and_something_to_inspect(city):
    with pytest.raises(TransitionError, match="筹备中"):
        freeze(city)
    city.standard()
    moves.open_campaign(city.campaign, actor=None)
    with pytest.raises(ValidationError, match="没有由"):
        freeze(city, city.other)


# Rehearsal and draw ------------------------------------------------------------------------------


def test_a_rehearsal_leaves_a_row_and_foretells_nothing(running):
    frame = freeze(running)

    first, second = (
        sampling.rehearse(frame, ratio=50, actor=running.bureau.user) for _ in range(2)
    )

    assert not DrawRun.objects.exists()
    assert first.seed != second.seed
    assert first.required == len(first.drawn) == 3
    rows = AuditEntry.objects.about(frame).filter(action="frame.rehearse")
    assert {row.after["seed"] for row in rows} == {first.seed, second.seed}
    assert all("预演" in row.note for row in rows)
    assert draw(frame).seed not in {first.seed, second.seed}


def test_a_draw_takes_a_fifth_of_the_units_and_one_standard_per_field(running):
    run = draw(freeze(running))

    assert (run.required, run.drawn.count()) == (2, 2)
    for unit in run.drawn.all():
        assert sorted(s.field.code for s in unit.standards.all()) == ["04", "12"]
    assert set(DrawnUnit.objects.values_list("kind", flat=True)) == {"random"}


def test_a_draw_fulfils_the_duty_of_its_office_alone(running):
    running.standard(category="sp_statutory")
    Duty.objects.create(
        campaign=running.campaign,
        kind=DutyKind.DRAW,
        title="x",
        due_on=running.campaign.notice_on,
        authority=running.commission,
        target_type=Duty.objects.first().target_type,
        target_id=running.campaign.pk,
    )

    draw(freeze(running))

    assert Duty.objects.open().get(kind=DutyKind.DRAW).authority == running.commission


def test_a_draw_lets_the_later_stages_prepare(running):
    seen = []
    extension.on_drawn(lambda run, *, actor, **_: seen.append((run, actor)))

    run = draw(freeze(running), actor=running.bureau.user)

    assert seen == [(run, draws.person("above"))]


def test_a_draw_leaves_a_trail(running):
    run = draw(freeze(running), ratio=10, ratio_reason="疫情防控")

    entry = AuditEntry.objects.about(run).get()
    assert entry.after["seed"] == run.seed
    assert entry.note == (
        "第1号约定，第2021061期 红球 01 07 12 18 25 33 蓝球 09，抽取1家。疫情防控"
    )


def test_a_ratio_below_the_campaigns_needs_a_reason(running):
    frame = freeze(running)

    with pytest.raises(ValidationError, match="低于20%"):
        draw(frame, ratio=19, ratio_reason="")

    assert not frame.terms.exists()
    assert draw(frame, ratio=19, ratio_reason="疫情防控").ratio_reason == "疫情防控"


@pytest.mark.parametrize("ratio", [0, 101])
def test_a_ratio_out_of_range_is_refused(running, ratio):
    frame = freeze(running)
    with pytest.raises(ValidationError):
        sampling.rehearse(frame, ratio=ratio, actor=None)
    with pytest.raises(ValidationError):
        draws.announce(frame, ratio=ratio)


def test_a_second_draw_is_refused_while_one_is_valid(running):
    frame = freeze(running)
    draw(frame)

    with pytest.raises(TransitionError, match="已有有效的抽取结果"):
        draw(frame)

    assert DrawRun.objects.count() == 1


def test_a_frame_changed_after_freezing_cannot_be_drawn_from(running):
    frame = freeze(running)
    frame.entries.first().delete()

    with pytest.raises(ValidationError, match="哈希不一致"):
        draws.announce(frame)


def test_a_frame_changed_after_the_announcement_cannot_be_drawn_from(running):
    frame = freeze(running)
    row = draws.announce(frame)
    draws.acknowledge(row)
    frame.entries.first().delete()

    with pytest.raises(ValidationError, match="哈希不一致"):
        draws.settle(row)
    assert not DrawRun.objects.exists()


def test_nothing_to_draw_from_gives_an_empty_draw(city):
    set_state(city.standard(), "sealed")
    moves.open_campaign(city.campaign, actor=None)

    run = draw(freeze(city))

    owed = Duty.objects.open().exclude(kind=DutyKind.BUREAU_DRAW)
    assert (run.required, run.drawn.count(), owed.count()) == (0, 0, 0)


def test_draws_cost_the_same_queries_whatever_the_list_holds(city):
    MembershipFactory(authority=city.other)
    for district, many in ((city.other, 1), (city.district, 6)):
        for unit in UnitFactory.create_batch(many, territorial_authority=district):
            city.standard(unit)
    moves.open_campaign(city.campaign, actor=city.office.user)
    costs = []
    for district in (city.other, city.district):
        row = draws.announce(freeze(city, district), ratio=100)
        draws.acknowledge(row)
        for name in ("office", "above"):
            draws.person(name)
        ContentType.objects.clear_cache()
        costs.append(queries_of(lambda row=row: draws.settle(row)))

    assert DrawRun.objects.get(frame__authority=city.district).drawn.count() == 6
    assert costs[0] == costs[1]


# Directed additions ------------------------------------------------------------------------------


@pytest.fixture
def run(running):
    return draw(freeze(running))


def undrawn(running, run):
    unit = next(u for u in running.units if not run.drawn.filter(unit=u).exists())
    return unit, [r.standard for r in running.campaign.routed.filter(unit=unit)]


def test_a_directed_unit_is_added_after_the_random_ones(running, run):
    unit, standards = undrawn(running, run)
    seen = []
    extension.on_drawn(lambda run, *, actor, **_: seen.append(run))

    added = sampling.add_directed(
        run, unit, standards=standards[:1], reason="投诉举报较多", actor=running.bureau.user
    )

    assert (added.order, added.kind, added.reason) == (3, "directed", "投诉举报较多")
    assert DrawnStandard.objects.get(drawn_unit=added).why == "extra"
    assert seen == [run]
    assert verifying.verify_draw(run) == []


@pytest.mark.parametrize(
    ("change", "message"),
    [({"reason": " "}, "请说明定向检查的理由"), ({"standards": []}, "至少选择一项")],
)
def test_a_directed_unit_needs_reason_and_standards(running, run, change, message):
    unit, standards = undrawn(running, run)

    with pytest.raises(ValidationError, match=message):
        sampling.add_directed(
            run, unit, **{"standards": standards, "reason": "投诉", "actor": None, **change}
        )


def test_a_unit_is_not_added_twice_nor_from_another_office(running, run):
    drawn = run.drawn.first().unit
    standards = [r.standard for r in running.campaign.routed.filter(unit=drawn)]
    stranger = running.standard(territory=running.other)

    with pytest.raises(ValidationError, match="已在检查对象中"):
        sampling.add_directed(run, drawn, standards=standards, reason="投诉", actor=None)
    with pytest.raises(ValidationError, match="不由本部门组织检查"):
        sampling.add_directed(run, stranger.unit, standards=[stranger], reason="投诉", actor=None)


# Voiding -----------------------------------------------------------------------------------------


def test_a_void_draw_stays_on_record_and_a_new_one_is_owed(running, run):
    moves.void_draw(run, actor=running.bureau.user, note="名单有误")

    run.refresh_from_db()
    assert (run.state, run.drawn.count()) == ("void", 2)
    assert Duty.objects.open().get(kind=DutyKind.DRAW).title == "重新抽取检查对象"
    assert Message.objects.filter(membership=running.bureau, subject__contains="作废").exists()
    again = draw(run.frame, numbers="02 07 12 18 25 33 09")
    assert DrawRun.objects.valid().get() == again
    assert (again.terms, again.terms.nonce) == (run.terms, run.terms.nonce)
    assert again.seed != run.seed


def test_a_draw_inspections_have_begun_on_is_not_void(running, run):
    extension.void_guard(lambda run: ["已有2项任务派员，不能作废。"])

    with pytest.raises(ValidationError, match="已有2项任务派员"):
        moves.void_draw(run, actor=None, note="名单有误")


def test_nothing_is_added_to_a_void_draw(running, run):
    unit, standards = undrawn(running, run)
    moves.void_draw(run, actor=None, note="名单有误")

    with pytest.raises(TransitionError, match="已作废"):
        sampling.add_directed(run, unit, standards=standards, reason="投诉", actor=None)


# Verifying ---------------------------------------------------------------------------------------


def test_an_untouched_draw_verifies(run):
    assert verifying.verify_draw(run) == []


def test_verifying_reads_the_record_and_not_the_register(running, run):
    standard = run.drawn.first().standards.first().standard
    type(standard).objects.filter(pk=standard.pk).update(field=None, category="other")

    assert verifying.verify_draw(run) == []


def test_a_swapped_unit_is_named(running, run):
    first = run.drawn.first()
    unit, _ = undrawn(running, run)
    DrawnUnit.objects.filter(pk=first.pk).update(unit=unit)

    assert verifying.verify_draw(run) == [
        f"第1个抽中单位不一致：记录为{unit}，重算为{first.unit}。"
    ]


def test_a_missing_unit_and_an_altered_standard_are_named(run):
    run.drawn.last().delete()
    run.drawn.first().standards.first().delete()

    first, second = verifying.verify_draw(run)

    assert first.startswith("第1个抽中单位")
    assert first.endswith("计量标准与重算结果不一致。")
    assert second.startswith("第2个抽中单位不一致：记录为无，重算为")


@pytest.mark.parametrize(
    ("change", "word"),
    [
        ({"required": 3}, "应抽单位数不一致"),
        ({"seed": "0" * 64}, "种子不一致"),
        ({"result_hash": "0" * 64}, "结果哈希不一致"),
        ({"algorithm": "other/1"}, "算法版本"),
    ],
)
def test_altered_parameters_are_named(run, change, word):
    DrawRun.objects.update(**change)
    run.refresh_from_db()

    assert [word in d for d in verifying.verify_draw(run)] == [True]


def test_an_altered_frame_is_named(run):
    run.frame.entries.update(is_priority=True)

    assert any("抽样框哈希不一致" in d for d in verifying.verify_draw(run))
