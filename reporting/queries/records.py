"""The list behind a figure: the same rows, the same condition, one record for each thing counted."""

from decimal import Decimal

from django.db.models import Min, Q, QuerySet, Sum

from campaigns.models import DrawRun, RoutedStandard, SamplingFrame
from inspections.models import (
    CertificationReview,
    ChecklistSheet,
    CostDeclaration,
    Finding,
    InspectionTask,
    ReviewProblem,
    SingleIssueReport,
    StopTransferOrder,
)
from metrostd.common.actors import Actor
from metrostd.registry.models import CertificateAct
from metrostd.risk.models import RiskWarning
from rectification.models import CaseReferral, RectificationOrder
from reporting.figures import Figure
from selfcheck.models import SelfCheckReport

from .scope import Scope
from .tally import COUNTED, COUNTED_ONCE, in_row, rows_of

NOTHING_MORE = Q()


def records(
    figure: Figure,
    scope: Scope,
    block: str,
    row: str,
    *,
    viewer: Actor,
    also: Q = NOTHING_MORE,
) -> QuerySet:
    """The records one cell counts, within what ``viewer`` may see; ``also`` narrows the cell.

    Where units, standards, fields or visits are counted, each is represented by the first of its
    records, so that the length of the list is the figure: per inspecting office, but units and
    fields of the whole city once.
    """
    once = scope.authority_id is None and figure.counts in COUNTED_ONCE
    scope = scope.together() if once else scope
    rows = rows_of(scope, figure.family).filter(figure.where, in_row(block, row, scope), also)
    if figure.counts in COUNTED and figure.counts != "record":
        key = COUNTED[figure.counts]
        per = (key,) if once else (key, "in_office")
        things = rows.filter(**{f"{key}__isnull": False}).values(*per)
        rows = rows.filter(pk__in=things.annotate(first=Min("pk")).values("first"))
    return rows.filter(_guard(figure.family, viewer)).order_by("in_unit", "pk")


def total_of(figure: Figure, rows: QuerySet) -> int | Decimal:
    """What the list amounts to, to be compared with the cell."""
    if figure.counts == "amount":
        return rows.aggregate(sum=Sum("in_amount"))["sum"] or Decimal(0)
    return rows.count()


def _guard(family: str, viewer: Actor) -> Q:
    """The scope of the viewer, by the kind of record."""
    match family:
        case "frame":
            return Q(frame__in=SamplingFrame.objects.visible_to(viewer))
        case "plan":
            return Q(drawn_unit__run__in=DrawRun.objects.visible_to(viewer))
        case "sheet":
            return Q(pk__in=ChecklistSheet.objects.visible_to(viewer))
        case "finding":
            return Q(pk__in=Finding.objects.visible_to(viewer))
        case "answer":
            return Q(sheet__in=ChecklistSheet.objects.visible_to(viewer))
        case "stop":
            return Q(pk__in=StopTransferOrder.objects.visible_to(viewer))
        case "act":
            return Q(pk__in=CertificateAct.objects.visible_to(viewer))
        case "referral":
            return Q(pk__in=CaseReferral.objects.visible_to(viewer))
        case "self_check":
            return Q(routing_id__in=RoutedStandard.objects.visible_to(viewer))
        case "self_check_problem":
            return Q(report__in=SelfCheckReport.objects.visible_to(viewer))
        case "order":
            return Q(pk__in=RectificationOrder.objects.visible_to(viewer))
        case "single_issue":
            return Q(pk__in=SingleIssueReport.objects.visible_to(viewer))
        case "bureau":
            return Q(pk__in=SelfCheckReport.objects.visible_to(viewer))
        case "bureau_problem":
            return Q(report__in=SelfCheckReport.objects.visible_to(viewer))
        case "review":
            return Q(pk__in=CertificationReview.objects.visible_to(viewer))
        case "case":
            return Q(pk__in=ChecklistSheet.objects.visible_to(viewer))
        case "review_problem":
            return Q(pk__in=ReviewProblem.objects.visible_to(viewer))
        case "complaint":
            # Numbers and days, not what was said: the municipal office counts those of the districts.
            return viewer.scope.casework.as_q(authority="authority")
        case "warning":
            return Q(pk__in=RiskWarning.objects.visible_to(viewer))
        case "cost":
            return Q(pk__in=CostDeclaration.objects.visible_to(viewer))
        case "team":
            return Q(task__in=InspectionTask.objects.visible_to(viewer))
    raise KeyError(family)
