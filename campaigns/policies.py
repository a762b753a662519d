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

from . import acts, moves, notifications, opening, pledges, widening
from . import terms as terms_moves
from .enums import Act, CampaignState, FrameState, TermsState
from .models import Campaign, DrawnUnit, DrawRun, DrawTerms, SamplingFrame
from .sampling import extensible, open_to_direct, running
from .separation import ACKNOWLEDGE, CONFIRM, DECIDE


def may_run_campaigns(user: Actor) -> Verdict:
    """The municipal office plans, opens and closes campaigns and settles who inspects what."""
    if user.scope.role == Role.CITY_ADMIN:
        return YES
    return not_you("只有市市场监管委计量处可以办理。")


def can_keep_routing(user: Actor) -> Verdict:
    """The administrator keeps the table; what it moves the offices read."""
    if user.scope.role == Role.SYSTEM_ADMIN:
        return YES
    return not_you("任务分工表由系统管理员维护。")


def can_ask_pledge(user: Actor, campaign: Campaign) -> Verdict:
    """A campaign opened before there were pledges."""
    return pledges.can_ask(user, campaign, may=may_run_campaigns(user))


def may_see_pledges(user: Actor) -> Verdict:
    """Offices see to it that their people have signed."""
    return YES if user.scope.role in Role.offices else not_you("承诺书签署情况由主管处室查看。")


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
    if campaign.opening_begun_at:
        return not_now(opening.BEGUN)
    return may_run_campaigns(user)


def may_adjust_for(user: Actor, authority: Authority | None) -> Verdict:
    """The municipal office adjusts for all and for each; a district its own, and files it (通知三)."""
    if verdict := may_run_campaigns(user):
        return verdict
    own = user.acting.authority_id if user.acting else None
    if user.scope.role == Role.DISTRICT_ADMIN and authority is not None and authority.pk == own:
        return YES
    return not_you("只有市市场监管委计量处和本局计量科可以调整方案。")


def may_do_act(user: Actor, job: Job) -> Verdict:
    """What a job over thousands of units does, its owner may do in person."""
    given = job.arguments
    if given["act"] == Act.ADJUST:
        authority = Authority.objects.filter(pk=given["authority"]).first()
        return may_adjust_for(user, authority)
    if given["act"] == Act.SHOW:
        return may_sample_for(user, Authority.objects.get(pk=given["authority"]))
    if given["act"] == Act.FREEZE:
        frame = SamplingFrame.objects.select_related("authority").get(pk=given["frame"])
        return may_sample_for(user, frame.authority)
    if given["act"] == Act.DRAW:
        return may_confirm(user, DrawTerms.objects.get(pk=given["terms"]))
    return may_run_campaigns(user)


def is_free(campaign: Campaign, *, about: str = "") -> Verdict:
    """Nothing is done beside an act over thousands of units: the page says which is under way."""
    return not_now(acts.busy(campaign, about=about))


def _list_is_free(frame: SamplingFrame) -> Verdict:
    return is_free(frame.campaign, about=acts.list_key(frame))


def can_adjust(user: Actor, campaign: Campaign, authority: Authority | None) -> Verdict:
    """Dates and ratio of a campaign that runs."""
    may = may_adjust_for(user, authority)
    return may and moves.ADJUST.verdict(campaign) and is_free(campaign)


def can_open(user: Actor, campaign: Campaign, *, job: Job | None) -> Verdict:
    """Open a draft that has something to inspect and is not being opened by ``job`` already."""
    if job is not None and job.is_active:
        return not_now(moves.BEING_OPENED)
    return may_run_campaigns(user) and moves.OPEN.verdict(campaign)


def can_prepare_closing(user: Actor, campaign: Campaign) -> Verdict:
    """Look at what stands against closing an open campaign; counting it is that page's work alone."""
    may = may_run_campaigns(user)
    return may and moves.CLOSE.state_verdict(campaign) and is_free(campaign)


def can_close(user: Actor, campaign: Campaign) -> Verdict:
    """Close an open campaign against which no stage has a reason."""
    return may_run_campaigns(user) and moves.CLOSE.verdict(campaign) and is_free(campaign)


def can_reopen(user: Actor, campaign: Campaign) -> Verdict:
    """Take up a closed campaign again."""
    return may_run_campaigns(user) and moves.REOPEN.verdict(campaign) and is_free(campaign)


def can_show(
    user: Actor,
    campaign: Campaign,
    authority: Authority,
    *,
    shown: bool,
    standards: int,
    under_way: str = "",
) -> Verdict:
    """Show the list once, in a running campaign, for an office that has something to inspect.

    ``under_way`` is the title of what is being done to it, or to the campaign.
    """
    if not (verdict := running(campaign)):
        return verdict
    if shown:
        return not_now("名单已经公示或者冻结。")
    if not standards:
        return not_now("没有由该部门组织检查的计量标准。")
    if under_way:
        return not_now(acts.said(under_way))
    return may_sample_for(user, authority)


def can_show_bureaus(user: Actor, campaign: Campaign, *, shown: bool) -> Verdict:
    """Show the list of bureaus once, in a running campaign: the organiser's office."""
    if shown:
        return not_now("区局名单已经公示或者冻结。")
    return running(campaign) and may_run_campaigns(user)


def can_freeze(user: Actor, frame: SamplingFrame) -> Verdict:
    """Freeze a list that has been shown for three days."""
    return first_no(
        may_sample_for(user, frame.authority),
        running(frame.campaign),
        moves.FREEZE.verdict(frame),
        _list_is_free(frame),
    )


def can_withdraw(user: Actor, frame: SamplingFrame) -> Verdict:
    """Take back a list that is only shown."""
    return first_no(
        may_sample_for(user, frame.authority),
        running(frame.campaign),
        moves.WITHDRAW.verdict(frame),
        _list_is_free(frame),
    )


def can_announce(user: Actor, frame: SamplingFrame, *, drawn: bool, live: bool) -> Verdict:
    """Announce terms on a frozen list that has neither a draw nor terms under way."""
    if not (verdict := running(frame.campaign)):
        return verdict
    if frame.state != FrameState.FROZEN:
        return not_now("名单冻结以后才能公布抽取约定。")
    if drawn:
        return not_now("已有有效的抽取结果。")
    if live:
        return not_now("已有一份约定尚未办结。")
    if not notifications.above(frame):
        return not_now("还没有人可以收悉：请系统管理员先为纪检监督开通账户。")
    return may_sample_for(user, frame.authority)


def may_see_terms(user: Actor) -> Verdict:
    """Terms are for the offices and for those who watch them."""
    if user.scope.role == Role.DISCIPLINE:
        return YES
    return may_sample(user)


def is_above(user: Actor, campaign: Campaign, authority: Authority) -> Verdict:
    """The office that runs the campaign, and 纪检监督; for the organiser's own draws 纪检监督 alone."""
    acting = user.acting
    if acting is not None and acting.authority_id == campaign.organiser_id:
        own = authority.pk == campaign.organiser_id
        if acting.role == Role.DISCIPLINE or (acting.role == Role.CITY_ADMIN and not own):
            return YES
    who = "纪检监督" if authority.pk == campaign.organiser_id else f"{campaign.organiser}"
    return not_you(f"由上级（{who}）办理。")


def may_acknowledge(user: Actor, terms: DrawTerms) -> Verdict:
    """Those above, and nobody of the office that draws."""
    may = is_above(user, terms.campaign, terms.authority)
    return may and ACKNOWLEDGE.verdict(user, terms, may=may)


def can_acknowledge(user: Actor, terms: DrawTerms) -> Verdict:
    """Acknowledge terms while there is time."""
    return first_no(
        terms_moves.ACKNOWLEDGE.verdict(terms),
        running(terms.campaign),
        may_acknowledge(user, terms),
    )


def may_enter(user: Actor, terms: DrawTerms) -> Verdict:
    """The office itself within the grace, those above at any time once it has passed."""
    above = is_above(user, terms.campaign, terms.authority)
    if terms_moves.in_grace(terms):
        return may_sample_for(user, terms.authority)
    return above if above else not_you("约定时间后24小时内没有录入，改由上级录入。")


def can_enter(user: Actor, terms: DrawTerms) -> Verdict:
    """Enter the value from the named moment on."""
    return first_no(
        terms_moves.ENTER.verdict(terms),
        running(terms.campaign),
        may_enter(user, terms),
        _list_is_free(terms.frame),
    )


def may_confirm(user: Actor, terms: DrawTerms) -> Verdict:
    """A second person above; where somebody above entered it, anybody else who may draw here."""
    may = is_above(user, terms.campaign, terms.authority)
    if not may and user.pk not in set(CONFIRM.kept(terms)):
        may = may_sample_for(user, terms.authority)
    return may and CONFIRM.verdict(user, terms, may=may)


def can_confirm(user: Actor, terms: DrawTerms) -> Verdict:
    """Enter the value a second time; when both agree, the draw is made."""
    return first_no(
        not_now(terms_moves.said_by_witnesses(terms)),
        terms_moves.DRAW.verdict(terms),
        running(terms.campaign),
        may_confirm(user, terms),
        _list_is_free(terms.frame),
    )


def can_record_missed(user: Actor, terms: DrawTerms) -> Verdict:
    """Put the value beside terms that lapsed, once it is known."""
    if terms.state != TermsState.LAPSED or terms.value:
        return not_now("这份约定不需要补录号码。")
    if early := terms_moves.too_early(terms):
        return not_now(early)
    may = is_above(user, terms.campaign, terms.authority)
    return may if may else may_sample_for(user, terms.authority)


def may_decide(user: Actor, frame: SamplingFrame) -> Verdict:
    """Void a draw, annul terms and list: decided above, never by the office that draws."""
    may = is_above(user, frame.campaign, frame.authority)
    return may and DECIDE.verdict(user, frame, may=may)


def can_annul(user: Actor, frame: SamplingFrame) -> Verdict:
    """Give up a frozen list on one of the grounds there are."""
    return first_no(
        moves.LIFT.verdict(frame),
        running(frame.campaign),
        may_decide(user, frame),
        _list_is_free(frame),
    )


def can_strike(user: Actor, run: DrawRun) -> Verdict:
    """Ask that drawn units be struck and substitutes drawn, one request at a time."""
    return first_no(
        may_sample_for(user, run.frame.authority),
        running(run.frame.campaign),
        extensible(run),
        not_now("旧算法的抽取结果不能划除递补。" if run.terms_id is None else ""),
        not_now("已有一份约定尚未办结。" if run.frame.terms.live().exists() else ""),
    )


def can_add_directed(user: Actor, run: DrawRun) -> Verdict:
    """Add units by direction to a valid draw of a running campaign."""
    return first_no(
        may_sample_for(user, run.frame.authority),
        running(run.frame.campaign),
        open_to_direct(run),
    )


def can_supplement(user: Actor, run: DrawRun) -> Verdict:
    """Draw by chance for the fields a draw has missed."""
    return may_sample_for(user, run.frame.authority) and widening.open_to_supplement(run)


def can_take_further(user: Actor, drawn: DrawnUnit) -> Verdict:
    """Take further standards of a drawn unit before its visit begins."""
    return may_sample_for(user, drawn.run.frame.authority) and widening.open_to_widen(drawn)


def may_void(user: Actor, run: DrawRun) -> Verdict:
    """Those above, and nobody of the office that drew."""
    return may_decide(user, run.frame)


def can_void(user: Actor, run: DrawRun) -> Verdict:
    """Declare a draw void unless inspections have begun on it."""
    may = may_void(user, run)
    return may and moves.VOID.verdict(run) and _list_is_free(run.frame)
