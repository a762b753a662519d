"""The day reports are due moves with the plan: slice by slice, with their duties, and whoever owes them is told once."""

import datetime as dt
from collections.abc import Callable

from django.db.models import QuerySet

from campaigns import duties
from campaigns.enums import DutyKind
from campaigns.extension import Turn
from campaigns.models import Campaign, Duty
from metrostd.common import clock, turns
from metrostd.common.templatetags.formats import cn_date
from metrostd.common.transitions import bulk_apply

from . import moves, notifications
from .enums import ReportState, SubjectKind
from .models import SelfCheckAnswer, SelfCheckReport

#: Reports of a slice.
SLICE = 500


def move_due(
    campaign: Campaign,
    kind: SubjectKind,
    *,
    old: dt.date,
    new: dt.date,
    turn: Turn = turns.turn,
    progress: Callable[..., None] = lambda *_args: None,
) -> int:
    """Let the reports still owed on ``old`` be due on ``new``, with their duties; tells who owes them.

    Corrections and supplements have a day of their own and keep it. Slice by slice, the reports of a unit in
    one of them: what has moved is not owed on ``old`` any more. Returns how many moved.
    """
    waiting = list(_owed_on(campaign, kind, old).order_by("unit", "pk").values_list("unit", "pk"))
    moved = 0
    while waiting:
        last = waiting[min(SLICE, len(waiting)) - 1][0]
        end = next((n for n, row in enumerate(waiting) if n >= SLICE and row[0] != last), None)
        some, waiting = waiting[:end], waiting[end:] if end else []
        with turn():
            moved += _move_some(campaign, kind, [pk for _, pk in some], old=old, new=new)
        progress(moved, moved + len(waiting), "顺延自查报送期限")
    return moved


def _owed_on(campaign: Campaign, kind: SubjectKind, day: dt.date) -> QuerySet[SelfCheckReport]:
    return SelfCheckReport.objects.filter(
        campaign=campaign,
        kind=kind,
        due_on=day,
        first_submitted_at=None,
        state__in=ReportState.editable,
    )


def _move_some(
    campaign: Campaign, kind: SubjectKind, some: list[int], *, old: dt.date, new: dt.date
) -> int:
    owed = _owed_on(campaign, kind, old).filter(pk__in=some)
    pks = list(owed.values_list("pk", flat=True))
    late = list(owed.filter(state=ReportState.OVERDUE).select_related("unit", "bureau"))
    SelfCheckReport.objects.filter(pk__in=pks).update(due_on=new)
    duty = DutyKind.BUREAU_SELF_CHECK if kind == SubjectKind.BUREAU else DutyKind.SELF_CHECK
    rows = Duty.objects.open().filter(campaign=campaign, kind=duty, target_id__in=pks)
    duties.reschedule_rows(rows, due_on=new)
    if new >= clock.today():
        begun = set(
            SelfCheckAnswer.objects.filter(report__in=late).values_list("report", flat=True)
        )
        note = f"报送期限由{cn_date(old)}调整为{cn_date(new)}。"
        bulk_apply(moves.RESUME, [r for r in late if r.pk in begun], actor=None, note=note)
        bulk_apply(moves.RENEW, [r for r in late if r.pk not in begun], actor=None, note=note)
    notifications.tell_due_moved(pks, old=old, new=new)
    return len(pks)
