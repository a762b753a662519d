"""Working out a day: once, whoever asks and however many at the same time; missed days with the newest alone."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction

from metrostd.common import audit, clock
from metrostd.common.actors import Actor
from metrostd.common.calendar import is_workday
from metrostd.common.templatetags.formats import cn_date
from metrostd.notifications import outbox
from metrostd.notifications.models import Line

from . import planning, wording
from .models import ReminderDay

_DAY = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a run wrote, or would write; ``trouble`` says why it did nothing at all."""

    on: dt.date
    lines: list[Line] = field(default_factory=list)
    trouble: str = ""


def since_for(on: dt.date) -> dt.date:
    """The first day that was not worked out yet; after a first start there is nothing to catch up."""
    last = ReminderDay.objects.filter(day__lt=on).exclude(finished_at=None).first()
    return last.day + _DAY if last else on


def set_back(on: dt.date) -> str:
    """A clock behind its own last run does nothing: what it would send was sent."""
    last = ReminderDay.objects.exclude(finished_at=None).first()
    if last is None or on >= last.day:
        return ""
    return (
        f"{cn_date(on)}早于上次运行的{cn_date(last.day)}，没有发送。"
        "如果不是手工指定的日期，请检查服务器时间。"
    )


@transaction.atomic
def go_on(today: dt.date, *, actor: Actor) -> int:
    """Somebody says that today is right: days worked out too early no longer keep the clock from reminding.

    What was told for them stays told. Returns how many days there were; raises ValidationError when there were none.
    """
    ahead = list(ReminderDay.objects.select_for_update().filter(day__gt=today))
    if not ahead:
        raise ValidationError("没有晚于今天的运行记录，提醒正常进行。")
    audit.record(
        ahead[0], actor=actor, action="reminder_day.go_on", label="从今天起继续提醒",
        before={"days": [row.day.isoformat() for row in ahead]},
    )  # fmt: skip
    ReminderDay.objects.filter(pk__in=[row.pk for row in ahead]).delete()
    return len(ahead)


def rehearse(on: dt.date) -> Outcome:
    """What a run would write; writes nothing."""
    if trouble := set_back(on):
        return Outcome(on, trouble=trouble)
    if not is_workday(on):
        return Outcome(on)
    return Outcome(on, planning.unwritten(planning.lines_of(planning.plan(since_for(on), on))))


@transaction.atomic
def remind(on: dt.date) -> Outcome:
    """Write and tell what is due on a day and was not told; the same day again gives nothing.

    Two at once: the second waits for the row of the day and finds everything told. A day off is left to the
    working day after it.
    """
    if trouble := set_back(on):
        return Outcome(on, trouble=trouble)
    if not is_workday(on):
        return Outcome(on)
    ReminderDay.objects.bulk_create([ReminderDay(day=on)], ignore_conflicts=True)
    day = ReminderDay.objects.select_for_update().get(day=on)
    lines = planning.unwritten(planning.lines_of(planning.plan(since_for(on), on)))
    if trouble := _too_many(lines):
        ReminderDay.objects.filter(pk=day.pk).update(trouble=trouble)
        return Outcome(on, trouble=trouble)
    texts = wording.texts()
    written = outbox.put(lines, heading=lambda rows: _heading(rows, texts[wording.HEADING]))
    ReminderDay.objects.filter(pk=day.pk).update(
        finished_at=clock.now(), lines=day.lines + len(written), trouble=""
    )
    return Outcome(on, written)


def _too_many(lines: Sequence[Line]) -> str:
    """A rule that is wrong shall not write to the whole city overnight."""
    most = settings.REMINDERS_AT_MOST
    if len(lines) <= most:
        return ""
    return f"应发{len(lines)}条，超过一次最多{most}条，没有发送。请核对提醒规则；确实需要的，请系统管理员调整上限。"


def _heading(rows: Sequence[Line], text: str) -> str:
    first = min(row.due_on for row in rows if row.due_on)
    return wording.fill(text, {"count": str(len(rows)), "due": cn_date(first)})
