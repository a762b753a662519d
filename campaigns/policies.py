"""Who may do what with campaigns, frames and draws, and why not.

``may_…`` asks about the person alone; ``can_…`` also about the state of the thing and is what a
button shows. A view enforces the first and leaves the state to the domain function, so that a
second press is answered as stale (409) and not as forbidden.
"""

from metrostd.common.actors import Actor
from metrostd.common.models import Job
from metrostd.common.policies import YES, Verdict, first_no, not_now, not_you
from metrostd.common.roles import Role
from metrostd.registry.models import Authority

from . import moves, widening
from .enums import CampaignState, FrameState
from .models import Campaign, DrawnUnit, DrawRun, SamplingFrame
from .sampling import extensible, running
from .separation import VOID_DRAW


def may_run_campaigns(user: Actor) -> Verdict:
    """The municipal office plans, opens and closes campaigns and settles who inspects what."""
    if user.scope.role == Role.CITY_ADMIN:
        return YES
    return not_you("只有市市场监管委计量处可以办理。")


def may_chase(user: Actor) -> Verdict:
    """Offices ask their units, their people and their districts to get on with it."""
    if user.scope.role in Role.offices:
        return YES
    return not_you("催办由市、区主管处室办理。")


def may_sample(user: Actor) -> Verdict:
    """Frames and draws are the offices' business: nobody else learns of a draw beforehand."""
    return (
        YES if user.scope.role in Role.offices else not_you("只有组织检查的部门可以查看抽查情况。")
    )


def may_sample_for(user: Actor, authority: Authority) -> Verdict:
    """An office freezes and draws for itself; the municipal office for every authority."""
    reach = user.scope.casework
    if may_sample(user) and (reach.everything or authority.pk in reach.authority_ids):
        return YES
    return not_you("只能办理本部门的抽查。")


def can_edit(user: Actor, campaign: Campaign) -> Verdict:
    """A plan changes only while it is in preparation."""
    if campaign.state != CampaignState.DRAFT:
        return not_now("专项行动已经开启，不能再修改方案。")
    return may_run_campaigns(user)


def may_adjust_for(user: Actor, authority: Authority | None) -> Verdict:
    """The municipal office adjusts for all and for each; a district its own, and files it (通知三)."""
    if verdict := may_run_campaigns(user):
        return verdict
    own = user.acting.authority_id if user.acting else None
    if user.scope.role == Role.DISTRICT_ADMIN and authority is not None and authority.pk == own:
        return YES
    return not_you("只有市市场监管委计量处和本局计量科可以调整方案。")


def can_adjust(user: Actor, campaign: Campaign, authority: Authority | None) -> Verdict:
    """Dates and ratio of a campaign that runs."""
    return may_adjust_for(user, authority) and moves.ADJUST.verdict(campaign)


def can_open(user: Actor, campaign: Campaign, *, job: Job | None) -> Verdict:
    """Open a draft that has something to inspect and is not being opened by ``job`` already."""
    if job is not None and job.is_active:
        return not_now(moves.BEING_OPENED)
    return may_run_campaigns(user) and moves.OPEN.verdict(campaign)


def can_close(user: Actor, campaign: Campaign) -> Verdict:
    """Close an open campaign against which no stage has a reason."""
    return may_run_campaigns(user) and moves.CLOSE.verdict(campaign)


def can_reopen(user: Actor, campaign: Campaign) -> Verdict:
    """Take up a closed campaign again."""
    return may_run_campaigns(user) and moves.REOPEN.verdict(campaign)


def can_freeze(
    user: Actor, campaign: Campaign, authority: Authority, *, frozen: bool, standards: int
) -> Verdict:
    """Freeze the list once, in a running campaign, for an office that has something to inspect."""
    if not (verdict := running(campaign)):
        return verdict
    if frozen:
        return not_now("名单已经冻结。")
    if not standards:
        return not_now("没有由该部门组织检查的计量标准。")
    return may_sample_for(user, authority)


def can_lift(user: Actor, frame: SamplingFrame) -> Verdict:
    """Take the freeze back while nothing has been drawn from the list."""
    return first_no(
        may_sample_for(user, frame.authority), running(frame.campaign), moves.LIFT.verdict(frame)
    )


def can_draw(user: Actor, frame: SamplingFrame, *, drawn: bool) -> Verdict:
    """Draw from a frozen list that has no valid draw."""
    if not (verdict := running(frame.campaign)):
        return verdict
    if frame.state != FrameState.FROZEN:
        return not_now("这份名单的冻结已撤回。")
    if drawn:
        return not_now("已有有效的抽取结果，须先作废才能重新抽取。")
    return may_sample_for(user, frame.authority)


def can_add_directed(user: Actor, run: DrawRun) -> Verdict:
    """Add units by direction to a valid draw of a running campaign."""
    return first_no(
        may_sample_for(user, run.frame.authority), running(run.frame.campaign), extensible(run)
    )


def can_supplement(user: Actor, run: DrawRun) -> Verdict:
    """Draw by chance for the fields a draw has missed."""
    return may_sample_for(user, run.frame.authority) and widening.open_to_supplement(run)


def can_take_further(user: Actor, drawn: DrawnUnit) -> Verdict:
    """Take further standards of a drawn unit before its visit begins."""
    return may_sample_for(user, drawn.run.frame.authority) and widening.open_to_widen(drawn)


def may_void(user: Actor, run: DrawRun) -> Verdict:
    """The office, but not who ran the draw."""
    return VOID_DRAW.verdict(user, run, may=may_sample_for(user, run.frame.authority))


def can_void(user: Actor, run: DrawRun) -> Verdict:
    """Declare a draw void unless inspections have begun on it."""
    return may_void(user, run) and moves.VOID.verdict(run)
