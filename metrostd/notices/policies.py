"""Who may do what with notices, with the reason when not."""

from campaigns.policies import may_run_campaigns
from metrostd.common.actors import Actor
from metrostd.common.policies import Verdict

from . import moves
from .models import Notice


def may_write(user: Actor) -> Verdict:
    """The municipal office writes, issues and withdraws notices."""
    return may_run_campaigns(user)


def can_edit(user: Actor, row: Notice) -> Verdict:
    return may_write(user) and moves.writable(row)


def can_issue(user: Actor, row: Notice) -> Verdict:
    return may_write(user) and moves.ISSUE.verdict(row)


def can_go_on_delivering(user: Actor, row: Notice) -> Verdict:
    return may_write(user) and moves.undelivered(row)


def can_withdraw(user: Actor, row: Notice) -> Verdict:
    return may_write(user) and moves.WITHDRAW.verdict(row)
