"""Acts over thousands of units: left to the background, and nothing done to the same campaign or list beside them.

Below ``MANY`` units an act takes a fraction of a second and is done at once. The act itself is one short transaction
in which its job learns that it is done (``jobs.reach``); what follows by the thousand goes in slices, and whoever takes
the job up again goes on there.
"""

import datetime as dt

from django.db import transaction
from django.db.models import QuerySet

from metrostd.common import clock, jobs
from metrostd.common.actors import Actor
from metrostd.common.enums import JobState
from metrostd.common.models import Job
from metrostd.common.shapes import JsonValue
from metrostd.common.transitions import TransitionError

from .enums import Act, FrameSubject
from .models import Campaign, SamplingFrame

ACT_JOB = "campaigns.act"
#: From so many units on an act is left to the background.
MANY = 2_000
#: So long the page of a campaign or a list says that an act has failed.
TOLD = dt.timedelta(days=3)


def concerns_many(campaign: Campaign, *, authority_id: int | None = None) -> bool:
    """Whether so many units are inspected in the campaign, or by one office in it."""
    rows = campaign.routed.all()
    if authority_id is not None:
        rows = rows.filter(inspecting_authority=authority_id)
    return rows.order_by().values("unit").distinct().count() >= MANY


def list_of(authority_id: int, subject: str = FrameSubject.UNITS) -> str:
    """How a job names the list of an office, also before there is one."""
    return f"{authority_id}/{subject}"


def list_key(frame: SamplingFrame) -> str:
    return list_of(frame.authority_id, frame.subject)


def of_campaign(campaign: Campaign, *, about: str = "") -> QuerySet[Job]:
    """The jobs of acts over a campaign, the newest first; over one list of it and the campaign with ``about``."""
    rows = Job.objects.filter(kind=ACT_JOB, arguments__campaign=campaign.pk)
    return rows.filter(arguments__about__in=("", about)) if about else rows


def latest(campaign: Campaign, *, about: str = "") -> Job | None:
    """The last act over this campaign or this list while it is under way, and for some days when it failed."""
    rows = Job.objects.filter(kind=ACT_JOB, arguments__campaign=campaign.pk)
    row = rows.filter(arguments__about=about).first()
    if row is None or row.state == JobState.DONE:
        return None
    told = row.finished_at is None or clock.now() - row.finished_at < TOLD
    return row if told else None


def under_way(campaign: Campaign, *, about: str = "") -> Job | None:
    """What is being done to the whole campaign, or to this list of it; of every list when none is named."""
    return of_campaign(campaign, about=about).filter(state__in=JobState.active).first()


def lists_under_way(campaign: Campaign) -> dict[str, str]:
    """What is being done to which list of a campaign, by ``list_of``; under no name what is done to all of it."""
    rows = of_campaign(campaign).filter(state__in=JobState.active)
    return dict(rows.values_list("arguments__about", "title"))


def draw_of(campaign_id: int, *, terms: int) -> Job | None:
    """The job that draws with these terms, the newest."""
    rows = Job.objects.filter(kind=ACT_JOB, arguments__campaign=campaign_id)
    return rows.filter(arguments__act=Act.DRAW, arguments__terms=terms).first()


def at_work(job: Job) -> bool:
    """Whether it waits for a worker or has one."""
    return job.is_active and not jobs.is_lost(job)


def said(title: str) -> str:
    """Why nothing else can be done beside this act; empty when there is none."""
    return f"正在办理“{title}”，请稍候。" if title else ""


def busy(campaign: Campaign, *, about: str = "") -> str:
    """Why nothing else can be done now; empty when it can."""
    job = under_way(campaign, about=about)
    return said(job.title if job else "")


def require_free(campaign: Campaign, *, about: str = "") -> None:
    """TransitionError while a worker does something to the campaign, or to the list."""
    if said := busy(campaign, about=about):
        raise TransitionError(said, obj=campaign)


@transaction.atomic
def leave(
    act: Act,
    campaign: Campaign,
    *,
    title: str,
    actor: Actor | None,
    about: str = "",
    settled: bool = False,
    **arguments: JsonValue,
) -> Job:
    """Accept an act at once and leave it to the background; TransitionError beside another one.

    One that was ``settled`` by what its caller has written waits for no other and asks for no right again.
    """
    Campaign.objects.select_for_update().get(pk=campaign.pk)
    if not settled:
        require_free(campaign, about=about)
    job = jobs.start_job(
        ACT_JOB,
        title=title,
        owner=actor,
        act=act,
        campaign=campaign.pk,
        about=about,
        **arguments,
    )
    if settled:
        job.reached = {"settled": True}
        job.save(update_fields=["reached"])
    return job
