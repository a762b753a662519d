"""No duty is left beside what replaced it: every kind has its rule, every replacing move is tried."""

import datetime as dt

import pytest

from campaigns.enums import DutyKind
from campaigns.models import Duty
from campaigns.services import owe_draw
from inspections.models import InspectionTask
from inspections.moves import not_performed as not_performed_moves
from inspections.moves import result as result_moves
from inspections.moves import task as task_moves
from metrostd.common import clock
from metrostd.registry.services import update_unit
from rectification.moves import extension as extension_moves
from rectification.moves import report as report_moves
from rectification.moves import withdrawal as withdrawal_moves
from tests.factories.campaigns import RoutedStandardFactory, routing_rules
from tests.factories.rectification import issue, submitted
from tests.factories.registry import AuthorityFactory
from tests.inspections.story import VISIT, Visit, make_visit

from .duties import OWED, idle

pytestmark = pytest.mark.django_db


def test_every_kind_of_duty_has_its_rule():
    assert set(OWED) == set(DutyKind)


def test_the_sweep_finds_what_is_left():
    order = submitted(issue())
    order.items.get().finding.__class__.objects.update(state="verified")

    assert [line.split()[0] for line in idle()] == ["rectification_review"]


@pytest.fixture
def visit():
    with clock.pinned(VISIT - dt.timedelta(days=1)):
        made = make_visit()
        made.assign()
    return made


def change_team(visit: Visit):
    task_moves.change_team(
        visit.task,
        members=[(visit.officer, "leader"), (visit.leader, "officer")],
        planned_on=visit.task.planned_on,
        place="",
        actor=None,
        note="组长出差",
    )


def not_performed(visit: Visit):
    not_performed_moves.record_not_performed(
        visit.task,
        actor=None,
        reason="suspended",
        detail="单位停产，厂区无人，门卫说明停产至七月。",
        attempted_at=VISIT,
        follow_up_due=VISIT.date() + dt.timedelta(days=20),
    )


def follow_up(visit: Visit):
    not_performed(visit)
    not_performed_moves.arrange_follow_up(
        visit.task, actor=None, due_on=VISIT.date() + dt.timedelta(days=20)
    )
    assert InspectionTask.objects.get(follows=visit.task)


def refused(visit: Visit):
    visit.start()
    not_performed_moves.refuse(visit.task, actor=None, note="单位拒绝检查人员进入")


def concluded_and_reopened(visit: Visit):
    visit.start().fill().conclude_sheets().send()
    visit.sign_team().sign_unit().conclude()
    result_moves.reopen(visit.task, actor=None, note="结论有误")


def reviewed(visit: Visit):
    visit.start().fill().conclude_sheets().send()
    visit.sign_team().sign_unit().conclude()
    result_moves.review(visit.task, actor=None)


@pytest.mark.parametrize(
    "move", [change_team, not_performed, follow_up, refused, concluded_and_reopened, reviewed]
)
def test_a_visit_leaves_nothing_behind(visit, move):
    with clock.pinned(VISIT):
        move(visit)

    assert idle() == []


def reported_again(order):
    finding = submitted(order).items.get().finding
    report_moves.review_finding(
        finding, method="documents", result="returned", opinion="补充", actor=None
    )


def asked_and_reported(order):
    extension_moves.ask_extension(
        order.items.get().finding, wanted_on=dt.date(2021, 9, 1), reason="排队", actor=None
    )
    submitted(order)


def asked_and_withdrawn(order):
    extension_moves.ask_extension(
        order.items.get().finding, wanted_on=dt.date(2021, 9, 1), reason="排队", actor=None
    )
    withdrawal_moves.withdraw(order, reason="依据写错", actor=None)


def reported_and_withdrawn(order):
    withdrawal_moves.withdraw(submitted(order), reason="依据写错", actor=None)


@pytest.mark.parametrize(
    "move", [reported_again, asked_and_reported, asked_and_withdrawn, reported_and_withdrawn]
)
def test_an_order_leaves_nothing_behind(move):
    order = issue()

    with clock.pinned(clock.at_time(dt.date(2021, 8, 3))):
        move(order)

    assert idle() == []


def test_an_office_whose_last_standard_went_to_another_owes_no_draw():
    """Its list cannot be frozen any more; when something comes back it owes the draw again."""
    routing_rules()
    routed = RoutedStandardFactory()
    campaign, unit, first = routed.campaign, routed.unit, routed.inspecting_authority
    other = AuthorityFactory()
    owe_draw(campaign, first)

    def move(district):
        unit.refresh_from_db()
        values = {"territorial_authority": district}
        update_unit(unit, base_version=unit.version, values=values, actor=None)
        drawing = Duty.objects.open().filter(kind=DutyKind.DRAW)
        return list(drawing.values_list("authority", flat=True))

    assert move(other) == [other.pk]
    assert move(first) == [first.pk]
    assert idle() == []
