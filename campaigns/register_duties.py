"""What the register owes without any campaign: an application to decide, a tracing that runs out."""

import datetime as dt

from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from metrostd.changes.events import on_application
from metrostd.common import clock
from metrostd.common.calendar import add_workdays
from metrostd.registry.enums import ChangeState, TracingState
from metrostd.registry.models import ChangeRecord, StandardInstrument
from metrostd.registry.queries.equipment import TracedInstrument, traced

from . import duties
from .enums import DutyKind
from .models import Duty

#: 行政许可法第四十二条.
DECIDE_WORKDAYS = 20
#: So long beforehand a unit has to see to the next verification or calibration.
TRACE_DAYS = dt.timedelta(days=30)


@on_application
def follow_application(record: ChangeRecord) -> None:
    """The hosting office owes a decision from submission on, until it is given or not wanted any more."""
    kind, standard = DutyKind.APPLICATION, record.standard
    match record.state:
        case ChangeState.SUBMITTED:
            duties.assign(
                None,
                kind=kind,
                title=f"审批{record.get_kind_display()}申请：{standard}",
                detail=f"{standard.unit} {record.number}",
                due_on=add_workdays(clock.today(), DECIDE_WORKDAYS),
                target=record,
                authority=standard.hosting_authority,
            )
        case ChangeState.WITHDRAWN:
            duties.cancel(record, kind=kind)
        case _:
            duties.fulfil(record, kind=kind)


@transaction.atomic
def follow_tracing(on: dt.date) -> int:
    """A unit owes the next tracing of an instrument in use whose last one runs out soon; returns how many are new.

    Any number of times: what is owed already is left alone, what was seen to is done.
    """
    kind = ContentType.objects.get_for_model(StandardInstrument)
    open_rows = Duty.objects.open().filter(kind=DutyKind.TRACING, target_type=kind)
    owed = {duty.target_id: duty for duty in open_rows.select_for_update().order_by("pk")}
    _settle(owed, on)
    used = StandardInstrument.objects.in_use().perhaps_at_fault(on, until=on + TRACE_DAYS)
    found = traced(used, on=on)
    fresh = [row for row in found if row.instrument.pk not in owed and _runs_out(row)]
    # Held: a second run at this moment waits here, and then sees what the first one has written.
    held = StandardInstrument.objects.filter(pk__in=[row.instrument.pk for row in fresh])
    held = held.select_related("standard__unit").select_for_update(of=("self",)).order_by("pk")
    standards = {row.pk: row.standard for row in held}
    meanwhile = set(open_rows.filter(target_id__in=standards).values_list("target_id", flat=True))
    fresh = [row for row in fresh if row.instrument.pk not in meanwhile]
    return duties.assign_many(
        duties.build(
            None,
            kind=DutyKind.TRACING,
            title=f"送检溯源到期的器具：{row.title}",
            detail=str(standards[row.instrument.pk]),
            due_on=row.tracing.until or on,
            target=row.instrument,
            unit=standards[row.instrument.pk].unit,
        )
        for row in fresh
    )


def _runs_out(row: TracedInstrument) -> bool:
    until = row.tracing.until
    return bool(
        row.tracing.state in (TracingState.VALID, TracingState.DUE)
        and until
        and row.on <= until <= row.on + TRACE_DAYS
    )


def _settle(owed: dict[int, Duty], on: dt.date) -> None:
    """Traced anew: done. No longer in use: taken back."""
    rows = traced(StandardInstrument.objects.filter(pk__in=owed), on=on)
    done = [r.instrument.pk for r in rows if _lasts_longer(r, owed[r.instrument.pk])]
    gone = [r.instrument.pk for r in rows if not r.is_used and r.instrument.pk not in done]
    now = clock.now()
    for keys, column in ((done, "fulfilled_at"), (gone, "cancelled_at")):
        wanted = [owed[key].pk for key in keys]
        Duty.objects.open().filter(pk__in=wanted).update(**{column: now})


def _lasts_longer(row: TracedInstrument, duty: Duty) -> bool:
    until = row.tracing.until
    return row.tracing.state == TracingState.VALID and (until is None or until > duty.due_on)
