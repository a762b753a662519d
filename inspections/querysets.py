"""Reads of tasks, sheets, evidence and findings."""

from __future__ import annotations

import datetime as dt
from typing import cast

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from campaigns.enums import DrawState
from campaigns.models import DrawnUnit, Duty
from metrostd.common.actors import Actor

from .enums import FindingState, StopState, TaskState


class TaskQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> TaskQuerySet:
        """The inspecting office, the team's members, and the unit once it knows of the visit."""
        reach = user.scope.casework
        if reach.everything:
            return self
        allowed = reach.as_q(authority="authority")
        if reach.unit_ids:
            # 办结 also ends visits that were not performed: those stay the office's own record.
            allowed |= Q(
                unit__in=reach.unit_ids, state__in=TaskState.known_to_unit, not_performed=None
            )
        if reach.member_id:
            team = apps.get_model("inspections", "TeamMember").objects
            allowed |= Q(pk__in=team.filter(membership=reach.member_id).values("task"))
        return self.filter(allowed)

    def listed(self) -> TaskQuerySet:
        """Without what a draw had listed that was declared void or struck afterwards."""
        # As a sub-select, which is nearly always empty: joins would visit the draw of every task.
        void = DrawnUnit.objects.filter(Q(run__state=DrawState.VOID) | Q(struck_at__isnull=False))
        return self.exclude(drawn_unit__in=void.values("pk"))

    def count_by_state(self) -> dict[str, int]:
        """How many visits are in each state; states without any are absent."""
        return _by_state(self)

    def count_by_office_and_state(self) -> dict[tuple[int, str], int]:
        """How many visits of each office are in each state, as far as there are any."""
        pairs = self.order_by().values_list("authority", "state").annotate(n=Count("*"))
        return {(office, state): n for office, state, n in pairs}

    def overdue(self, on: dt.date) -> TaskQuerySet:
        """Not yet done although a duty for it was due before ``on``."""
        tasks = ContentType.objects.get_for_model(self.model)
        late = Duty.objects.overdue(on).filter(target_type=tasks)
        return self.filter(pk__in=late.values("target_id"))

    def with_counts(self) -> TaskQuerySet:
        """Each task with ``standard_count`` and ``finding_count`` (findings that stand)."""
        findings = apps.get_model("inspections", "Finding").objects.counted()
        standards = apps.get_model("inspections", "TaskStandard").objects.all()
        return self.annotate(
            standard_count=_count(standards, "task"), finding_count=_count(findings, "task")
        )

    def with_progress(self) -> TaskQuerySet:
        """Each task with ``answer_count`` and ``answered_count`` over all its sheets."""
        answers = apps.get_model("inspections", "ChecklistAnswer").objects.all()
        return self.annotate(
            answer_count=_count(answers, "sheet__task"),
            answered_count=_count(answers.exclude(answer=""), "sheet__task"),
        )

    def for_list(self) -> TaskQuerySet:
        return self.select_related("campaign", "unit", "authority").order_by("planned_on", "pk")


def _by_state(rows: models.QuerySet) -> dict[str, int]:
    return dict(rows.order_by().values_list("state").annotate(n=Count("*")))


def _count(rows: models.QuerySet, path: str) -> Coalesce:
    """A counting sub-query: joins to several many-sides would multiply each other."""
    own = rows.filter(**{path: OuterRef("pk")}).order_by()
    counted = own.values(path).annotate(rows=Count("pk")).values("rows")
    return Coalesce(Subquery(counted), 0)


class OfTaskQuerySet(models.QuerySet):
    """Rows of a task; the unit sees them only when the result has been put before it."""

    task_path = "task"

    def visible_to(self, user: Actor) -> OfTaskQuerySet:
        if user.scope.casework.everything:
            return self
        tasks = apps.get_model("inspections", "InspectionTask").objects.visible_to(user)
        if user.scope.casework.unit_ids:
            tasks = tasks.filter(state__in=TaskState.result_known)
        return self.filter(**{f"{self.task_path}__in": tasks})


class StopQuerySet(OfTaskQuerySet):
    def count_by_state(self) -> dict[str, int]:
        """How many orders are in each state; states without any are absent."""
        return _by_state(self)

    def visible_to(self, user: Actor) -> StopQuerySet:
        """Those who see the task; the unit once the order has been served on it."""
        rows = cast(StopQuerySet, super().visible_to(user))
        return rows.known_to_unit() if user.scope.casework.unit_ids else rows

    def known_to_unit(self) -> StopQuerySet:
        """Orders served on the unit, also when they were taken back later."""
        taken_back = Q(state=StopState.WITHDRAWN, served_on__isnull=False)
        return self.filter(Q(state__in=StopState.known_to_unit) | taken_back)

    def standing(self) -> StopQuerySet:
        """All that have not been taken back: one for each standard of a visit."""
        return self.exclude(state=StopState.WITHDRAWN)


class SheetQuerySet(OfTaskQuerySet):
    pass


class OfSheetQuerySet(OfTaskQuerySet):
    task_path = "sheet__task"


class FindingQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> FindingQuerySet:
        """Those who see the task; the unit from 已确认 on."""
        reach = user.scope.casework
        if reach.everything:
            return self
        if not reach.unit_ids and not reach.member_id:
            return self.filter(reach.as_q(authority="authority"))
        tasks = apps.get_model("inspections", "InspectionTask").objects.visible_to(user)
        rows = self.filter(task__in=tasks)
        if reach.unit_ids:
            rows = rows.exclude(state=FindingState.DRAFT)
        return rows

    def count_by_state(self) -> dict[str, int]:
        """How many findings are in each state; states without any are absent."""
        return _by_state(self)

    def counted(self) -> FindingQuerySet:
        """Findings that stand (Annex 3 fd)."""
        return self.filter(state__in=FindingState.counted)

    def for_list(self) -> FindingQuerySet:
        return self.select_related(
            "task__unit", "task__authority", "standard", "item__section"
        ).order_by("task__unit__name", "item__section__order", "item__order", "pk")
