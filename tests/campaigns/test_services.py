import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from campaigns import closing, extension, moves, services
from campaigns.dates import Calendar
from campaigns.enums import DutyKind, StageKind
from campaigns.models import Campaign, Duty, RoutedStandard, Stage
from metrostd.common import clock
from metrostd.common.models import AuditEntry, Job
from metrostd.common.transitions import TransitionError
from metrostd.notifications.models import Message
from metrostd.registry.enums import CertificateState
from tests.factories.accounts import MembershipFactory
from tests.factories.campaigns import CampaignFactory, DutyFactory, routing_rules
from tests.factories.registry import (
    AuthorityFactory,
    CertificateFactory,
    StandardFactory,
    UnitFactory,
)
from tests.queries import queries_of


@pytest.fixture(autouse=True)
def no_other_stages(monkeypatch):
    """What later stages add when a campaign opens or closes is their tests' business."""
    monkeypatch.setattr(extension, "_opening", [])
    monkeypatch.setattr(extension, "_guards", [])


def opened(city, **kwargs):
    return moves.open_campaign(city.campaign, actor=city.office.user, **kwargs)


# Creating ----------------------------------------------------------------------------------------


def test_the_pattern_of_the_notice_is_its_calendar():
    calendar = Calendar.of_notice(2021)

    assert calendar.bureau_self_check_due == dt.date(2021, 5, 25)
    assert calendar.unit_self_check_due == dt.date(2021, 5, 31)
    assert calendar.stages[StageKind.ONSITE] == (dt.date(2021, 6, 1), dt.date(2021, 7, 31))
    assert calendar.summary_due == dt.date(2021, 10, 15)
    assert calendar.problems() == {}


def test_create_campaign_makes_a_draft_with_four_stages(city):
    campaign = services.create_campaign(
        code="2022",
        title="示例专项行动",
        organiser=city.commission,
        calendar=Calendar.of_notice(2022),
        actor=city.office.user,
    )

    assert campaign.state == "draft"
    assert set(campaign.stages.values_list("kind", flat=True)) == set(StageKind.values)
    assert AuditEntry.objects.about(campaign).get().action == "campaign.create"


def test_create_campaign_refuses_stages_in_the_wrong_order(city):
    calendar = Calendar.of_notice(2022)
    early = (dt.date(2022, 3, 1), dt.date(2022, 3, 31))
    wrong = Calendar(
        calendar.notice_on,
        calendar.bureau_self_check_due,
        calendar.unit_self_check_due,
        calendar.summary_due,
        {**calendar.stages, StageKind.ONSITE: early},
    )

    with pytest.raises(ValidationError) as refused:
        services.create_campaign(
            code="x", title="x", organiser=city.commission, calendar=wrong, actor=None
        )

    assert list(refused.value.message_dict) == ["onsite_start"]
    assert Campaign.objects.get() == city.campaign


def test_edit_campaign_changes_a_draft_and_keeps_both_values(city):
    services.edit_campaign(
        city.campaign,
        calendar=Calendar.of_notice(2023),
        actor=city.office.user,
        title="新名称",
    )

    assert (city.campaign.title, city.campaign.notice_on.year) == ("新名称", 2023)
    assert city.campaign.stages.filter(starts_on__year=2023).count() == 4
    assert AuditEntry.objects.about(city.campaign).get().after["title"] == "新名称"


def test_edit_campaign_refuses_one_that_is_open(city):
    campaign = CampaignFactory()

    with pytest.raises(TransitionError):
        services.edit_campaign(campaign, calendar=Calendar.of_notice(2023), actor=None, title="x")


# Routing -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("category", "expected"),
    [
        ("sp_statutory", "city"),
        ("sp_authorised", "city"),
        ("dept_highest", "city"),
        ("ent_highest", "district"),
        ("inst_highest", "district"),
        ("other", None),
    ],
)
@pytest.mark.parametrize("issuer", ["commission", "district"])
def test_category_decides_who_inspects_whoever_issued(city, category, expected, issuer):
    standard = city.standard(category=category, issuer=getattr(city, issuer))

    opened(city)

    routed = RoutedStandard.objects.get(standard=standard)
    inspects = {"city": city.commission, "district": city.district, None: None}[expected]
    assert routed.inspecting_authority == inspects
    assert routed.issuing_authority == getattr(city, issuer)
    assert bool(routed.unresolved_reason) == (expected is None)


def test_unknown_territory_goes_to_the_queue(city):
    standard = city.standard(UnitFactory(territorial_authority=None))

    opened(city)

    routed = RoutedStandard.objects.unresolved().get()
    assert routed.standard == standard
    assert routed.unresolved_reason == "建标单位的属地区局未知"


def test_unknown_territory_does_not_matter_where_the_city_inspects(city):
    city.standard(UnitFactory(territorial_authority=None), category="dept_highest")

    opened(city)

    assert RoutedStandard.objects.get().inspecting_authority == city.commission


def test_the_newest_version_of_the_rules_counts(city):
    routing_rules(version=2, ent_highest="city")
    city.standard()

    opened(city)

    routed = RoutedStandard.objects.get()
    assert (routed.inspecting_authority, routed.rule_version) == (city.commission, 2)


def test_drafts_out_of_scope_and_other_cities_are_not_routed(city):
    mine = city.standard()
    city.standard(in_scope=False)
    draft = city.standard(certificate=None)
    CertificateFactory(standard=draft, number="", identity="", state=CertificateState.DRAFT)
    StandardFactory(unit__territorial_authority=city.district)  # hosted by another city

    opened(city)

    assert list(RoutedStandard.objects.values_list("standard", flat=True)) == [mine.pk]


# Opening -----------------------------------------------------------------------------------------


def test_opening_owes_each_inspecting_office_its_draw(city):
    city.standard()
    city.standard(category="sp_statutory")

    result = opened(city)

    draws = Duty.objects.filter(kind=DutyKind.DRAW)
    assert set(draws.values_list("authority", flat=True)) == {city.commission.pk, city.district.pk}
    assert {d.due_on for d in draws} == {dt.date(2021, 6, 1)}
    assert {d.title for d in draws} == {"冻结名单并抽取检查对象"}
    of_bureaus = Duty.objects.get(kind=DutyKind.BUREAU_DRAW)
    assert (of_bureaus.authority, of_bureaus.due_on) == (city.commission, dt.date(2021, 6, 1))
    assert (result["routed"], result["unresolved"], result["duties"]) == (2, 0, 3)


def test_a_district_with_its_own_dates_draws_by_them(city):
    city.standard()
    Stage.objects.create(
        campaign=city.campaign,
        kind=StageKind.ONSITE,
        authority=city.district,
        starts_on=dt.date(2021, 6, 15),
        ends_on=dt.date(2021, 7, 31),
    )

    opened(city)

    assert Duty.objects.get(authority=city.district).due_on == dt.date(2021, 6, 15)


def test_opening_tells_the_offices_concerned_and_nobody_else(city):
    city.standard()
    MembershipFactory(authority=city.other)

    opened(city)

    told = set(Message.objects.values_list("membership", flat=True))
    assert told == {city.office.pk, city.bureau.pk}


def test_opening_leaves_a_trail(city):
    city.standard()

    opened(city)

    entries = AuditEntry.objects.about(city.campaign)
    assert {e.action for e in entries} == {"campaign.open", "campaign.route"}
    assert entries.get(action="campaign.route").after == {
        "routed": 1,
        "unresolved": 0,
        "rule_version": 1,
    }


def test_opening_runs_the_steps_of_later_stages(city, monkeypatch):
    city.standard()

    @extension.opening_step("建立自查报告")
    def step(campaign, *, actor, progress):
        assert campaign.state == "open"
        return campaign.routed.count()

    assert opened(city)["steps"] == {"建立自查报告": 1}


def test_a_failing_step_leaves_a_draft_that_can_be_opened_again(city, monkeypatch):
    city.standard()
    broken = [True]

    @extension.opening_step("建立自查报告")
    def step(campaign, *, actor, progress):
        if broken:
            raise ValidationError("不能建立。")
        return 0

    with pytest.raises(ValidationError):
        opened(city)
    city.campaign.refresh_from_db()
    assert city.campaign.state == "draft"
    assert not Duty.objects.exists()

    broken.clear()
    city.standard()
    opened(city)
    assert (RoutedStandard.objects.count(), Duty.objects.count()) == (2, 2)


def test_a_standard_that_left_the_scope_between_two_attempts_is_not_routed(city):
    gone, stays = city.standard(), city.standard()
    extension.opening_step("失败")(lambda campaign, **kwargs: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        opened(city)
    extension._opening.clear()

    type(gone).objects.filter(pk=gone.pk).update(in_scope=False)
    opened(city)

    assert RoutedStandard.objects.get().standard == stays


def test_opening_twice_is_refused_and_changes_nothing(city):
    city.standard()
    opened(city)
    stale = Campaign.objects.get(pk=city.campaign.pk)
    stale.state = "draft"

    with pytest.raises(TransitionError):
        moves.open_campaign(stale, actor=city.office.user)

    assert (RoutedStandard.objects.count(), Duty.objects.count()) == (1, 2)


def test_opening_without_standards_or_rules_says_so(city):
    with pytest.raises(ValidationError, match="请先导入名单"):
        opened(city)
    city.standard()
    type(city.campaign).objects.update(state="draft")
    from campaigns.models import RoutingRule

    RoutingRule.objects.all().delete()
    with pytest.raises(ValidationError, match="任务分工规则"):
        opened(city)


@pytest.mark.parametrize("units", [1, 4])
def test_opening_takes_a_constant_number_of_queries(city, units):
    for _ in range(units):
        city.standard()
        city.standard(category="dept_highest")

    assert queries_of(lambda: opened(city)) == 36


def test_progress_is_reported(city):
    city.standard()
    said = []

    opened(city, progress=lambda done, total, step="": said.append((done, total, step)))

    assert said[0] == (1, 1, "按类别分工")


# Opening in the background -----------------------------------------------------------------------


def test_a_request_to_open_is_accepted_at_once_and_done_by_the_worker(
    city, django_capture_on_commit_callbacks
):
    city.standard()

    with django_capture_on_commit_callbacks(execute=True):
        job = moves.request_opening(city.campaign, actor=city.office.user)

    job.refresh_from_db()
    city.campaign.refresh_from_db()
    assert (job.state, city.campaign.state) == ("done", "open")
    opening = AuditEntry.objects.about(city.campaign).get(action="campaign.open")
    assert opening.acting_as == city.office.label


def test_a_second_request_while_the_first_runs_is_refused(city):
    city.standard()
    moves.request_opening(city.campaign, actor=city.office.user)

    with pytest.raises(TransitionError, match="正在开启"):
        moves.request_opening(city.campaign, actor=city.office.user)

    assert Job.objects.count() == 1


# Closing -----------------------------------------------------------------------------------------


def test_closing_names_every_reason_against_it(city):
    campaign = CampaignFactory()
    extension.closing_guard(lambda c: ["还有3项检查未结束。"])
    extension.closing_guard(lambda c: ["还有1份报告未报送。"])

    with pytest.raises(ValidationError) as refused:
        moves.close_campaign(campaign, actor=city.office.user)

    assert refused.value.messages == ["还有3项检查未结束。", "还有1份报告未报送。"]
    campaign.refresh_from_db()
    assert campaign.state == "open"


def test_closing_takes_back_what_is_still_owed(city):
    duty = DutyFactory()

    _close(duty.campaign, city)

    duty.refresh_from_db()
    assert (duty.campaign.state, duty.is_open) == ("closed", False)


@pytest.mark.parametrize(
    ("given", "missing"),
    [({}, {"code", "note"}), ({"code": "2021"}, {"note"}), ({"note": "试点取消"}, {"code"})],
)
def test_closing_over_open_work_asks_for_the_code_and_a_reason(city, given, missing):
    campaign = CampaignFactory(code="2021")
    DutyFactory(campaign=campaign, kind=DutyKind.DRAW)

    with clock.pinned(LAST), pytest.raises(ValidationError) as refused:
        moves.close_campaign(campaign, actor=city.office.user, **given)

    assert set(refused.value.message_dict) == missing
    campaign.refresh_from_db()
    assert campaign.state == "open"


def test_closing_before_the_last_stage_is_out_of_the_ordinary(city):
    campaign = CampaignFactory()

    with clock.pinned(LAST - dt.timedelta(days=60)):
        assert closing.left_open(campaign) == ["“处理总结”阶段2021年9月1日才开始。"]
    with clock.pinned(LAST):
        moves.close_campaign(campaign, actor=city.office.user)

    assert campaign.state == "closed"


def test_a_closed_campaign_is_taken_up_again_and_the_table_of_its_end_stays(city):
    duty, taken_back = DutyFactory(), DutyFactory(cancelled_at=LAST - dt.timedelta(days=9))
    campaign = duty.campaign
    DutyFactory(campaign=campaign, cancelled_at=LAST - dt.timedelta(days=9))
    _close(campaign, city)
    with pytest.raises(ValidationError, match="说明理由"):
        moves.reopen_campaign(campaign, actor=city.office.user, note=" ")

    moves.reopen_campaign(campaign, actor=city.office.user, note="漏报一个区")

    edition = campaign.editions.get()
    assert campaign.state == "open"
    assert (edition.number, edition.reopened_reason) == (1, "漏报一个区")
    assert edition.table.sha256
    assert list(campaign.duties.open()) == [duty]
    assert not taken_back.is_open
    _close(campaign, city)
    assert [e.number for e in campaign.editions.all()] == [2, 1]


LAST = clock.at_time(dt.date(2021, 10, 20), 9)


def _close(campaign, city):
    with clock.pinned(LAST):
        moves.close_campaign(campaign, actor=city.office.user, code=campaign.code, note="示例")


# The queue of undecided standards ----------------------------------------------------------------


@pytest.fixture
def undecided(city):
    city.standard(category="other")
    opened(city)
    return RoutedStandard.objects.unresolved().select_related("campaign__organiser").get()


def test_resolving_gives_the_standard_and_the_duty_of_drawing(city, undecided):
    services.resolve_routing(
        undecided, authority=city.district, actor=city.office.user, note="授权项目在该区"
    )

    undecided.refresh_from_db()
    assert undecided.inspecting_authority == city.district
    assert Duty.objects.get(kind=DutyKind.DRAW).authority == city.district
    entry = AuditEntry.objects.about(undecided).get()
    assert (entry.note, entry.after["authority"]) == ("授权项目在该区", city.district.code)
    assert Message.objects.filter(membership=city.bureau, subject__contains="新增检查任务").exists()


def test_resolving_does_not_owe_a_draw_twice(city, undecided):
    DutyFactory(campaign=city.campaign, authority=city.district)

    services.resolve_routing(undecided, authority=city.district, actor=None, note="理由")

    assert Duty.objects.filter(authority=city.district).count() == 1


def test_resolving_fills_an_unknown_territory(city):
    city.standard(UnitFactory(territorial_authority=None))
    opened(city)
    routed = RoutedStandard.objects.get()

    services.resolve_routing(routed, authority=city.other, actor=None, note="登记地址在该区")

    routed.refresh_from_db()
    assert routed.territorial_authority == city.other


def test_resolving_twice_is_refused(city, undecided):
    stale = RoutedStandard.objects.get(pk=undecided.pk)
    services.resolve_routing(undecided, authority=city.district, actor=None, note="理由")

    with pytest.raises(TransitionError, match="已确定分工"):
        services.resolve_routing(stale, authority=city.other, actor=None, note="理由")


def test_resolving_needs_a_reason_and_an_office_of_this_city(city, undecided):
    elsewhere = AuthorityFactory(parent=AuthorityFactory(level="city"))

    with pytest.raises(ValidationError, match="请说明理由"):
        services.resolve_routing(undecided, authority=city.district, actor=None, note="")
    with pytest.raises(ValidationError, match="不在本次专项行动的范围内"):
        services.resolve_routing(undecided, authority=elsewhere, actor=None, note="理由")
