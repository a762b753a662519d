"""Who may do what with work plans, with the reason when not."""

from campaigns.models import Campaign
from campaigns.policies import may_run_campaigns
from metrostd.common.actors import Actor
from metrostd.common.policies import YES, Verdict, not_you
from metrostd.common.roles import Role

from . import moves, separation
from .models import WorkPlan


def may_see(user: Actor) -> Verdict:
    acting = user.acting
    if acting and acting.role in Role.offices:
        return YES
    return not_you("工作计划由区局计量科和计量处办理。")


def is_own(user: Actor, row: WorkPlan) -> Verdict:
    """The district writes and hands in its own plan."""
    acting = user.acting
    if acting and acting.role == Role.DISTRICT_ADMIN and acting.authority_id == row.authority_id:
        return YES
    return not_you(f"由{row.authority}计量科办理。")


def can_ask(user: Actor, campaign: Campaign) -> Verdict:
    return may_run_campaigns(user) and moves.askable(campaign)


def can_write(user: Actor, row: WorkPlan) -> Verdict:
    return is_own(user, row) and moves.writable(row)


def can_submit(user: Actor, row: WorkPlan) -> Verdict:
    return is_own(user, row) and moves.SUBMIT.verdict(row)


def can_revise(user: Actor, row: WorkPlan) -> Verdict:
    return is_own(user, row) and moves.REVISE.verdict(row)


def may_decide(user: Actor, row: WorkPlan) -> Verdict:
    """The municipal office, but nobody who handed the plan in."""
    return separation.FILE.verdict(user, row, may=may_run_campaigns(user))


def can_file(user: Actor, row: WorkPlan) -> Verdict:
    return may_decide(user, row) and moves.FILE.verdict(row)


def can_send_back(user: Actor, row: WorkPlan) -> Verdict:
    return may_decide(user, row) and moves.SEND_BACK.verdict(row)
