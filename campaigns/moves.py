"""The moves of campaigns and draws: the tables, what speaks against each, what follows from it."""

import datetime as dt
from collections.abc import Callable

from django.core.exceptions import ValidationError
from django.db import transaction

from metrostd.common import audit, clock, jobs, table_statistics, turns
from metrostd.common.actors import Actor
from metrostd.common.enums import JobState
from metrostd.common.models import Job
from metrostd.common.templatetags.formats import cn_datetime
from metrostd.common.transitions import Transition, TransitionError

from . import acts, closing, duties, extension, notifications, opening, routing, services, terms
from .dates import stage_starts
from .enums import (
    Act,
    AnnulGround,
    CampaignState,
    DrawState,
    DutyKind,
    FrameState,
    StageKind,
    TermsState,
)
from .models import Campaign, ClosedEdition, DrawRun, SamplingFrame

OPENING_JOB = "campaigns.open"
REDRAW_DUTY = "重新抽取检查对象"
#: Why the opening cannot be asked for a second time while the first is under way.
BEING_OPENED = "正在开启，请稍候。"

Report = Callable[..., None]


def nothing_in_scope(campaign: Campaign) -> str:
    """A campaign without standards would owe nobody anything."""
    if routing.in_scope(campaign).exists():
        return ""
    return "台账中还没有属于本次范围的计量标准，请先导入名单。"


OPEN = Transition(
    "campaign.open",
    "开启专项行动",
    frozenset({CampaignState.DRAFT}),
    CampaignState.OPEN,
    guards=(nothing_in_scope,),
)
CLOSE = Transition(
    "campaign.close",
    "结束专项行动",
    frozenset({CampaignState.OPEN}),
    CampaignState.CLOSED,
    guards=(extension.blockers,),
)
REOPEN = Transition(
    "campaign.reopen",
    "重新开启专项行动",
    frozenset({CampaignState.CLOSED}),
    CampaignState.OPEN,
    needs_note=True,
)


def from_witnesses(run: DrawRun) -> list[str]:
    """What witnesses revealed was not typed by anybody else: there is nothing to correct."""
    if run.terms is not None and run.terms.value.startswith("wit:"):
        return ["见证人公布的数与承诺一致，没有录入错误可以更正。"]
    return []


#: A draw is never overwritten: with a mistyped value it is declared void, and the true one follows.
VOID = Transition(
    "draw.void",
    "作废抽取",
    frozenset({DrawState.VALID}),
    DrawState.VOID,
    needs_note=True,
    guards=(from_witnesses, extension.void_blockers),
)

#: The plan changes, the campaign goes on (通知三); ``adjusting`` does what follows.
ADJUST = Transition(
    "campaign.adjust",
    "调整方案",
    frozenset({CampaignState.OPEN}),
    CampaignState.OPEN,
    needs_note=True,
    otherwise="只有进行中的专项行动可以调整方案",
)


#: A list is shown for so long before it is frozen.
SHOWN_FOR = dt.timedelta(days=3)


def shown_too_short(frame: SamplingFrame) -> str:
    """Everybody concerned has had three days to say what is wrong with a list."""
    ready = frame.shown_at + SHOWN_FOR
    return "" if clock.now() >= ready else f"名单须公示3天，{cn_datetime(ready)}以后才能冻结。"


FREEZE = Transition(
    "frame.freeze",
    "冻结名单",
    frozenset({FrameState.SHOWN}),
    FrameState.FROZEN,
    guards=(shown_too_short,),
)
#: While a list is only shown nothing has been committed to: the office takes it back itself.
WITHDRAW = Transition(
    "frame.withdraw",
    "收回公示",
    frozenset({FrameState.SHOWN}),
    FrameState.LIFTED,
    needs_note=True,
)
#: A frozen list is given up for a failed source or a forged list alone, and by those above.
LIFT = Transition(
    "frame.lift",
    "撤回冻结",
    frozenset({FrameState.FROZEN}),
    FrameState.LIFTED,
    needs_note=True,
)
FRAME_MOVES = (FREEZE, WITHDRAW, LIFT)
CAMPAIGN_MOVES = (OPEN, CLOSE, REOPEN, ADJUST)
DRAW_MOVES = (VOID,)


def opening_job(campaign: Campaign) -> Job | None:
    """The last job that was to open this campaign."""
    return Job.objects.filter(kind=OPENING_JOB, arguments__campaign=campaign.pk).first()


@transaction.atomic
def request_opening(campaign: Campaign, *, actor: Actor | None) -> Job:
    """Accept the opening at once and leave the work to the background.

    TransitionError when the campaign is no draft or is being opened already, ValidationError when
    there is nothing to inspect or no rule to divide the work by.
    """
    locked = Campaign.objects.select_for_update().get(pk=campaign.pk)
    OPEN.check(locked)
    jobs_of_it = Job.objects.filter(kind=OPENING_JOB, arguments__campaign=locked.pk)
    if jobs_of_it.filter(state__in=JobState.active).exists():
        raise TransitionError(f"“{locked}”{BEING_OPENED}", obj=locked)
    routing.Rules.in_force()
    return jobs.start_job(
        OPENING_JOB,
        title=f"开启{locked}",
        owner=actor,
        campaign=locked.pk,
    )


def open_campaign(
    campaign: Campaign, *, actor: Actor | None, progress: Report | None = None
) -> dict[str, object]:
    """Divide the work and open the campaign; returns how much was made.

    What is made by the thousand is made first, slice by slice, so that nobody waits for the whole of it;
    nobody sees it while the campaign is a draft (``querysets.being_opened``), and whoever opens it again goes on where it
    stopped. What is missing then, the duties of offices and the new state come into being in one
    transaction. Units are told afterwards.
    """
    say: Report = progress or _silent
    campaign.refresh_from_db(fields=["state", "opening_begun_at"])
    OPEN.check(campaign)
    rules = routing.Rules.in_force()
    total = routing.in_scope(campaign).count()
    routing.route(
        campaign,
        routing.in_scope(campaign),
        rules=rules,
        progress=lambda done: say(done, total, "按类别分工"),
        turn=turns.turn,
    )
    ahead = opening.make_ahead(campaign, OPEN, actor=actor, progress=say)
    # By what was known of empty tables PostgreSQL takes 40 s to find that nothing is missing of 20,000 units.
    table_statistics.refresh_after(total)
    with transaction.atomic():
        OPEN.apply(campaign, actor=actor)
        counts = routing.settle(campaign, rules)
        audit.record(
            campaign,
            actor=actor,
            action="campaign.route",
            label="任务分工",
            after=counts,
            note=f"共{counts['routed']}项计量标准，其中{counts['unresolved']}项待人工确定。",
        )
        steps = {}
        for step in extension.opening_steps():
            say(total, total, step.title)
            made = step.run(campaign, actor=actor, progress=say)
            steps[step.title] = made + ahead.get(step.title, 0)
        offices = services.owe_draws(campaign)
        told = notifications.tell_opened(campaign, sender=actor)
        table_statistics.refresh_soon()
    told += opening.tell_afterwards(campaign, actor=actor)
    return {**counts, "steps": steps, "duties": offices, "told": told}


@transaction.atomic
def close_campaign(
    campaign: Campaign, *, actor: Actor | None, code: str = "", note: str = ""
) -> None:
    """End a campaign once no stage has a reason against it; its table is kept as an edition.

    Before its last stage, or with work not done, the campaign's ``code`` and a reason are asked
    for. ValidationError lists what stands against it.
    """
    acts.require_free(campaign)
    closing.finish(end_campaign(campaign, actor=actor, code=code, note=note))


def request_closing(
    campaign: Campaign, *, actor: Actor | None, code: str = "", note: str = ""
) -> Job | None:
    """Close at once (None); a campaign over thousands of units is checked at once and closed in the background."""
    if not acts.concerns_many(campaign):
        close_campaign(campaign, actor=actor, code=code, note=note)
        return None
    CLOSE.check(campaign)
    closing.check_sure(campaign, closing.left_open(campaign), code=code, note=note)
    title = f"结束{campaign}"
    return acts.leave(Act.CLOSE, campaign, title=title, actor=actor, code=code, note=note)


@transaction.atomic
def end_campaign(campaign: Campaign, *, actor: Actor | None, code: str, note: str) -> ClosedEdition:
    """The end itself; ``closing.finish`` is still to come."""
    Campaign.objects.select_for_update().get(pk=campaign.pk)
    CLOSE.check(campaign)
    unusual = closing.left_open(campaign)
    closing.check_sure(campaign, unusual, code=code, note=note)
    edition = closing.keep_edition(campaign, unusual=unusual, actor=actor, note=note)
    CLOSE.apply(campaign, actor=actor, note=note)
    return edition


@transaction.atomic
def reopen_campaign(campaign: Campaign, *, actor: Actor | None, note: str) -> None:
    """Take up a closed campaign again: what was owed is owed, the edition of its end stays."""
    acts.require_free(campaign)
    if edition := closing.latest(campaign):
        closing.keep_table(edition)
    REOPEN.apply(campaign, actor=actor, note=note)
    if edition:
        duties.restore_all(campaign, at=edition.closed_at)
        edition.reopened_at, edition.reopened_by = clock.now(), actor
        edition.reopened_reason = note.strip()
        edition.save(update_fields=["reopened_at", "reopened_by", "reopened_reason"])
    notifications.tell_reopened(campaign, sender=actor, note=note)


@transaction.atomic
def void_draw(run: DrawRun, *, actor: Actor | None, note: str) -> None:
    """Void a draw whose value was mistyped: the same terms and nonce, the true value follows.

    An unwelcome result is no ground: entered anew is what was announced in public, by two people. The draw is
    held while the reasons against it are asked for: a team sent meanwhile waits.
    """
    acts.require_free(run.frame.campaign, about=acts.list_key(run.frame))
    DrawRun.objects.select_for_update().get(pk=run.pk)
    VOID.apply(run, actor=actor, note=note)
    _undo(run, actor=actor, note=note)
    if run.terms is not None:
        terms.CORRECT.apply(run.terms, actor=actor, note=note, **_NOT_ENTERED)
    notifications.tell_void(run, sender=actor, note=note)


_NOT_ENTERED: dict[str, object] = {
    "value": "",
    "entered_by": None,
    "entered_at": None,
    "confirmed_by": None,
    "confirmed_at": None,
}


@transaction.atomic
def annul_freeze(frame: SamplingFrame, *, ground: str, actor: Actor | None, note: str) -> None:
    """Give up a frozen list, with its terms and its draw: decided above, on the two grounds there are.

    Every nonce is published with what it would have given; the office shows and freezes anew, under the next
    number. Later records print this one.
    """
    if ground not in AnnulGround.values:
        raise ValidationError({"ground": "请选择废止的原因。"})
    if not note.strip():
        raise ValidationError({"note": "请说明经过和依据。"})
    acts.require_free(frame.campaign, about=acts.list_key(frame))
    locked = SamplingFrame.objects.select_for_update().get(pk=frame.pk)
    LIFT.check(locked)
    run = frame.runs.valid().first()
    if run is not None:
        VOID.apply(run, actor=actor, note=note)
        _undo(run, actor=actor, note=note)
    for row in terms.to_annul(frame.terms.all()):
        nonce = terms.published_nonce(row)
        terms.ANNUL.apply(row, actor=actor, note=note, ground=ground, end_note=note, nonce=nonce)
        duties.cancel(row, kind=DutyKind.DRAW_CHECK)
    LIFT.apply(locked, actor=actor, note=f"{AnnulGround(ground).label}：{note}")
    notifications.tell_lifted(locked, sender=actor, note=note)


def _undo(run: DrawRun, *, actor: Actor | None, note: str) -> None:
    """The office owes a new draw, and no inspection of this one."""
    for row in terms.to_annul(run.later_terms.exclude(state=TermsState.DRAWN)):
        nonce = terms.published_nonce(row)
        terms.ANNUL.apply(row, actor=actor, note=note, end_note=note, nonce=nonce)
        duties.cancel(row, kind=DutyKind.DRAW_CHECK)
    campaign, authority = run.frame.campaign, run.frame.authority
    # Nothing drawn here has gone past the list, and there is no other draw of this office.
    of_bureaus = run.frame.of_bureaus
    owed = DutyKind.BUREAU_REVIEW if of_bureaus else DutyKind.INSPECTION
    duties.cancel_of_authority(campaign, kind=owed, authority=authority)
    starts = stage_starts(campaign, StageKind.ONSITE)
    duties.assign(
        campaign,
        kind=DutyKind.BUREAU_DRAW if of_bureaus else DutyKind.DRAW,
        title=REDRAW_DUTY,
        due_on=max(starts.get(authority.pk, starts[None]), clock.today()),
        target=campaign,
        authority=authority,
        detail=note,
    )


def _silent(*args: object, **kwargs: object) -> None:
    """Nobody watches."""
