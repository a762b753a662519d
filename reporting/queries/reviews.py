"""考核工作监督检查 of drawn bureaus as it was known at the cut-off: reviews, case files, problems (block V)."""

from django.db.models import BigIntegerField, CharField, Exists, F, OuterRef, Q, QuerySet, Value

from campaigns.enums import DrawState
from inspections.enums import TaskKind
from inspections.enums.reviews import ProblemResult
from inspections.models import (
    CertificationReview,
    ChecklistSheet,
    EarlierReviewProblem,
    ReviewProblem,
)

from .placing import flag
from .scope import Scope
from .visits import signature_held, signed_before


def _nowhere() -> dict[str, object]:
    """A bureau is no unit and its work of no category or field."""
    return {
        "in_unit": Value(None, output_field=BigIntegerField()),
        "in_category": Value(None, output_field=CharField()),
        "in_field": Value(None, output_field=CharField()),
    }


def _drawn(scope: Scope, review: str = "") -> Q:
    """Of draws made by the cut-off and not declared void by then."""
    run = f"{review}drawn__run__"
    stood = Q(**{f"{run}state": DrawState.VALID}) | Q(**{f"{run}state_since__gt": scope.as_of})
    return stood & Q(**{f"{run}run_at__lte": scope.as_of})


def drawn_reviews(scope: Scope) -> QuerySet:
    """Bureaus drawn (d_drawn), and whether their visit had been signed (d_reviewed)."""
    rows = CertificationReview.objects.filter(
        _drawn(scope), campaign=scope.campaign_id, **scope.by_authority("authority")
    )
    return rows.annotate(
        in_office=F("authority_id"),
        is_reviewed=flag(_concluded(scope)),
        **_nowhere(),
    )


def _concluded(scope: Scope) -> Q:
    """Signed by the cut-off; of a visit given back to its team since, what had been signed before counts."""
    now = Q(concluded_at__lte=scope.as_of)
    if not scope.past.resigned:
        return now
    return now | Q(Exists(signed_before(scope).filter(sheet__task=OuterRef("task"))))


def reviewed_cases(scope: Scope) -> QuerySet:
    """Case files whose sheet had been signed (cf)."""
    rows = ChecklistSheet.objects.filter(
        _drawn(scope, "task__review__"),
        signature_held(scope),
        case__isnull=False,
        task__campaign=scope.campaign_id,
        task__kind=TaskKind.BUREAU,
        **scope.by_authority("task__authority"),
    )
    return rows.annotate(in_office=F("task__authority_id"), **_nowhere())


def _stood(scope: Scope) -> Q:
    now = Q(stands=True, raised_at__lte=scope.as_of)
    if not scope.past.resigned:
        return now
    before = EarlierReviewProblem.objects.filter(signing__in=signed_before(scope))
    return now | Q(pk__in=before.values("problem"))


def review_problems(scope: Scope) -> QuerySet:
    """Problems of the certification work that stand (cfp), and whether they had been confirmed as put right."""
    rows = ReviewProblem.objects.filter(
        _drawn(scope, "review__"),
        _stood(scope),
        review__campaign=scope.campaign_id,
        **scope.by_authority("review__authority"),
    )
    confirmed = Q(result=ProblemResult.CONFIRMED, decided_at__lte=scope.as_of)
    return rows.annotate(
        in_office=F("review__authority_id"), is_confirmed=flag(confirmed), **_nowhere()
    )
