"""The statements around the save of one item, compiled once: who may, the write, what the page counts.

People on site wait for these at every item. The rules are those of the querysets; a capacity whose scope
is not a single team takes the ordinary way.
"""

from dataclasses import dataclass

from django.db import models
from django.db.models import Count, Exists, OuterRef, Q, Subquery

from metrostd.accounts.scopes import Reach
from metrostd.common.actors import Actor
from metrostd.common.prepared import Given, Prepared, PreparedUpdate

from .enums import TaskState
from .models import ChecklistAnswer, ChecklistSheet, Evidence, InspectionTask, TeamMember

#: What a save looks at of an item, its sheet and its visit.
_RELATED = ("sheet__task", "item__section")


def _of_member(answer: int, member: int) -> models.QuerySet:
    # The rule of ``visible_to`` for this scope, asked of the one visit: through the queryset every visit the
    # person was ever on would be gathered first. A test holds the two together.
    mine = TeamMember.objects.filter(task=OuterRef("sheet__task"), membership=member)
    return (
        ChecklistAnswer.objects.filter(Exists(mine), pk=answer)
        .select_related(*_RELATED)
        .annotate(team_role=Subquery(mine.values("role")))
        .only(
            *(
                "answer",
                "note",
                "version",
                "client_id",
                "answered_at",
                "sheet__standard",
                "sheet__case",
            ),
            *("sheet__task__state", "item__code", "item__is_prohibition", "item__suggests_stop"),
            *("item__may_be_inapplicable", "item__hint_rule", "item__section__code"),
        )
    )


def _standing(row: int, task: int) -> models.QuerySet:
    # The task as a locked sub-select: a save and the way to signing cannot pass each other.
    filling = InspectionTask.objects.select_for_update().filter(
        pk=task, state=TaskState.IN_PROGRESS
    )
    version = Given("base_version", models.PositiveIntegerField())
    return ChecklistAnswer.objects.filter(
        pk=row, version=version, sheet__in=ChecklistSheet.objects.filter(task__in=filling)
    )


def _counted(sheet: int, answer: int) -> models.QuerySet:
    files = Evidence.objects.filter(answer=answer, withdrawn_at=None).order_by().values("answer")
    return (
        ChecklistAnswer.objects.filter(sheet=sheet)
        .order_by("item__section__order")
        .values("item__section__code")
        .annotate(
            done=Count("pk", filter=~Q(answer="")),
            total=Count("pk"),
            files=Subquery(files.annotate(n=Count("pk")).values("n")),
        )
        .values_list("item__section__code", "done", "total", "files")
    )


_OF_MEMBER = Prepared(_of_member)
_WRITE = PreparedUpdate(
    _standing,
    *("answer", "note", "version", "client_id", "answered_by", "answered_at"),
)
_COUNTED = Prepared(_counted)


def seen_by(user: Actor, answer: int) -> ChecklistAnswer | None:
    """An item with its sheet and visit, if the acting membership sees it; for the save of that item."""
    scope, acting = user.scope, user.acting
    if acting is None or scope.casework != Reach(member_id=acting.pk):
        rows = ChecklistAnswer.objects.visible_to(user).select_related(*_RELATED)
        return rows.filter(pk=answer).first()
    found: ChecklistAnswer | None = _OF_MEMBER.first(answer=answer, member=acting.pk)
    if found is not None:
        found.sheet.task.known_roles = {acting.pk: found.team_role or ""}  # type: ignore[attr-defined]
    return found


def write(row: ChecklistAnswer, *, base_version: int, **values: object) -> bool:
    """Set the columns of a save; False when somebody saved in between or the visit is not under way."""
    task = row.sheet.task_id
    return _WRITE.run(row=row.pk, task=task, base_version=base_version, **values) == 1


@dataclass(frozen=True, slots=True)
class SectionCount:
    code: str
    done: int
    total: int


@dataclass(frozen=True, slots=True)
class SheetCount:
    """What the page of a sheet counts: answered items by section, and the files of one item."""

    sections: list[SectionCount]
    files: int

    @property
    def done(self) -> int:
        return sum(each.done for each in self.sections)

    @property
    def total(self) -> int:
        return sum(each.total for each in self.sections)


def counted(answer: ChecklistAnswer) -> SheetCount:
    """The counts of an item's sheet and its own files, as they stand."""
    rows = _COUNTED.rows(sheet=answer.sheet_id, answer=answer.pk)
    sections = [SectionCount(code, done, total) for code, done, total, _ in rows]
    return SheetCount(sections, rows[0][3] or 0 if rows else 0)
