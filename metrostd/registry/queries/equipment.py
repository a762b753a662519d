"""The instruments of a standard with all their tracing, read at once: two queries, however many."""

import datetime as dt
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import Prefetch

from metrostd.common.templatetags.formats import cn_date
from metrostd.registry.enums import (
    InstrumentRole,
    InstrumentState,
    RecordState,
    TraceResult,
    TracingState,
)
from metrostd.registry.models import StandardInstrument, TraceRecord
from metrostd.registry.querysets import InstrumentQuerySet
from metrostd.registry.tracing import (
    Gap,
    Span,
    Tracing,
    cut,
    gaps,
    gaps_within,
    tracing_on,
    uncovered,
)


@dataclass(frozen=True)
class TracedInstrument:
    """An instrument and its records, the newest first, as they stand on a day.

    What is dated after the day is shown and not counted: on that day nobody had it.
    """

    instrument: StandardInstrument
    on: dt.date
    records: list[TraceRecord] = field(default_factory=list)

    @cached_property
    def made(self) -> list[TraceRecord]:
        """Records dated by the day and not void."""
        return [
            record
            for record in self.records
            if record.state == RecordState.RECORDED and record.traced_on <= self.on
        ]

    @cached_property
    def counting(self) -> list[TraceRecord]:
        """Records that give a validity: neither void nor failed."""
        return [record for record in self.made if record.result in TraceResult.passing]

    @cached_property
    def spans(self) -> list[Span]:
        """Their validities; a failed result ends what was valid before it."""
        passed = (Span(record.traced_on, record.valid_until) for record in self.counting)
        return cut(
            passed,
            (r.traced_on for r in self.made if r.result not in TraceResult.passing),
        )

    @cached_property
    def tracing(self) -> Tracing:
        """How the instrument is traced on the day."""
        return tracing_on(self.spans, self.on)

    @cached_property
    def gaps(self) -> list[Gap]:
        """Every gap between its records."""
        return gaps(self.spans)

    @property
    def last(self) -> TraceRecord | None:
        """The newest record that counts."""
        return self.counting[0] if self.counting else None

    @property
    def failed(self) -> TraceRecord | None:
        """The newest record, when it is a failed one."""
        newest = self.made[0] if self.made else None
        return newest if newest and newest.result not in TraceResult.passing else None

    @property
    def unconfirmed(self) -> bool:
        """Whether the unit has still to judge the last calibration (校准数据经确认)."""
        return bool(self.last and self.last.result == TraceResult.UNCONFIRMED)

    @property
    def is_main(self) -> bool:
        return self.instrument.role == InstrumentRole.MAIN

    @property
    def is_used(self) -> bool:
        return self.instrument.state == InstrumentState.IN_USE

    @property
    def title(self) -> str:
        """Name and serial number, as a sentence names the instrument."""
        number = self.instrument.serial_no
        return f"{self.instrument.name}（{number}）" if number else self.instrument.name

    @property
    def words(self) -> str:
        """How the instrument is traced on the day, as a sentence about it."""
        state, until, days = self.tracing.state, self.tracing.until, self.tracing.days
        if failed := self.failed:
            what = f"{failed.get_kind_display()}结果为{failed.get_result_display()}"
            return f"{self.title}{cn_date(failed.traced_on)}{what}"
        if state == TracingState.NONE:
            return f"{self.title}没有溯源记录"
        if state == TracingState.OVERDUE:
            return f"{self.title}溯源已超期{days}天，有效期至{cn_date(until)}"
        if state == TracingState.DUE:
            left = f"还有{days}天" if days else "今天"
            return f"{self.title}溯源{left}到期，有效期至{cn_date(until)}"
        end = f"，有效期至{cn_date(until)}" if until else "，证书未注明有效期"
        return f"{self.title}溯源有效{end}"

    def gaps_within(self, start: dt.date | None, end: dt.date | None) -> list[Gap]:
        """The gaps as far as they lie in a period; None leaves that side open."""
        return gaps_within(self.spans, start=start, end=end)

    def uncovered(self, start: dt.date, end: dt.date) -> list[Gap]:
        """Every day of a period without tracing, from when the instrument is known to the register.

        Days before it was taken into use, or before its first record where that is not known, are
        not held against it.
        """
        known = self.instrument.used_from or min((s.start for s in self.spans), default=start)
        begin = max(start, known)
        return uncovered(self.spans, start=begin, end=end) if begin <= end else []


def traced(instruments: InstrumentQuerySet, *, on: dt.date) -> list[TracedInstrument]:
    """These instruments with their tracing, main ones first; scrapped ones last."""
    records = TraceRecord.objects.newest_first()
    rows = instruments.for_list().prefetch_related(Prefetch("traces", queryset=records))
    found = [TracedInstrument(row, on, list(row.traces.all())) for row in rows]
    return sorted(found, key=lambda each: each.instrument.state == InstrumentState.SCRAPPED)
