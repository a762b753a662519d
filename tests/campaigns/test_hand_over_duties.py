"""Acknowledging a list is a duty of the district, a returned row one of the office; units that move."""

import datetime as dt

import pytest

from campaigns import extension
from campaigns.hand_over_hooks import owe_earlier_lists
from campaigns.models import Duty, RoutedStandard
from metrostd.common import clock
from metrostd.common.roles import Role
from metrostd.common.templatetags.formats import cn_date
from metrostd.lists.events import HandOverEvent, tell_hand_overs
from metrostd.lists.imports import commit_import, start_import, undo_import
from metrostd.lists.services import hand_overs, returns
from metrostd.notifications.models import Message
from metrostd.registry.models import HandOverReturn
from metrostd.registry.services import merge_units, undo_merge, update_unit
from tests.factories.accounts import MembershipFactory
from tests.factories.campaigns import (
    CampaignFactory,
    DrawnStandardFactory,
    DrawnUnitFactory,
    DrawRunFactory,
    FrameFactory,
    FrameStandardFactory,
    RoutedStandardFactory,
    routing_rules,
)
from tests.factories.hand_overs import (
    BatchFactory,
    HandedRowFactory,
    HandOverFactory,
    ReturnFactory,
)
from tests.factories.lists import row, sheet
from tests.factories.registry import AuthorityFactory, FieldFactory, UnitFactory

pytestmark = pytest.mark.django_db

TODAY = dt.date(2021, 4, 26)  # a Monday
LATER = dt.date(2021, 5, 31)


@pytest.fixture(autouse=True)
def _today():
    with clock.pinned(clock.at_time(TODAY)):
        yield


@pytest.fixture
def campaign():
    return CampaignFactory()


@pytest.fixture
def sent(campaign):
    """A hand-over of one row, sent while the campaign runs."""
    return send(BatchFactory(issuing_authority=campaign.organiser))


def send(batch, **more):
    hand_over = HandOverFactory(batch=batch, due_on=dt.date(2021, 5, 12), **more)
    HandedRowFactory(hand_over=hand_over)
    tell_hand_overs(HandOverEvent.SENT, [hand_over], actor=None)
    return hand_over


def duties_of(target):
    return list(Duty.objects.filter(target_id=target.pk, kind="hand_over"))


def raised(sent):
    row = sent.rows.get()
    returns.return_rows(sent, [row.pk], reason="elsewhere", actor=None)
    hand_overs.acknowledge(sent, accepted=0, returned=1, actor=None)
    return HandOverReturn.objects.get()


# The district's duty -----------------------------------------------------------------------------


def test_a_list_sent_while_a_campaign_runs_is_owed_by_the_district(campaign, sent):
    (duty,) = duties_of(sent)

    assert (duty.campaign, duty.kind, duty.authority) == (campaign, "hand_over", sent.authority)
    assert duty.due_on == sent.due_on
    assert duty.get_kind_display() == "签收单位名单"
    assert duty.verb == "去签收"


def test_acknowledging_fulfils_it(sent):
    hand_overs.acknowledge(sent, accepted=1, returned=0, actor=None)

    assert duties_of(sent)[0].fulfilled_at is not None


def test_another_day_moves_it(sent):
    hand_overs.reschedule(sent.batch, due_on=LATER, actor=None)

    assert duties_of(sent)[0].due_on == LATER


def test_taking_the_list_back_cancels_it(sent):
    hand_overs.withdraw(sent.batch, actor=None, note="传错文件")

    assert duties_of(sent)[0].cancelled_at is not None


def test_without_a_running_campaign_a_list_is_owed_all_the_same():
    [duty] = duties_of(send(BatchFactory()))

    assert (duty.campaign, duty.is_open) == (None, True)


def test_a_list_that_names_a_campaign_in_preparation_becomes_its_duty_when_it_opens(campaign):
    draft = CampaignFactory(state="draft", organiser=campaign.organiser)
    batch = BatchFactory(issuing_authority=campaign.organiser, campaign_code=draft.code)
    [duty] = duties_of(hand_over := send(batch))
    assert duty.campaign is None
    draft.__class__.objects.filter(pk=draft.pk).update(state="open")

    assert opened(draft) == 1

    assert [d.campaign for d in duties_of(hand_over)] == [draft]
    assert opened(draft) == 0


def test_a_list_of_an_ended_campaign_belongs_to_the_running_one(campaign):
    ended = CampaignFactory(state="closed", organiser=campaign.organiser)
    batch = BatchFactory(issuing_authority=campaign.organiser, campaign_code=ended.code)

    assert duties_of(send(batch))[0].campaign == campaign


# Lists from before the campaign ------------------------------------------------------------------


def opened(campaign):
    return owe_earlier_lists(campaign, actor=None, progress=lambda *a, **k: None)


def test_earlier_lists_are_owed_when_the_campaign_opens(campaign):
    batch = BatchFactory(issuing_authority=campaign.organiser)
    hand_over = HandOverFactory(batch=batch, due_on=dt.date(2021, 6, 1))
    HandOverFactory(batch=batch, acknowledged=True)
    row = ReturnFactory(row__hand_over__batch=batch)

    assert opened(campaign) == 2
    assert opened(campaign) == 0  # opening may be repeated

    assert duties_of(hand_over)[0].due_on == dt.date(2021, 6, 1)
    assert Duty.objects.get(kind="hand_over_return").target == row


def test_a_term_that_is_nearly_over_starts_anew(campaign):
    batch = BatchFactory(issuing_authority=campaign.organiser)
    hand_over = HandOverFactory(batch=batch, due_on=dt.date(2021, 4, 27))

    opened(campaign)

    hand_over.refresh_from_db()
    assert hand_over.due_on == duties_of(hand_over)[0].due_on == dt.date(2021, 5, 10)


def test_lists_of_another_city_are_none_of_its_business(campaign):
    HandOverFactory(due_on=LATER)

    assert opened(campaign) == 0


def test_the_step_is_part_of_opening():
    assert owe_earlier_lists in [step.run for step in extension.opening_steps()]


# The office's duty -------------------------------------------------------------------------------


def test_a_row_that_comes_back_is_owed_by_the_issuing_office(campaign, sent):
    returned = raised(sent)

    duty = Duty.objects.get(kind="hand_over_return")
    assert (duty.target, duty.authority) == (returned, campaign.organiser)
    assert duty.due_on == dt.date(2021, 5, 3)


@pytest.mark.parametrize(
    ("settle", "outcome"),
    [
        (lambda r: returns.answer(r, decision="kept", words="示例", actor=None), "fulfilled_at"),
        (lambda r: returns.pass_on(r, district=AuthorityFactory(), actor=None), "fulfilled_at"),
        (lambda r: returns.take_back(r, actor=None), "cancelled_at"),
    ],
)
def test_deciding_it_settles_the_duty(sent, settle, outcome):
    settle(raised(sent))

    assert getattr(Duty.objects.get(kind="hand_over_return"), outcome) is not None


def test_insisting_makes_the_office_owe_it_again(sent):
    returned = raised(sent)
    returns.answer(returned, decision="kept", words="示例", actor=None)
    returns.insist(returned, note="仍不在本区", actor=None)

    assert Duty.objects.open().get(kind="hand_over_return").target == returned


def test_the_district_a_row_is_passed_on_to_owes_its_list(sent):
    other = AuthorityFactory()
    returns.pass_on(raised(sent), district=other, actor=None)

    assert Duty.objects.open().get(authority=other, kind="hand_over").due_on == dt.date(2021, 5, 10)


# Messages ----------------------------------------------------------------------------------------


def test_who_is_told_what(campaign, sent):
    office = MembershipFactory(role=Role.CITY_ADMIN, authority=campaign.organiser)
    district = MembershipFactory(role=Role.DISTRICT_ADMIN, authority=sent.authority)
    MembershipFactory(role=Role.DISTRICT_INSPECTOR, authority=sent.authority)

    hand_overs.remind(sent.batch.hand_overs.all(), actor=office.user)
    returns.answer(raised(sent), decision="kept", words="仍在本区", actor=office.user)

    told = list(Message.objects.order_by("pk").values_list("membership", "subject"))
    unit = HandOverReturn.objects.get().row.unit
    assert told == [
        (district.pk, f"催办：单位名单还没有签收：{sent.batch}（{cn_date(sent.due_on)}到期）"),
        (office.pk, f"{sent.authority}退回名单 1 行：{sent.batch}"),
        (district.pk, f"退回的行已处理：{unit}"),
    ]


# Who inspects a unit that moved ------------------------------------------------------------------


@pytest.fixture
def moving(campaign, sent):
    """A returned row whose standard is routed to the district that sent it back."""
    routing_rules()
    returned = raised(sent)
    standard = returned.row.standard
    routed = RoutedStandardFactory(campaign=campaign, standard=standard)
    return returned, routed


def test_the_new_district_inspects_the_unit(campaign, moving):
    returned, routed = moving
    other = AuthorityFactory()

    said = returns.pass_on(returned, district=other, actor=None)

    routed.refresh_from_db()
    assert (routed.inspecting_authority, routed.territorial_authority) == (other, other)
    assert said == [f"{campaign}：1项计量标准改由{other}组织检查。"]
    assert Duty.objects.filter(authority=other, kind="draw", campaign=campaign).count() == 1


def test_the_form_of_the_unit_does_the_same(campaign, moving):
    returned, routed = moving
    other = AuthorityFactory()
    unit = returned.row.unit

    said = update_unit(
        unit, base_version=unit.version, values={"territorial_authority": other}, actor=None
    )

    routed.refresh_from_db()
    returned.refresh_from_db()
    assert routed.inspecting_authority == other
    assert said[-1] == f"{campaign}：1项计量标准改由{other}组织检查。"
    assert returned.state == "resolved"
    assert not Duty.objects.open().filter(kind="hand_over_return").exists()
    assert Duty.objects.open().filter(kind="hand_over", authority=other).count() == 1


def test_a_list_does_the_same_and_taking_it_back_undoes_it(campaign, moving):
    _, routed = moving
    unit = routed.standard.unit
    before = routed.inspecting_authority
    other = AuthorityFactory()
    FieldFactory()
    line = {"所属区": other.code, "单位名称": unit.name, "统一社会信用代码": unit.uscc}
    batch = start_import(
        sheet(row(4, **line)), "名单.xlsx", category="ent_highest",
        issuing_authority=campaign.organiser, actor=None, on=TODAY,
    )  # fmt: skip

    commit_import(batch, actor=None)

    routed.refresh_from_db()
    assert (routed.inspecting_authority, routed.territorial_authority) == (other, other)
    undo_import(batch, actor=None, note="传错文件")
    routed.refresh_from_db()
    assert routed.inspecting_authority == before


def test_a_unit_merged_into_one_elsewhere_does_the_same_and_parting_undoes_it(campaign, moving):
    returned, routed = moving
    before = routed.inspecting_authority
    survivor = UnitFactory()
    there = survivor.territorial_authority
    given = {"versions": (1, 1), "take": (), "actor": None, "note": "重复录入"}

    merge, said = merge_units(survivor, returned.row.unit, **given)

    routed.refresh_from_db()
    returned.row.refresh_from_db()
    assert routed.inspecting_authority == returned.row.hand_over.authority == there
    assert said[-1] == f"{campaign}：1项计量标准改由{there}组织检查。"
    undo_merge(merge, actor=None, note="不是同一单位")
    routed.refresh_from_db()
    returned.row.refresh_from_db()
    assert routed.inspecting_authority == returned.row.hand_over.authority == before


def test_a_merge_within_a_district_or_into_no_district_moves_nothing(campaign, moving):
    returned, routed = moving
    before, there = routed.inspecting_authority, returned.row.unit.territorial_authority
    given = {"versions": (1, 1), "take": (), "actor": None, "note": "重复录入"}

    _, nothing = merge_units(UnitFactory(territorial_authority=there), returned.row.unit, **given)

    routed.refresh_from_db()
    assert (nothing, routed.inspecting_authority) == ([], before)
    nowhere = UnitFactory(territorial_authority=None)
    _, nothing = merge_units(nowhere, routed.unit, **given | {"versions": (1, 2)})
    routed.refresh_from_db()
    assert (nothing, routed.inspecting_authority) == ([], before)


def test_a_frozen_frame_keeps_its_standards(campaign, moving):
    returned, routed = moving
    office = routed.inspecting_authority
    frame = FrameFactory(campaign=campaign, authority=office)
    FrameStandardFactory(frame=frame, standard=routed.standard)

    said = returns.pass_on(returned, district=AuthorityFactory(), actor=None)

    routed.refresh_from_db()
    assert routed.inspecting_authority == office
    assert said == [f"{campaign}：{office}的抽样名单已经冻结，1项计量标准仍由{office}组织检查。"]


@pytest.mark.parametrize("listed", ["frozen", "drawn"])
def test_what_a_merged_unit_had_listed_stays_where_it_is_listed(campaign, moving, listed):
    """The list names the unit that is gone; the standard is the same."""
    returned, routed = moving
    office, gone = routed.inspecting_authority, returned.row.unit
    frame = FrameFactory(campaign=campaign, authority=office)
    if listed == "frozen":
        FrameStandardFactory(frame=frame, standard=routed.standard, unit=gone)
    else:
        run = DrawRunFactory(frame=frame)
        drawn = DrawnUnitFactory(run=run, unit=gone, kind="directed", reason="投诉举报")
        DrawnStandardFactory(drawn_unit=drawn, standard=routed.standard)

    _, said = merge_units(
        UnitFactory(), gone, versions=(1, 1), take=(), actor=None, note="重复录入"
    )

    routed.refresh_from_db()
    assert routed.inspecting_authority == office
    assert said[-1].endswith(f"1项计量标准仍由{office}组织检查。")


def test_a_district_that_has_frozen_hears_that_the_standard_is_not_in_its_frame(campaign, moving):
    other = AuthorityFactory()
    FrameFactory(campaign=campaign, authority=other)

    said = returns.pass_on(moving[0], district=other, actor=None)

    assert said[1] == f"{other}的抽样名单已经冻结，改派的计量标准列为后来增加，不参加这次抽取。"


def test_what_the_city_inspects_and_ended_campaigns_stay(campaign, moving):
    returned, routed = moving
    RoutedStandard.objects.update(category="sp_statutory", inspecting_authority=campaign.organiser)
    ended = RoutedStandardFactory(campaign__state="closed", standard=routed.standard)
    before = ended.inspecting_authority

    assert returns.pass_on(returned, district=AuthorityFactory(), actor=None) == []

    routed.refresh_from_db()
    ended.refresh_from_db()
    assert (routed.inspecting_authority, ended.inspecting_authority) == (campaign.organiser, before)
