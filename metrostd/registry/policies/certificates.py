"""Who decides on a certificate itself: re-examination, renewal, and the three endings ex officio."""

from metrostd.common.actors import Actor
from metrostd.common.policies import YES, Verdict, first_no, not_now, not_you
from metrostd.common.roles import Role
from metrostd.common.transitions import Transition
from metrostd.registry.enums import CertificateState
from metrostd.registry.models import MeasurementStandard, StandardCertificate
from metrostd.registry.moves import certificate as certificate_moves

from .records import can_maintain

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
        _may(certificate_moves.RENEW, certificate),
    )


def can_end_reexamination(
    user: Actor, standard: MeasurementStandard, certificate: Certificate
) -> Verdict:
    """The issuing office, when the application was withdrawn or the examination not passed."""
    return first_no(
        can_judge_certificate(user, standard),
        _may(certificate_moves.END_REEXAMINATION, certificate),
    )


def can_deregister(user: Actor, standard: MeasurementStandard, certificate: Certificate) -> Verdict:
    """The issuing office, ex officio (行政许可法第七十条)."""
    return first_no(
        can_judge_certificate(user, standard),
        _may(certificate_moves.DEREGISTER, certificate),
    )


def can_revoke(user: Actor, standard: MeasurementStandard, certificate: Certificate) -> Verdict:
    """The issuing office, as a penalty."""
    return first_no(
        can_judge_certificate(user, standard),
        _may(certificate_moves.REVOKE, certificate),
    )


def can_annul(user: Actor, standard: MeasurementStandard, certificate: Certificate) -> Verdict:
    """The issuing office or the authority above it (行政许可法第六十九条)."""
    return first_no(
        _judge(user, standard, with_superior=True),
        _may(certificate_moves.ANNUL, certificate),
    )


def can_judge_certificate(user: Actor, standard: MeasurementStandard) -> Verdict:
    """An office of the authority that issued the certificate."""
    return _judge(user, standard, with_superior=False)


def can_judge_annulment(user: Actor, standard: MeasurementStandard) -> Verdict:
    """An office of the issuing authority or of the one above it."""
    return _judge(user, standard, with_superior=True)


def _judge(user: Actor, standard: MeasurementStandard, *, with_superior: bool) -> Verdict:
    issuer = standard.issuing_authority
    if user.scope.role not in Role.registrars:
        return not_you(f"由发证部门（{issuer}）办理。")
    acting = user.acting.authority_id if user.acting else None
    allowed = {issuer.pk, issuer.parent_id} if with_superior else {issuer.pk}
    if acting not in allowed and issuer.pk not in user.scope.register.authority_ids:
        return not_you(f"证书由{issuer}颁发，由其办理。")
    return YES


def _room_for_application(certificate: Certificate) -> Verdict:
    match certificate and certificate.state_now:
        case CertificateState.REEXAM_APPLIED:
            return not_now("已经登记过复查申请，等待换证。")
        case CertificateState.SEALED:
            return not_now("证书目前是“封存”，复查考核合格后由建标单位申请恢复使用。")
    if certificate is not None and certificate_moves.APPLY_FOR_CHANGE.verdict(certificate):
        return YES
    return _may(certificate_moves.APPLY_REEXAMINATION, certificate)


def _may(move: Transition, certificate: Certificate) -> Verdict:
    return not_now("没有现行考核证书。") if certificate is None else move.verdict(certificate)
