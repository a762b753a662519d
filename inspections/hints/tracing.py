"""What the register says about instruments and their tracing (A03, A04, A05, G03, H02)."""

import datetime as dt
from collections.abc import Callable

from metrostd.common.templatetags.formats import cn_date
from metrostd.registry.enums import InstrumentState, TracingState
from metrostd.registry.queries.equipment import TracedInstrument
from metrostd.registry.tracing import Gap

from .facts import NO_DATA, Facts, Hint

_SHOWN = 2


def _main_traced(facts: Facts) -> Hint:
    return _traced([row for row in _used(facts) if row.is_main], "标准器", facts)


def _auxiliary_traced(facts: Facts) -> Hint:
    return _traced([row for row in _used(facts) if not row.is_main], "配套设备", facts)


def _traced(rows: list[TracedInstrument], what: str, facts: Facts) -> Hint:
    """The worst comes first: failed or overdue, without a record, then what is in order."""
    if not rows:
        return Hint(f"台账未登记在用的{what}", "muted") if facts.equipment else NO_DATA
    bad = [r for r in rows if r.failed or r.tracing.state == TracingState.OVERDUE]
    if bad:
        return Hint(f"{facts.day}{_listed([row.words for row in bad])}", "bad")
    missing = [row for row in rows if row.tracing.state == TracingState.NONE]
    if missing:
        return Hint(_listed([row.words for row in missing]), "warn")
    ends = sorted((row.tracing.until, row.title) for row in rows if row.tracing.until)
    first = f"，最早到期的是{ends[0][1]}，有效期至{cn_date(ends[0][0])}" if ends else ""
    return Hint(f"{len(rows)}台{what}{facts.day}均在有效期内{first}", "ok")


def _without_gaps(facts: Facts) -> Hint:
    """相邻溯源记录间隔 within the validity of the certificate, up to the day."""
    rows = [row for row in _used(facts) if row.spans]
    start = facts.certificate.issue_date if facts.certificate else None
    if not rows:
        return NO_DATA
    found = [(row.title, gap) for row in rows for gap in row.gaps_within(start, facts.on)]
    if found:
        return Hint(f"溯源有空档：{_gaps(found)}", "bad")
    since = f"{cn_date(start)}发证以来" if start else "台账所记各次"
    late = [row for row in rows if start and min(s.start for s in row.spans) > start]
    if late:
        first = min(span.start for span in late[0].spans)
        return Hint(
            f"台账的记录之间没有空档，但{late[0].title}的溯源记录自{cn_date(first)}起，此前请查证书",
            "info",
        )
    if waiting := [row.title for row in rows if row.unconfirmed]:
        return Hint(f"{since}溯源连续，没有空档；{_listed(waiting)}的校准结果待确认", "warn")
    return Hint(f"{since}溯源连续，没有空档", "ok")


def _covers_records(facts: Facts) -> Hint:
    """The days on which a work record would mean use beyond the period (计量法第九条、细则第四十三条)."""
    rows = [row for row in _used(facts) if row.is_main]
    start = facts.certificate.issue_date if facts.certificate else None
    if not any(row.made for row in rows):
        return NO_DATA
    found = [
        (row.title, gap)
        for row in rows
        for gap in row.uncovered(start or _first_day(row), facts.on)
    ]
    if not found:
        return Hint("台账显示标准器没有无有效溯源的日期", "ok")
    return Hint(f"以下日期没有有效溯源，核对当日有无检定、校准记录：{_gaps(found)}", "warn")


def _serial_numbers(facts: Facts) -> Hint:
    """What to read the name plates against, and what was exchanged since the certificate."""
    if not facts.equipment:
        return NO_DATA
    issued = facts.certificate.issue_date if facts.certificate else None
    changed = [_change(row) for row in facts.equipment if issued and changed_after(row, issued)]
    if changed:
        return Hint(f"发证后{_listed(changed)}；核对更换手续", "warn")
    plates = [str(row.instrument) for row in _used(facts) if row.is_main]
    if not plates:
        return Hint("台账未登记在用的标准器", "muted")
    return Hint(f"台账登记：{_listed(plates, shown=4)}；请核对实物铭牌")


def changed_after(row: TracedInstrument, issued: dt.date) -> bool:
    """Whether an instrument came or went after the certificate was issued."""
    instrument = row.instrument
    day = instrument.used_from if row.is_used else instrument.since
    return bool(day and issued < day <= row.on)


def _change(row: TracedInstrument) -> str:
    instrument = row.instrument
    if row.is_used:
        return f"新启用{row.title}（{cn_date(instrument.used_from)}）"
    word = InstrumentState(instrument.state).label
    return f"{word}{row.title}（{cn_date(instrument.since)}）"


def _used(facts: Facts) -> list[TracedInstrument]:
    return [row for row in facts.equipment if row.is_used]


def _first_day(row: TracedInstrument) -> dt.date:
    return min((span.start for span in row.spans), default=row.on)


def _gaps(found: list[tuple[str, Gap]]) -> str:
    return _listed(
        [f"{title}{cn_date(gap.start)}至{cn_date(gap.end)}（{gap.days}天）" for title, gap in found]
    )


def _listed(words: list[str], *, shown: int = _SHOWN) -> str:
    more = f"等{len(words)}项" if len(words) > shown else ""
    return "；".join(words[:shown]) + more


RULES: dict[str, Callable[[Facts], Hint]] = {
    "main_instrument_traced": _main_traced,
    "auxiliary_traced": _auxiliary_traced,
    "tracing_without_gaps": _without_gaps,
    "tracing_covers_records": _covers_records,
    "serial_numbers_match": _serial_numbers,
}
