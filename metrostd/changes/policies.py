"""Who applies for 更换、封存、撤销、恢复使用, and who decides."""

import datetime as dt

from metrostd.common.actors import Actor
from metrostd.common.policies import YES, Verdict, first_no, not_now, not_you
from metrostd.common.roles import Role
from metrostd.registry.models import ChangeRecord, MeasurementStandard, StandardCertificate

from . import moves, rules


def can_apply(
    user: Actor,
    standard: MeasurementStandard,
    certificate: StandardCertificate | None,
    kind: str,
    *,
    on: dt.date,
) -> Verdict:
    """The unit that established the standard, while its certificate leaves room for it."""
    return first_no(_own(user, standard), rules.certificate_allows(kind, certificate, on=on))


def can_handle_change(user: Actor, record: ChangeRecord) -> Verdict:
    """The unit it belongs to; whether the state allows a step, the step itself says (409)."""
    return _own(user, record.standard)


def can_edit_change(user: Actor, record: ChangeRecord) -> Verdict:
    """The unit, until it is submitted and after it was returned."""
    return first_no(_own(user, record.standard), moves.SUBMIT.verdict(record))


def can_submit_change(user: Actor, record: ChangeRecord) -> Verdict:
    """The unit; a replacement that changes the standard takes another road (第七章)."""
    follows = rules.follow_up(record.effect)
    if follows is not None and not follows.settles:
        settled = not_now(f"应当{follows.procedure}，不能以更换申报表办理。")
    else:
        settled = YES
    return first_no(_own(user, record.standard), moves.SUBMIT.verdict(record), settled)


def can_take_back_change(user: Actor, record: ChangeRecord) -> Verdict:
    """The unit, as long as nothing has been decided."""
    return first_no(_own(user, record.standard), moves.TAKE_BACK.verdict(record))


def can_judge_changes(user: Actor, record: ChangeRecord) -> Verdict:
    """An office of the authority that hosted the examination (主持考核部门)."""
    host = record.standard.hosting_authority
    if user.scope.role not in Role.registrars:
        return not_you(f"由主持考核部门（{host}）决定。")
    acting = user.acting.authority_id if user.acting else None
    if host.pk != acting and host.pk not in user.scope.register.authority_ids:
        return not_you(f"这项计量标准由{host}主持考核，由其决定。")
    return YES


def can_decide_change(user: Actor, record: ChangeRecord) -> Verdict:
    """The hosting office, while the application waits for a decision."""
    return first_no(can_judge_changes(user, record), moves.APPROVE.verdict(record))


def _own(user: Actor, standard: MeasurementStandard) -> Verdict:
    if user.scope.role != Role.UNIT_USER:
        return not_you("由建标单位提出，主持考核部门审批。")
    if standard.unit_id not in user.scope.register.unit_ids:
        return not_you("只能办理本单位的计量标准。")
    if not standard.in_scope:
        return not_you(f"由{standard.hosting_authority}主持考核，请直接向其申报。")
    return YES
