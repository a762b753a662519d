"""How the records that people keep about a standard move: a wrong one is void, and stays to be seen."""

from metrostd.common.actors import Actor
from metrostd.common.saves import only_once
from metrostd.common.transitions import Transition
from metrostd.registry.enums import RecordState
from metrostd.registry.models.records import VoidableRecord

VOID = Transition(
    "record.void", "作废", frozenset({RecordState.RECORDED}), RecordState.VOID, needs_note=True
)
RESTORE = Transition(
    "record.restore",
    "撤销作废",
    frozenset({RecordState.VOID}),
    RecordState.RECORDED,
    needs_note=True,
)
MOVES = (VOID, RESTORE)


def void(record: VoidableRecord, *, actor: Actor | None, note: str) -> None:
    """作废: entered by mistake; it no longer counts. Raises ValidationError without a reason."""
    VOID.apply(record, actor=actor, note=note, void_reason=note.strip())


def restore(record: VoidableRecord, *, actor: Actor | None, note: str) -> None:
    """Undo a void; raises ValidationError when the same thing was recorded anew meanwhile."""
    with only_once("同样的内容已经重新登记，不能再撤销作废。"):
        RESTORE.apply(record, actor=actor, note=note, void_reason="")
