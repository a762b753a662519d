"""Reads of tasks, sheets, evidence and findings."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q

from campaigns.enums import DrawState
from campaigns.models import Duty

from .enums import FindingState, TaskState


class TaskQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> TaskQuerySet:
        """The inspecting office, the team's members, and the unit once it knows of the visit."""
        reach = user.scope.casework
        if reach.everything:
            return self
        allowed = reach.as_q(authority="authority")
        if reach.unit_ids:
            allowed |= Q(unit__in=reach.unit_ids, state__in=TaskState.known_to_unit)
        if reach.member_id:
            team = apps.get_model("inspections", "TeamMember").objects
            allowed |= Q(pk__in=team.filter(membership=reach.member_id).values("task"))
        return self.filter(allowed)

    def listed(self) -> TaskQuerySet:
        """Without what a draw had listed that was declared void afterwards."""
        return self.exclude(drawn_unit__run__state=DrawState.VOID)

    def overdue(self, on: dt.date) -> TaskQuerySet:
        """Not yet done although a duty for it was due before ``on``."""
        tasks = ContentType.objects.get_for_model(self.model)
        late = Duty.objects.overdue(on).filter(target_type=tasks)
        return self.filter(pk__in=late.values("target_id"))

    def for_list(self) -> TaskQuerySet:
        return self.select_related("campaign", "unit", "authority").order_by("planned_on", "pk")


class OfTaskQuerySet(models.QuerySet):
    """Rows of a task; the unit sees them only when the result has been put before it."""

    task_path = "task"

    def visible_to(self, user: Any) -> OfTaskQuerySet:
        tasks = apps.get_model("inspections", "InspectionTask").objects.visible_to(user)
        if user.scope.casework.unit_ids:
            tasks = tasks.filter(state__in=TaskState.result_known)
        return self.filter(**{f"{self.task_path}__in": tasks})


class SheetQuerySet(OfTaskQuerySet):
    pass


class OfSheetQuerySet(OfTaskQuerySet):
    task_path = "sheet__task"


class FindingQuerySet(models.QuerySet):
    def visible_to(self, user: Any) -> FindingQuerySet:
        """Those who see the task; the unit from 已确认 on."""
        tasks = apps.get_model("inspections", "InspectionTask").objects.visible_to(user)
        rows = self.filter(task__in=tasks)
        if user.scope.casework.unit_ids:
            rows = rows.exclude(state=FindingState.DRAFT)
        return rows

    def counted(self) -> FindingQuerySet:
        """Findings that stand (Annex 3 fd)."""
        return self.filter(state__in=FindingState.counted)

    def for_list(self) -> FindingQuerySet:
        return self.select_related(
            "task__unit", "task__authority", "standard", "item__section"
        ).order_by("task__unit__name", "item__section__order", "item__order", "pk")
