import datetime as dt

import pytest

from campaigns.enums import CampaignState
from metrostd.common import clock
from metrostd.common.roles import Role
from selfcheck import policies
from selfcheck.enums import ReportState
from tests.factories.accounts import MembershipFactory
from tests.factories.registry import AuthorityFactory
from tests.factories.selfcheck import ReportFactory, report_with_answers

pytestmark = pytest.mark.django_db


def user_of(report, who):
    """A person in one of the capacities that meet around a report."""
    district = report.unit.territorial_authority if report.unit else report.bureau
    roles = {
        "unit": {"as_unit": True, "unit": report.unit},
        "other unit": {"as_unit": True},
        "receiver": {"role": Role.CITY_ADMIN, "authority": report.receiver},
        "inspector of the receiver": {"role": Role.CITY_INSPECTOR, "authority": report.receiver},
        "other city": {
            "role": Role.CITY_ADMIN,
            "authority": AuthorityFactory(level="city"),
        },
        "district": {"role": Role.DISTRICT_ADMIN, "authority": district},
        "approver": {"role": Role.DISTRICT_APPROVER, "authority": district},
        "administrator": {"role": Role.SYSTEM_ADMIN, "authority": report.receiver},
    }
    member = MembershipFactory(**roles[who])
    member.user.act_as(member)
    return member.user


@pytest.mark.parametrize("who", ["other unit", "receiver", "other city", "district", "approver"])
def test_only_the_unit_fills_in_its_report(who):
    report = ReportFactory(state="draft")

    assert policies.can_edit(user_of(report, "unit"), report)
    verdict = policies.can_edit(user_of(report, who), report)
    assert verdict.reason == "自查报告由建标单位自己填报。"


@pytest.mark.parametrize("who", ["receiver", "other city", "approver"])
def test_only_its_office_fills_in_a_bureaus_report(who):
    report = ReportFactory(as_bureau=True, state="draft")

    assert policies.can_edit(user_of(report, "district"), report)
    assert "计量科" in policies.can_edit(user_of(report, who), report).reason


@pytest.mark.parametrize(
    "who", ["unit", "inspector of the receiver", "other city", "district", "administrator"]
)
def test_only_the_receiving_office_reviews(who):
    report = ReportFactory(state="submitted")

    assert policies.can_accept(user_of(report, "receiver"), report)
    assert policies.can_send_back(user_of(report, "receiver"), report)
    assert "只有接收部门" in policies.can_accept(user_of(report, who), report).reason


def test_a_district_receives_for_the_zone_bureaus_below_it():
    district = AuthorityFactory()
    report = ReportFactory(state="submitted", receiver=AuthorityFactory(parent=district))
    member = MembershipFactory(role=Role.DISTRICT_ADMIN, authority=district)

    assert policies.can_accept(member.user, report)


@pytest.mark.parametrize("state", ReportState.values)
def test_every_state_says_what_is_possible(state):
    report = report_with_answers(state=state)
    report.covered.get().standard.certificates.update(state="withdrawn")
    unit, office = user_of(report, "unit"), user_of(report, "receiver")

    possible = {
        name
        for name, verdict in {
            "edit": policies.can_edit(unit, report),
            "submit": policies.can_submit(unit, report),
            "accept": policies.can_accept(office, report),
            "send_back": policies.can_send_back(office, report),
            "exempt": policies.can_exempt(office, report),
            "reopen": policies.can_reopen(office, report),
            "revive": policies.can_revive(office, report),
            "read": policies.can_read(office, report),
        }.items()
        if verdict
    }

    expected = {
        "not_started": {"edit", "exempt"},
        "draft": {"edit", "submit", "exempt"},
        "overdue": {"edit", "submit", "exempt"},
        "submitted": {"accept", "send_back", "exempt", "read"},
        "returned": {"edit", "submit", "exempt", "read"},
        "accepted": {"reopen", "read"},
        "reopened": {"edit", "submit", "exempt", "read"},
        "exempted": {"revive"},
    }
    assert possible == expected[state]


@pytest.mark.parametrize("name", ["can_edit", "can_submit", "can_remove_problem"])
def test_a_closed_campaign_is_left_as_it_is(name):
    report = ReportFactory(state="draft", campaign__state=CampaignState.CLOSED)

    verdict = getattr(policies, name)(user_of(report, "unit"), report)

    assert verdict.reason == "专项行动不在进行中，自查报告不能再变动。"


def test_exempting_says_how_many_standards_stand_against_it():
    report = report_with_answers(state="overdue", standards=2)

    assert "仍有 2 项" in policies.can_exempt(user_of(report, "receiver"), report).reason


def test_reopening_and_removing_say_when_it_is_too_late():
    report = ReportFactory(state="accepted")
    returned = ReportFactory(state="returned")

    with clock.pinned(clock.at_time(dt.date(2021, 10, 16))):
        late = policies.can_reopen(user_of(report, "receiver"), report)
    removed = policies.can_remove_problem(user_of(returned, "unit"), returned)

    assert late.reason == "2021年10月15日以后不能再补充自查报告。"
    assert "不能删除" in removed.reason


def test_there_is_no_receipt_before_submission():
    assert policies.can_see_receipt(ReportFactory(state="submitted"))
    assert not policies.can_see_receipt(ReportFactory(state="draft"))
