"""Time limits: extensions, the clock, objections."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from campaigns import extension
from campaigns.enums import DutyKind
from campaigns.models import Duty
from inspections.enums import FindingState
from metrostd.common import clock
from metrostd.common.models import AuditEntry
from metrostd.common.transitions import TransitionError
from metrostd.notifications.models import Message
from rectification import schedule
from rectification.enums import ExtensionState, OrderState
from rectification.moves import disposition as disposition_moves
from rectification.moves import extension as extension_moves
from rectification.moves import objection as objection_moves
from rectification.moves import order as order_moves
from rectification.moves import report as report_moves
from tests.factories.rectification import (
    RaisedFindingFactory,
    failed_finding,
    fill,
    issue,
    office_of,
    submitted,
    user_of,
)

pytestmark = pytest.mark.django_db

DUE = dt.date(2021, 8, 15)
AFTER = dt.date(2021, 8, 16)


def day(on):
    return clock.pinned(clock.at_time(on))


def ask(finding, *, on=dt.date(2021, 8, 10), wanted_on=dt.date(2021, 9, 10)):
    with day(on):
        return extension_moves.ask_extension(
            finding, wanted_on=wanted_on, reason="示例理由", actor=None
        )


def grant(finding, *, on=dt.date(2021, 8, 11), due_on=dt.date(2021, 9, 5)):
    with day(on):
        return extension_moves.extend(finding, due_on=due_on, reason="同意", actor=None)


def test_a_day_that_has_passed_fails_what_was_not_reported():
    order = issue(findings=2)
    unit, office = user_of(order.task.unit), office_of(order.task.authority)

    with day(AFTER):
        assert order_moves.fail_overdue(AFTER) == 2

    order.refresh_from_db()
    assert order.state == OrderState.FAILED
    assert {item.finding.state for item in order.items.all()} == {FindingState.FAILED}
    assert {item.finding.decision for item in order.items.all()} == {
        "逾期未报送整改情况，未获准延期，视为整改不合格。"
    }
    assert not Duty.objects.open().exists()
    assert (
        Message.objects.filter(membership__in=[unit, office], subject__contains="逾期").count() == 2
    )
    assert AuditEntry.objects.filter(action="finding.fail", actor=None).count() == 2


def test_the_clock_may_run_twice_and_the_due_day_counts():
    issue()

    assert order_moves.fail_overdue(DUE) == 0
    assert order_moves.fail_overdue(AFTER) == 1
    assert order_moves.fail_overdue(AFTER) == 0


def test_what_has_been_reported_waits_for_the_office():
    finding = submitted(issue()).items.get().finding

    assert order_moves.fail_overdue(dt.date(2021, 9, 30)) == 0
    finding.refresh_from_db()
    assert finding.state == FindingState.SUBMITTED


def test_a_returned_finding_fails_after_its_day():
    finding = submitted(issue()).items.get().finding
    with day(dt.date(2021, 8, 10)):
        report_moves.review_finding(
            finding, method="documents", result="returned", opinion="请补充", actor=None
        )

    assert order_moves.fail_overdue(AFTER) == 1


def test_the_scheduled_task_asks_the_clock():
    issue()

    with day(AFTER):
        schedule.fail_overdue_findings()

    assert Duty.objects.open().count() == 0


def test_a_request_made_in_time_holds_the_clock_until_it_is_decided():
    finding = issue().items.get().finding
    request = ask(finding, on=DUE)

    assert order_moves.fail_overdue(AFTER) == 0
    with day(AFTER):
        extension_moves.refuse_extension(request, opinion="理由不充分", actor=None)
    assert order_moves.fail_overdue(AFTER) == 1


def test_a_request_made_in_time_may_be_granted_afterwards():
    finding = issue().items.get().finding
    ask(finding, on=DUE)

    grant(finding, on=dt.date(2021, 8, 17))

    finding.refresh_from_db()
    assert (finding.due_on, finding.extended_from) == (dt.date(2021, 9, 5), DUE)


def test_granting_moves_the_day_the_duty_and_tells():
    order = issue()
    person = user_of(order.task.unit)
    finding = order.items.get().finding
    ask(finding)

    request = grant(finding)

    assert request.state == ExtensionState.GRANTED
    assert Duty.objects.open().get(kind=DutyKind.RECTIFICATION).due_on == dt.date(2021, 9, 5)
    assert Message.objects.get(membership=person).subject == "同意延期至2021年9月5日"
    assert order_moves.fail_overdue(dt.date(2021, 9, 5)) == 0
    assert order_moves.fail_overdue(dt.date(2021, 9, 6)) == 1


def test_the_office_may_extend_of_its_own_accord_but_only_once():
    finding = issue().items.get().finding

    grant(finding)

    finding.refresh_from_db()
    with pytest.raises(ValidationError, match="只能延期一次"):
        grant(finding, due_on=dt.date(2021, 9, 20))


@pytest.mark.parametrize(
    ("on", "due_on", "reason"),
    [
        (AFTER, dt.date(2021, 9, 5), "期限已过"),
        (dt.date(2021, 8, 11), DUE, "晚于原期限"),
        (dt.date(2021, 8, 11), dt.date(2021, 10, 16), "2021年10月15日"),
    ],
)
def test_rules_of_an_extension(on, due_on, reason):
    finding = issue().items.get().finding

    with pytest.raises(ValidationError, match=reason):
        grant(finding, on=on, due_on=due_on)


@pytest.mark.parametrize(
    ("on", "wanted_on", "field"),
    [
        (AFTER, dt.date(2021, 9, 5), "wanted_on"),
        (dt.date(2021, 8, 11), DUE, "wanted_on"),
        (dt.date(2021, 8, 11), dt.date(2021, 10, 16), "wanted_on"),
    ],
)
def test_rules_of_a_request(on, wanted_on, field):
    finding = issue().items.get().finding

    with pytest.raises(ValidationError) as caught:
        ask(finding, on=on, wanted_on=wanted_on)

    assert list(caught.value.message_dict) == [field]


def test_a_request_needs_a_reason_and_is_made_once():
    finding = issue().items.get().finding
    with day(dt.date(2021, 8, 10)), pytest.raises(ValidationError, match="延期理由"):
        extension_moves.ask_extension(
            finding, wanted_on=dt.date(2021, 9, 1), reason=" ", actor=None
        )
    ask(finding)

    with pytest.raises(ValidationError, match="已提交，等待批准"):
        ask(finding)


def test_no_extension_for_what_has_been_reported():
    finding = submitted(issue()).items.get().finding

    with pytest.raises(TransitionError):
        ask(finding)
    with pytest.raises(TransitionError):
        grant(finding)


def test_a_request_that_waited_while_its_finding_was_reported_is_answered_once_it_is_back():
    finding = issue().items.get().finding
    request = ask(finding, on=dt.date(2021, 8, 10))
    owed = Duty.objects.open().filter(kind=DutyKind.EXTENSION)
    submitted(finding.order_item.order, on=dt.date(2021, 8, 11))
    assert not owed.exists()

    with day(dt.date(2021, 8, 12)):
        finding.refresh_from_db()
        report_moves.review_finding(
            finding, method="documents", result="returned", opinion="证书不清楚", actor=None
        )
    assert owed.get().due_on == dt.date(2021, 8, 26)
    with day(AFTER):
        extension_moves.refuse_extension(request, opinion="理由不充分", actor=None)

    assert not owed.exists()
    assert order_moves.fail_overdue(AFTER) == 1


def test_an_extended_finding_may_follow_later():
    order = issue(findings=2)
    first, second = (item.finding for item in order.items.order_by("pk"))
    grant(second)
    with day(dt.date(2021, 8, 12)):
        fill(first, actor=None)

        assert report_moves.submit_rectification(order, actor=None) == 1

    assert Duty.objects.open().get(kind=DutyKind.RECTIFICATION).due_on == dt.date(2021, 9, 5)
    with day(dt.date(2021, 9, 1)), pytest.raises(ValidationError, match=second.item.code):
        report_moves.submit_rectification(order, actor=None)
    submitted(order, on=dt.date(2021, 9, 2))
    second.refresh_from_db()
    assert second.state == FindingState.SUBMITTED


def test_a_request_for_a_later_day_makes_it_the_office_s_turn():
    order = issue(findings=3)
    granted, refused, reported = (item.finding for item in order.items.order_by("pk"))
    for finding in (granted, refused, reported):
        ask(finding)
    owed = Duty.objects.open().filter(kind=DutyKind.EXTENSION)

    assert {(duty.authority, duty.due_on) for duty in owed} == {
        (order.task.authority, dt.date(2021, 8, 24))
    }
    grant(granted)
    with day(dt.date(2021, 8, 12)):
        extension_moves.refuse_extension(refused.extensions.get(), opinion="理由不充分", actor=None)
    assert [duty.target for duty in owed.all()] == [reported]
    for finding in (granted, refused, reported):
        fill(finding, actor=None)
    with day(dt.date(2021, 8, 13)):
        report_moves.submit_rectification(order, actor=None)
    assert not owed.all().exists()


def test_an_objection_makes_it_the_office_s_turn():
    finding = RaisedFindingFactory()
    office = office_of(finding.task.authority)

    with day(dt.date(2021, 7, 15)):
        objection_moves.dispute(finding, reason="停用期间，有记录", actor=None)

    assert finding.state == FindingState.DISPUTED
    duty = Duty.objects.open().get(kind=DutyKind.OBJECTION)
    assert (duty.authority, duty.target) == (finding.task.authority, finding)
    assert Message.objects.get(membership=office).url == finding.get_absolute_url()


def test_an_objection_comes_within_five_work_days():
    finding = RaisedFindingFactory()

    with day(dt.date(2021, 7, 16)), pytest.raises(ValidationError, match="5个工作日"):
        objection_moves.dispute(finding, reason="示例", actor=None)


@pytest.mark.parametrize(
    ("upheld", "state"), [(True, FindingState.RAISED), (False, FindingState.WITHDRAWN)]
)
def test_an_objection_is_answered_in_writing(upheld, state):
    finding = RaisedFindingFactory()
    with day(dt.date(2021, 7, 15)):
        objection_moves.dispute(finding, reason="示例", actor=None)

    objection_moves.decide_objection(finding, upheld=upheld, decision="经复核……", actor=None)

    finding.refresh_from_db()
    assert (finding.state, finding.decision) == (state, "经复核……")
    assert not Duty.objects.open().exists()


def test_correcting_on_the_spot_needs_no_order():
    finding = RaisedFindingFactory()

    objection_moves.correct_on_spot(finding, note="当场补贴标志", actor=None)

    assert finding.state == FindingState.NO_ACTION
    with pytest.raises(TransitionError):
        order_moves.issue_order(
            finding.task,
            findings=[finding],
            kind="notice",
            due_on=DUE,
            requirement="整改",
            actor=None,
        )


def test_a_campaign_is_not_closed_over_open_work():
    order = issue()
    campaign = order.task.campaign
    failed = failed_finding(task=None)

    assert "还有 1 份整改文书没有办结。" in extension.blockers(campaign)
    assert "还有 1 项整改不合格的问题没有提出处置建议或者移送。" in extension.blockers(
        failed.task.campaign
    )
    disposition_moves.propose_disposition(failed, action="revoked", reason="示例", actor=None)
    assert "还有 1 项证书处置建议没有决定。" in extension.blockers(failed.task.campaign)


@pytest.mark.parametrize("state", ["concluded", "closed"])
def test_a_correction_on_the_spot_is_recorded_after_review_and_before_closing(state):
    finding = RaisedFindingFactory()
    finding.task.state = state

    with pytest.raises(TransitionError, match="审核后、办结前才能办理"):
        objection_moves.correct_on_spot(finding, note="当场更换", actor=None)
