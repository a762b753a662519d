"""Who reads what was handed across."""

from metrostd.common.actors import Actor
from metrostd.common.policies import YES, Verdict, not_you
from metrostd.common.roles import Role


def may_see(user: Actor) -> Verdict:
    """Both sides of an office whose powers are split; the municipal office looks on."""
    acting = user.acting
    if acting and acting.role in Role.registrars:
        return YES
    return not_you("审批与监管协同由区局计量科、审批人员和计量处查看。")


def may_read(user: Actor) -> Verdict:
    """Only the side it was handed to takes note of it."""
    acting = user.acting
    if acting and acting.role in Role.registrars - {Role.CITY_ADMIN}:
        return YES
    return not_you("由收到推送的区局人员阅知。")
