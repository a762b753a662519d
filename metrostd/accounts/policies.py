"""Who lets whom in: an administrator everybody, an office its own officers and the units of its territory, a unit
its colleagues. Nobody decides about their own account, and administration, audit and business stay apart."""

from collections.abc import Iterable

from django.conf import settings

from metrostd.common.actors import Actor
from metrostd.common.policies import YES, Verdict, first_no, not_now, not_you
from metrostd.common.roles import Role
from metrostd.registry.enums import Level
from metrostd.registry.models import Authority, Unit

from . import letters
from .enums import AccountState
from .models import Membership, User
from .moves import CLOSE, REOPEN, WAKE
from .querysets import MembershipQuerySet

_DISTRICT: frozenset[str] = frozenset(
    {Role.DISTRICT_INSPECTOR, Role.DISTRICT_APPROVER, Role.ASSESSOR}
)
#: The roles that each role may grant; a role that is not here grants none.
GRANTS: dict[str, frozenset[str]] = {
    Role.SYSTEM_ADMIN: frozenset(Role),
    Role.CITY_ADMIN: frozenset(
        {Role.CITY_INSPECTOR, Role.DISTRICT_ADMIN, Role.UNIT_USER, *Role.technical}
    ),
    Role.DISTRICT_ADMIN: _DISTRICT | {Role.UNIT_USER},
    Role.UNIT_USER: frozenset({Role.UNIT_USER}),
}
#: Where a role belongs; the others may stand anywhere.
_AT: dict[str, str] = {
    Role.CITY_ADMIN: Level.CITY,
    Role.CITY_INSPECTOR: Level.CITY,
    Role.INSTITUTE_EXPERT: Level.CITY,
    Role.DISTRICT_ADMIN: Level.DISTRICT,
    Role.DISTRICT_INSPECTOR: Level.DISTRICT,
    Role.DISTRICT_APPROVER: Level.DISTRICT,
}
#: Kept apart from everything else a person may be (GB/T 22239 访问控制: 管理、审计与业务分离).
APART = frozenset({Role.SYSTEM_ADMIN, Role.AUDITOR})


#: In force only when a second person has confirmed it: whoever runs an office, watches or administers.
_POWERFUL: frozenset[str] = Role.offices | APART | {Role.DISCIPLINE}


def needs_second(role: str) -> bool:
    """Whether granting a role takes two people; with ``TWO_ADMINISTRATORS`` every role of an authority does."""
    return role in _POWERFUL or (settings.TWO_ADMINISTRATORS and role != Role.UNIT_USER)


def seconds(
    role: str, *, authority: Authority | None, without: Iterable[int | None]
) -> MembershipQuerySet:
    """Who may be the second person: others who could grant the role, or administrators by the setting."""
    granting = {each for each, roles in GRANTS.items() if role in roles}
    if settings.TWO_ADMINISTRATORS:
        granting = {Role.SYSTEM_ADMIN}
    kept = [pk for pk in without if pk is not None]
    return Membership.objects.active().filter(role__in=granting).exclude(user__in=kept)


def can_second(user: Actor, membership: Membership) -> Verdict:
    """Confirm what somebody else has granted to a third person."""
    waiting = YES if membership.awaits_second else not_now("这项任职身份不需要确认，或者已经办结。")
    own = not_you("不能确认自己的任职身份。") if membership.user_id == user.pk else YES
    same = YES
    if membership.granted_by_id == user.pk:
        same = not_you("授予的人不能自己确认，请由另一名有权授予的人员办理。")
    admins = YES
    if settings.TWO_ADMINISTRATORS and user.scope.role != Role.SYSTEM_ADMIN:
        admins = not_you("按本系统的设置，由另一名系统管理员确认。")
    granting = can_grant(
        user, membership.role, authority=membership.authority, unit=membership.unit
    )
    return first_no(waiting, own, same, admins, granting)


def may_see_people(user: Actor) -> Verdict:
    """Whether there is anybody whose account is this person's business."""
    if user.scope.role in GRANTS:
        return YES
    return not_you("人员与账户由系统管理员、市级和区级主管处室、建标单位各自管理。")


def can_grant(
    user: Actor, role: str, *, authority: Authority | None = None, unit: Unit | None = None
) -> Verdict:
    """May this person let somebody act in this role there?"""
    if role not in GRANTS.get(user.scope.role, ()):
        label = Role(role).label
        return not_you(f"您的身份不能授予或收回“{label}”，请由系统管理员或上级主管处室办理。")
    level = _AT.get(role)
    if authority is not None and level and authority.level != level:
        return not_now(f"“{Role(role).label}”不属于{authority}这一级机关。")
    if user.scope.role == Role.SYSTEM_ADMIN:
        return YES
    if unit is not None:
        return _own_unit(user, unit)
    if authority is not None and not _reaches(user, authority):
        return not_you(f"{authority}的人员由其主管处室管理。")
    return YES


def _reaches(user: Actor, authority: Authority) -> bool:
    reach = user.scope.casework
    return reach.everything or authority.pk in reach.authority_ids


def _own_unit(user: Actor, unit: Unit) -> Verdict:
    if user.scope.role == Role.UNIT_USER:
        if unit.pk in user.scope.register.unit_ids:
            return YES
        return not_you("只能管理本单位的账户。")
    reach = user.scope.casework
    if reach.everything or unit.territorial_authority_id in reach.authority_ids:
        return YES
    return not_you(f"{unit}的账户由其属地区局管理。")


def can_change_membership(user: Actor, membership: Membership) -> Verdict:
    """Write what stands with it, or end it: whoever could grant it, never for oneself."""
    if membership.user_id == user.pk:
        return not_you("不能更改自己的任职身份，请由上级管理人员办理。")
    ended = YES if membership.is_active else not_now("这项任职身份已经结束。")
    return first_no(
        ended,
        can_grant(user, membership.role, authority=membership.authority, unit=membership.unit),
    )


def can_end_membership(user: Actor, membership: Membership) -> Verdict:
    """As changing it; the last system administrator stays."""
    return first_no(can_change_membership(user, membership), _not_the_last_admin([membership]))


def _not_the_last_admin(memberships: Iterable[Membership]) -> Verdict:
    gone = [row.pk for row in memberships if row.role == Role.SYSTEM_ADMIN]
    if not gone:
        return YES
    others = Membership.objects.active().filter(role=Role.SYSTEM_ADMIN).exclude(pk__in=gone)
    return YES if others.exists() else not_now("这是最后一名系统管理员，请先增设另一名。")


def can_manage(user: Actor, person: User, memberships: Iterable[Membership]) -> Verdict:
    """May this person handle the account of another: whoever could grant everything that one is.

    ``memberships`` are the active ones. A code for somebody is the way into all of them, so that one which is
    not this person's business keeps the account out of reach.
    """
    if person.pk == user.pk:
        return not_you(
            "这是您自己的账户：密码和动态口令在“我的账户”办理，其他请由上级管理人员办理。"
        )
    allowed = first_no(
        may_see_people(user),
        *(can_grant(user, row.role, authority=row.authority, unit=row.unit) for row in memberships),
    )
    if allowed or allowed.by_state:
        return allowed
    return not_you(f"这个账户还有别的任职身份：{allowed.reason}")


def can_issue_code(user: Actor, person: User, memberships: Iterable[Membership]) -> Verdict:
    """A one-time code for whoever is new, was asleep, or forgot the password."""
    closed = person.state == AccountState.CLOSED
    return first_no(
        can_manage(user, person, memberships),
        not_now("账户已停用，恢复以后才能发放验证码。") if closed else YES,
    )


def can_close(user: Actor, person: User, memberships: list[Membership]) -> Verdict:
    """Lock somebody out at once; the last system administrator stays."""
    return first_no(
        can_manage(user, person, memberships),
        CLOSE.verdict(person),
        _not_the_last_admin(memberships),
    )


def can_reopen(user: Actor, person: User, memberships: Iterable[Membership]) -> Verdict:
    return first_no(can_manage(user, person, memberships), REOPEN.verdict(person))


def can_wake(user: Actor, person: User, memberships: Iterable[Membership]) -> Verdict:
    return first_no(can_manage(user, person, memberships), WAKE.verdict(person))


def can_clear_second_factor(
    user: Actor, person: User, memberships: Iterable[Membership]
) -> Verdict:
    """The phone is lost: somebody above has seen the person."""
    there = YES if person.has_second_factor else not_now("没有启用动态口令。")
    return first_no(can_manage(user, person, memberships), there)


def can_open_in_bulk(user: Actor) -> Verdict:
    """Accounts for many units, people from a workbook: administrators and offices."""
    if user.scope.role in Role.offices | {Role.SYSTEM_ADMIN}:
        return YES
    return not_you("批量开设由系统管理员和市、区主管处室办理。")


def can_prove_phone(user: Actor) -> Verdict:
    """By oneself, where short messages can be sent; otherwise the office calls and puts that on record."""
    if not user.phone or user.phone_verified_at is not None:
        return not_now("没有登记手机号码，或者已经核实。")
    if not letters.can_text():
        return not_now("没有设置短信网关，请由管理人员电话核实。")
    return YES


def can_edit_office(user: Actor, authority: Authority) -> Verdict:
    """Address, telephone and office: the office itself; everything else the administrator."""
    if user.scope.role == Role.SYSTEM_ADMIN:
        return YES
    if user.scope.role in Role.offices and _reaches(user, authority):
        return YES
    return not_you("机关的资料由其主管处室或系统管理员维护。")


def can_add_office(user: Actor) -> Verdict:
    if user.scope.role == Role.SYSTEM_ADMIN:
        return YES
    return not_you("增设机关由系统管理员办理。")
