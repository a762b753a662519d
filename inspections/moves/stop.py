"""责令停止量值传递: proposed by the team leader, approved and served by the office, lifted after acceptance.

The checklist only suggests an order; ordering is a signed act of the inspecting office.
"""

import dataclasses
import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction

from inspections import notifications, serving, stop_papers
from inspections.enums import FindingState, TaskState
from inspections.enums import StopState as State
from inspections.models import Finding, InspectionTask, StopTransferOrder
from inspections.serving import Service
from metrostd.accounts.models import Membership
from metrostd.common import act_dates, audit, clock
from metrostd.common.actors import Actor
from metrostd.common.by_now import catch_up
from metrostd.common.policies import YES, Verdict, not_now
from metrostd.common.saves import only_once
from metrostd.common.templatetags.formats import local_day
from metrostd.common.transitions import Transition, check_state
from metrostd.notifications.services import tell
from metrostd.registry.models import MeasurementStandard
from metrostd.registry.moves.certificate import current_certificate
from metrostd.registry.paper_numbers import paper_number


def _on_the_standard(order: StopTransferOrder) -> list[Finding]:
    found = order.task.findings.all()
    return [finding for finding in found if finding.standard_id == order.standard_id]


def open_findings(order: StopTransferOrder) -> str:
    """Value transfer resumes after acceptance: every finding on the standard settled (通知二(四))."""
    waiting = sum(f.state in FindingState.unsettled for f in _on_the_standard(order))
    if waiting:
        return f"该计量标准还有 {waiting} 个问题没有销号，验收通过后才能解除。"
    return ""


def not_accepted(order: StopTransferOrder) -> str:
    """Rectified findings, a fine or a decided case end the matter: that the standard meets its conditions says who went to see."""
    if order.accepted_on is not None:
        return ""
    if any(f.state_now in FindingState.rectification_failed for f in _on_the_standard(order)):
        return "该计量标准有整改不合格的问题，处理完毕不等于验收合格，请先登记验收。"
    return "该计量标准还没有验收合格，请先登记验收。"


APPROVE = Transition(
    "stop.approve",
    "批准停止量值传递",
    frozenset({State.PROPOSED}),
    State.APPROVED,
    guards=(stop_papers.stop_lacks,),
)
REJECT = Transition(
    "stop.reject", "不予采取", frozenset({State.PROPOSED}), State.REJECTED, needs_note=True
)
SERVE = Transition("stop.serve", "登记送达", frozenset({State.APPROVED}), State.SERVED)
TAKE_EFFECT = Transition("stop.take_effect", "开始生效", frozenset({State.SERVED}), State.IN_FORCE)
LIFT = Transition(
    "stop.lift",
    "解除停止量值传递",
    frozenset({State.IN_FORCE}),
    State.LIFTED,
    needs_note=True,
    guards=(open_findings, not_accepted),
)
SUPERSEDE = Transition(
    "stop.supersede",
    "由证书处置取代",
    frozenset({State.IN_FORCE}),
    State.SUPERSEDED,
    needs_note=True,
)
#: Ordered in error: the standard was never to be stopped, or the notice has to be made out anew.
WITHDRAW = Transition(
    "stop.withdraw",
    "撤回停止量值传递",
    frozenset({State.APPROVED, State.SERVED, State.IN_FORCE}),
    State.WITHDRAWN,
    needs_note=True,
)

MOVES = (APPROVE, REJECT, SERVE, TAKE_EFFECT, LIFT, SUPERSEDE, WITHDRAW)


def open_to_stop(task: InspectionTask) -> Verdict:
    """A proposal needs a visit; after the office has closed the task it is too late."""
    if task.bureau_id is not None:
        return not_now("考核工作监督检查不涉及停止量值传递。")
    if task.state in TaskState.open_to_stop:
        return YES
    return not_now("检查开始后、办结前才能提出停止量值传递。")


@transaction.atomic
def propose_stop(
    task: InspectionTask, *, standard: MeasurementStandard, basis: str, actor: Actor | None
) -> StopTransferOrder:
    """Propose to order that a standard of the task stops transferring values.

    Raises ValidationError without facts and basis, for a standard outside the task, for a task
    that has not been visited, or when an order for the standard exists already.
    """
    if not basis.strip():
        raise ValidationError({"basis": "请写明事实和依据。"})
    if not (verdict := open_to_stop(task)):
        raise ValidationError(verdict.reason)
    if not task.standards.filter(standard=standard).exists():
        raise ValidationError({"standard": "该计量标准不在本次检查范围内。"})
    order = StopTransferOrder(task=task, standard=standard, basis=basis.strip(), proposed_by=actor)
    with only_once("该计量标准已提出过停止量值传递。"):
        order.save(force_insert=True)
    audit.record(
        order,
        actor=actor,
        action="stop.propose",
        label="提出停止量值传递",
        after={"state": State.PROPOSED.value, "state_label": State.PROPOSED.label},
        note=basis,
    )
    return order


@transaction.atomic
def approve_stop(order: StopTransferOrder, *, actor: Actor | None) -> None:
    """The office decides to order the stop; the document gets its number and its words for good."""
    authority = order.task.authority
    APPROVE.check(order)
    order.number = paper_number(authority, "停", kind="stop", year=clock.today().year)
    certificate = current_certificate(order.standard)
    paper = stop_papers.stop_paper(
        order,
        certificate=certificate.number if certificate else "",
        approved_on=clock.today(),
        approver=actor,
    )
    APPROVE.apply(
        order,
        actor=actor,
        number=order.number,
        approved_at=clock.now(),
        approved_by=actor,
        paper=dataclasses.asdict(paper),
    )
    stop_papers.notice(order, paper)


def reject_stop(order: StopTransferOrder, *, actor: Actor | None, note: str) -> None:
    """The office decides against the proposal, with the reason."""
    REJECT.apply(order, actor=actor, note=note)


@transaction.atomic
def serve_stop(order: StopTransferOrder, *, service: Service, actor: Actor | None) -> None:
    """Record service on the unit; from that day the order is in force, and the unit is told."""
    SERVE.check(order)
    approved_on = local_day(order.approved_at) if order.approved_at else service.served_on
    served = serving.columns(service, issued_on=approved_on)
    SERVE.apply(order, actor=actor, in_force_from=service.served_on, **served)
    audit.record(
        order,
        actor=actor,
        action="stop.record_service",
        label="登记送达情况",
        after=serving.for_the_trail(order),
        note=act_dates.noted(order.service_note, service.late_reason),
    )
    TAKE_EFFECT.apply(order, actor=actor)
    tell(
        Membership.objects.of_unit(order.task.unit),
        subject=f"责令停止量值传递：{order.standard}",
        body=f"{order.number}。自送达之日起停止使用该计量标准开展检定、校准，整改并通过验收后解除。",
        url=order.task.get_absolute_url(),
        sender=actor,
    )


def open_to_accept(order: StopTransferOrder) -> Verdict:
    """A stopped standard is accepted once, when every problem on it has been dealt with."""
    if order.state != State.IN_FORCE:
        return not_now(f"目前是“{order.get_state_display()}”，停止传递中的才需要验收。")
    if order.accepted_on is not None:
        return not_now("已登记验收合格，可以解除。")
    return not_now(open_findings(order))


def open_to_ask(order: StopTransferOrder) -> Verdict:
    """A unit asks once, when every problem on the standard has been dealt with, and again after it was not accepted."""
    if order.acceptance_asked_at is not None:
        return not_now("已申请验收，等待组织检查的部门到场。")
    return open_to_accept(order)


@transaction.atomic
def ask_acceptance(order: StopTransferOrder, *, actor: Actor | None, note: str) -> None:
    """The unit asks that its stopped standard be examined again (通知二(四)).

    Raises ValidationError without saying what was done, TransitionError when it cannot be asked for yet.
    """
    held = StopTransferOrder.objects.select_for_update(of=("self",)).get(pk=order.pk)
    check_state(open_to_ask(held), obj=held)
    if not note.strip():
        raise ValidationError({"note": "请写明整改和自行核验的情况。"})
    order.acceptance_asked_at, order.acceptance_asked = clock.now(), note.strip()[:300]
    order.save(update_fields=["acceptance_asked_at", "acceptance_asked"])
    audit.record(order, actor=actor, action="stop.ask_acceptance", label="申请验收", note=note)
    notifications.tell_office(
        order.task, subject=f"申请验收：{order.standard}（{order.number}）", body=note, sender=actor
    )


@transaction.atomic
def accept_standard(
    order: StopTransferOrder,
    *,
    accepted_on: dt.date,
    acceptance: str,
    actor: Actor | None,
    late_reason: str = "",
    meets: bool = True,
) -> None:
    """Record what came of examining a stopped standard again: ``meets`` its conditions, or not (通知二(四)).

    Not accepted it stays stopped, and the unit may ask again. Raises TransitionError when there is nothing to accept yet,
    ValidationError for a day before the stop or before the last failure, or without saying how it was examined.
    """
    held = StopTransferOrder.objects.select_for_update(of=("self",)).get(pk=order.pk)
    check_state(open_to_accept(held), obj=held)
    if not acceptance.strip():
        raise ValidationError({"acceptance": "请写明验收的方式和结果。"})
    act_dates.check(
        accepted_on,
        field="accepted_on",
        what="验收日期",
        reason=late_reason,
        after=_not_before(order, held),
        follows="停止传递或者认定整改不合格的日期",
    )
    said = acceptance.strip()[:300]
    if meets:
        order.accepted_on, order.acceptance = accepted_on, said
    else:
        order.not_accepted_on, order.not_accepted_why = accepted_on, said
        order.acceptance_asked_at = None
    order.save(
        update_fields=[
            *("accepted_on", "acceptance", "not_accepted_on", "not_accepted_why"),
            "acceptance_asked_at",
        ]
    )
    audit.record(
        order,
        actor=actor,
        action="stop.accept_standard" if meets else "stop.decline_standard",
        label="登记验收合格" if meets else "登记验收不合格",
        after={"on": accepted_on.isoformat()},
        note=act_dates.noted(said, late_reason),
    )
    if not meets:
        tell(
            Membership.objects.of_unit(order.task.unit),
            subject=f"验收不合格：{order.standard}",
            body=f"{said} 继续停止量值传递，整改后可以再次申请验收。",
            url=order.task.get_absolute_url(),
            sender=actor,
        )


def _not_before(order: StopTransferOrder, held: StopTransferOrder) -> dt.date:
    """The day of the stop, or of the last failure after it: nobody examined anything before."""
    found = _on_the_standard(order)
    for finding in found:
        catch_up(finding)
    failures = [local_day(f.failed_at) for f in found if f.failed_at]
    return max(day for day in (held.in_force_from, held.not_accepted_on, *failures) if day)


@transaction.atomic
def lift_stop(order: StopTransferOrder, *, actor: Actor | None, basis: str) -> None:
    """End the order after acceptance: every finding on the standard has to be settled (通知二(四)).

    Raises ValidationError while findings are open or without a basis.
    """
    if not basis.strip():
        raise ValidationError({"note": "请写明解除依据。"})
    LIFT.apply(
        order, actor=actor, note=basis, lifted_on=clock.today(), lifted_basis=basis.strip()[:300]
    )
    tell(
        Membership.objects.of_unit(order.task.unit),
        subject=f"已解除停止量值传递：{order.standard}",
        body=f"{order.number}。解除依据：{basis.strip()}",
        url=order.task.get_absolute_url(),
        sender=actor,
    )


def supersede_stops_on(
    standard: MeasurementStandard, *, act: str, actor: Actor | None
) -> list[StopTransferOrder]:
    """What is stopped has no certificate in use any more: its orders end with the act, whoever decided it."""
    orders = list(StopTransferOrder.objects.filter(standard=standard, state=State.IN_FORCE))
    for order in orders:
        supersede_stop(order, actor=actor, note=act)
    return orders


def supersede_stop(order: StopTransferOrder, *, actor: Actor | None, note: str) -> None:
    """The certificate itself has been disposed of; the order has nothing left to stop."""
    SUPERSEDE.apply(order, actor=actor, note=note)


@transaction.atomic
def withdraw_stop(order: StopTransferOrder, *, actor: Actor | None, reason: str) -> None:
    """Take back an order that should not have been made out so; its number is not used again.

    The unit is told when it had been served. A new order may be proposed for the standard. Raises
    ValidationError without a reason, TransitionError once the order has ended otherwise.
    """
    WITHDRAW.apply(
        order,
        actor=actor,
        note=reason,
        withdrawn_on=clock.today(),
        withdrawal_reason=reason.strip()[:300],
    )
    if order.paper:
        stop_papers.notice(order, stop_papers.kept_paper(order))
    if order.served_on is None:
        return
    tell(
        Membership.objects.of_unit(order.task.unit),
        subject=f"已撤回责令停止量值传递：{order.standard}",
        body=f"{order.number}自撤回之日起不再执行。撤回理由：{order.withdrawal_reason}",
        url=order.task.get_absolute_url(),
        sender=actor,
    )
