"""What an opened campaign has to have: asked by the tests and by the benchmark that kill whoever opens it."""

from django.db.models import Count

from campaigns.models import Campaign, Duty
from metrostd.registry.models import MeasurementStandard
from selfcheck.models import SelfCheckReport


def gaps_and_doubles(campaign: Campaign) -> list[str]:
    """What the opened campaign lacks or has twice: routed standards, reports of units, duties of reports."""

    reports = SelfCheckReport.objects.filter(campaign=campaign)
    duties = Duty.objects.filter(campaign=campaign)
    doubled = duties.values("kind", "target_type", "target_id", "authority", "unit", "membership")
    owed = duties.filter(kind__in=("self_check", "bureau_self_check")).values("target_id")
    issued = campaign.routed.values("unit", "issuing_authority").distinct()
    found = {
        "standards not routed": MeasurementStandard.objects.count() - campaign.routed.count(),
        "reports of units that lack": issued.count() - reports.filter(kind="unit").count(),
        "reports nobody owes": reports.exclude(pk__in=owed).count(),
        "duties twice": doubled.order_by().annotate(n=Count("pk")).filter(n__gt=1).count(),
    }
    return [f"{words}: {many}" for words, many in found.items() if many]
