"""From the database to a plan: whom an office may send where, and why somebody may not go."""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from inspections.enums import TaskState
from inspections.models import InspectionTask, TeamMember
from inspections.team import Recusals, candidates, certificate_over
from metrostd.accounts.models import Membership
from metrostd.common.roles import Role

from .plan import Person, Pool, Visit

#: The people who judge the result are not sent by lot: whoever went may not review (审核、办结).
REVIEWS = "负责审核本部门的检查结果"
AWAY = "当天已有其他检查任务"


@dataclass(frozen=True, slots=True)
class Gathered:
    """A pool with what stands behind its identities, and each exclusion with its reason."""

    pool: Pool
    tasks: Mapping[str, InspectionTask]
    people: Mapping[str, Membership]
    #: Person → why they are not in the pool at all.
    left_out: Mapping[str, str]
    #: (visit, person) → why they may not go there.
    reasons: Mapping[tuple[str, str], str]


def visit_id(task: InspectionTask) -> str:
    """A visit by what outlives the database: campaign, office, unit, kind and which of them it is."""
    whom = (task.unit.uscc if task.unit else "") or task.subject.name
    earlier = InspectionTask.objects.filter(
        campaign=task.campaign_id,
        authority=task.authority_id,
        unit=task.unit_id,
        bureau=task.bureau_id,
        kind=task.kind,
        pk__lt=task.pk,
    )
    return f"{task.campaign.code}/{task.authority.code}/{whom}/{task.kind}/{earlier.count() + 1}"


def gather(tasks: Sequence[InspectionTask], days: Mapping[int, dt.date]) -> Gathered:
    """The pool for visits of one office on these days (by key of the task).

    People are read once, what speaks against each of them a visit at a time. ValidationError is not
    raised here: an empty pool gives an empty plan.
    """
    first = tasks[0]
    members = list(candidates(first.authority_id, first.campaign.organiser_id).order_by("pk"))
    # A person goes in one capacity: as an officer rather than with their knowledge, and who reviews goes in none.
    members.sort(key=lambda member: (member.role in Role.officers) + (member.role in Role.offices))
    people = {member.user.username: member for member in members}
    left_out = {name: REVIEWS for name, m in people.items() if m.role in Role.offices}
    pool = {name: m for name, m in people.items() if name not in left_out}
    visits, by_id, reasons = [], {}, {}
    for task in tasks:
        name, day = visit_id(task), days[task.pk]
        by_id[name] = task
        fields = {row.field.code for row in task.standards.all() if row.field}
        visits.append(Visit(name, day.isoformat(), tuple(sorted(fields))))
        recusals = Recusals.of(task)
        for person, member in pool.items():
            if why := recusals.reason(member) or certificate_over(member, on=day):
                reasons[name, person] = why.removeprefix("的")
    away = _away(pool, days, tasks)
    return Gathered(
        Pool(
            tuple(visits),
            tuple(
                Person(
                    person,
                    member.role in Role.officers,
                    ()
                    if member.role in Role.officers
                    else tuple(sorted(field.code for field in member.fields.all())),
                )
                for person, member in pool.items()
            ),
            frozenset(reasons),
            frozenset(away),
        ),
        by_id,
        people,
        left_out,
        reasons,
    )


def _away(
    people: Mapping[str, Membership], days: Mapping[int, dt.date], tasks: Sequence[InspectionTask]
) -> set[tuple[str, str]]:
    """Who has another visit on one of the days, whichever of their capacities it is in."""
    users = {member.user_id: name for name, member in people.items()}
    places = TeamMember.objects.filter(
        membership__user__in=users,
        task__planned_on__in=set(days.values()),
        task__state__in=TaskState.arranged | TaskState.under_way,
    ).exclude(task__in=tasks)
    return {
        (users[user], day.isoformat())
        for user, day in places.values_list("membership__user", "task__planned_on")
        if day
    }
