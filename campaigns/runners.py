"""Background work of campaigns."""

from metrostd.common.jobs import Progress, job_runner
from metrostd.common.models import Job

from . import moves
from .enums import CampaignState
from .models import Campaign


@job_runner(moves.OPENING_JOB)
def run_opening(job: Job, progress: Progress) -> str:
    """Open the campaign named in the job, in the capacity in which it was asked for."""
    campaign = Campaign.objects.select_related("organiser").get(pk=job.arguments["campaign"])
    if job.begun_before and campaign.state == CampaignState.OPEN:
        return campaign.get_absolute_url()
    moves.open_campaign(campaign, actor=job.owner, progress=progress)
    return campaign.get_absolute_url()
