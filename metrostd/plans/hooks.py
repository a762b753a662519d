"""What plans say to stages below: with which other inspections an office makes its own together."""

import datetime as dt

from campaigns.models import Campaign
from campaigns.together import together_source
from metrostd.registry.models import Authority

from .models import WorkPlan


@together_source
def merged_with(campaign: Campaign, authority: Authority, by: dt.datetime) -> str:
    """Of a plan that had been handed in by then."""
    plans = WorkPlan.objects.handed_in(by).filter(campaign=campaign, authority=authority)
    return plans.values_list("merged_then", flat=True).first() or ""
