"""Reasons a person reads beside a button, and who reads which rows."""

import datetime as dt

import pytest

from metrostd.common import clock
from metrostd.common.roles import Role
from rectification import policies
from rectification.models import CaseReferral, CertificateDisposition, OrderItem, Rectification
from rectification.moves import extension as extension_moves
from rectification.moves import report as report_moves
from tests.factories.accounts import MembershipFactory
from tests.factories.rectification import (
    RaisedFindingFactory,
    fill,
    issue,
    office_of,
    submitted,
    user_of,
)

pytestmark = pytest.mark.django_db

LATE = clock.at_time(dt.date(2021, 8, 16))


def acting(membership):
    membership.user.act_as(membership)
    return membership.user


def unit(finding):
    return acting(user_of(finding.task.unit))


def office(finding):
    return acting(office_of(finding.task.authority))


@pytest.mark.parametrize("role", sorted(set(Role.values) - {"unit_user", *Role.offices}))
def test_only_the_office_acts_for_the_office(role):
    finding = RaisedFindingFactory()
    person = acting(MembershipFactory(role=role, authority=finding.task.authority))

    assert not policies.can_issue(person, finding.task)
    assert not policies.is_unit(person, finding.task)


def test_the_office_of_another_authority_is_told_who_acts():
    finding = RaisedFindingFactory()

    verdict = policies.can_review(acting(MembershipFactory()), finding)

    assert verdict.reason == f"由组织检查的部门（{finding.task.authority}）办理。"


def test_why_no_more_extension():
    finding = issue().items.get().finding
    with clock.pinned(LATE):
        assert policies.can_ask_extension(unit(finding), finding, []).reason.startswith(
            "整改期限已过"
        )
        assert policies.can_extend(office(finding), finding, []).reason.startswith("整改期限已过")
    request = extension_moves.ask_extension(
        finding, wanted_on=dt.date(2021, 9, 1), reason="示例", actor=None
    )
    with clock.pinned(LATE):
        assert policies.can_extend(office(finding), finding, [request])
    assert policies.can_ask_extension(unit(finding), finding, [request]).reason == (
        "延期申请已提交，等待批准。"
    )
    request.state, finding.extended_from = "granted", dt.date(2021, 8, 15)
    assert policies.can_ask_extension(unit(finding), finding, [request]).reason == (
        "每个问题只能延期一次。"
    )
    assert not policies.can_extend(office(finding), finding, [])


def test_why_no_report_and_no_submission():
    order = submitted(issue())
    finding = order.items.get().finding

    assert policies.can_edit(unit(finding), finding).reason == (
        "发现问题目前是“已报整改”，不能再填写整改情况。"
    )
    assert policies.can_submit(unit(finding), order, [finding.state]).reason == (
        "没有待报送的整改情况；已过整改期限的，视为整改不合格。"
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"state": "raised"}, "问题目前是“已确认”，整改不合格的问题才能提出处置建议。"),
        ({"state": "failed", "standard": None}, "单位层面的问题没有对应的证书，请作案件移送。"),
    ],
)
def test_why_no_proposal(changes, reason):
    finding = RaisedFindingFactory()
    for name, value in changes.items():
        setattr(finding, name, value)

    assert policies.can_propose(office(finding), finding, []).reason == reason


def test_one_proposal_and_one_case_at_a_time():
    finding = RaisedFindingFactory(state="failed")

    proposed, sent = CertificateDisposition(state="proposed"), CaseReferral(state="sent")
    assert policies.can_propose(office(finding), finding, [])
    assert policies.can_propose(office(finding), finding, [proposed]).reason == (
        "这个问题已有待决定的处置建议。"
    )
    assert policies.can_refer(office(finding), finding, [sent]).reason == (
        "已经移送，结果还没有反馈。"
    )
    finding = RaisedFindingFactory(state="withdrawn")
    assert policies.can_refer(office(finding), finding, []).reason == (
        "问题目前是“不成立”，不能移送。"
    )


def test_rows_of_an_order_follow_the_order():
    order, other = issue(), issue()
    fill(order.items.get().finding, actor=None)
    finding = order.items.get().finding

    assert list(OrderItem.objects.visible_to(office(finding))) == [order.items.get()]
    assert other.items.get() not in OrderItem.objects.visible_to(unit(finding))
    assert list(Rectification.objects.visible_to(office(finding))) == []
    assert list(Rectification.objects.visible_to(unit(finding))) == [finding.rectifications.get()]


def test_things_have_names():
    order = submitted(issue())
    item = order.items.get()
    finding = item.finding
    report = finding.rectifications.get()
    with clock.pinned(clock.at_time(dt.date(2021, 8, 10))):
        review = report_moves.review_finding(
            finding, method="documents", result="passed", opinion="", actor=None
        )

    assert str(item) == str(finding)
    assert str(report) == f"{finding} 第1次整改"
    assert str(review) == f"{finding} 合格"
    assert report.outcome == review
