"""Who goes where on which day: visits by day, what falls on each person, and who would have to be in two places.

Two visits of one person on one day are a clash when they are to different places; two visits to one unit, or
under one roof, can be made together. Whatever capacity a person goes in, the day is the same.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db.models import Prefetch

from metrostd.accounts.models import Membership
from metrostd.common.templatetags.formats import cn_date

from .enums import TaskState
from .models import InspectionTask, TeamMember
from .querysets import TaskQuerySet

#: What still takes somebody's day.
_TAKES_TIME = TaskState.arranged | TaskState.under_way


@dataclass(frozen=True, slots=True)
class Clash:
    """One person, one day, more than one place."""

    person: str
    day: dt.date
    visits: tuple[InspectionTask, ...]


@dataclass
class Person:
    """Somebody who is sent, with the visits of each day and what clashes among them."""

    key: int
    name: str
    office: str
    days: dict[dt.date, list[InspectionTask]] = field(default_factory=lambda: defaultdict(list))
    clashes: dict[dt.date, Clash] = field(default_factory=dict)

    @property
    def load(self) -> int:
        return sum(map(len, self.days.values()))


def place_of(task: InspectionTask) -> str:
    """Where a visit takes place, as far as two can be compared: what was written down, or the unit's address."""
    return task.place.strip() or (task.unit.actual_address.strip() if task.unit else "")


def are_apart(first: InspectionTask, second: InspectionTask) -> bool:
    """Whether nobody can make both visits at once: other people's houses, other addresses."""
    if (first.unit_id, first.bureau_id) == (second.unit_id, second.bureau_id):
        return False
    here, there = place_of(first), place_of(second)
    return not (here and here == there)


def visits_of_days(rows: TaskQuerySet, first: dt.date, last: dt.date) -> list[InspectionTask]:
    """Visits planned for these days with their teams, by day; two queries."""
    team = Prefetch(
        "team", TeamMember.objects.select_related("membership__user", "membership__authority")
    )
    found = rows.filter(planned_on__range=(first, last)).select_related(
        "unit", "bureau", "authority"
    )
    return list(found.order_by("planned_on", "pk").prefetch_related(team))


def people_of(visits: Iterable[InspectionTask]) -> list[Person]:
    """Everybody in the teams of these visits, the busiest first, with their clashes."""
    found: dict[int, Person] = {}
    for task in visits:
        for place in task.team.all():
            member = place.membership
            person = found.setdefault(
                member.user_id,
                Person(
                    member.user_id,
                    str(member.user),
                    member.authority.short_name if member.authority else "",
                ),
            )
            if task.planned_on is not None and task not in person.days[task.planned_on]:
                person.days[task.planned_on].append(task)
    for person in found.values():
        person.clashes = _clashes(person.name, person.days)
    return sorted(found.values(), key=lambda each: (-each.load, each.name, each.key))


def _clashes(name: str, days: Mapping[dt.date, Sequence[InspectionTask]]) -> dict[dt.date, Clash]:
    return {
        day: Clash(name, day, tuple(visits))
        for day, visits in sorted(days.items())
        if _is_clash([task for task in visits if task.state in _TAKES_TIME])
    }


def _is_clash(visits: Sequence[InspectionTask]) -> bool:
    return any(
        are_apart(first, second)
        for number, first in enumerate(visits)
        for second in visits[number + 1 :]
    )


def clashes_with(
    task: InspectionTask, members: Iterable[Membership], on: dt.date | None
) -> list[Clash]:
    """Whom sending to this visit on that day puts in two places, over all offices; one query."""
    if on is None:
        return []
    users = {member.user_id: str(member.user) for member in members}
    elsewhere = (
        TeamMember.objects.filter(
            membership__user__in=users, task__planned_on=on, task__state__in=_TAKES_TIME
        )
        .exclude(task=task.pk)
        .select_related("task__unit", "task__bureau", "task__authority", "membership")
        .order_by("task", "pk")
    )
    by_user: dict[int, list[InspectionTask]] = defaultdict(list)
    for row in elsewhere:
        if are_apart(task, row.task) and row.task not in by_user[row.membership.user_id]:
            by_user[row.membership.user_id].append(row.task)
    return [Clash(users[user], on, (task, *others)) for user, others in by_user.items()]


def clash_words(clash: Clash) -> str:
    """The clash in words for who sent the person to the first of the visits."""
    first, *others = clash.visits
    named = "、".join(
        f"{task.subject}" if task.authority_id == first.authority_id else f"{task.authority}的检查"
        for task in others
    )
    return f"{clash.person}{cn_date(clash.day)}还安排了{named}，地点不同，请核对日期或者人员。"


def arranged_for(task: InspectionTask, users: Collection[int]) -> dict[int, list[InspectionTask]]:
    """What each of these people already has before them, by day; this visit left out. One query."""
    rows = (
        TeamMember.objects.filter(membership__user__in=users, task__state__in=_TAKES_TIME)
        .exclude(task=task.pk)
        .exclude(task__planned_on=None)
        .select_related("task__unit", "task__bureau", "membership")
        .order_by("task__planned_on", "task", "pk")
    )
    found: dict[int, list[InspectionTask]] = defaultdict(list)
    for row in rows:
        if row.task not in found[row.membership.user_id]:
            found[row.membership.user_id].append(row.task)
    return found
