"""随机派员: teams by lot for several visits at once, kept with everything it takes to compute them again.

The list of people and of exclusions stands before the seed is drawn, in one transaction; whoever is drawn is sent
at once, so that there is no second throw: a team is changed afterwards with a reason, one visit at a time.
"""

import datetime as dt
import secrets
from collections.abc import Mapping, Sequence

from django.core.exceptions import ValidationError
from django.db import transaction

from inspections.enums import TaskState, TeamRole
from inspections.models import AssignmentRun, InspectionTask
from inspections.moves import task as task_moves
from metrostd.accounts.models import Membership
from metrostd.common import audit, clock
from metrostd.common.actors import Actor
from metrostd.common.roles import Role

from .plan import ALGORITHM, Person, Pool, Team, Visit, plan
from .pool import AWAY, Gathered, gather

#: The place in a team of whoever lends their knowledge.
_TECHNICAL = {Role.ASSESSOR: TeamRole.ASSESSOR, Role.INSTITUTE_EXPERT: TeamRole.EXPERT}


@transaction.atomic
def draw_teams(
    tasks: Sequence[InspectionTask], days: Mapping[int, dt.date], *, actor: Actor | None
) -> AssignmentRun:
    """Draw teams for visits of one office on these days and send them; visits without a team stay on the list.

    Raises ValidationError without a visit, when a visit is not on the list any more, or a day lies outside the stage.
    """
    held = list(
        InspectionTask.objects.select_for_update(of=("self",))
        .filter(pk__in=[task.pk for task in tasks], state=TaskState.PLANNED)
        .select_related("campaign", "authority", "unit")
        .prefetch_related("standards__field")
        .order_by("pk")
    )
    if not held:
        raise ValidationError("请选择至少一个尚未派员的检查任务，并填写计划检查日期。")
    if len(held) != len(tasks):
        raise ValidationError("有的检查任务刚刚已经派员，请刷新后再抽。")
    if len({(task.campaign_id, task.authority_id) for task in held}) > 1:
        raise ValidationError("一次只能为同一部门、同一专项行动的检查任务派员。")
    gathered = gather(held, days)
    seed = secrets.token_bytes(32)
    teams = plan(gathered.pool, seed=seed)
    run = _keep(held, gathered, seed, teams, actor=actor)
    for team in teams:
        task = gathered.tasks[team.visit]
        task_moves.assign(
            task,
            actor=actor,
            members=_places(team, gathered.people),
            planned_on=days[task.pk],
        )
    return run


def _keep(
    tasks: Sequence[InspectionTask],
    gathered: Gathered,
    seed: bytes,
    teams: Sequence[Team],
    *,
    actor: Actor | None,
) -> AssignmentRun:
    first = tasks[0]
    earlier = AssignmentRun.objects.filter(campaign=first.campaign, authority=first.authority)
    run = AssignmentRun.objects.create(
        campaign=first.campaign,
        authority=first.authority,
        number=earlier.count() + 1,
        record=_record(gathered, seed, teams),
        made_at=clock.now(),
        made_by=actor,
    )
    run.tasks.set(tasks)
    audit.record(
        run,
        actor=actor,
        action="assignment.draw",
        label="随机派员",
        after={"seed": seed.hex(), "teams": [team.as_json() for team in teams]},
        note=f"{len(tasks)} 个检查任务，{len(teams)} 个有检查组",
    )
    return run


def _record(gathered: Gathered, seed: bytes, teams: Sequence[Team]) -> dict[str, object]:
    pool = gathered.pool
    placed = {team.visit for team in teams}
    return {
        "algorithm": ALGORITHM,
        "seed": seed.hex(),
        "visits": [
            {
                "id": visit.id,
                "unit": gathered.tasks[visit.id].subject.name,
                "day": visit.day,
                "fields": list(visit.fields),
            }
            for visit in pool.visits
        ],
        "people": [
            {
                "id": person.id,
                "name": gathered.people[person.id].user.display_name,
                "role": gathered.people[person.id].get_role_display(),
                "officer": person.is_officer,
                "fields": list(person.fields),
            }
            for person in pool.people
        ],
        "left_out": [
            {"name": gathered.people[person].user.display_name, "reason": reason}
            for person, reason in sorted(gathered.left_out.items())
        ],
        "barred": [
            {"visit": visit, "person": person, "reason": gathered.reasons[visit, person]}
            for visit, person in sorted(pool.barred)
        ],
        "away": [
            {"person": person, "day": day, "reason": AWAY} for person, day in sorted(pool.away)
        ],
        "teams": [team.as_json() for team in teams],
        "without": sorted(visit.id for visit in pool.visits if visit.id not in placed),
    }


def recompute(record: Mapping[str, list[dict]]) -> list[dict[str, object]]:
    """The teams that follow from a record alone; equal to its own unless something in it was changed."""
    pool = Pool(
        tuple(Visit(v["id"], v["day"], tuple(v["fields"])) for v in record["visits"]),
        tuple(Person(p["id"], p["officer"], tuple(p["fields"])) for p in record["people"]),
        frozenset((b["visit"], b["person"]) for b in record["barred"]),
        frozenset((a["person"], a["day"]) for a in record["away"]),
    )
    return [team.as_json() for team in plan(pool, seed=bytes.fromhex(str(record["seed"])))]


def _places(team: Team, people: Mapping[str, Membership]) -> list[tuple[Membership, TeamRole]]:
    """The places of a team, the leader first; institute experts and assessors each under their own name."""
    found = [
        (people[team.leader], TeamRole.LEADER),
        (people[team.officer], TeamRole.OFFICER),
    ]
    for person in team.technical:
        member = people[person]
        found.append((member, _TECHNICAL[Role(member.role)]))
    return found
