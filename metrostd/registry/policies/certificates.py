"""Who decides on a certificate itself: re-examination, renewal, and the three endings ex officio."""

from metrostd.common.actors import Actor
from metrostd.common.policies import YES, Verdict, first_no
from metrostd.common.transitions import Transition
from metrostd.registry import transitions
from metrostd.registry.enums import CertificateState
from metrostd.registry.models import MeasurementStandard, StandardCertificate

from .records import can_maintain

_OFFICES = frozenset({"city_admin", "district_admin", "district_approver"})

Certificate = StandardCertificate | None


def can_record_application(
    user: Actor, standard: MeasurementStandard, certificate: Certificate
) -> Verdict:
    """The unit or the certifying office records that re-examination was applied for."""
    return first_no(can_maintain(user, standard), _room_for_application(certificate))


def can_renew(user: Actor, standard: MeasurementStandard, certificate: Certificate) -> Verdict:
    """The issuing office, once the application is recorded and the examination passed."""
    return first_no(
        can_judge_certificate(user, standard),
        _from(transitions.RENEW, certificate, "登记复查申请之后才能换证"),
    )


def can_deregister(user: Actor, standard: MeasurementStandard, certificate: Certificate) -> Verdict:
    """The issuing office, ex officio (行政许可法第七十条)."""
    return first_no(
        can_judge_certificate(user, standard),
        _from(transitions.DEREGISTER, certificate, "已过有效期、被吊销或者许可被撤销的才办理注销"),
    )


def can_revoke(user: Actor, standard: MeasurementStandard, certificate: Certificate) -> Verdict:
    """The issuing office, as a penalty."""
    return first_no(
        can_judge_certificate(user, standard),
        _from(transitions.REVOKE, certificate, "已经终止的证书不能吊销"),
    )


def can_annul(user: Actor, standard: MeasurementStandard, certificate: Certificate) -> Verdict:
    """The issuing office or the authority above it (行政许可法第六十九条)."""
    return first_no(
        _judge(user, standard, with_superior=True),
        _from(transitions.ANNUL, certificate, "已经终止的证书不能撤销许可"),
    )


def can_judge_certificate(user: Actor, standard: MeasurementStandard) -> Verdict:
    """An office of the authority that issued the certificate."""
    return _judge(user, standard, with_superior=False)


def can_judge_annulment(user: Actor, standard: MeasurementStandard) -> Verdict:
    """An office of the issuing authority or of the one above it."""
    return _judge(user, standard, with_superior=True)


def _judge(user: Actor, standard: MeasurementStandard, *, with_superior: bool) -> Verdict:
    issuer = standard.issuing_authority
    if user.scope.role not in _OFFICES:
        return Verdict(f"由发证部门（{issuer}）办理。")
    acting = user.acting.authority_id if user.acting else None
    allowed = {issuer.pk, issuer.parent_id} if with_superior else {issuer.pk}
    if acting not in allowed and issuer.pk not in user.scope.register.authority_ids:
        return Verdict(f"证书由{issuer}颁发，由其办理。")
    return YES


def _room_for_application(certificate: Certificate) -> Verdict:
    if certificate is not None and certificate.state == CertificateState.REEXAM_APPLIED:
        return Verdict("已经登记过复查申请，等待换证。")
    if certificate is not None and certificate.state == CertificateState.SEALED:
        return Verdict("证书目前是“封存”，复查考核合格后由建标单位申请恢复使用。")
    if certificate is not None and transitions.APPLY_FOR_CHANGE.allowed_from(certificate.state):
        return YES
    return _from(transitions.APPLY_REEXAMINATION, certificate, "有效期内的证书才能申请复查")


def _from(move: Transition, certificate: Certificate, otherwise: str) -> Verdict:
    if certificate is None:
        return Verdict("没有现行考核证书。")
    if not move.allowed_from(certificate.state):
        return Verdict(f"证书目前是“{certificate.get_state_display()}”，{otherwise}。")
    return YES
