"""Reads of tasks, sheets, evidence and findings."""

from __future__ import annotations

import datetime as dt
from typing import Self, cast

from django.apps import apps
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from campaigns.enums import DrawState
from campaigns.models import DrawnUnit, DrawRun, Duty
from metrostd.common.actors import Actor
from metrostd.common.roles import Role

from .enums import FindingState, JointState, Manner, SingleIssueState, StopState, TaskState
from .enums.reviews import ReviewState


class TaskQuerySet(models.QuerySet):
    _is_listed = False

    def visible_to(self, user: Actor) -> TaskQuerySet:
        """The inspecting office, the team's members, and the unit once it knows of the visit."""
        reach = user.scope.casework
        if reach.everything:
            return self
        allowed = reach.as_q(authority="authority")
        if reach.authority_ids:
            # A drawn bureau sees the visit to itself once it has been told of it.
            allowed |= Q(bureau__in=reach.authority_ids, state__in=TaskState.known_to_unit)
        if reach.unit_ids:
            # 办结 also ends visits that were not performed: those stay the office's own record.
            allowed |= Q(
                unit__in=reach.unit_ids, state__in=TaskState.known_to_unit, not_performed=None
            )
        if reach.member_id:
            team = apps.get_model("inspections", "TeamMember").objects
            allowed |= Q(pk__in=team.filter(membership=reach.member_id).values("task"))
        return self.filter(allowed)

    def _clone(self) -> Self:
        made: Self = super()._clone()  # type: ignore[misc]  # the stub leaves it out
        made._is_listed = self._is_listed
        return made

    def listed(self) -> TaskQuerySet:
        """Without what a draw had listed that was declared void or struck afterwards; asked once, however often said."""
        if self._is_listed:
            return self
        # As sub-selects, which are nearly always empty: joins would visit the draw of every task.
        void = DrawnUnit.objects.filter(run__in=DrawRun.objects.filter(state=DrawState.VOID))
        struck = DrawnUnit.objects.filter(struck_at__isnull=False)
        reviews = apps.get_model("inspections", "CertificationReview").objects
        gone = reviews.filter(drawn__run__state=DrawState.VOID)
        rows = self.exclude(drawn_unit__in=void.values("pk"))
        rows = rows.exclude(drawn_unit__in=struck.values("pk"))
        rows = rows.exclude(pk__in=gone.values("task"))
        rows._is_listed = True  # noqa: SLF001  # its own kind
        return rows

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
        related = ("campaign", "unit", "bureau", "authority")
        return self.select_related(*related).order_by("planned_on", "pk")


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
        reach = user.scope.casework
        tasks = apps.get_model("inspections", "InspectionTask").objects.visible_to(user)
        if reach.unit_ids:
            tasks = tasks.filter(state__in=TaskState.result_known)
        elif reach.authority_ids:
            own = Q(bureau__in=reach.authority_ids) & ~Q(state__in=TaskState.result_known)
            tasks = tasks.exclude(own)
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


class LeaseQuerySet(OfTaskQuerySet):
    def visible_to(self, user: Actor) -> LeaseQuerySet:
        """Those who see the task, but never the inspected unit; one's own whatever became of the team."""
        reach = user.scope.casework
        if reach.everything:
            return self
        if user.acting is None or not (reach.authority_ids or reach.member_id):
            return self.none()
        tasks = apps.get_model("inspections", "InspectionTask").objects.visible_to(user)
        return self.filter(Q(task__in=tasks) | Q(membership=user.acting.pk))


class OfSheetQuerySet(OfTaskQuerySet):
    task_path = "sheet__task"


class ReviewQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> ReviewQuerySet:
        """The municipal office, the team of the visit, and the drawn bureau once it has been told."""
        reach = user.scope.casework
        if reach.everything:
            return self
        own = reach.as_q(authority="bureau") & Q(state__in=ReviewState.known_to_bureau)
        if reach.member_id:
            team = apps.get_model("inspections", "TeamMember").objects
            own |= Q(task__in=team.filter(membership=reach.member_id).values("task"))
        return self.filter(own)

    def standing(self) -> ReviewQuerySet:
        """Without what a draw had listed that was declared void afterwards."""
        return self.filter(drawn__run__state=DrawState.VALID)

    def for_list(self) -> ReviewQuerySet:
        return self.select_related("campaign", "bureau", "authority", "task").order_by(
            "bureau__code", "pk"
        )


class CaseQuerySet(OfTaskQuerySet):
    task_path = "sheet__task"


class ProblemQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> ProblemQuerySet:
        """Whoever sees the review; the bureau once its visit has been concluded."""
        reach = user.scope.casework
        if reach.everything:
            return self
        reviews = apps.get_model("inspections", "CertificationReview").objects.visible_to(user)
        rows = self.filter(review__in=reviews)
        return rows.filter(review__state__in=ReviewState.reviewed) if reach.authority_ids else rows

    def counted(self) -> ProblemQuerySet:
        """Problems that stand (Annex 3 cfp)."""
        return self.filter(stands=True)


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


class SingleIssueQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> SingleIssueQuerySet:
        """The office that reports, the office that answers, the team of the visit, who reported, who is asked; no unit."""
        reach = user.scope.casework
        if reach.everything:
            return self
        allowed = reach.as_q(authority=("authority", "reported_to"))
        if reach.member_id:
            team = apps.get_model("inspections", "TeamMember").objects
            asked = apps.get_model("inspections", "Opinion").objects
            allowed |= Q(task__in=team.filter(membership=reach.member_id).values("task"))
            allowed |= Q(pk__in=asked.filter(membership=reach.member_id).values("issue"))
            allowed |= Q(reported_by=reach.member_id)
        return self.filter(allowed)

    def waiting(self) -> SingleIssueQuerySet:
        """Not answered yet."""
        return self.filter(state__in=SingleIssueState.waiting)

    def rulings(self) -> SingleIssueQuerySet:
        """Answers that stand as rulings, the newest first: in general words, for everybody who inspects."""
        return self.exclude(ruling="").filter(ruling_ended_at=None).order_by("-answered_at", "-pk")

    def count_by_state(self) -> dict[str, int]:
        """How many are in each state; states without any are absent."""
        return _by_state(self)


class JointQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> JointQuerySet:
        """Whoever sees one of the two visits."""
        tasks = apps.get_model("inspections", "InspectionTask").objects.visible_to(user)
        return self.filter(Q(first__in=tasks) | Q(second__in=tasks))

    def of(self, task: models.Model) -> JointQuerySet:
        return self.filter(Q(first=task.pk) | Q(second=task.pk))

    def standing(self) -> JointQuerySet:
        """Agreed to, or waiting for an answer."""
        return self.filter(state__in=JointState.standing)

    def for_show(self) -> JointQuerySet:
        return self.select_related(
            *("first__authority", "first__unit", "first__campaign"),
            *("second__authority", "second__unit", "second__campaign"),
        )


class OpinionQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> OpinionQuerySet:
        issues = apps.get_model("inspections", "SingleIssueReport").objects
        return self.filter(issue__in=issues.visible_to(user))


def _of_discipline(user: Actor) -> Q | None:
    """What 纪检监督 of the office that runs a campaign sees of its visits; None for everybody else."""
    acting = user.acting
    if acting is None or acting.role != Role.DISCIPLINE:
        return None
    return Q(task__campaign__organiser=acting.authority_id)


class FeedbackQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> FeedbackQuerySet:
        """纪检监督, and the unit its own: nobody else, whatever they see of the visit."""
        own = Q(task__unit__in=user.scope.casework.unit_ids)
        return self.filter(own if (watched := _of_discipline(user)) is None else watched)

    def serious(self) -> FeedbackQuerySet:
        """Those that name misconduct."""
        named = Q(costs_borne=True) | Q(gifts=True) | Q(meals=True) | Q(favours=True)
        return self.filter(named | Q(manner=Manner.BAD))

    def for_list(self) -> FeedbackQuerySet:
        return self.select_related("task__unit", "task__authority", "task__campaign")


class CostQuerySet(OfTaskQuerySet):
    def visible_to(self, user: Actor) -> CostQuerySet:
        """纪检监督, the office and the team; not the unit."""
        if (watched := _of_discipline(user)) is not None:
            return self.filter(watched)
        if user.scope.casework.unit_ids:
            return self.none()
        return cast(CostQuerySet, super().visible_to(user))

    def paid(self) -> CostQuerySet:
        """The unit bore something."""
        return self.filter(Q(lodging__gt=0) | Q(meals__gt=0) | Q(transport__gt=0) | Q(other__gt=0))

    def waiting(self) -> CostQuerySet:
        """纪检监督 has not settled it yet."""
        return self.paid().filter(settled_at=None)

    def for_list(self) -> CostQuerySet:
        return self.select_related("task__unit", "task__authority", "task__campaign", "declared_by")


class AssignmentQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> AssignmentQuerySet:
        """The office whose teams were drawn, and the offices above; nobody who is sent."""
        reach = user.scope.casework
        return self if reach.everything else self.filter(reach.as_q(authority="authority"))


class InterestQuerySet(models.QuerySet):
    def visible_to(self, user: Actor) -> InterestQuerySet:
        """What the person declared; offices see those of the people they may send."""
        reach = user.scope.casework
        if reach.everything:
            return self
        allowed = reach.as_q(authority="membership__authority")
        if reach.member_id or reach.authority_ids:
            allowed |= Q(membership__user=user.pk)
        return self.filter(allowed)

    def standing(self) -> InterestQuerySet:
        return self.filter(ended_at=None)
