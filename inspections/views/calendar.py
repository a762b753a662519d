"""日历: the visits of a month or of a week, what falls on each person, and who would have to be in two places."""

import datetime as dt
from calendar import Calendar
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from campaigns.current import listed_campaigns
from inspections import policies
from inspections.agenda import Person, people_of, visits_of_days
from inspections.enums import TaskState
from inspections.joint.queries import joined_among
from inspections.models import InspectionTask
from inspections.querysets import TaskQuerySet
from metrostd.common import clock
from metrostd.common.calendar import is_workday, read_once
from metrostd.common.http import PortalRequest
from metrostd.common.outside import is_key
from metrostd.common.policies import require
from metrostd.common.shapes import Context
from metrostd.registry.models import Authority

_DAY = dt.timedelta(days=1)
_WEEKS = Calendar(firstweekday=0)
VIEWS = (("month", "按月"), ("week", "按周"))
#: So many visits of a day are named in the month; the week shows the others.
NAMED = 4


@dataclass(frozen=True, slots=True)
class Day:
    date: dt.date
    inside: bool
    works: bool
    visits: list[InspectionTask]
    #: Who would have to be in two places that day.
    clashes: list[str]

    @property
    def named(self) -> list[InspectionTask]:
        return self.visits[:NAMED]

    @property
    def more(self) -> int:
        return max(0, len(self.visits) - NAMED)


@dataclass(frozen=True, slots=True)
class Cell:
    """A day of one person."""

    date: dt.date
    visits: list[InspectionTask]
    clash: bool


@require_safe
def calendar(request: PortalRequest) -> HttpResponse:
    """``?view=month|week&on=DAY``, of one office or of one person when the address says so."""
    require(policies.may_oversee_visits(request.user))
    today = clock.today()
    view = "week" if request.GET.get("view") == "week" else "month"
    on = _day(request.GET.get("on", "")) or _busy_day(request, today)
    days = _days(view, on)
    rows = _chosen(request, _listed(request))
    visits = visits_of_days(rows, days[0], days[-1])
    people = people_of(
        task for task in visits if view == "week" or _month(task.planned_on) == _month(on)
    )
    asked = request.GET.get("officer", "")
    if is_key(asked):
        visits = [task for task in visits if _goes(task, int(asked))]
    shown = [person for person in people if not is_key(asked) or person.key == int(asked)]
    before, after = _around(view, on)
    context: Context = {
        "view": view,
        "views": [(value, label, _with(request, view=value, on=on)) for value, label in VIEWS],
        "on": on,
        "today": today,
        "title": f"{on.year}年{on.month}月" if view == "month" else _week_words(days),
        "before": _with(request, view=view, on=before),
        "after": _with(request, view=view, on=after),
        "now": _with(request, view=view, on=today),
        "weeks": _weeks(days, on, visits, shown) if view == "month" else [],
        "days": _weeks(days, on, visits, shown)[0] if view == "week" else [],
        "people": shown,
        "lines": [(person, _cells(person, days)) for person in shown] if view == "week" else [],
        "clashes": [clash for person in shown for clash in person.clashes.values()],
        "without": rows.filter(planned_on=None, state__in=TaskState.not_begun).count(),
        "joined": joined_among(visits),
        "total": sum(view == "week" or _month(each.planned_on) == _month(on) for each in visits),
        "officers": [
            (each.key, f"{each.name}（{each.office}）") for each in sorted(people, key=_by_name)
        ],
        "districts": _districts(request),
    }
    return render(request, "inspections/calendar.html", context)


def _by_name(person: Person) -> str:
    return person.name


def _month(day: dt.date | None) -> tuple[int, int] | None:
    return (day.year, day.month) if day else None


def _listed(request: PortalRequest) -> TaskQuerySet:
    tasks = InspectionTask.objects.visible_to(request.user).listed().order_by()
    return tasks.filter(campaign__in=listed_campaigns(request))


def _chosen(request: PortalRequest, rows: TaskQuerySet) -> TaskQuerySet:
    asked = request.GET.get("district", "")
    return rows.filter(authority=int(asked)) if is_key(asked) else rows


def _districts(request: PortalRequest) -> list[tuple[int, str]]:
    if not request.user.scope.casework.everything:
        return []
    offices = Authority.objects.filter(pk__in=_listed(request).values("authority"))
    return [(row.pk, row.short_name) for row in offices.order_by("code")]


def _day(text: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        return None
    # Room for the weeks before and after.
    return day if dt.MINYEAR + 1 < day.year < dt.MAXYEAR else None


def _busy_day(request: PortalRequest, today: dt.date) -> dt.date:
    """Today, or the last day of visits when they are over: a calendar does not open on an empty month."""
    days = _chosen(request, _listed(request)).exclude(planned_on=None)
    last = days.order_by("-planned_on").values_list("planned_on", flat=True).first()
    return last if last is not None and last < today.replace(day=1) else today


def _days(view: str, on: dt.date) -> list[dt.date]:
    if view == "week":
        monday = on - on.weekday() * _DAY
        return [monday + number * _DAY for number in range(7)]
    return list(_WEEKS.itermonthdates(on.year, on.month))


def _around(view: str, on: dt.date) -> tuple[dt.date, dt.date]:
    if view == "week":
        return on - 7 * _DAY, on + 7 * _DAY
    first = on.replace(day=1)
    return (first - _DAY).replace(day=1), (first + 31 * _DAY).replace(day=1)


def _week_words(days: list[dt.date]) -> str:
    first, last = days[0], days[-1]
    return f"{first.year}年{first.month}月{first.day}日至{last.month}月{last.day}日"


def _with(request: PortalRequest, *, view: str, on: dt.date) -> str:
    query = request.GET.copy()
    query["view"], query["on"] = view, on.isoformat()
    return f"?{query.urlencode()}"


def _goes(task: InspectionTask, user: int) -> bool:
    return any(place.membership.user_id == user for place in task.team.all())


def _weeks(
    days: list[dt.date], on: dt.date, visits: list[InspectionTask], people: list[Person]
) -> list[list[Day]]:
    with read_once():
        made = [_day_of(each, on, visits, people) for each in days]
    return [made[at : at + 7] for at in range(0, len(made), 7)]


def _day_of(day: dt.date, on: dt.date, visits: list[InspectionTask], people: list[Person]) -> Day:
    return Day(
        date=day,
        inside=day.month == on.month,
        works=is_workday(day),
        visits=[task for task in visits if task.planned_on == day],
        clashes=[person.name for person in people if day in person.clashes],
    )


def _cells(person: Person, days: list[dt.date]) -> list[Cell]:
    return [Cell(day, person.days.get(day, []), day in person.clashes) for day in days]
