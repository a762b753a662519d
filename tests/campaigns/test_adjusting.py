"""The plan of a running campaign changes with a reason; what it said before stays (通知三)."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from campaigns import adjusting, stages
from campaigns.enums import AdjustmentCause, DutyKind, PlanField, StageKind
from campaigns.models import Duty
from metrostd.common import clock
from metrostd.common.models import AuditEntry
from metrostd.common.roles import Role
from metrostd.common.transitions import TransitionError
from metrostd.notifications.models import Message
from reporting.annex3 import build
from selfcheck import moves as selfcheck_moves
from selfcheck.receipts import receipt_data
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.campaigns import CampaignFactory, DutyFactory, RoutedStandardFactory
from tests.factories.registry import AuthorityFactory, UnitFactory
from tests.factories.selfcheck import ReportFactory, report_with_answers

pytestmark = pytest.mark.django_db

RATIO = PlanField.DEFAULT_RATIO


@pytest.fixture(autouse=True)
def tenth_of_may():
    with clock.pinned(clock.at_time(dt.date(2021, 5, 10))):
        yield


@pytest.fixture
def campaign():
    return CampaignFactory()


@pytest.fixture
def district(campaign):
    return AuthorityFactory(level="district", parent=campaign.organiser)


def adjust(campaign, authority=None, **wanted):
    return adjusting.adjust(
        campaign,
        authority=authority,
        wanted={PlanField(name): value for name, value in wanted.items()},
        cause=AdjustmentCause.EPIDEMIC,
        note="按防控要求推迟",
        actor=None,
    )


def test_dates_for_all_move_the_duties_that_stood_on_them(campaign, district):
    unit = UnitFactory(territorial_authority=district)
    owed = ReportFactory(campaign=campaign, unit=unit, due_on=dt.date(2021, 5, 31))
    corrected = ReportFactory(campaign=campaign, due_on=dt.date(2021, 5, 20), state="returned")
    duty = DutyFactory(
        campaign=campaign, kind=DutyKind.SELF_CHECK, authority=None, unit=unit, due_on=owed.due_on
    )
    Duty.objects.filter(pk=duty.pk).update(target_id=owed.pk)
    draw = DutyFactory(campaign=campaign, authority=district, due_on=dt.date(2021, 6, 1))
    person = MembershipFactory(role=Role.UNIT_USER, authority=None, unit=unit)

    adjust(campaign, unit_self_check_due=dt.date(2021, 6, 15), onsite_start=dt.date(2021, 6, 20))

    for row in (owed, corrected, duty, draw):
        row.refresh_from_db()
    assert campaign.unit_self_check_due == dt.date(2021, 6, 15)
    assert (owed.due_on, duty.due_on) == (dt.date(2021, 6, 15), dt.date(2021, 6, 15))
    assert corrected.due_on == dt.date(2021, 5, 20)
    assert draw.due_on == dt.date(2021, 6, 20)
    assert Message.objects.get(membership=person).subject == "自查报告的报送期限调整为2021年6月15日"


def test_a_district_moves_its_own_dates_and_nobody_elses(campaign, district):
    other = AuthorityFactory(level="district", parent=campaign.organiser)
    mine = DutyFactory(
        campaign=campaign,
        authority=district,
        kind=DutyKind.INSPECTION,
        due_on=dt.date(2021, 7, 31),
    )
    theirs = DutyFactory(
        campaign=campaign, authority=other, kind=DutyKind.INSPECTION, due_on=dt.date(2021, 7, 31)
    )
    boss = MembershipFactory(role=Role.CITY_ADMIN, authority=campaign.organiser)

    adjust(campaign, district, onsite_end=dt.date(2021, 8, 20))

    mine.refresh_from_db()
    theirs.refresh_from_db()
    end = [
        stages.stage_end(campaign, StageKind.ONSITE, authority=who)
        for who in (district, other, None)
    ]
    assert end == [dt.date(2021, 8, 20), dt.date(2021, 7, 31), dt.date(2021, 7, 31)]
    assert (mine.due_on, theirs.due_on) == (dt.date(2021, 8, 20), dt.date(2021, 7, 31))
    assert "现场检查结束由2021年7月31日调整为2021年8月20日" in (
        Message.objects.get(membership=boss).body
    )


def test_a_later_change_for_all_leaves_what_a_district_set_itself(campaign, district):
    adjust(campaign, district, onsite_end=dt.date(2021, 8, 20))
    own = DutyFactory(
        campaign=campaign,
        authority=district,
        kind=DutyKind.INSPECTION,
        due_on=dt.date(2021, 7, 31),
    )

    adjust(campaign, onsite_end=dt.date(2021, 8, 5))

    own.refresh_from_db()
    assert own.due_on == dt.date(2021, 7, 31)
    assert stages.stage_end(campaign, StageKind.ONSITE, authority=district) == dt.date(2021, 8, 20)


def test_the_ratio_of_every_day_stays_known(campaign, district):
    RoutedStandardFactory(campaign=campaign, inspecting_authority=district)
    with clock.pinned(clock.at_time(dt.date(2021, 6, 1))):
        adjust(campaign, default_ratio=15)
    with clock.pinned(clock.at_time(dt.date(2021, 6, 10))):
        adjust(campaign, district, default_ratio=30)
    with clock.pinned(clock.at_time(dt.date(2021, 6, 20))):
        adjust(campaign, default_ratio=10)

        def asked(who, day):
            return build(campaign, who, as_of=dt.date(2021, *day)).plan.ratio

        days = [(5, 31), (6, 1), (6, 10), (6, 20)]
        assert [asked(None, day) for day in days] == [20, 15, 15, 10]
        assert [asked(district, day) for day in days] == [20, 15, 30, 30]
        early = build(campaign, district, as_of=dt.date(2021, 6, 5)).notes
        late = build(campaign, district, as_of=dt.date(2021, 6, 20)).notes
    said = "方案调整：2021年6月1日全部部门抽查比例由20%调整为15%（疫情防控：按防控要求推迟）。"
    assert [note for note in early if "方案调整" in note] == [said]
    assert len([note for note in late if "方案调整" in note]) == 3


def test_a_receipt_printed_again_names_the_day_that_was_due_then(campaign):
    report = ReportFactory(
        campaign=campaign,
        state="accepted",
        receipt_no="自查回执〔2021〕1号",
        first_submitted_at=clock.now(),
        submitted_at=clock.now(),
    )
    with clock.pinned(clock.at_time(dt.date(2021, 5, 12))):
        adjust(campaign, unit_self_check_due=dt.date(2021, 6, 15))

    assert receipt_data(report).due_on == dt.date(2021, 5, 31)


@pytest.mark.parametrize("begun", [True, False])
def test_what_had_become_overdue_goes_on(campaign, begun):
    make = report_with_answers if begun else ReportFactory
    report = make(campaign=campaign, due_on=dt.date(2021, 5, 31), state="draft")
    with clock.pinned(clock.at_time(dt.date(2021, 6, 2))):
        selfcheck_moves.mark_overdue(clock.today())
        adjust(campaign, unit_self_check_due=dt.date(2021, 6, 15))

    report.refresh_from_db()
    assert report.state == ("draft" if begun else "not_started")
    assert report.due_on == dt.date(2021, 6, 15)


@pytest.mark.parametrize(
    ("wanted", "field", "said"),
    [
        ({"onsite_end": dt.date(2021, 5, 9)}, "onsite_end", "已经过去"),
        ({"onsite_end": dt.date(2021, 5, 20)}, "onsite_end", "结束日期早于开始日期"),
        ({"default_ratio": 0}, "default_ratio", "1%至100%之间"),
        ({"default_ratio": 20}, "__all__", "没有改动"),
    ],
)
def test_what_cannot_be_is_refused_by_name(campaign, wanted, field, said):
    with pytest.raises(ValidationError) as caught:
        adjust(campaign, **wanted)

    found = caught.value
    words = found.message_dict[field] if hasattr(found, "error_dict") else found.messages
    assert said in words[0]
    assert not campaign.adjustments.exists()


def test_only_a_running_campaign_is_adjusted():
    with pytest.raises(TransitionError, match="只有进行中"):
        adjust(CampaignFactory(state="closed"), default_ratio=15)


class TestPage:
    def url(self, campaign):
        return reverse("campaigns:adjust", args=[campaign.pk])

    def test_a_bureau_adjusts_its_own(self, client, campaign, district):
        sign_in(client, MembershipFactory(role=Role.DISTRICT_ADMIN, authority=district))
        form = client.get(self.url(campaign)).context["form"]
        data = {name: field.initial for name, field in form.fields.items() if field.initial}
        data |= {"default_ratio": 25, "cause": "merged", "note": "与双随机抽查合并"}

        answer = client.post(self.url(campaign), data)

        assert answer.status_code == 302
        assert adjusting.ratio_of(campaign, district) == 25
        assert adjusting.ratio_of(campaign, None) == 20
        assert "unit_self_check_due" not in form.fields
        page = client.get(campaign.get_absolute_url()).content.decode()
        assert "<s>20%</s> → 25%" in page
        assert "与双随机抽查合并" in page
        entry = AuditEntry.objects.get(action="campaign.adjust")
        assert "抽查比例由20%调整为25%" in entry.note

    def test_the_city_chooses_for_whom(self, client, campaign, district):
        sign_in(client, MembershipFactory(role=Role.CITY_ADMIN, authority=campaign.organiser))

        page = client.get(self.url(campaign), {"authority": district.pk})

        assert page.context["authority"] == district
        assert "unit_self_check_due" in client.get(self.url(campaign)).context["form"].fields

    def test_others_do_not(self, client, campaign, district):
        sign_in(client, MembershipFactory(role=Role.DISTRICT_APPROVER, authority=district))

        assert client.get(self.url(campaign)).status_code == 403
        assert client.post(self.url(campaign), {}).status_code == 403
