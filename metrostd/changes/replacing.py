"""An approved replacement in the register: old instruments end, new ones begin with their tracing."""

from metrostd.common.actors import Actor
from metrostd.common.transitions import TransitionError
from metrostd.registry.enums import InstrumentState, LineSide, TraceKind, TraceResult
from metrostd.registry.models import ChangeLine, ChangeRecord, StandardInstrument, TraceRecord
from metrostd.registry.moves import equipment as equipment_moves
from metrostd.registry.services.editing import create_record


def replace_instruments(record: ChangeRecord, *, actor: Actor | None) -> None:
    """End the registered instruments named before, register those named after.

    Belongs into the transaction of the approval. Raises TransitionError when an instrument to be
    ended has been ended meanwhile; ValidationError when a new one is registered already.
    """
    lines = list(record.lines.select_related("instrument"))
    for line in lines:
        if line.side == LineSide.BEFORE and line.instrument is not None:
            _end(line.instrument, record, actor=actor)
    for line in lines:
        if line.side == LineSide.AFTER:
            line.instrument = _begin(line, record, actor=actor)
            line.save(update_fields=["instrument"])


def _end(instrument: StandardInstrument, record: ChangeRecord, *, actor: Actor | None) -> None:
    if instrument.state not in InstrumentState.held:
        raise TransitionError(
            f"“{instrument}”已经不在这项计量标准中，请退回申请核对更换前的设备。", obj=record
        )
    equipment_moves.SCRAP.apply(
        instrument,
        actor=actor,
        note=f"已更换，不再用于这项计量标准（{record.number}）",
        since=record.decided_on,
    )


def _begin(line: ChangeLine, record: ChangeRecord, *, actor: Actor | None) -> StandardInstrument:
    made = StandardInstrument(
        standard=record.standard,
        used_from=record.decided_on,
        **{
            name: getattr(line, name)
            for name in (
                "role",
                "name",
                "model",
                "measuring_range",
                "performance",
                "manufacturer",
                "serial_no",
            )
        },
    )
    create_record(made, actor=actor)
    if line.trace_org and line.trace_cert_no and line.traced_on:
        kind = line.trace_kind or TraceKind.CALIBRATION
        verified = kind == TraceKind.VERIFICATION
        trace = TraceRecord(
            instrument=made,
            kind=kind,
            org=line.trace_org,
            cert_no=line.trace_cert_no,
            traced_on=line.traced_on,
            valid_until=line.trace_until,
            # 校准 says nothing about fitness; the unit confirms it (JJF 1033 4.1).
            result=TraceResult.QUALIFIED if verified else TraceResult.UNCONFIRMED,
        )
        create_record(trace, actor=actor)
    return made
