"""Who acknowledges a list, who decides about the rows that come back.

``may_…`` asks about the person, ``can_…`` also about the state and is what a button shows. A view
enforces the first and leaves the state to the domain function, which answers as stale (409).
"""

import datetime as dt
from collections.abc import Collection, Mapping

from metrostd.common.actors import Actor
from metrostd.common.policies import YES, Verdict, not_now, not_you
from metrostd.common.roles import Role
from metrostd.lists.moves.hand_over import ACCEPT, ACKNOWLEDGE, ANSWER, TAKE_BACK
from metrostd.lists.services.resettling import handed_rows
from metrostd.registry.enums import HandOverState
from metrostd.registry.models import HandOver, HandOverReturn, Unit


def may_see_hand_overs(user: Actor) -> Verdict:
    """Offices; units and people on site have nothing to do with them."""
    if user.scope.role in Role.registrars | {Role.SYSTEM_ADMIN}:
        return YES
    return not_you("名单移交由市、区市场监管部门办理。")


def may_receive(user: Actor) -> Verdict:
    """The metrology office of a district acknowledges and returns rows."""
    return YES if user.scope.role == Role.DISTRICT_ADMIN else not_you("由区局计量科签收和退回。")


def may_hand_over(user: Actor) -> Verdict:
    """The municipal office sets the day, reminds, and decides about returned rows."""
    return YES if user.scope.role == Role.CITY_ADMIN else not_you("由市市场监管委计量处办理。")


def can_place(user: Actor, unit: Unit) -> Verdict:
    """Who gives a unit another district: once it was handed over, the office that handed it."""
    if may_hand_over(user) or not handed_rows(unit).exists():
        return YES
    return not_you(
        "单位在移交区局的名单中，属地由市市场监管委计量处更改：请在“名单签收”中退回，注明“已搬迁至其他区”。"
    )


def can_acknowledge(user: Actor, hand_over: HandOver) -> Verdict:
    """Once every institution's row is confirmed or marked; the row needs ``with_counts``."""
    return may_receive(user) and ACKNOWLEDGE.verdict(hand_over)


def can_return(user: Actor, hand_over: HandOver) -> Verdict:
    if not (verdict := may_receive(user)):
        return verdict
    if hand_over.state == HandOverState.WITHDRAWN:
        return not_now("名单已撤回，不用再退回。")
    return YES


def can_remind(
    user: Actor, waiting: Collection[HandOver], asked: Mapping[int, dt.date], *, on: dt.date
) -> Verdict:
    """Once a day: whom somebody asked today (``asked``, by hand-over) is not written to again."""
    if not (verdict := may_hand_over(user)):
        return verdict
    if not waiting:
        return not_now("各区局都已签收，不用催办。")
    if all(asked.get(h.pk, dt.date.min) >= on for h in waiting):
        return not_now("今天已经催办过，每天最多一次。")
    return YES


def can_reschedule(user: Actor, waiting: Collection[HandOver]) -> Verdict:
    if not (verdict := may_hand_over(user)):
        return verdict
    return YES if waiting else not_now("各区局都已签收，期限不用再改。")


def can_decide(user: Actor, returned: HandOverReturn) -> Verdict:
    return may_hand_over(user) and ANSWER.verdict(returned)


def can_take_back(user: Actor, returned: HandOverReturn) -> Verdict:
    return may_receive(user) and TAKE_BACK.verdict(returned)


def can_accept(user: Actor, returned: HandOverReturn) -> Verdict:
    return may_receive(user) and ACCEPT.verdict(returned)


def can_print(hand_over: HandOver) -> Verdict:
    """There is a receipt once the list was acknowledged."""
    return YES if hand_over.receipt_no else not_now("签收以后才有回执。")
