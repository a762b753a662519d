"""An order taken back: what becomes of findings, duties, requests, reports, papers, figures."""

import datetime as dt
import io

import pytest
from django.core.exceptions import ValidationError
from pypdf import PdfReader

from campaigns.models import Duty
from inspections.enums import FindingState
from metrostd.common import clock
from metrostd.common.jobs import perform
from metrostd.common.models import Job
from metrostd.common.transitions import TransitionError
from metrostd.notifications.models import Message
from rectification import papers, policies
from rectification.enums import OrderState
from rectification.models import OrderItem, RectificationOrder
from rectification.moves import disposition as disposition_moves
from rectification.moves import extension as extension_moves
from rectification.moves import order as order_moves
from rectification.moves import report as report_moves
from rectification.moves import service as service_moves
from rectification.moves import withdrawal as withdrawal_moves
from reporting import listing
from reporting.annex3 import build
from reporting.figures import BY_ID
from reporting.queries import Scope, records
from tests.factories.accounts import MembershipFactory
from tests.factories.inspections import TaskStandardFactory
from tests.factories.rectification import (
    city,
    failed_finding,
    fill,
    issue,
    office_of,
    submitted,
    user_of,
)

pytestmark = pytest.mark.django_db
DAY = dt.date(2021, 7, 26)


def acting(membership):
    membership.user.act_as(membership)
    return membership.user


def withdraw(order, reason="依据写错", on=DAY):
    with clock.pinned(clock.at_time(on, 10)):
        return withdrawal_moves.withdraw(order, reason=reason, actor=None)


def again(order, on=DAY):
    findings = [row.finding for row in order.withdrawn_items.order_by("pk")]
    for finding in findings:
        finding.refresh_from_db()
    with clock.pinned(clock.at_time(on, 11)):
        return order_moves.issue_order(
            order.task,
            findings=findings,
            kind=order.kind,
            due_on=dt.date(2021, 8, 20),
            requirement="改正依据后重新下达",
            actor=office_of(order.task.authority).user,
        )


def text_of(stored):
    with stored.content.open() as data:
        pages = PdfReader(io.BytesIO(data.read())).pages
        return "".join(page.extract_text() for page in pages).replace("\n", "")


def test_findings_wait_for_the_office_again_and_nobody_owes_anything():
    order = submitted(issue(findings=2))
    assert Duty.objects.open().exists()

    made = withdraw(order, on=dt.date(2021, 8, 3))

    assert (made.state, made.withdrawal_reason) == (OrderState.WITHDRAWN, "依据写错")
    items = made.withdrawn_items.select_related("finding")
    assert {row.finding.state for row in items} == {FindingState.RAISED}
    assert {row.finding.due_on for row in items} == {None}
    assert {row.due_on for row in items} == {dt.date(2021, 8, 15)}
    assert not OrderItem.objects.exists()
    assert not Duty.objects.open().exists()


def test_the_unit_is_told_why_and_the_paper_says_so():
    order = issue()
    user_of(order.task.unit)
    Message.objects.all().delete()

    withdraw(order)

    assert "依据写错" in Message.objects.get().body
    perform(Job.objects.get(kind=papers.WITHDRAWAL_JOB))
    order.refresh_from_db()
    printed = text_of(order.withdrawn_document)
    assert "已撤回" in printed
    assert "已于2021年7月26日撤回" in printed
    assert order.number in printed
    pages = printed.count(f"{order.get_kind_display()}　{order.number}")
    assert printed.count("（已撤回）") == pages > 0


def test_the_next_order_names_the_one_it_replaces_and_has_a_number_of_its_own():
    first = issue(findings=2)
    withdraw(first)

    second = again(first)

    assert second.number != first.number
    assert {row.replaced_by for row in first.withdrawn_items.all()} == {second}
    assert f"{first.number}已经撤回" in papers._kept_paper(second).opening
    assert RectificationOrder.objects.filter(number=first.number).count() == 1


def test_what_the_unit_had_reported_goes_into_the_next_report():
    first = submitted(issue())
    finding = first.items.get().finding
    withdraw(first, on=dt.date(2021, 8, 3))

    second = again(first, on=dt.date(2021, 8, 3))

    draft = finding.rectifications.get(submitted_at=None)
    assert (draft.round, draft.cause) == (2, "示例原因：送检计划遗漏")
    with clock.pinned(clock.at_time(dt.date(2021, 8, 5))):
        # Nothing was sent back: the same words may be reported again.
        assert report_moves.submit_rectification(second, actor=user_of(first.task.unit).user) == 1


def test_what_the_unit_was_writing_goes_on_under_the_next_order():
    first = issue()
    finding = first.items.get().finding
    with clock.pinned(clock.at_time(dt.date(2021, 7, 20))):
        fill(finding, actor=user_of(first.task.unit).user)
    withdraw(first)

    again(first)

    assert finding.rectifications.get().round == 1


def test_a_request_for_a_later_day_lapses_and_may_be_made_again():
    first = issue()
    finding = first.items.get().finding
    with clock.pinned(clock.at_time(dt.date(2021, 7, 20))):
        extension_moves.ask_extension(
            finding, wanted_on=dt.date(2021, 9, 1), reason="送检排队", actor=None
        )
    withdraw(first)
    second = again(first)
    finding = second.items.get().finding

    with clock.pinned(clock.at_time(dt.date(2021, 7, 28))):
        extension_moves.ask_extension(
            finding, wanted_on=dt.date(2021, 9, 1), reason="送检排队", actor=None
        )

    assert sorted(row.state for row in finding.extensions.all()) == ["asked", "lapsed"]


def test_a_reason_has_to_be_given():
    with pytest.raises(ValidationError, match="请说明理由"):
        withdraw(issue(), reason=" ")


def test_what_was_confirmed_under_an_order_keeps_it():
    order = submitted(issue(findings=2))
    finding = order.items.order_by("pk").first().finding
    with clock.pinned(clock.at_time(dt.date(2021, 8, 4))):
        report_moves.review_finding(
            finding, method="documents", result="passed", opinion="", actor=None
        )
    order.refresh_from_db()

    with pytest.raises(ValidationError, match=f"{finding.item.code}已在本文书下确认合格"):
        withdraw(order, on=dt.date(2021, 8, 5))


def test_what_followed_from_a_failure_keeps_the_order():
    finding = failed_finding()
    with clock.pinned(clock.at_time(dt.date(2021, 8, 11))):
        disposition_moves.propose_disposition(finding, action="revoked", reason="示例", actor=None)

    with pytest.raises(ValidationError, match="提出处置建议"):
        withdraw(finding.order_item.order, on=dt.date(2021, 8, 12))


def test_an_order_is_withdrawn_once_and_not_served_afterwards():
    order = withdraw(issue())

    with pytest.raises(TransitionError):
        withdraw(order)
    assert "已撤回" in service_moves.open_to_serve(order).reason


def test_a_day_that_passed_before_it_was_withdrawn_stays_a_failure_of_those_days():
    order = issue()
    overdue = dt.date(2021, 8, 20)

    withdraw(order, on=overdue)

    row = order.withdrawn_items.get()
    assert row.failed_at is not None
    assert row.finding.failed_at is None


def test_figures_leave_the_order_out_from_that_day_and_keep_it_for_days_before():
    order = issue()
    task = order.task
    finding = order.items.get().finding
    TaskStandardFactory(task=task, standard=finding.standard)
    withdraw(order)

    def ordered(day):
        with clock.pinned(clock.at_time(dt.date(2021, 8, 1))):
            return build(task.campaign, task.authority, as_of=day).blocks["I"].total["fd_due"]

    eve = DAY - dt.timedelta(1)
    assert [ordered(eve), ordered(DAY)] == [1, 0]
    again(order, on=dt.date(2021, 7, 29))
    days = [ordered(eve), ordered(DAY), ordered(dt.date(2021, 7, 29))]
    assert days == [1, 0, 1]


def test_the_list_of_a_day_before_shows_the_day_it_was_due_then():
    order = issue()
    TaskStandardFactory(task=order.task, standard=order.items.get().finding.standard)
    withdraw(order)
    again(order, on=dt.date(2021, 7, 29))
    figure, office = BY_ID["fd_due"], order.task.authority
    viewer = acting(office_of(office))

    def shown(day):
        scope = Scope.of(order.task.campaign, office, day)
        rows = records(figure, scope, "I", "total", viewer=viewer)
        row = listing.with_relations(figure, rows, as_of=day).get()
        columns = {c.heading: c for c in listing.columns_of(figure)}
        return row.state_then, columns["整改期限"].value(row)

    with clock.pinned(clock.at_time(dt.date(2021, 8, 1))):
        before, after = shown(DAY - dt.timedelta(1)), shown(dt.date(2021, 7, 30))
    assert before == ("ordered", dt.date(2021, 8, 15))
    assert after == ("ordered", dt.date(2021, 8, 20))


def test_nobody_takes_back_his_own_order_while_there_is_somebody_else():
    order = issue()
    order.task.authority.parent = city()
    own = acting(office_of(order.task.authority))
    above = MembershipFactory(authority=order.task.authority.parent, role="city_admin")

    alone = policies.can_withdraw(own, order)
    assert str(order.task.authority.parent) in alone.reason
    assert policies.can_withdraw(acting(above), order)
    colleague = MembershipFactory(authority=order.task.authority, role="district_admin")
    assert colleague.user.display_name in policies.can_withdraw(own, order).reason
    assert policies.can_withdraw(acting(colleague), order)
    assert not policies.can_withdraw(acting(above), order)
    assert not policies.can_withdraw(acting(user_of(order.task.unit)), order)
