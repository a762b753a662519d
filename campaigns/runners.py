"""Background work of campaigns."""

from django.urls import reverse

from metrostd.common.jobs import Progress, job_runner
from metrostd.common.models import Job

from . import moves, opening, rerouting, routing_tables
from .enums import CampaignState
from .models import Campaign
from .routing import Rules


@job_runner(moves.OPENING_JOB)
def run_opening(job: Job, progress: Progress) -> str:
    """Open the campaign named in the job, in the capacity in which it was asked for."""
    campaign = Campaign.objects.select_related("organiser").get(pk=job.arguments["campaign"])
    if job.begun_before and campaign.state == CampaignState.OPEN:
        opening.tell_afterwards(campaign, actor=job.owner)
        return campaign.get_absolute_url()
    moves.open_campaign(campaign, actor=job.owner, progress=progress)
    return campaign.get_absolute_url()


@job_runner(routing_tables.FOLLOW_JOB)
def run_following(job: Job, progress: Progress) -> str:
    """Running campaigns follow the routing table in force; what has moved already moves no more."""
    rules = Rules.in_force()
    for campaign in rerouting.running():
        rerouting.follow(
            campaign,
            rules,
            actor=job.owner,
            progress=lambda done: progress(done, 0, "按新的任务分工表改派"),
        )
    return reverse("campaigns:routing_table", args=[rules.version])
