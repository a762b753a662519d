"""Background work of campaigns."""

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import cast

from django.db import transaction
from django.urls import reverse

from metrostd.common import turns
from metrostd.common.actors import Actor
from metrostd.common.jobs import Progress, job_runner, reach
from metrostd.common.models import Job
from metrostd.common.transitions import TransitionError
from metrostd.registry.models import Authority

from . import (
    acts,
    adjusting,
    closing,
    extension,
    frames,
    listing,
    moves,
    opening,
    rerouting,
    routing_tables,
    sampling,
    settling,
)
from .enums import Act, AdjustmentCause, CampaignState, FrameSubject, PlanField
from .models import Campaign, ClosedEdition, DrawRun, DrawTerms, SamplingFrame
from .routing import Rules
from .terms import DRAW

#: What jobs of acts do, by the act.
_DOING: dict[str, Callable[[Job, Campaign, Progress], str]] = {}


@job_runner(moves.OPENING_JOB)
def run_opening(job: Job, progress: Progress) -> str:
    """Open the campaign named in the job, in the capacity in which it was asked for."""
    campaign = Campaign.objects.select_related("organiser").get(pk=job.arguments["campaign"])
    if job.begun_before and campaign.state == CampaignState.OPEN:
        opening.tell_afterwards(campaign, actor=job.owner)
        return campaign.get_absolute_url()
    moves.open_campaign(campaign, actor=job.owner, progress=progress)
    return campaign.get_absolute_url()


def _remember(job: Job, campaign: Campaign, moved: rerouting.Moved) -> None:
    reach(job, **{str(campaign.pk): moved.as_json()})


@job_runner(routing_tables.FOLLOW_JOB)
def run_following(job: Job, progress: Progress) -> str:
    """Running campaigns follow the routing table in force; what has moved already moves no more, who was told is told no more."""
    rules = Rules.in_force()
    for campaign in rerouting.running():
        rerouting.follow(
            campaign,
            rules,
            actor=job.owner,
            progress=lambda done: progress(done, 0, "按新的任务分工表改派"),
            moved=rerouting.Moved.kept(job.reached.get(str(campaign.pk), {})),
            keep=partial(_remember, job, campaign),
        )
    return reverse("campaigns:routing_table", args=[rules.version])


def _does(act: Act) -> Callable[..., Callable[[Job, Campaign, Progress], str]]:
    def register(
        doing: Callable[[Job, Campaign, Progress], str],
    ) -> Callable[[Job, Campaign, Progress], str]:
        _DOING[act] = doing
        return doing

    return register


@job_runner(acts.ACT_JOB)
def run_act(job: Job, progress: Progress) -> str:
    """Do what the job names: the act in one transaction unless it has been done, then what follows from it."""
    campaign = Campaign.objects.select_related("organiser").get(pk=job.arguments["campaign"])
    return _DOING[job.arguments["act"]](job, campaign, progress)


@_does(Act.ADJUST)
def _adjust(job: Job, campaign: Campaign, progress: Progress) -> str:
    given = job.arguments
    authority = Authority.objects.filter(pk=given["authority"]).first()
    if "changes" not in job.reached:
        progress(0, 0, "调整方案")
        with transaction.atomic():
            made = adjusting.decide(
                campaign,
                authority=authority,
                wanted={PlanField(f): adjusting.read(f, v) for f, v in given["wanted"].items()},
                cause=AdjustmentCause(given["cause"]),
                note=given["note"],
                actor=job.owner,
            )
            reach(job, changes=[[c.field, str(c.old), str(c.new)] for c in made])
    changes = [adjusting.Change.kept(*row) for row in job.reached["changes"]]
    adjusting.follow(campaign, authority, changes, progress=progress)
    return campaign.get_absolute_url()


@_does(Act.CLOSE)
def _close(job: Job, campaign: Campaign, progress: Progress) -> str:
    if "edition" not in job.reached:
        progress(0, 0, "结束专项行动")
        with transaction.atomic():
            code, note = job.arguments["code"], job.arguments["note"]
            made = moves.end_campaign(campaign, actor=job.owner, code=code, note=note)
            reach(job, edition=made.pk)
    edition = ClosedEdition.objects.select_related("campaign").get(pk=job.reached["edition"])
    if edition.reopened_at is None:
        closing.finish(edition, progress=progress)
    return campaign.get_absolute_url()


@_does(Act.SHOW)
def _show(job: Job, campaign: Campaign, progress: Progress) -> str:
    if "frame" not in job.reached:
        authority = Authority.objects.get(pk=job.arguments["authority"])
        progress(0, 0, "读取名单")
        with turns.only_reading():
            sampling.check_showable(campaign, authority)
            found = frames.read(campaign, authority, FrameSubject.UNITS, issued_from=None)
        progress(0, 0, "公示名单")
        with transaction.atomic():
            sampling.check_showable(campaign, authority)
            made = listing.keep_shown(campaign, authority, found, actor=job.owner)
            reach(job, frame=made.pk)
    return SamplingFrame.objects.get(pk=job.reached["frame"]).get_absolute_url()


@_does(Act.FREEZE)
def _freeze(job: Job, campaign: Campaign, progress: Progress) -> str:
    frame = SamplingFrame.objects.select_related("campaign", "authority").get(
        pk=job.arguments["frame"]
    )
    if "frame" not in job.reached:
        progress(0, 0, "读取名单，计算哈希")
        with turns.only_reading():
            sampling.require_running(campaign)
            moves.FREEZE.check(frame)
            prepared = listing.prepare(frame)
        progress(0, 0, "冻结名单")
        with transaction.atomic():
            held = SamplingFrame.objects.select_for_update().get(pk=frame.pk)
            sampling.require_running(Campaign.objects.get(pk=campaign.pk))
            moves.FREEZE.check(held)
            listing.keep_frozen(held, prepared, actor=job.owner)
            reach(job, frame=frame.pk)
    return frame.get_absolute_url()


@_does(Act.DRAW)
def _draw(job: Job, campaign: Campaign, progress: Progress) -> str:
    terms = DrawTerms.objects.select_related("frame__campaign", "frame__authority", "run")
    if "run" not in job.reached:
        row = terms.get(pk=job.arguments["terms"])
        progress(0, 0, "核对名单哈希，计算抽取结果")
        with turns.only_reading():
            sampling.require_running(campaign)
            DRAW.check(row)
            found = settling.calculate(row)
        if found.value != job.arguments["value"]:
            raise TransitionError("号码在核对以后变动，没有抽取，请重新核对。", obj=row)
        progress(0, 0, "固定抽取结果")
        with transaction.atomic():
            held = terms.select_for_update(of=("self",)).get(pk=row.pk)
            sampling.require_running(Campaign.objects.get(pk=campaign.pk))
            at = dt.datetime.fromisoformat(job.arguments["confirmed_at"])
            made = settling.keep(held, found, actor=cast("Actor", job.owner), confirmed_at=at)
            reach(job, run=made.pk)
    run = DrawRun.objects.select_related("frame__campaign", "frame__authority").get(
        pk=job.reached["run"]
    )
    extension.after_draw(run, actor=job.owner, turn=turns.turn, progress=progress)
    return run.get_absolute_url()
