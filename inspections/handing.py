"""Places in teams when somebody leaves: what goes to the successor, what has to be finished first."""

from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from metrostd.accounts.leaving import Holding, engagement, holding
from metrostd.accounts.models import Membership
from metrostd.common.actors import Actor

from .enums import TaskState, TeamRole
from .models import TeamMember
from .moves.task import change_team
from .team import Place, team_problems


def _places(membership: Membership) -> QuerySet:
    """Places in teams whose visit is not over."""
    rows = TeamMember.objects.filter(
        membership=membership, task__state__in=TaskState.arranged | TaskState.under_way
    )
    return rows.select_related("task__unit", "task__bureau", "task__authority").order_by("pk")


def _held(membership: Membership) -> list[str]:
    return [
        f"{place.task.subject}：{place.get_role_display()}（{place.task.get_state_display()}）"
        for place in _places(membership)
    ]


def _with(place: TeamMember, leaving: Membership, taking: Membership) -> list[Place]:
    """The team with one in the other's place."""
    team = place.task.team.select_related("membership__user", "membership__authority")
    return [
        (taking if row.membership_id == leaving.pk else row.membership, TeamRole(row.role))
        for row in team
    ]


def _refuses(leaving: Membership, taking: Membership) -> list[str]:
    """A team at work is not changed; before that the new team has to keep every rule."""
    found = []
    for place in _places(leaving):
        task = place.task
        if task.state in TaskState.under_way:
            found.append(f"{task.subject}的检查正在进行，检查组不能换人，请在检查结束后再离任。")
            continue
        problems = team_problems(task, _with(place, leaving, taking), on=task.planned_on)
        found += [f"{task.subject}：{problem}" for problem in problems]
    return found


def _hand_over(leaving: Membership, taking: Membership, actor: Actor | None) -> int:
    """The successor joins every team that has not been at the door yet; what fails stays for the office."""
    done = 0
    for place in _places(leaving).filter(task__state__in=TaskState.arranged):
        task = place.task
        try:
            change_team(
                task,
                actor=actor,
                members=_with(place, leaving, taking),
                planned_on=task.planned_on,
                place=task.place,
                note=f"{leaving.user}离任，由{taking.user}接任",
            )
        except ValidationError:
            continue
        done += 1
    return done


holding(Holding("检查组", _held, _hand_over, _refuses))


@engagement
def teams(memberships: Collection[int]) -> tuple[set[int], set[int]]:
    """Who has been in a team, and who still is in one whose visit may come back to it."""
    rows = TeamMember.objects.filter(membership__in=memberships)
    still = rows.filter(task__state__in=TaskState.with_team)
    return set(rows.values_list("membership", flat=True)), set(
        still.values_list("membership", flat=True)
    )
