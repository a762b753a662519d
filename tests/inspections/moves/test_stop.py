"""Every state of a stop order against every move, by hand; then what each asks for."""

import datetime as dt
import functools
import itertools

import pytest
from django.core.exceptions import ValidationError

from campaigns import extension
from inspections import stop_papers
from inspections.enums import StopState, TaskState
from inspections.models import StopTransferOrder
from inspections.moves import stop as stop_moves
from inspections.serving import Service
from metrostd.common import clock
from metrostd.common.models import AuditEntry
from metrostd.common.transitions import TransitionError
from metrostd.notifications.models import Message
from tests.factories.accounts import MembershipFactory
from tests.factories.inspections import FindingFactory, StopOrderFactory, TaskFactory
from tests.factories.registry import StandardFactory
from tests.inspections.story import make_visit

pytestmark = pytest.mark.django_db


def served(**fields) -> Service:
    known = {"served_on": clock.today(), "how": "direct", "by": "示例送达人", "to": "示例受送达人"}
    return Service(**known | fields)


def lifted(order):
    """Somebody went to see the standard, and the order is lifted."""
    type(order).objects.filter(pk=order.pk).update(accepted_on=clock.today())
    order.accepted_on = clock.today()
    stop_moves.lift_stop(order, actor=None, basis="验收合格")


MOVES = {
    "stop.approve": lambda o: stop_moves.approve_stop(o, actor=None),
    "stop.reject": lambda o: stop_moves.reject_stop(o, actor=None, note="已停用"),
    "stop.serve": lambda o: stop_moves.serve_stop(o, service=served(), actor=None),
    "stop.lift": lambda o: lifted(o),
    "stop.supersede": lambda o: stop_moves.supersede_stop(o, actor=None, note="证书已注销"),
    "stop.withdraw": lambda o: stop_moves.withdraw_stop(o, actor=None, reason="标准写错"),
}

ALLOWED = {
    ("proposed", "stop.approve"): "approved",
    ("proposed", "stop.reject"): "rejected",
    # Service puts the order in force the same day, with a trail row for each step.
    ("approved", "stop.serve"): "in_force",
    ("in_force", "stop.lift"): "lifted",
    ("in_force", "stop.supersede"): "superseded",
    ("approved", "stop.withdraw"): "withdrawn",
    ("served", "stop.withdraw"): "withdrawn",
    ("in_force", "stop.withdraw"): "withdrawn",
}


@pytest.mark.parametrize(("state", "move"), list(itertools.product(StopState.values, MOVES)))
def test_every_state_against_every_move(state, move):
    order = StopOrderFactory(state=state)

    if target := ALLOWED.get((state, move)):
        MOVES[move](order)
        order.refresh_from_db()
        assert order.state == target
        assert AuditEntry.objects.about(order).get(action=move).before["state"] == state
    else:
        with pytest.raises(TransitionError):
            MOVES[move](order)
        order.refresh_from_db()
        assert order.state == state
        assert not AuditEntry.objects.about(order).exists()


def test_orders_are_numbered_by_authority_and_year_without_gaps():
    first = StopOrderFactory(task__authority__document_prefix="津西青")
    second = StopOrderFactory(task__authority=first.task.authority)
    for order in (first, second):
        stop_moves.approve_stop(order, actor=None)
    with pytest.raises(TransitionError):
        stop_moves.approve_stop(second, actor=None)

    assert [first.number, second.number] == ["津西青市监停〔2021〕1号", "津西青市监停〔2021〕2号"]


def test_a_notice_says_what_was_so_when_it_was_approved():
    visit = make_visit()
    order = StopOrderFactory(task=visit.task, standard=visit.task.standards.first().standard)
    name, standard = order.task.unit.name, order.standard.name
    stop_moves.approve_stop(order, actor=visit.office.user)
    type(order.task.unit).objects.update(name="改名后的单位", legal_representative="后来的人")
    type(order.standard).objects.update(name="改名后的标准")
    order = StopTransferOrder.objects.get(pk=order.pk)

    with clock.pinned(clock.at_time(dt.date(2021, 12, 1))):
        paper = stop_papers.kept_paper(order)

    assert (paper.unit, paper.number) == (name, order.number)
    assert paper.standard.startswith(standard)
    assert paper.issued_on != "2021年12月1日"
    assert visit.office.user.display_name in paper.contact


def test_service_puts_the_order_in_force_today_and_tells_the_unit():
    order = StopOrderFactory(state="approved", number="津市监停〔2021〕1号")
    person = MembershipFactory(as_unit=True, unit=order.task.unit)

    stop_moves.serve_stop(order, service=served(), actor=None)

    assert order.in_force_from == clock.today()
    assert Message.objects.get().membership == person
    actions = list(AuditEntry.objects.about(order).values_list("action", flat=True))
    assert actions == ["stop.take_effect", "stop.record_service", "stop.serve"]
    assert (order.served_by, order.served_to) == ("示例送达人", "示例受送达人")


@pytest.mark.parametrize(
    ("back", "reason", "said"),
    [
        (4, "", "送达日期不能早于文书日期"),
        (3, "", "送达日期在3天以前"),
        (-1, "", "送达日期不能晚于今天"),
        (3, "邮件回执后到", ""),
    ],
)
def test_service_lies_between_the_paper_and_today(back, reason, said):
    approved = clock.now() - dt.timedelta(days=3)
    order = StopOrderFactory(state="approved", number="津市监停〔2021〕1号", approved_at=approved)
    service = served(served_on=clock.today() - dt.timedelta(days=back), late_reason=reason)

    if said:
        with pytest.raises(ValidationError, match=said):
            stop_moves.serve_stop(order, service=service, actor=None)
        return
    stop_moves.serve_stop(order, service=service, actor=None)
    note = AuditEntry.objects.get(action="stop.record_service").note
    assert note == "补录理由：邮件回执后到"


def test_an_order_is_lifted_only_when_every_finding_on_the_standard_is_settled():
    order = StopOrderFactory(state="in_force")
    FindingFactory(sheet__task=order.task, sheet__standard=order.standard, state="submitted")
    FindingFactory(sheet__task=order.task, state="submitted")

    with pytest.raises(ValidationError, match="还有 1 个问题没有销号"):
        stop_moves.lift_stop(order, actor=None, basis="验收合格")
    with pytest.raises(ValidationError, match="解除依据"):
        stop_moves.lift_stop(order, actor=None, basis=" ")

    order.refresh_from_db()
    assert order.state == StopState.IN_FORCE


def test_a_fine_does_not_lift_an_order_the_standard_is_accepted_first():
    order = StopOrderFactory(state="in_force", in_force_from=dt.date(2021, 6, 20))
    FindingFactory(
        sheet__task=order.task,
        sheet__standard=order.standard,
        state="handled",
        failed_at=clock.at_time(dt.date(2021, 8, 20)),
    )
    accept = functools.partial(stop_moves.accept_standard, order, actor=None)

    with clock.pinned(clock.at_time(dt.date(2021, 9, 10))):
        with pytest.raises(ValidationError, match="处理完毕不等于验收合格"):
            stop_moves.lift_stop(order, actor=None, basis="罚款已缴清")
        with pytest.raises(
            ValidationError, match="不能早于停止传递或者认定整改不合格的日期（2021年8月20日）"
        ):
            accept(accepted_on=dt.date(2021, 8, 19), acceptance="现场复核合格")
        with pytest.raises(ValidationError, match="验收的方式"):
            accept(accepted_on=dt.date(2021, 9, 9), acceptance=" ")
        with pytest.raises(ValidationError, match="验收日期在2天以前"):
            accept(accepted_on=dt.date(2021, 9, 8), acceptance="现场复核合格")
        accept(accepted_on=dt.date(2021, 9, 9), acceptance="现场复核合格")
        with pytest.raises(TransitionError, match="已登记验收"):
            accept(accepted_on=dt.date(2021, 9, 9), acceptance="再来一次")
        stop_moves.lift_stop(order, actor=None, basis="验收合格")

    assert order.state == StopState.LIFTED


@pytest.mark.parametrize("state", ["served", "in_force"])
def test_a_campaign_is_not_closed_over_a_stop_that_binds(state):
    order = StopOrderFactory(state=state, in_force_from=dt.date(2021, 6, 20))

    assert "1 项责令停止量值传递尚未解除。" in extension.blockers(order.task.campaign)


def test_propose_needs_facts_and_a_standard_of_the_visit():
    visit = make_visit(state=TaskState.IN_PROGRESS)
    standard = visit.task.standards.get().standard
    stranger = StandardFactory()

    with pytest.raises(ValidationError, match="事实和依据"):
        stop_moves.propose_stop(visit.task, standard=standard, basis=" ", actor=None)
    with pytest.raises(ValidationError, match="不在本次检查范围内"):
        stop_moves.propose_stop(visit.task, standard=stranger, basis="溯源过期", actor=None)
    order = stop_moves.propose_stop(visit.task, standard=standard, basis="溯源过期", actor=None)
    with pytest.raises(ValidationError, match="已提出过"):
        stop_moves.propose_stop(visit.task, standard=standard, basis="溯源过期", actor=None)

    assert order.state == StopState.PROPOSED


@pytest.mark.parametrize("state", ["planned", "notified", "not_performed", "closed"])
def test_propose_needs_a_visit(state):
    task = TaskFactory(state=state)

    with pytest.raises(ValidationError, match="检查开始后"):
        stop_moves.propose_stop(task, standard=StandardFactory(), basis="溯源过期", actor=None)


def test_a_notice_taken_back_keeps_its_number_says_so_and_makes_room_for_another():
    visit = make_visit()
    standard = visit.task.standards.get().standard
    order = StopOrderFactory(task=visit.task, standard=standard)
    stop_moves.approve_stop(order, actor=None)
    number = order.number
    stop_moves.serve_stop(order, service=served(), actor=None)
    Message.objects.all().delete()

    stop_moves.withdraw_stop(order, actor=None, reason="标准名称有误")

    order.refresh_from_db()
    paper = stop_papers.as_printed(stop_papers.kept_paper(order), order)
    assert order.number == number
    assert "撤回理由：标准名称有误。" in paper.withdrawn
    assert "标准名称有误" in Message.objects.get().body
    assert list(StopTransferOrder.objects.known_to_unit()) == [order]
    again = StopOrderFactory(task=visit.task, standard=standard)
    stop_moves.approve_stop(again, actor=None)
    assert again.number != number


def test_what_was_never_served_and_taken_back_is_not_the_units_to_see():
    order = StopOrderFactory(state="approved")
    MembershipFactory(as_unit=True, unit=order.task.unit)

    stop_moves.withdraw_stop(order, actor=None, reason="标准名称有误")

    assert not StopTransferOrder.objects.known_to_unit().exists()
    assert not Message.objects.exists()
