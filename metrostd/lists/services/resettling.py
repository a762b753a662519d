"""A unit in another district: its rows of the lists follow, and so does whoever inspects it."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet

from metrostd.common import audit, clock
from metrostd.common.actors import Actor
from metrostd.common.transitions import TransitionError, bulk_apply
from metrostd.lists.events import (
    HandOverEvent,
    ReturnEvent,
    tell_hand_overs,
    tell_resettled,
    tell_returns,
)
from metrostd.lists.moves.hand_over import PASS_ON, TAKE_BACK
from metrostd.registry.enums import (
    HandOverState,
    ImportState,
    Level,
    ReturnDecision,
    ReturnReason,
    ReturnState,
)
from metrostd.registry.models import (
    Authority,
    HandOver,
    HandOverReturn,
    ImportBatch,
    ImportRow,
    Unit,
)

from .hand_overs import default_due

_REASON = "台账中属地更改"


def handed_rows(unit: Unit) -> QuerySet[ImportRow]:
    """The unit's rows that a district has or should have: of lists in force, handed or left without one.

    In force is the newest list of an issuer and category that names the unit, and whatever still
    waits to be acknowledged.
    """
    named = ImportRow.objects.filter(unit=unit, batch__state=ImportState.COMMITTED)
    batches = named.order_by("batch").values_list(
        "batch__issuing_authority", "batch__category", "batch"
    )
    newest = {(issuer, category): batch for issuer, category, batch in batches.distinct()}
    due = Q(batch__in=newest.values(), hand_over__isnull=False) | Q(no_district=True)
    return named.filter(due | Q(hand_over__state=HandOverState.SENT))


@transaction.atomic
def resettle(unit: Unit, *, actor: Actor | None) -> list[str]:
    """After the unit got its present district: that one receives its rows and, in campaigns, its visit.

    What was sent back because of its place is settled with it, what was only marked is not sent any
    more. Returns sentences for the person who changed it. Raises ValidationError when the district
    was taken away from a unit whose rows somebody has to acknowledge.
    """
    district = unit.territorial_authority
    if district is None:
        if handed_rows(unit).exists():
            words = "单位在移交区局的名单中，请选择现在所在的区局。"
            raise ValidationError({"territorial_authority": words})
        return []
    said = []
    away = handed_rows(unit).exclude(hand_over__authority=district)
    lists: dict[ImportBatch, list[int]] = {}
    for row in away.select_related("batch").order_by("batch", "pk"):
        lists.setdefault(row.batch, []).append(row.pk)
    for batch, rows in lists.items():
        _settle_returns(rows, district, actor=actor)
        hand_on(unit, batch, rows, district=district, reason=_REASON, actor=actor)
        said.append(f"{batch}：{len(rows)}行改由{district}签收。")
    return said + tell_resettled(unit, district, actor=actor)


def hand_on(
    unit: Unit,
    batch: ImportBatch,
    rows: Iterable[int],
    *,
    district: Authority,
    reason: str,
    actor: Actor | None,
) -> None:
    """Give these rows (primary keys) of the unit in one list to the district's hand-over of it.

    Raises TransitionError when the list was taken back, ValidationError for anything but a district.
    """
    locked = ImportBatch.objects.select_for_update().only("state").get(pk=batch.pk)
    if locked.state != ImportState.COMMITTED:
        raise TransitionError(f"“{batch}”已撤回。", obj=batch)
    if district.level != Level.DISTRICT:
        raise ValidationError({"district": "请选择区局。"})
    moved = set(rows)
    hand_over, is_new = _waiting(batch, district, reason)
    ImportRow.objects.filter(pk__in=moved).update(
        hand_over=hand_over, no_district=False, confirmed_at=None
    )
    event = HandOverEvent.SENT if is_new else HandOverEvent.ENLARGED
    audit.record(
        hand_over,
        actor=actor,
        action=f"hand_over.{event}",
        label="移交区局" if is_new else "增加移交的行",
        note=f"{unit}：{len(moved)} 行，{reason}",
    )
    tell_hand_overs(event, [hand_over], actor=actor)


def _waiting(batch: ImportBatch, district: Authority, reason: str) -> tuple[HandOver, bool]:
    """The hand-over of the list that waits in the district; a further one when it has acknowledged."""
    found = batch.hand_overs.sent().filter(authority=district).select_for_update().first()
    if found is not None:
        return found, False
    due_on = default_due(clock.today())
    made = HandOver.objects.create(
        batch=batch, authority=district, due_on=due_on, reason=reason[:200]
    )
    return made, True


def _settle_returns(rows: list[int], district: Authority, *, actor: Actor | None) -> None:
    """What their district said about the place of these rows is answered by the register itself."""
    returns = HandOverReturn.objects.filter(row__in=rows)
    marked = list(returns.filter(state=ReturnState.DRAFT).for_list())
    bulk_apply(TAKE_BACK, marked, actor=actor, note=_REASON)
    sent = list(returns.open().filter(reason__in=ReturnReason.place).for_list())
    bulk_apply(
        PASS_ON,
        sent,
        actor=actor,
        note=_REASON,
        decision=ReturnDecision.MOVED,
        moved_to=district,
        answer=f"{_REASON}，由{district}签收"[:300],
        decided_at=clock.now(),
    )
    tell_returns(ReturnEvent.SETTLED, sent, actor=actor)
