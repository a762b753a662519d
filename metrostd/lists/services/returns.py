"""Rows a district sends back: marked, sent with the acknowledgement, decided by the issuing office."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction

from metrostd.common import audit, clock
from metrostd.common.actors import Actor
from metrostd.common.transitions import TransitionError, bulk_apply
from metrostd.lists.events import ReturnEvent, tell_resettled, tell_returns
from metrostd.lists.moves.hand_over import ACCEPT, ANSWER, INSIST, PASS_ON, SEND_BACK, TAKE_BACK
from metrostd.registry.enums import (
    HandOverState,
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
from metrostd.registry.services.editing import write_changes

from .resettling import hand_on


@transaction.atomic
def return_rows(
    hand_over: HandOver,
    rows: Iterable[int],
    *,
    reason: str,
    words: str = "",
    district: Authority | None = None,
    actor: Actor | None,
) -> int:
    """Mark rows (primary keys) to be sent back; after the acknowledgement they go at once.

    Rows that are being sent back already are left alone. Returns how many were marked; raises
    ValidationError when none is chosen or the reason is not complete.
    """
    words = words.strip()
    _require_reason(hand_over, reason, words, district)
    locked = HandOver.objects.select_for_update().get(pk=hand_over.pk)
    if locked.state == HandOverState.WITHDRAWN:
        raise TransitionError(f"“{locked}”已撤回，不用再退回。", obj=locked)
    taken = HandOverReturn.objects.pending().filter(row__hand_over=locked).values("row")
    chosen = list(locked.rows.filter(pk__in=list(rows)).exclude(pk__in=taken).order_by("pk"))
    if not chosen:
        raise ValidationError({"rows": "请先勾选要退回的行。"})
    made = HandOverReturn.objects.bulk_create(
        HandOverReturn(
            hand_over=locked, row=row, reason=reason, words=words[:300], district=district
        )
        for row in chosen
    )
    ImportRow.objects.filter(pk__in=[row.pk for row in chosen]).update(confirmed_at=None)
    made = list(HandOverReturn.objects.filter(pk__in=[r.pk for r in made]).for_list())
    audit.record_many(
        made,
        actor=actor,
        action="hand_over_return.mark",
        label="标记退回",
        after={r.pk: {"原因": r.reason_words} for r in made},
    )
    if locked.state == HandOverState.ACKNOWLEDGED:
        bulk_apply(SEND_BACK, made, actor=actor)
        tell_returns(ReturnEvent.RAISED, made, actor=actor)
    return len(made)


def _require_reason(
    hand_over: HandOver, reason: str, words: str, district: Authority | None
) -> None:
    if reason not in ReturnReason.values:
        raise ValidationError({"reason": "请选择退回原因。"})
    if reason in ReturnReason.needs_words and not words:
        raise ValidationError({"words": "请写明哪里有误，或退回的具体原因。"})
    if reason == ReturnReason.MOVED and district is None:
        raise ValidationError({"district": "请选择单位现在所在的区。"})
    if district is not None and district.pk == hand_over.authority_id:
        raise ValidationError({"district": "这就是本区，请选择其他区。"})


@transaction.atomic
def take_back(returned: HandOverReturn, *, actor: Actor | None) -> None:
    """The district keeps the row after all; it then counts as confirmed if it acknowledged before."""
    was_open = returned.state == ReturnState.OPEN
    TAKE_BACK.apply(returned, actor=actor)
    if was_open:
        _confirm(returned)
        tell_returns(ReturnEvent.SETTLED, [returned], actor=actor)


@transaction.atomic
def answer(returned: HandOverReturn, *, decision: str, words: str, actor: Actor | None) -> None:
    """The register was put right, or the row stands: say so; the district acknowledges it then."""
    words = words.strip()
    if decision not in (ReturnDecision.CORRECTED, ReturnDecision.KEPT):
        raise ValidationError({"decision": "请选择处理方式。"})
    if not words:
        raise ValidationError({"answer": "请写明答复，区局据此签收。"})
    ANSWER.apply(
        returned,
        actor=actor,
        note=words,
        decision=decision,
        answer=words[:300],
        decided_at=clock.now(),
    )
    tell_returns(ReturnEvent.ANSWERED, [returned], actor=actor)


@transaction.atomic
def accept(returned: HandOverReturn, *, actor: Actor | None) -> None:
    """The district acknowledges the row after the answer."""
    ACCEPT.apply(returned, actor=actor)
    _confirm(returned)


@transaction.atomic
def insist(returned: HandOverReturn, *, note: str, actor: Actor | None) -> None:
    """The district does not agree; the row is with the office again, with the new reason."""
    INSIST.apply(returned, actor=actor, note=note, words=note.strip()[:300])
    tell_returns(ReturnEvent.RAISED, [returned], actor=actor)


@transaction.atomic
def pass_on(
    returned: HandOverReturn, *, district: Authority, words: str = "", actor: Actor | None
) -> list[str]:
    """Give the unit to another district, which receives all of its rows in this list.

    Other rows of the unit sent back because of its place are settled with it. Returns what upper
    apps have to say (who inspects it now). Raises TransitionError when decided meanwhile.
    """
    row = returned.row
    unit = _unit_of(row)
    if district.pk == returned.hand_over.authority_id:
        raise ValidationError({"district": "这就是退回的区局，请选择其他区。"})
    note = words.strip() or f"{unit}由{district}签收"
    siblings = HandOverReturn.objects.open().filter(
        hand_over=returned.hand_over, row__unit=unit, reason__in=ReturnReason.place
    )
    settled = {"decision": ReturnDecision.MOVED, "moved_to": district, "answer": note[:300]}
    settled["decided_at"] = clock.now()
    PASS_ON.apply(returned, actor=actor, note=note, **settled)
    others = list(siblings.exclude(pk=returned.pk).for_list())
    bulk_apply(PASS_ON, others, actor=actor, note=note, **settled)
    reason = f"{returned.hand_over.authority}退回后改派"
    said = _settle(
        unit, row.batch, district, reason, returned.hand_over, actor=actor, also=[row.pk]
    )
    tell_returns(ReturnEvent.SETTLED, [returned, *others], actor=actor)
    return said


@transaction.atomic
def assign(row: ImportRow, *, district: Authority, actor: Actor | None) -> list[str]:
    """Say in which district the unit of a row that nobody received is; as ``pass_on``."""
    if not row.no_district:
        raise TransitionError(f"“{row}”已经移交。", obj=row.batch)
    return _settle(_unit_of(row), row.batch, district, "名单未列明属地", None, actor=actor)


def _settle(
    unit: Unit,
    batch: ImportBatch,
    district: Authority,
    reason: str,
    source: HandOver | None,
    *,
    actor: Actor | None,
    also: Iterable[int] = (),
) -> list[str]:
    """Move the unit in the register and its rows of one list to the district's hand-over."""
    current = Unit.objects.select_for_update().get(pk=unit.pk)
    write_changes(
        current,
        base_version=current.version,
        values={"territorial_authority": district},
        actor=actor,
    )
    rows = ImportRow.objects.filter(batch=batch, unit=current, hand_over=source)
    if source is None:
        rows = rows.filter(no_district=True)
    moved = {*rows.values_list("pk", flat=True), *also}
    hand_on(current, batch, moved, district=district, reason=reason, actor=actor)
    return tell_resettled(current, district, actor=actor)


def _unit_of(row: ImportRow) -> Unit:
    if row.unit is None:
        raise ValidationError("这一行没有对应的单位。")
    return row.unit


def _confirm(returned: HandOverReturn) -> None:
    """A row the district takes after all is confirmed by that."""
    rows = ImportRow.objects.filter(pk=returned.row_id, hand_over=returned.hand_over_id)
    ImportRow.objects.filter(pk__in=list(rows.unconfirmed().values_list("pk", flat=True))).update(
        confirmed_at=clock.now()
    )
