"""The office decides on a submission (通知二(三): 监管部门对整改情况予以确认)."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from inspections import finding_moves
from inspections.enums import FindingState
from inspections.models import Finding
from metrostd.common.transitions import TransitionError
from rectification import moves, notifications
from rectification.enums import OrderState, ReviewMethod, ReviewResult
from rectification.models import Rectification, RectificationReview

from . import owed
from .orders import render_confirmation


@transaction.atomic
def review_finding(
    finding: Finding, *, method: str, result: str, opinion: str, actor: Any
) -> RectificationReview:
    """Confirm, return or fail what the unit reported on one finding.

    Returning is possible until the due day; returning and failing need an opinion. Raises
    ValidationError for those, TransitionError when nothing is waiting for a decision.
    """
    order = owed.locked(finding.order_item.order)
    finding.refresh_from_db(fields=["state", "due_on", "decision"])
    if finding.state != FindingState.SUBMITTED:
        raise TransitionError(
            f"“{finding}”目前是“{finding.get_state_display()}”，没有待确认的整改情况。", obj=finding
        )
    opinion = opinion.strip()
    if result != ReviewResult.PASSED and not opinion:
        raise ValidationError({"opinion": "退回或者认定整改不合格时，请写明意见。"})
    report = Rectification.objects.filter(finding=finding, submitted_at__isnull=False).latest(
        "round"
    )
    match ReviewResult(result):
        case ReviewResult.PASSED:
            finding_moves.verify(finding, actor=actor, note=opinion)
        case ReviewResult.RETURNED:
            finding_moves.send_back(finding, actor=actor, note=opinion)
            _next_round(report)
        case ReviewResult.FAILED:
            finding_moves.fail(finding, actor=actor, note=opinion)
    review = RectificationReview.objects.create(
        rectification=report,
        finding=finding,
        method=ReviewMethod(method),
        result=result,
        opinion=opinion,
        reviewed_by=actor,
    )
    state = moves.settle(order, actor=actor)
    owed.sync(order)
    notifications.tell_reviewed(order, finding, body=opinion, actor=actor)
    if state == OrderState.VERIFIED:
        render_confirmation(order, actor=actor)
    return review


def _next_round(report: Rectification) -> None:
    """A fresh draft that starts from what was returned; the returned round stays as it is."""
    Rectification.objects.create(
        finding=report.finding,
        round=report.round + 1,
        cause=report.cause,
        action=report.action,
        prevention=report.prevention,
    )
