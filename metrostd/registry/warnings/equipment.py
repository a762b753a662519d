"""Instruments overdue, due, without tracing or with a gap; standards without an instrument.

The database narrows the instruments down to those that may be at fault; what is at fault, the pure
rules of ``tracing`` decide, so that page, hint and warning always agree.
"""

import datetime as dt
from collections.abc import Iterator

from django.urls import reverse

from metrostd.common.templatetags.formats import cn_date
from metrostd.registry.enums import InstrumentRole, InstrumentState, TracingState
from metrostd.registry.models import StandardCertificate, StandardInstrument
from metrostd.registry.queries.equipment import TracedInstrument, traced
from metrostd.registry.querysets import StandardQuerySet
from metrostd.registry.tracing import DUE_DAYS

from .core import Kind, OpenWarning, warning_rule

MAIN_OVERDUE = Kind("main_overdue", "计量标准器溯源超期", "bad")
AUXILIARY_OVERDUE = Kind("auxiliary_overdue", "主要配套设备溯源超期", "bad")
FAILED = Kind("tracing_failed", "检定或校准结果不合格", "bad")
UNTRACED = Kind("untraced", "没有溯源记录", "warn")
MAIN_DUE = Kind("main_due", f"计量标准器{DUE_DAYS}天内到期", "warn")
AUXILIARY_DUE = Kind("auxiliary_due", f"主要配套设备{DUE_DAYS}天内到期", "warn")
GAP = Kind("tracing_gap", "证书有效期内溯源有空档", "warn")
UNCONFIRMED = Kind("unconfirmed", "校准结果待确认", "info")
OPEN_ENDED = Kind("open_ended", "溯源证书没有有效期", "info")
NO_INSTRUMENT = Kind("no_instrument", "未登记计量标准器", "warn")


@warning_rule(
    MAIN_OVERDUE,
    AUXILIARY_OVERDUE,
    FAILED,
    UNTRACED,
    MAIN_DUE,
    AUXILIARY_DUE,
    GAP,
    UNCONFIRMED,
    OPEN_ENDED,
)
def tracing(standards: StandardQuerySet, on: dt.date) -> Iterator[OpenWarning]:
    """Instruments in use; gaps count within the validity of the current certificate (A03–A05)."""
    used = StandardInstrument.objects.filter(standard__in=standards).in_use()
    suspects = traced(used.perhaps_at_fault(on, until=on + dt.timedelta(days=DUE_DAYS)), on=on)
    certificates = StandardCertificate.objects.filter(
        is_current=True, standard__in={row.instrument.standard_id for row in suspects}
    )
    issued = dict(certificates.values_list("standard", "issue_date"))
    for row in suspects:
        if kind := _kind(row):
            yield _warning(kind, row.words, row, row.tracing.until)
        start = issued.get(row.instrument.standard_id)
        if start and (gaps := row.gaps_within(start, on)):
            first = gaps[0]
            more = f"等{len(gaps)}处" if len(gaps) > 1 else ""
            what = f"{row.title}{cn_date(first.start)}至{cn_date(first.end)}溯源空档{first.days}天{more}"
            yield _warning(GAP, what, row, first.start)
        yield from _incomplete(row)


def _incomplete(row: TracedInstrument) -> Iterator[OpenWarning]:
    """What the unit has still to fill in about a validity that counts."""
    if row.last and row.unconfirmed:
        what = f"{row.title}{cn_date(row.last.traced_on)}的校准结果还没有确认是否符合要求"
        yield _warning(UNCONFIRMED, what, row, row.last.traced_on)
    if row.tracing.state == TracingState.VALID and row.tracing.until is None:
        what = f"{row.title}的溯源证书没有登记有效期，无法提醒到期"
        yield _warning(OPEN_ENDED, what, row, None)


def _kind(row: TracedInstrument) -> Kind | None:
    if row.failed:
        return FAILED
    state = row.tracing.state
    if state == TracingState.NONE:
        return UNTRACED
    if state == TracingState.OVERDUE:
        return MAIN_OVERDUE if row.is_main else AUXILIARY_OVERDUE
    if state == TracingState.DUE:
        return MAIN_DUE if row.is_main else AUXILIARY_DUE
    return None


def _warning(kind: Kind, what: str, row: TracedInstrument, day: dt.date | None) -> OpenWarning:
    instrument = row.instrument
    url = instrument.get_absolute_url()
    return OpenWarning(kind, what, standard=instrument.standard_id, url=url, day=day)


@warning_rule(NO_INSTRUMENT, lacks=True)
def no_instrument(standards: StandardQuerySet, on: dt.date) -> Iterator[OpenWarning]:
    """Without a main instrument in use the register cannot say whether the standard is traced."""
    having = StandardInstrument.objects.filter(
        role=InstrumentRole.MAIN, state=InstrumentState.IN_USE
    )
    without = standards.exclude(pk__in=having.values("standard"))
    for pk in without.order_by("pk").values_list("pk", flat=True):
        url = f"{reverse('registry:standard', args=[pk])}#equipment"
        yield OpenWarning(NO_INSTRUMENT, "台账没有登记在用的计量标准器", standard=pk, url=url)
