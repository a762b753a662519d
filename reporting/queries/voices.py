"""What was asked and reported beside the visits, as it was known at the cut-off (block IV)."""

from django.db.models import BigIntegerField, CharField, F, Q, QuerySet, Value

from inspections.models import SingleIssueReport
from metrostd.complaints.models import Complaint
from metrostd.risk.models import RiskWarning

from .placing import flag
from .scope import Scope


def single_issues(scope: Scope) -> QuerySet:
    """Matters put to the office above by then, each counted once however often it was asked again (hard)."""
    nothing = Value(None, output_field=CharField())
    rows = SingleIssueReport.objects.filter(
        campaign=scope.campaign_id,
        reported_at__lte=scope.as_of,
        **scope.by_authority("authority"),
    )
    return rows.annotate(
        in_office=F("authority_id"),
        in_unit=F("task__unit_id"),
        in_category=nothing,
        in_field=nothing,
    )


def complaints(scope: Scope) -> QuerySet:
    """Complaints and tip-offs taken up, under the office that handles them; nothing of what they say (cmp_in)."""
    nothing = Value(None, output_field=CharField())
    rows = Complaint.objects.filter(
        campaign=scope.campaign_id,
        by_discipline=False,
        accepted_at__lte=scope.as_of,
        **scope.by_authority("authority"),
    )
    return rows.annotate(
        in_office=F("authority_id"),
        in_unit=Value(None, output_field=BigIntegerField()),
        in_category=nothing,
        in_field=nothing,
        is_closed=flag(Q(closed_at__lte=scope.as_of)),
    )


def risk_warnings(scope: Scope) -> QuerySet:
    """Warnings raised in the days of the campaign, whatever became of them since (warn)."""
    rows = RiskWarning.objects.filter(
        raised_on__range=scope.days, **scope.by_authority("authority")
    )
    return rows.annotate(
        in_office=F("authority_id"),
        in_unit=F("standard__unit_id"),
        in_category=Value(None, output_field=CharField()),
        in_field=Value(None, output_field=CharField()),
    )
