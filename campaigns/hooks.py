"""What campaigns add to what is below: reasons against merging two units, who may still open."""

from collections.abc import Callable, Iterable

from django.db.models import Exists, OuterRef

from metrostd.accounts.leaving import Holding, holding
from metrostd.common import sealing
from metrostd.common.actors import Actor
from metrostd.common.exports import keep_for_export
from metrostd.common.jobs import job_right
from metrostd.common.models import Job
from metrostd.common.policies import YES, Verdict
from metrostd.registry.extension import merge_guard, on_scope_decided
from metrostd.registry.models import MeasurementStandard, Unit
from metrostd.trail.anchors import anchor_source

from . import acts, duties, extension, moves, pledges, policies, routing
from .current import go_on_with, keep_current
from .enums import CampaignState, DrawState
from .extension import closing_guard, opening_step
from .models import Campaign, DrawRun, DrawTerms, RoutedStandard, SamplingFrame


@merge_guard
def listed_together(survivor: Unit, gone: Unit) -> Iterable[str]:
    """Two units of one running list or of one valid draw stay two.

    Frames and draws keep the ids they froze, so an old one holds whatever is merged. But while a
    campaign runs, a frame with both could draw the same body twice; and where both were drawn, the
    figures counted two inspected units and would count one.
    """
    both = SamplingFrame.objects.frozen().filter(entries__unit=survivor).filter(entries__unit=gone)
    running = both.exclude(campaign__state=CampaignState.CLOSED).distinct()
    for frame in running.select_related("campaign", "authority"):
        yield (
            f"两家单位都在{frame.authority}为“{frame.campaign}”冻结的抽样框中，"
            "专项行动结束后才能合并。"
        )
    drawn = DrawRun.objects.filter(state=DrawState.VALID, drawn__unit=survivor)
    drawn = drawn.filter(drawn__unit=gone).distinct()
    for run in drawn.select_related("frame__campaign", "frame__authority"):
        yield (
            f"“{run.frame.campaign}”中{run.frame.authority}的抽取结果同时抽中了这两家单位，"
            "检查记录按两家统计，不能合并。"
        )


@closing_guard
def draws_under_way(campaign: Campaign) -> Iterable[str]:
    """A draw that was announced comes to its end: closing the campaign would let it lapse."""
    for row in campaign.terms.live().select_related("authority"):
        yield f"{row}尚未办结（{row.get_state_display()}）。"


@on_scope_decided
def what_running_campaigns_make_of_it(
    standard: MeasurementStandard, *, actor: Actor | None
) -> Iterable[str]:
    """Tasks and frames to come follow the decision; frozen frames and valid draws are evidence and stay."""
    move = routing.take_in if standard.in_scope else routing.leave_out
    for row in move(standard, actor=actor):
        yield from extension.scope_moved(row, taken_in=standard.in_scope, actor=actor)
    frames = SamplingFrame.objects.frozen().exclude(campaign__state=CampaignState.CLOSED)
    frames = frames.select_related("campaign", "authority")
    if not standard.in_scope:
        for frame in frames.filter(entries__standard=standard).distinct():
            yield (
                f"{frame.authority}为“{frame.campaign}”冻结的抽样框中已有这项计量标准，不随之改变；"
                "已经抽中的，请在检查任务中说明。"
            )
        return
    routed = RoutedStandard.objects.filter(
        standard=standard,
        campaign=OuterRef("campaign"),
        inspecting_authority=OuterRef("authority"),
    )
    missing = frames.filter(Exists(routed)).exclude(entries__standard=standard)
    for frame in missing:
        yield (
            f"{frame.authority}为“{frame.campaign}”冻结的抽样框中没有这项计量标准；"
            "需要检查的，作为定向检查补充。"
        )


@opening_step("要求签署保密承诺书")
def ask_for_pledges(
    campaign: Campaign, *, actor: Actor | None, progress: Callable[..., None]
) -> int:
    """From its first day a campaign asks everybody who will see inspection data for the newest words."""
    return pledges.ask(campaign, actor=actor)


@job_right(moves.OPENING_JOB)
def may_still_open(job: Job) -> Verdict:
    """Who asked for the opening runs campaigns for the organiser when its turn comes, too."""
    return YES if job.owner is None else policies.may_run_campaigns(job.owner)


@job_right(acts.ACT_JOB)
def may_still_act(job: Job) -> Verdict:
    """Who asked for an act over thousands of units may still do it when its turn comes."""
    return YES if job.owner is None else policies.may_do_act(job.owner, job)


keep_for_export("campaign", take=keep_current, give=go_on_with)

sealing.keep_sealed(DrawTerms, "sealed_nonce")

holding(
    Holding(
        "应办事项",
        lambda leaving: [str(duty) for duty in duties.of_person(leaving)],
        lambda leaving, taking, actor: duties.pass_on(leaving, taking, actor=actor),
    )
)


@anchor_source
def heads_in_draws() -> Iterable[str]:
    """Records of draws say where the seal on the trail stood."""
    return DrawRun.objects.filter(facts__has_key="trail_head").values_list(
        "facts__trail_head", flat=True
    )
