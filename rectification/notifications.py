"""Who is told what. When to tell is decided by the services."""

from inspections.models import Finding
from metrostd.accounts.models import Membership
from metrostd.common.actors import Actor
from metrostd.common.roles import Role
from metrostd.common.templatetags.formats import cn_date
from metrostd.notifications.services import tell
from metrostd.registry.models import Authority

from .enums import DispositionState, ReferralRecipient
from .models import CaseReferral, CertificateDisposition, RectificationOrder


def _offices(authority: Authority) -> list[Membership]:
    return list(Membership.objects.of_authority(authority).filter(role__in=Role.offices))


def _unit(order: RectificationOrder) -> list[Membership]:
    return list(Membership.objects.of_unit(order.task.unit))


def tell_ordered(
    order: RectificationOrder, *, findings: int, waiver: str, actor: Actor | None
) -> None:
    """The unit: an order has been issued, with its due day.

    What the office put on record as the unit's ``waiver`` of its days to object is repeated to the unit,
    which alone knows whether it said so.
    """
    said = (
        f"登记有贵单位放弃异议的声明：“{waiver}”。如与事实不符，请立即向上一级部门反映。"
        if waiver
        else ""
    )
    tell(
        _unit(order),
        subject=f"{order.get_kind_display()} {order.number}",
        body=f"共 {findings} 项问题，请于{cn_date(order.due_on)}前完成整改并报送整改情况。{said}",
        url=order.get_absolute_url(),
        sender=actor,
    )


def tell_withdrawn(order: RectificationOrder, *, findings: int, actor: Actor | None) -> None:
    """The unit: the order is void from now on, and what that means for what it has written."""
    tell(
        _unit(order),
        subject=f"已撤回{order.get_kind_display()} {order.number}",
        body=(
            f"撤回理由：{order.withdrawal_reason}　该文书自撤回之日起不再执行，所列 {findings} 项问题暂不需报送；"
            "重新下达文书的，另行通知，已填写的整改情况保留。"
        ),
        url=order.get_absolute_url(),
        sender=actor,
    )


def tell_submitted(order: RectificationOrder, *, findings: int, actor: Actor | None) -> None:
    """The inspecting office: a rectification is waiting for confirmation."""
    tell(
        _offices(order.task.authority),
        subject=f"{order.task.unit} 已报送整改情况",
        body=f"{order.number}，{findings} 项，待确认。",
        url=order.get_absolute_url(),
        sender=actor,
    )


def tell_reviewed(
    order: RectificationOrder, finding: Finding, *, body: str, actor: Actor | None
) -> None:
    """The unit: the office has decided on one finding."""
    tell(
        _unit(order),
        subject=f"{finding.item.code} {finding.get_state_display()}：{order.number}",
        body=body,
        url=finding.get_absolute_url(),
        sender=actor,
    )


def tell_overdue(order: RectificationOrder, *, findings: int) -> None:
    """Both sides: the time limit has passed without a report."""
    subject = f"逾期未报，视为整改不合格：{order.task.unit}"
    body = f"{order.number}，{findings} 项问题逾期未报送整改情况。"
    people = [*_unit(order), *_offices(order.task.authority)]
    tell(people, subject=subject, body=body, url=order.get_absolute_url())


def tell_extension_asked(finding: Finding, *, actor: Actor | None) -> None:
    """The inspecting office: the unit asks for a later day."""
    tell(
        _offices(finding.task.authority),
        subject=f"{finding.task.unit} 申请延长整改期限",
        body=str(finding),
        url=finding.get_absolute_url(),
        sender=actor,
    )


def tell_extension_decided(
    finding: Finding, *, subject: str, body: str, actor: Actor | None
) -> None:
    """The unit: its request has been decided."""
    people = list(Membership.objects.of_unit(finding.task.unit))
    tell(people, subject=subject, body=body, url=finding.get_absolute_url(), sender=actor)


def tell_disputed(finding: Finding, *, reason: str, actor: Actor | None) -> None:
    """The inspecting office: the unit objects to a finding."""
    tell(
        _offices(finding.task.authority),
        subject=f"{finding.task.unit} 对发现问题提出异议",
        body=reason,
        url=finding.get_absolute_url(),
        sender=actor,
    )


def tell_waived(finding: Finding, *, statement: str, actor: Actor | None) -> None:
    """The inspecting office: the unit does not object, an order need not wait."""
    tell(
        _offices(finding.task.authority),
        subject=f"{finding.task.unit} 对 {finding.item.code} 放弃异议",
        body=statement,
        url=finding.get_absolute_url(),
        sender=actor,
    )


def tell_objection_decided(finding: Finding, *, actor: Actor | None) -> None:
    """The unit: the answer to its objection."""
    tell(
        list(Membership.objects.of_unit(finding.task.unit)),
        subject=f"异议答复：{finding}"[:200],
        body=finding.decision,
        url=finding.get_absolute_url(),
        sender=actor,
    )


def tell_proposed(disposition: CertificateDisposition, *, actor: Actor | None) -> None:
    """The issuing authority: a disposition of one of its certificates is proposed."""
    tell(
        _offices(disposition.decider),
        subject=f"处置建议：{disposition.get_action_display()} {disposition.standard}",
        body=disposition.reason,
        url=disposition.get_absolute_url(),
        sender=actor,
    )


def tell_disposition_decided(disposition: CertificateDisposition, *, actor: Actor | None) -> None:
    """The proposing office, and the unit when its certificate is touched."""
    people = _offices(disposition.proposed_by_authority)
    if disposition.state == DispositionState.DECIDED:
        people += list(Membership.objects.of_unit(disposition.standard.unit))
    tell(
        people,
        subject=f"处置结果：{disposition.get_action_display()} {disposition.get_state_display()}",
        body=f"{disposition.standard.unit} {disposition.standard} {disposition.decision_no}".strip(),
        url=disposition.get_absolute_url(),
        sender=actor,
    )


def tell_referred(referral: CaseReferral, *, actor: Actor | None) -> None:
    """The corps: a case has been handed to it. Others get theirs by letter."""
    if referral.recipient != ReferralRecipient.CORPS:
        return
    organiser = referral.task.campaign.organiser
    liaisons = Membership.objects.of_authority(organiser).filter(role=Role.ENFORCEMENT_LIAISON)
    tell(
        list(liaisons),
        subject=f"案件移送：{referral.task.unit}",
        body=f"{referral.task.authority}移送。{referral.reason}",
        url=referral.get_absolute_url(),
        sender=actor,
    )


def tell_case_progress(referral: CaseReferral, *, actor: Actor | None) -> None:
    """The office that sent a case: how far it has come, unless the office wrote that itself."""
    authority = referral.task.authority
    acting = getattr(actor, "acting", None)
    if acting is None or acting.role != Role.ENFORCEMENT_LIAISON:
        return
    tell(
        _offices(authority),
        subject=f"移送案件{referral.get_state_display()}：{referral.task.unit}",
        body=" ".join(filter(None, (referral.case_no, referral.outcome))),
        url=referral.get_absolute_url(),
        sender=actor,
    )
