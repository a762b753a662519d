"""Who reads the rules of reminding, and who changes them: they hold for the whole city."""

from metrostd.common.actors import Actor
from metrostd.common.policies import YES, Verdict, first_no, not_you
from metrostd.common.roles import Role

from .models import ReminderRule
from .services import deletable

_WRITERS = frozenset({Role.SYSTEM_ADMIN, Role.CITY_ADMIN})


def may_see_rules(user: Actor) -> Verdict:
    """Offices and administrators: they answer for what their people and units are told."""
    if user.scope.role in Role.offices | {Role.SYSTEM_ADMIN}:
        return YES
    return not_you("提醒规则由市、区主管处室和系统管理员查看。")


def can_write_rules(user: Actor) -> Verdict:
    """Rules and texts are the municipal office's."""
    if user.scope.role in _WRITERS:
        return YES
    return not_you("提醒规则和文字全市统一，由计量处或系统管理员修改。")


def can_delete_rule(user: Actor, rule: ReminderRule) -> Verdict:
    return first_no(can_write_rules(user), deletable(rule))
