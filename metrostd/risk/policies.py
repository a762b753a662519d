"""Who may do what about risk, with the reason when not."""

from collections.abc import Collection

from metrostd.common.actors import Actor
from metrostd.common.policies import YES, Verdict, not_you
from metrostd.common.roles import Role
from metrostd.registry.models import Authority, Unit

from . import moves, targeted
from .models import RiskWarning
from .separation import CLOSE


def may_see(user: Actor) -> Verdict:
    acting = user.acting
    if acting and acting.role in Role.offices:
        return YES
    return not_you("风险分析由计量处和区局计量科办理。")


def may_revise(user: Actor) -> Verdict:
    """The municipal office says what weighs how much."""
    acting = user.acting
    if acting and acting.role == Role.CITY_ADMIN:
        return YES
    return not_you("风险分级表由计量处修订。")


def office_of(user: Actor) -> Authority | None:
    return user.acting.authority if user.acting else None


def can_direct(user: Actor, unit: Unit) -> Verdict:
    return can_direct_each(user, [unit.pk])[unit.pk]


def can_direct_each(user: Actor, units: Collection[int]) -> dict[int, Verdict]:
    """The same for every unit of a list, asked at once."""
    office = office_of(user)
    if not (verdict := may_see(user)) or office is None:
        return dict.fromkeys(units, verdict)
    return targeted.directable(office, units)


def may_see_warnings(user: Actor) -> Verdict:
    """Offices, and those who may be given one."""
    acting = user.acting
    if acting and acting.role in Role.warned:
        return YES
    return not_you("风险预警由负责监管的部门办理。")


def is_office(user: Actor, row: RiskWarning) -> Verdict:
    """The office that answers for it; the municipal office is above it."""
    acting = user.acting
    own = acting is not None and acting.authority_id == row.authority_id
    if acting and (acting.role == Role.CITY_ADMIN or (own and acting.role in Role.offices)):
        return YES
    return not_you(f"由{row.authority}计量科办理。")


def can_assign(user: Actor, row: RiskWarning) -> Verdict:
    return is_office(user, row) and moves.ASSIGN.verdict(row)


def may_handle(user: Actor, row: RiskWarning) -> Verdict:
    """Whoever it was given to."""
    acting = user.acting
    if acting and acting.pk == row.assigned_to_id:
        return YES
    return not_you(f"由{row.holder or '承办人'}处置。")


def can_handle(user: Actor, row: RiskWarning) -> Verdict:
    return may_handle(user, row) and moves.HANDLE.verdict(row)


def may_close(user: Actor, row: RiskWarning) -> Verdict:
    """The office, but not the person who dealt with it."""
    return CLOSE.verdict(user, row, may=is_office(user, row))


def can_close(user: Actor, row: RiskWarning) -> Verdict:
    return may_close(user, row) and moves.CLOSE.verdict(row)


def can_send_back(user: Actor, row: RiskWarning) -> Verdict:
    return is_office(user, row) and moves.SEND_BACK.verdict(row)


def may_file(user: Actor, office: Authority) -> Verdict:
    """An office files its own procedure."""
    acting = user.acting
    if acting and acting.role in Role.offices and acting.authority_id == office.pk:
        return YES
    return not_you(f"由{office}计量科存档。")
