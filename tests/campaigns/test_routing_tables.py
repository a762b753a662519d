"""Another routing table: a workbook with every fault's cell, whom it moves seen first, and what stays."""

import datetime as dt
import io

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from campaigns import rerouting, routing_tables, sampling, schedule
from campaigns.enums import FrameState, Inspector
from campaigns.models import EarlierRouting, RoutingRule, RoutingTable
from campaigns.routing import Rules
from metrostd.common import clock, jobs, turns
from metrostd.common.models import AuditEntry, Job
from metrostd.common.roles import Role
from metrostd.common.transitions import TransitionError
from metrostd.notifications.models import Message
from metrostd.registry.enums import Category
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.campaigns import (
    CampaignFactory,
    FrameFactory,
    FrameStandardFactory,
    RoutedStandardFactory,
)
from tests.factories.registry import AuthorityFactory

pytestmark = pytest.mark.django_db
TODAY, LATER = dt.date(2021, 5, 10), dt.date(2021, 6, 1)
DISTRICT_ONES = {Category.ENT_HIGHEST, Category.INST_HIGHEST}


@pytest.fixture(autouse=True)
def _day():
    with clock.pinned(clock.at_time(TODAY, 9)):
        yield


@pytest.fixture
def delivered():
    RoutingRule.objects.all().delete()
    RoutingRule.objects.bulk_create(
        RoutingRule(
            version=1,
            category=category,
            inspector=Inspector.DISTRICT if category in DISTRICT_ONES
            else Inspector.MANUAL if category == Category.OTHER else Inspector.CITY,
        )
        for category in Category
    )  # fmt: skip


def book(**cells):
    made = load_workbook(io.BytesIO(routing_tables.table_workbook(1)))
    for place, text in cells.items():
        made[routing_tables.SHEET][place] = text
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def row_of(category):
    return list(Category).index(category) + 2


def taken(**cells):
    return routing_tables.take(SimpleUploadedFile("分工.xlsx", book(**cells)), actor=None)


@pytest.fixture
def to_city(delivered):
    """企业最高 go to the city in this version."""
    return taken(**{f"B{row_of(Category.ENT_HIGHEST)}": Inspector.CITY.label})


@pytest.fixture
def campaign():
    return CampaignFactory()


@pytest.fixture
def district(campaign):
    return AuthorityFactory(parent=campaign.organiser)


def routed(campaign, district, **more):
    values = {
        "category": Category.ENT_HIGHEST, "territorial_authority": district,
        "inspecting_authority": district, "rule_version": 1,
    }  # fmt: skip
    return RoutedStandardFactory(campaign=campaign, **values | more)


def test_a_version_comes_back_from_its_workbook(delivered):
    row = taken()

    assert row.version == 2
    assert Rules.of(2).inspectors == Rules.of(1).inspectors
    assert Rules.in_force().version == 1


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        ({"A2": "民用"}, "工作表“任务分工”A2 的“民用”应为"),
        ({"A3": Category.SP_STATUTORY.label}, "工作表“任务分工”A3 的“"),
        ({"B2": "省局"}, "工作表“任务分工”B2 的“省局”应为 市市场监管委、属地区局、人工确定 之一。"),
        ({"B2": "=A1"}, "工作表“任务分工”B2 是公式"),
        ({"C2": "长" * 201}, "工作表“任务分工”C2 有 201 字"),
        ({"A2": None, "B2": None, "C2": None}, "缺少"),
    ],
)
def test_what_is_wrong_is_said_with_its_cell(delivered, cells, said):
    with pytest.raises(ValidationError) as refused:
        taken(**cells)

    assert any(said in one for one in refused.value.messages), refused.value.messages
    assert not RoutingTable.objects.exists()


def test_the_table_in_force_is_that_of_the_day(to_city):
    routing_tables.put_in_force(to_city, LATER, note="职责调整", actor=None)

    found = [Rules.in_force_or_none(day).version for day in (TODAY, dt.date(2021, 5, 31), LATER)]
    assert found == [1, 1, 2]


def test_whom_it_moves_is_counted_and_named_and_what_stays(campaign, district, to_city):
    moving = routed(campaign, district)
    routed(campaign, district, unit=moving.unit)
    routed(campaign, district, category=Category.INST_HIGHEST)
    frozen = routed(campaign, district)
    frame = FrameFactory(campaign=campaign, authority=district, state=FrameState.FROZEN)
    FrameStandardFactory(frame=frame, standard=frozen.standard, unit=frozen.unit)
    elsewhere = AuthorityFactory(parent=campaign.organiser)
    by_hand = routed(campaign, district, inspecting_authority=elsewhere)

    effect = rerouting.effect_of(campaign, Rules.of(2))

    assert [(one.before, one.after, one.standards, one.units) for one in effect.moves] == [
        (district, campaign.organiser, 2, 1)
    ]
    assert (effect.listed, effect.by_hand) == (1, 1)
    assert {row.pk for row, _ in effect.named} == {
        row.pk for row in campaign.routed.filter(unit=moving.unit)
    }

    routing_tables.put_in_force(to_city, TODAY, note="职责调整", actor=None)
    assert rerouting.follow(campaign, Rules.in_force(), actor=None) == 2
    frozen.refresh_from_db()
    by_hand.refresh_from_db()
    moving.refresh_from_db()
    assert (moving.inspecting_authority, moving.rule_version) == (campaign.organiser, 2)
    assert (frozen.inspecting_authority, by_hand.inspecting_authority) == (district, elsewhere)
    earlier = EarlierRouting.objects.get(routed=moving)
    assert earlier.inspecting_authority == district
    assert AuditEntry.objects.about(moving).get().action == "routing.follow_table"
    assert rerouting.follow(campaign, Rules.in_force(), actor=None) == 0


@pytest.mark.parametrize("number", [1, 4])
def test_the_preview_costs_the_same_for_more(
    campaign, district, to_city, number, django_assert_num_queries
):
    for _ in range(number):
        routed(campaign, district)
    rules = Rules.of(2)

    with django_assert_num_queries(4):
        rerouting.effect_of(campaign, rules)


def test_the_night_moves_on_the_day_and_both_offices_are_told(
    campaign, district, to_city, django_capture_on_commit_callbacks
):
    losing = MembershipFactory(role=Role.DISTRICT_ADMIN, authority=district)
    gaining = MembershipFactory(role=Role.CITY_ADMIN, authority=campaign.organiser)
    row = routed(campaign, district)
    routing_tables.put_in_force(to_city, LATER, note="职责调整", actor=None)

    schedule.follow_routing()
    row.refresh_from_db()
    assert row.inspecting_authority == district
    for _ in range(2):
        with (
            clock.pinned(clock.at_time(LATER, 1)),
            django_capture_on_commit_callbacks(execute=True),
        ):
            schedule.follow_routing()

    row.refresh_from_db()
    assert row.inspecting_authority == campaign.organiser
    said = {one.membership_id: one.body for one in Message.objects.all()}
    assert set(said) == {losing.pk, gaining.pk}
    assert "1项计量标准改由其他部门组织检查" in said[losing.pk]


@pytest.mark.parametrize(
    ("module", "name", "at", "moved"),
    [
        (rerouting, "keep_earlier", 2, 1),
        (rerouting.services, "drop_idle_draws", 1, 3),
        (rerouting.notifications, "tell_rerouted", 1, 3),
        (rerouting.notifications, "offices", 2, 3),
        (jobs, "_finish", 1, 3),
    ],
)
def test_offices_are_told_once_of_everything_when_the_worker_dies(
    campaign, district, to_city, monkeypatch, module, name, at, moved
):
    losing = MembershipFactory(role=Role.DISTRICT_ADMIN, authority=district)
    gaining = MembershipFactory(role=Role.CITY_ADMIN, authority=campaign.organiser)
    for _ in range(3):
        routed(campaign, district)
    monkeypatch.setattr(rerouting, "BATCH", 1)
    monkeypatch.setattr(turns, "PAUSE", 0)
    job = routing_tables.put_in_force(to_city, TODAY, note="职责调整", actor=None)
    whole, calls = getattr(module, name), []

    def dying(*given, **named):
        calls.append(given)
        if len(calls) == at:
            raise KeyboardInterrupt
        return whole(*given, **named)

    with monkeypatch.context() as patched:
        patched.setattr(module, name, dying)
        with pytest.raises(KeyboardInterrupt):
            jobs.perform(job)
    assert campaign.routed.filter(inspecting_authority=campaign.organiser).count() == moved
    Job.objects.filter(pk=job.pk).update(started_at=clock.now() - jobs.TAKING * 2)
    assert jobs.settle_lost() == 1
    job.refresh_from_db()
    assert job.state == "queued"  # by itself: what has moved is done for good

    jobs.perform(job)

    job.refresh_from_db()
    assert (job.state, job.failure) == ("done", "")
    said = [(one.membership_id, one.body) for one in Message.objects.all()]
    assert sorted(pk for pk, _ in said) == sorted([losing.pk, gaining.pk])
    assert all("3项计量标准" in body for _, body in said)
    assert AuditEntry.objects.filter(action="routing.follow_table").count() == 3


def test_no_list_is_made_of_a_table_that_was_replaced_that_day(campaign, district, to_city):
    """What is frozen stays where it is: a missed night must not decide who inspects it."""
    routed(campaign, district)
    untouched = routed(campaign, AuthorityFactory(parent=campaign.organiser))
    campaign.routed.filter(pk=untouched.pk).update(category=Category.INST_HIGHEST)
    shown_at = clock.now() - dt.timedelta(days=4)
    frame = FrameFactory(
        campaign=campaign, authority=district, state=FrameState.SHOWN, shown_at=shown_at
    )
    routing_tables.put_in_force(to_city, LATER, note="职责调整", actor=None)

    sampling.check_freezable(frame)
    with clock.pinned(clock.at_time(LATER, 1)):
        for office in (district, campaign.organiser):
            with pytest.raises(TransitionError, match="第2版任务分工已经生效"):
                rerouting.check_followed(campaign, office)
        with pytest.raises(TransitionError, match="第2版任务分工已经生效"):
            sampling.check_freezable(frame)
        rerouting.check_followed(campaign, untouched.inspecting_authority)
        rerouting.follow(campaign, Rules.in_force(), actor=None)
        sampling.check_freezable(frame)


def test_without_a_known_district_it_waits_for_a_person(campaign, delivered):
    table = taken(**{f"B{row_of(Category.SP_STATUTORY)}": Inspector.DISTRICT.label})
    row = RoutedStandardFactory(
        campaign=campaign, category=Category.SP_STATUTORY, territorial_authority=None,
        inspecting_authority=campaign.organiser, rule_version=1,
    )  # fmt: skip
    routing_tables.put_in_force(table, TODAY, note="职责调整", actor=None)

    rerouting.follow(campaign, Rules.in_force(), actor=None)

    row.refresh_from_db()
    assert (row.inspecting_authority, row.unresolved_reason) == (None, "建标单位的属地区局未知")


@pytest.mark.parametrize(
    ("day", "note", "said"),
    [(dt.date(2021, 5, 9), "理由", "启用日期不能早于今天"), (TODAY, " ", "请说明理由和依据")],
)
def test_what_is_lacking_is_said(to_city, day, note, said):
    with pytest.raises(ValidationError, match=said):
        routing_tables.put_in_force(to_city, day, note=note, actor=None)


def test_what_has_taken_effect_is_not_moved(to_city):
    routing_tables.put_in_force(to_city, TODAY, note="职责调整", actor=None)
    with pytest.raises(ValidationError, match="已经启用"):
        routing_tables.put_in_force(to_city, LATER, note="职责调整", actor=None)
    with pytest.raises(ValidationError, match="已有另一版启用"):
        routing_tables.put_in_force(taken(), TODAY, note="职责调整", actor=None)


def test_the_administrator_takes_one_in_and_puts_it_in_force(client, campaign, district, delivered):
    sign_in(client, MembershipFactory(role=Role.SYSTEM_ADMIN))
    row = routed(campaign, district)
    page = reverse("campaigns:routing_tables")
    cells = {f"B{row_of(Category.ENT_HIGHEST)}": Inspector.CITY.label}

    refused = client.post(page, {"file": SimpleUploadedFile("甲.xlsx", book(B2="省局"))})
    assert (refused.status_code, "B2 的“省局”" in refused.content.decode()) == (422, True)
    client.post(page, {"file": SimpleUploadedFile("甲.xlsx", book(**cells))})
    table = RoutingTable.objects.get()
    shown = client.get(table.get_absolute_url()).content.decode()
    assert str(row.unit) in shown
    later = client.post(table.get_absolute_url(), {"day": "2021-06-01", "note": "职责调整"})
    assert (later.status_code, later.url) == (302, table.get_absolute_url())
    assert "已定于2021年6月1日启用" in client.get(table.get_absolute_url()).content.decode()
    assert client.get(reverse("campaigns:routing_table_xlsx", args=[1])).status_code == 200
    assert client.get(reverse("campaigns:routing_table", args=[9])).status_code == 404
    assert client.post(reverse("campaigns:routing_table", args=[1])).status_code == 404
    sign_in(client, MembershipFactory(role=Role.CITY_ADMIN))
    assert client.get(page).status_code == 403
