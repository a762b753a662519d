"""An order is taken back: its findings wait for the office again, its number stays with it for good."""

from collections.abc import Iterable

from django.db import transaction

from campaigns import duties
from campaigns.enums import DutyKind
from inspections.enums import FindingState
from inspections.models import Finding
from inspections.moves import finding as finding_moves
from inspections.moves.result import open_for_orders
from metrostd.common import clock
from metrostd.common.actors import Actor
from metrostd.common.by_now import catch_up
from metrostd.common.transitions import Transition
from rectification import notifications, papers
from rectification.enums import DispositionState, ExtensionState
from rectification.enums import OrderState as State
from rectification.models import (
    CaseReferral,
    CertificateDisposition,
    ExtensionRequest,
    RectificationOrder,
    WithdrawnItem,
)

from .held import held


def carried_out(order: RectificationOrder) -> list[str]:
    """What was decided on the strength of an order does not lose its ground afterwards."""
    found = list(
        Finding.objects.filter(order_item__order=order).select_related("item").order_by("pk")
    )
    done = [f.item.code for f in found if f.state in (FindingState.VERIFIED, FindingState.HANDLED)]
    failed = [f for f in found if f.state == FindingState.FAILED]
    proposed = CertificateDisposition.objects.filter(finding__in=failed)
    proposed = proposed.exclude(state=DispositionState.REJECTED)
    pursued = set(proposed.values_list("finding", flat=True))
    pursued |= set(
        CaseReferral.objects.filter(finding__in=failed).values_list("finding", flat=True)
    )
    against = []
    if done:
        against.append(
            f"{'、'.join(done)}已在本文书下确认合格或者处理完毕，文书不能撤回；"
            "其余问题请在本文书下确认。"
        )
    if codes := [f.item.code for f in failed if f.pk in pursued]:
        against.append(f"{'、'.join(codes)}已就整改不合格提出处置建议或者移送案件，文书不能撤回。")
    return against


def file_closed(order: RectificationOrder) -> str:
    """Once the file of the visit has been closed nothing of it is taken back."""
    return open_for_orders(order.task).reason


WITHDRAW = Transition(
    "rectification.withdraw",
    "撤回文书",
    frozenset({State.PENDING, State.SUBMITTED, State.FAILED}),
    State.WITHDRAWN,
    needs_note=True,
    otherwise="已有问题确认合格的、已经撤回的文书不能撤回",
    guards=(file_closed, carried_out),
)

#: The order it belonged to is withdrawn; under the next one a day may be asked for again.
LAPSE = Transition(
    "extension.lapse",
    "随文书撤回失效",
    ExtensionState.standing,
    ExtensionState.LAPSED,
    needs_note=True,
)


@transaction.atomic
def withdraw(order: RectificationOrder, *, reason: str, actor: Actor | None) -> RectificationOrder:
    """Take an issued order back with the reason; its findings are 已确认 again and may be ordered anew.

    What the unit wrote is kept for the next order. Duties end, requests for a later day lapse, the
    unit is told, the paper is printed again with 已撤回 on it. Raises ValidationError without a reason
    or when something was decided on the strength of the order, TransitionError for its state.
    """
    row = held(order)
    items = list(row.items.select_related("finding__item", "finding__task").order_by("pk"))
    for item in items:
        catch_up(item.finding)
    row.refresh_from_db(fields=["state"])
    now, reason = clock.now(), reason.strip()
    WITHDRAW.apply(
        row,
        actor=actor,
        note=reason,
        withdrawn_at=now,
        withdrawal_reason=reason,
        withdrawn_by=actor,
    )
    WithdrawnItem.objects.bulk_create(
        WithdrawnItem(
            order=row,
            finding=item.finding,
            requirement=item.requirement,
            due_on=item.finding.due_on,
            extended_from=item.finding.extended_from,
            failed_at=item.finding.failed_at,
            until=now,
        )
        for item in items
    )
    row.items.all().delete()
    for item in items:
        _let_go(item.finding, note=f"{row.number}撤回：{reason}", actor=actor)
    for kind in (DutyKind.RECTIFICATION, DutyKind.RECTIFICATION_REVIEW):
        duties.cancel(row, kind=kind)
    notifications.tell_withdrawn(row, findings=len(items), actor=actor)
    papers.render_withdrawn(row, actor=actor)
    return row


def _let_go(finding: Finding, *, note: str, actor: Actor | None) -> None:
    """The finding goes back to where it was before the order, and nothing asked under it stands."""
    finding_moves.release(finding, actor=actor, note=note)
    standing = ExtensionRequest.objects.filter(finding=finding, state__in=ExtensionState.standing)
    for request in standing:
        LAPSE.apply(request, actor=actor, note=note)
    duties.cancel(finding, kind=DutyKind.EXTENSION)


def take_over(order: RectificationOrder, findings: Iterable[Finding]) -> list[str]:
    """Note a new order as what replaces those its findings came from; returns their numbers."""
    loose = WithdrawnItem.objects.filter(finding__in=list(findings), replaced_by=None)
    numbers = sorted(set(loose.values_list("order__number", flat=True)))
    loose.update(replaced_by=order)
    return numbers
