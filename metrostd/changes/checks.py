"""What an application still lacks before it may be submitted, by the field of its form."""

import datetime as dt
from collections import defaultdict

from metrostd.registry.enums import (
    ChangeCause,
    ChangeKind,
    ChangeSituation,
    InstrumentRole,
    LineSide,
)
from metrostd.registry.models import ChangeLine, ChangeRecord

from . import rules

#: Which table must name an instrument of which role for a box that is ticked.
_NAMED_BY: dict[str, tuple[InstrumentRole, tuple[LineSide, ...]]] = {
    ChangeSituation.MAIN_RENEWED: (InstrumentRole.MAIN, (LineSide.BEFORE, LineSide.AFTER)),
    ChangeSituation.MAIN_ADDED: (InstrumentRole.MAIN, (LineSide.AFTER,)),
    ChangeSituation.MAIN_REMOVED: (InstrumentRole.MAIN, (LineSide.BEFORE,)),
    ChangeSituation.AUXILIARY_RENEWED: (
        InstrumentRole.AUXILIARY,
        (LineSide.BEFORE, LineSide.AFTER),
    ),
    ChangeSituation.AUXILIARY_ADDED: (InstrumentRole.AUXILIARY, (LineSide.AFTER,)),
    ChangeSituation.AUXILIARY_REMOVED: (InstrumentRole.AUXILIARY, (LineSide.BEFORE,)),
}

Faults = dict[str, list[str]]


def missing(record: ChangeRecord, lines: list[ChangeLine], *, on: dt.date) -> Faults:
    """Every fault by field; empty when the application is complete."""
    faults: Faults = defaultdict(list)
    match ChangeKind(record.kind):
        case ChangeKind.REPLACE:
            _replacement(record, lines, faults)
        case ChangeKind.SEAL:
            _wanted(record, faults, "reason", "stop_from", "stop_until")
        case ChangeKind.WITHDRAW:
            _wanted(record, faults, "reason", "stop_from")
        case ChangeKind.RESUME:
            _wanted(record, faults, "reexamined_on")
            if record.reexamined_on and record.reexamined_on > on:
                faults["reexamined_on"].append("复查考核合格后才能申请恢复使用，日期不能晚于今天。")
    _wanted(record, faults, "unit_opinion", "unit_opinion_by", "unit_opinion_on")
    if record.kind in ChangeKind.through_department and record.standard.unit.competent_department:
        _wanted(
            record,
            faults,
            "department_opinion",
            "department_opinion_by",
            "department_opinion_on",
        )
    for name in ("unit_opinion_on", "department_opinion_on"):
        day = getattr(record, name)
        if day and day > on:
            faults[name].append("日期不能晚于今天。")
    return dict(faults)


def _replacement(record: ChangeRecord, lines: list[ChangeLine], faults: Faults) -> None:
    _wanted(record, faults, "situations", "causes", "effect")
    if ChangeSituation.OTHER in record.situations and not record.situation_note.strip():
        faults["situation_note"].append("勾选“其他”的，请写明情况。")
    if ChangeCause.OTHER in record.causes and not record.reason.strip():
        faults["reason"].append("原因勾选“其他”的，请写明原因。")
    named = {(line.role, line.side) for line in lines}
    for code in record.situations:
        role, sides = _NAMED_BY.get(code, (None, ()))
        for side in sides:
            if (role, side) not in named:
                word = ChangeSituation(code).label
                faults["situations"].append(f"勾选了“{word}”，{side.label}的表中没有这类设备。")
    for line in lines:
        if line.side == LineSide.AFTER and not (
            line.trace_org and line.trace_cert_no and line.traced_on
        ):
            faults["effect"].append(f"更换后的“{line}”缺少检定或校准机构、证书编号或者日期。")
    follows = rules.follow_up(record.effect)
    if follows is not None and not follows.settles:
        faults["effect"].append(f"应当{follows.procedure}：{follows.reason}")


def _wanted(record: ChangeRecord, faults: Faults, *names: str) -> None:
    for name in names:
        value = getattr(record, name)
        if not (value.strip() if isinstance(value, str) else value):
            label = record._meta.get_field(name).verbose_name  # type: ignore[union-attr]
            faults[name].append(f"请填写{label}。")
