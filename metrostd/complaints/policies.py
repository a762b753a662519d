"""Who may do what with complaints, with the reason when not. Who sees one at all, says ``visible_to``."""

from metrostd.common.actors import Actor
from metrostd.common.policies import YES, Verdict, not_now, not_you
from metrostd.common.roles import Role
from metrostd.registry.models import Authority

from . import measures, moves
from .enums import ComplaintState
from .models import Complaint
from .separation import DECLINE


def may_see_list(user: Actor) -> Verdict:
    """Offices, 纪检监督 and the enforcement corps."""
    acting = user.acting
    if acting and acting.role in {*Role.offices, Role.DISCIPLINE, Role.ENFORCEMENT_LIAISON}:
        return YES
    return not_you("投诉举报由计量处、区局计量科和纪检监督办理。")


def may_enter(user: Actor) -> Verdict:
    """What came by phone, by letter or from another body is entered by whoever took it."""
    acting = user.acting
    if acting and acting.role in Role.offices:
        return YES
    return not_you("来电来信由计量处和区局计量科登记。")


def is_handler(user: Actor, row: Complaint) -> Verdict:
    """The office that handles it; what is about the municipal office, 纪检监督."""
    acting = user.acting
    if acting and acting.authority_id == row.authority_id:
        wanted = (
            acting.role == Role.DISCIPLINE if row.by_discipline else acting.role in Role.offices
        )
        if wanted:
            return YES
    who = "纪检监督" if row.by_discipline else f"{row.authority}"
    return not_you(f"由{who}办理。")


def can_accept(user: Actor, row: Complaint) -> Verdict:
    return is_handler(user, row) and moves.ACCEPT.verdict(row)


def may_decline(user: Actor, row: Complaint) -> Verdict:
    """The handling office, but not the person who put it on record."""
    return DECLINE.verdict(user, row, may=is_handler(user, row))


def can_decline(user: Actor, row: Complaint) -> Verdict:
    return may_decline(user, row) and moves.DECLINE.verdict(row)


def can_extend(user: Actor, row: Complaint) -> Verdict:
    return is_handler(user, row) and moves.extensible(row)


def can_tell(user: Actor, row: Complaint) -> Verdict:
    return is_handler(user, row) and moves.tellable(row)


def can_start(user: Actor, row: Complaint) -> Verdict:
    return is_handler(user, row) and moves.START.verdict(row)


def can_measure(user: Actor, row: Complaint) -> Verdict:
    return is_handler(user, row) and measures.measurable(row)


def can_direct(user: Actor, row: Complaint) -> Verdict:
    return is_handler(user, row) and measures.directable(row)


def can_answer(user: Actor, row: Complaint) -> Verdict:
    return is_handler(user, row) and moves.ANSWER.verdict(row)


def can_close(user: Actor, row: Complaint) -> Verdict:
    return is_handler(user, row) and moves.CLOSE.verdict(row)


def can_reopen(user: Actor, row: Complaint) -> Verdict:
    return is_handler(user, row) and moves.REOPEN.verdict(row)


def can_pass_on(user: Actor, row: Complaint) -> Verdict:
    """To another office, as long as nothing was decided; what 纪检监督 handles stays there."""
    if row.by_discipline:
        return not_now("反映市市场监管委的事项只由纪检监督办理。")
    return is_handler(user, row) and moves.ACCEPT.verdict(row)


def may_reveal(user: Actor, row: Complaint) -> Verdict:
    """Whoever handles it, or had it handed to them; each look with a reason on record."""
    acting = user.acting
    if acting and acting.role == Role.ENFORCEMENT_LIAISON:
        return YES
    return is_handler(user, row)


def can_reveal(user: Actor, row: Complaint) -> Verdict:
    if row.has_identity:
        return may_reveal(user, row)
    return not_now("已按反映人的要求删除。" if row.forgotten_at else "匿名，没有留姓名和联系方式。")


def can_forget(user: Actor, row: Complaint) -> Verdict:
    """On the word of whoever complained, when they cannot do it with their code."""
    if row.forgotten_at:
        return not_now("已经按要求删除。")
    if row.state == ComplaintState.RECEIVED:
        return not_now("决定是否受理以后才能由办理部门代为删除；反映人凭查询码随时可以自己删除。")
    return is_handler(user, row)


def may_publish_desk(user: Actor, office: Authority) -> Verdict:
    """An office says where people can turn to; the municipal office for each."""
    acting = user.acting
    own = acting is not None and acting.authority_id == office.pk
    if user.scope.role == Role.CITY_ADMIN or (own and user.scope.role == Role.DISTRICT_ADMIN):
        return YES
    return not_you("渠道由本部门计量科和市市场监管委计量处公布。")
