"""The tracing of a standard's instruments as a chart (short form ``spans`` of charts.js)."""

import datetime as dt
from collections.abc import Sequence
from typing import TypedDict

from metrostd.common.templatetags.formats import cn_date
from metrostd.registry.models import TraceRecord

from .enums import RecordState, TracingState
from .models import StandardCertificate
from .queries.equipment import TracedInstrument
from .tracing import Gap

_DAY = dt.timedelta(days=1)
_YEAR = dt.timedelta(days=365)


#: One piece of the drawing: a bar, or with ``mark`` the day of a record that does not count.
Bar = TypedDict(
    "Bar",
    {
        "lane": int,
        "from": str,
        "to": str,
        "tone": str,
        "label": str,
        "tip": str,
        "url": str,
        "mark": bool,
    },
    total=False,
)


def timeline(
    rows: Sequence[TracedInstrument], certificate: StandardCertificate | None, *, on: dt.date
) -> dict[str, object]:
    """One lane per instrument, a bar per record, gaps and 超期 in red, the certificate as a band.

    The axis begins with the certificate or, when that is unknown, three years back; what lies further
    back is cut off, for it says nothing about the certificate in force.
    """
    begin, end = _axis(rows, certificate, on)
    bars: list[Bar] = []
    for lane, row in enumerate(rows):
        bars += [_bar(lane, record, begin, end, on) for record in row.counting]
        bars += [
            _red(lane, gap.start, gap.end, f"空档{gap.days}天 {_short(gap)}")
            for gap in row.gaps
            if gap.end >= begin
        ]
        if row.is_used and row.tracing.state == TracingState.OVERDUE and row.tracing.until:
            bars.append(_red(lane, row.tracing.until + _DAY, on, f"超期{row.tracing.days}天"))
        bars += [
            {
                "lane": lane,
                "from": record.traced_on.isoformat(),
                "tone": "bad",
                "mark": True,
                "tip": f"{cn_date(record.traced_on)} {record.get_result_display()}",
            }
            for record in row.records
            if record.state == RecordState.RECORDED and record not in row.counting
        ]
    chart: dict[str, object] = {
        "kind": "spans",
        "from": begin.isoformat(),
        "to": end.isoformat(),
        "today": on.isoformat(),
        "lanes": [{"label": row.instrument.name, "note": row.instrument.serial_no} for row in rows],
        "bars": [bar for bar in bars if bar.get("to", bar["from"]) >= begin.isoformat()],
    }
    if certificate and certificate.issue_date and certificate.valid_until:
        chart["band"] = {
            "from": max(certificate.issue_date, begin).isoformat(),
            "to": certificate.valid_until.isoformat(),
            "label": f"考核证书 {cn_date(certificate.issue_date)}至{cn_date(certificate.valid_until)}",
        }
    return chart


def _axis(
    rows: Sequence[TracedInstrument], certificate: StandardCertificate | None, on: dt.date
) -> tuple[dt.date, dt.date]:
    ends = [span.end for row in rows for span in row.spans if span.end]
    begin, end = on - 3 * _YEAR, max([on, *ends])
    if certificate and certificate.issue_date:
        begin = certificate.issue_date
    if certificate and certificate.valid_until:
        end = max(end, certificate.valid_until)
    return begin - 30 * _DAY, end + 30 * _DAY


def _bar(lane: int, record: TraceRecord, begin: dt.date, end: dt.date, on: dt.date) -> Bar:
    until = record.valid_until or end
    words = f"至{cn_date(record.valid_until)}" if record.valid_until else "起（未注明有效期）"
    return {
        "lane": lane,
        "from": max(record.traced_on, begin).isoformat(),
        "to": until.isoformat(),
        "tone": "now" if record.traced_on <= on <= until else "past",
        "tip": f"{record.get_kind_display()}证书 {record.cert_no}\n"
        f"{cn_date(record.traced_on)}{words}\n{record.org}",
        "url": f"{record.instrument.get_absolute_url()}#trace-{record.pk}",
    }


def _short(gap: Gap) -> str:
    """The dates of a gap as short as they stay clear: 2025年6月1日至24日."""
    first, last = gap.start, gap.end
    end = f"{last.month}月{last.day}日"
    if last.year != first.year:
        end = cn_date(last)
    elif last.month == first.month:
        end = f"{last.day}日"
    return cn_date(first) if first == last else f"{cn_date(first)}至{end}"


def _red(lane: int, first: dt.date, last: dt.date, label: str) -> Bar:
    return {
        "lane": lane,
        "from": first.isoformat(),
        "to": last.isoformat(),
        "tone": "bad",
        "label": label,
        "tip": f"{cn_date(first)}至{cn_date(last)}\n{label.partition(' ')[0]}",
    }
