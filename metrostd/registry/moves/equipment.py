"""How an instrument and a tracing record move.

停用, 封存 and 报废 of an instrument are facts the unit records; what the change means for the approved
standard (更换 needs a declaration, JJF 1033 第七章) is another record's business.
"""

import datetime as dt

from metrostd.common import act_dates
from metrostd.common.actors import Actor
from metrostd.common.saves import only_once
from metrostd.common.transitions import Transition
from metrostd.registry.enums import InstrumentState, RecordState
from metrostd.registry.models import StandardInstrument, TraceRecord

_I = InstrumentState

IDLE = Transition("instrument.idle", "停用", frozenset({_I.IN_USE}), _I.IDLE, needs_note=True)
SEAL = Transition(
    "instrument.seal", "封存", frozenset({_I.IN_USE, _I.IDLE}), _I.SEALED, needs_note=True
)
SCRAP = Transition(
    "instrument.scrap",
    "报废",
    frozenset({_I.IN_USE, _I.IDLE, _I.SEALED}),
    _I.SCRAPPED,
    needs_note=True,
)
#: Also out of 报废: the slip is undone, with its reason.
RESUME = Transition(
    "instrument.resume",
    "恢复在用",
    frozenset({_I.IDLE, _I.SEALED, _I.SCRAPPED}),
    _I.IN_USE,
    needs_note=True,
)
INSTRUMENT_MOVES = (IDLE, SEAL, SCRAP, RESUME)

VOID = Transition(
    "trace.void", "作废", frozenset({RecordState.RECORDED}), RecordState.VOID, needs_note=True
)
RESTORE = Transition(
    "trace.restore",
    "撤销作废",
    frozenset({RecordState.VOID}),
    RecordState.RECORDED,
    needs_note=True,
)
TRACE_MOVES = (VOID, RESTORE)


def move_instrument(
    move: Transition,
    instrument: StandardInstrument,
    *,
    actor: Actor | None,
    note: str,
    since: dt.date,
    late_reason: str = "",
) -> None:
    """Take an instrument out of use or back into it, from the day ``since``.

    Raises ValidationError without a reason, for a day long past without one of its own, or when ``since`` lies before the present state began,
    TransitionError when the instrument is not in a state the move starts from.
    """
    act_dates.check(
        since,
        field="since",
        what="办理日期",
        reason=late_reason,
        after=instrument.since or instrument.used_from,
        follows="现状态的起始日期",
    )
    words = act_dates.noted(note, late_reason) if note.strip() else ""
    move.apply(instrument, actor=actor, note=words, since=since)


def void_trace(record: TraceRecord, *, actor: Actor | None, note: str) -> None:
    """作废: the record was wrong; it stays to be seen and no longer counts."""
    VOID.apply(record, actor=actor, note=note, void_reason=note.strip())


def restore_trace(record: TraceRecord, *, actor: Actor | None, note: str) -> None:
    """Undo a void; raises ValidationError when the same certificate was recorded anew meanwhile."""
    with only_once("这份证书已经重新登记，不能再撤销作废。"):
        RESTORE.apply(record, actor=actor, note=note, void_reason="")
