"""Background work of campaigns."""

from metrostd.common.jobs import Progress, job_runner
from metrostd.common.models import Job

from . import moves
from .models import Campaign


@job_runner(moves.OPENING_JOB)
def run_opening(job: Job, progress: Progress) -> str:
    """Open the campaign named in the job, in the capacity in which it was asked for."""
    campaign = Campaign.objects.select_related("organiser").get(pk=job.arguments["campaign"])
    moves.open_campaign(campaign, actor=job.owner, progress=progress)
    return campaign.get_absolute_url()
