"""What inspections put on the desk: today's visits, and how many of the listed units are done."""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypedDict

from django.db.models import BigIntegerField, DateField, Q, QuerySet
from django.urls import reverse

from campaigns.enums import StageKind
from campaigns.extension import (
    DeskCard,
    DeskGroup,
    DeskPanel,
    desk_panel,
    desk_source,
    stage_note,
)
from campaigns.models import Campaign
from metrostd.accounts.asked_by import AskedBy
from metrostd.common.actors import Actor
from metrostd.common.prepared import Given
from metrostd.common.roles import Role
from metrostd.common.templatetags.formats import cn_day
from metrostd.registry.models import Authority

from .enums import TaskState
from .models import InspectionTask, TeamMember
from .querysets import TaskQuerySet
from .unit_counts import UnitCounts, counted, counts_by_office, judged

_SHOWN = 10


def _visits(user: Actor) -> QuerySet:
    visits = InspectionTask.objects.visible_to(user)
    return judged(visits.filter(campaign=Given("campaign", BigIntegerField())))


_JUDGED = AskedBy(_visits, counted=True)


@stage_note(StageKind.ONSITE)
def inspected(campaign: Campaign, user: Actor) -> str:
    """Units inspected of those listed, within the viewer's scope; a unit only sees its own visit."""
    if user.scope.casework.unit_ids:
        return ""
    return _in_words(counted(_JUDGED.rows(user, campaign=campaign.pk)))


def _in_words(found: UnitCounts) -> str:
    return f"完成 {found.inspected}/{found.listed} 家" if found.listed else ""


@dataclass(frozen=True, slots=True)
class OfficeProgress:
    """Units visited of those listed by one office, and its part of the list of visits."""

    name: str
    done: int
    total: int
    url: str


@desk_panel
def progress_by_office(campaign: Campaign, user: Actor) -> DeskPanel | None:
    """For those who see every office: how far each of them is, the furthest first."""
    if user.acting is None or user.acting.role not in Role.offices:
        return None
    if not user.scope.casework.everything:
        return None
    counts = counts_by_office(campaign)
    found = counts.offices
    offices = Authority.objects.filter(pk__in=found).values_list("pk", "short_name", "code")
    ranked = sorted(
        offices, key=lambda row: (-found[row[0]].inspected / found[row[0]].listed, row[2])
    )
    index = reverse("inspections:index")
    rows = [
        OfficeProgress(name, found[pk].inspected, found[pk].listed, f"{index}?district={pk}")
        for pk, name, _ in ranked
    ]
    said: dict[str, str] = {StageKind.ONSITE: _in_words(counts.whole)}
    return DeskPanel("各部门现场检查进度", "inspections/desk_progress.html", rows, said)


def _todays(user: Actor) -> TaskQuerySet:
    """The visits of the day of whoever goes there, receives them or sends people."""
    tasks = InspectionTask.objects.visible_to(user).listed()
    acting = user.acting
    if acting is None:
        return tasks.none()
    if acting.unit_id:
        rows = tasks.filter(state__in=TaskState.under_way | {TaskState.NOTIFIED})
    else:
        come = Q(state__in=TaskState.arranged, planned_on__lte=Given("on", DateField()))
        rows = tasks.filter(Q(state__in=TaskState.under_way) | come)
        if acting.role in Role.on_site:
            mine = TeamMember.objects.filter(membership=acting)
            rows = rows.filter(pk__in=mine.values("task"))
        else:
            rows = rows.filter(authority=acting.authority_id)
    return rows.for_list().with_progress()[:_SHOWN]


_TODAY = AskedBy(_todays)


@desk_source
def visits_today(user: Actor, on: dt.date) -> DeskGroup | None:
    """The team's and the office's visits of the day; a unit those it has been told of.

    How far the sheets are filled in is the team's and the office's business until signing.
    """
    role = user.scope.role
    if role in Role.on_site:
        title, note, words = "今天的检查", "今天要去的和正在检查的", _on_site
    elif role == Role.UNIT_USER:
        title, note, words = "对本单位的检查", "请安排人员在场，备好相关资料", _at_home
    elif role in Role.offices:
        title, note, words = "今天的检查", "本部门组织的", _in_office
    else:
        return None
    return DeskGroup(title, note, _cards(_TODAY.rows(user, on=on), words))


class _Words(TypedDict, total=False):
    """What differs between the cards of one kind of desk and the next."""

    title: str
    note: str
    url: str
    action: str
    done: int
    total: int


def _cards(
    rows: Iterable[InspectionTask], wording: Callable[[InspectionTask], _Words]
) -> list[DeskCard]:
    return [
        DeskCard(
            target=task,
            state=task.get_state_display(),
            tone=task.state_tone,
            when=cn_day(task.planned_on) or "日期待定",
            **wording(task),
        )
        for task in rows
    ]


def _on_site(task: InspectionTask) -> _Words:
    """Signing leads to the signatures, everything else to the visit with its sheets."""
    words = {
        TaskState.IN_PROGRESS: "继续检查",
        TaskState.SIGNING: "去签字",
    }
    url = task.get_absolute_url()
    if task.state == TaskState.SIGNING:
        url = reverse("inspections:signing", args=[task.pk])
    return {
        "title": str(task.subject),
        "note": task.place or str(task.authority),
        "url": url,
        "action": words.get(task.state, "去检查"),
        **_progress(task),
    }


def _progress(task: InspectionTask) -> _Words:
    return {"done": task.answered_count, "total": task.answer_count}  # type: ignore[attr-defined]


def _at_home(task: InspectionTask) -> _Words:
    return {
        "title": f"{task.authority} {task.get_kind_display()}",
        "note": task.place or "检查不收取任何费用",
        "url": task.get_absolute_url(),
        "action": "查看",
    }


def _in_office(task: InspectionTask) -> _Words:
    return {
        "title": str(task.subject),
        "note": task.place or task.get_kind_display(),
        "url": task.get_absolute_url(),
        "action": "查看",
        **_progress(task),
    }
