"""Before an order: the unit's objection and the answer to it; faults corrected during the visit."""

from django.db import transaction

from campaigns import duties
from campaigns.enums import DutyKind
from inspections.models import Finding
from inspections.moves import finding as finding_moves
from inspections.moves.result import open_for_orders
from metrostd.common import clock
from metrostd.common.actors import Actor
from metrostd.common.calendar import add_workdays
from metrostd.common.transitions import check_state
from rectification import notifications
from rectification.deadlines import ANSWER_DAYS


@transaction.atomic
def dispute(finding: Finding, *, reason: str, actor: Actor | None) -> None:
    """The unit objects, in time and with reasons; the office owes an answer in ten work days."""
    finding_moves.dispute(finding, actor=actor, note=reason)
    task = finding.task
    duties.assign(
        task.campaign,
        kind=DutyKind.OBJECTION,
        title=f"答复异议：{task.unit}",
        detail=str(finding)[:200],
        due_on=add_workdays(clock.today(), ANSWER_DAYS),
        target=finding,
        authority=task.authority,
    )
    notifications.tell_disputed(finding, reason=reason, actor=actor)


@transaction.atomic
def waive(finding: Finding, *, statement: str, actor: Actor | None) -> None:
    """The unit says that it will not object, so that the office need not wait; it is final."""
    finding_moves.waive_objection(finding, actor=actor, statement=statement)
    notifications.tell_waived(finding, statement=statement, actor=actor)


@transaction.atomic
def decide_objection(finding: Finding, *, upheld: bool, decision: str, actor: Actor | None) -> None:
    """Answer an objection in writing: the finding stands (``upheld``) or is withdrawn."""
    move = finding_moves.uphold if upheld else finding_moves.withdraw
    move(finding, actor=actor, note=decision)
    duties.fulfil(finding, kind=DutyKind.OBJECTION)
    notifications.tell_objection_decided(finding, actor=actor)


def correct_on_spot(finding: Finding, *, note: str, actor: Actor | None) -> None:
    """Record that the fault was corrected during the visit; no order is needed, it still counts.

    Raises TransitionError before the visit has been reviewed and after it has been closed.
    """
    check_state(open_for_orders(finding.task), obj=finding)
    finding_moves.correct_on_spot(finding, actor=actor, note=note)
