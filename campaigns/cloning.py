"""Last year's campaign as the pattern of the next: dates moved by their own rules, each move said.

A date keeps its month and day; a limit for handing in that would fall on a free day goes to the next work
day, because nobody takes anything in on a free one. What else a stage has to take over it says in ``on_cloned``.
"""

import datetime as dt
from dataclasses import dataclass
from typing import Protocol

from django.db import transaction

from metrostd.common import audit
from metrostd.common.actors import Actor
from metrostd.common.calendar import CountedDay, add_workdays, is_workday
from metrostd.common.templatetags.formats import cn_date

from .dates import Calendar
from .enums import StageKind
from .models import Campaign

_LIMITS = ("bureau_self_check_due", "unit_self_check_due", "summary_due")
_DAY = dt.timedelta(days=1)


class ClonedHook(Protocol):
    def __call__(self, source: Campaign, campaign: Campaign, *, actor: Actor | None) -> str: ...


_hooks: list[ClonedHook] = []


def on_cloned(hook: ClonedHook) -> ClonedHook:
    """Register what a stage takes over from the campaign before; returns what is to be looked through."""
    _hooks.append(hook)
    return hook


@dataclass(frozen=True, slots=True)
class Moved:
    """One date of the pattern and where it went, with the rule that moved it further."""

    label: str
    before: dt.date
    after: dt.date
    note: str = ""


def moved_to(source: Campaign, year: int) -> tuple[Calendar, list[Moved]]:
    """The dates of a campaign in another year, and each with what became of it."""
    old = Calendar.of_campaign(source)
    by = year - old.notice_on.year
    said: list[Moved] = []

    def shifted(label: str, day: dt.date) -> dt.date:
        new = _same_day(day, day.year + by)
        said.append(Moved(label, day, new))
        return new

    def limit(name: str) -> dt.date:
        day = getattr(old, name)
        label = str(Campaign._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
        plain = _same_day(day, day.year + by)
        new = _work_day(plain)
        note = f"{cn_date(plain)}不是工作日，顺延至下一个工作日" if new != plain else ""
        caveat = new.caveat if isinstance(new, CountedDay) else ""
        said.append(Moved(label, day, new, "；".join(filter(None, (note, caveat)))))
        return new

    calendar = Calendar(
        notice_on=shifted("通知日期", old.notice_on),
        stages={
            kind: (shifted(f"{kind.label}开始", start), shifted(f"{kind.label}结束", end))
            for kind in StageKind
            for start, end in [old.stages[kind]]
        },
        **{name: limit(name) for name in _LIMITS},
    )
    return calendar, said


def title_in(source: Campaign, year: int) -> str:
    """Its title with the year of its notice moved; the year in front where it had none."""
    before = f"{source.notice_on.year}年"
    if before in source.title:
        return source.title.replace(before, f"{year}年")
    return f"{year}年{source.title}"


@transaction.atomic
def take_over(source: Campaign, campaign: Campaign, *, actor: Actor | None) -> list[str]:
    """Let every stage take over what it has from the campaign before; returns what is to be looked through."""
    audit.record(
        campaign, actor=actor, action="campaign.clone", label="沿用上次方案", note=str(source)
    )
    said = [hook(source, campaign, actor=actor) for hook in _hooks]
    return [words for words in said if words]


def _same_day(day: dt.date, year: int) -> dt.date:
    """29 February is the 28th where there is none."""
    try:
        return day.replace(year=year)
    except ValueError:
        return day.replace(year=year, day=28)


def _work_day(day: dt.date) -> dt.date:
    """The day itself when offices work on it, otherwise the next on which they do."""
    return day if is_workday(day) else add_workdays(day - _DAY, 1)
