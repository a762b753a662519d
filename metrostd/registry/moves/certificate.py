"""How a certificate moves: expiry, re-examination, and five endings that mean five things.

封存 and 撤销（计量标准） are asked for by the unit and approved by the hosting authority
(JJF 1033 第七章); 注销 is done ex officio (行政许可法第七十条); 吊销 is a penalty for a standard
still below its original conditions after ordered rectification (计量违法行为处罚细则);
撤销（行政许可） takes back a licence wrongly granted (行政许可法第六十九条).
"""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction

from metrostd.common import act_dates, clock
from metrostd.common.actors import Actor
from metrostd.common.by_now import catch_up, kept_by_clock
from metrostd.common.calendar import months_later
from metrostd.common.templatetags.formats import cn_date
from metrostd.common.transitions import Transition, bulk_apply
from metrostd.registry.certificate_dates import check_dates
from metrostd.registry.enums import CertificateActKind, CertificateState, IssueKind
from metrostd.registry.extension import certificate_acted
from metrostd.registry.models import (
    CertificateAct,
    CertificateIssue,
    MeasurementStandard,
    StandardCertificate,
)
from metrostd.registry.querysets.aging import EXPIRING_MONTHS, aged

_S = CertificateState

MARK_EXPIRING = Transition(
    "certificate.mark_expiring", "列为即将到期", frozenset({_S.VALID}), _S.EXPIRING
)
APPLY_REEXAMINATION = Transition(
    "certificate.apply_reexamination",
    "申请复查考核",
    frozenset({_S.EXPIRING}),
    _S.REEXAM_APPLIED,
    otherwise="有效期内的证书才能申请复查",
)
#: A change of range or items asks for re-examination at any time, not only before the end (第七章).
APPLY_FOR_CHANGE = Transition(
    "certificate.apply_for_change",
    "因变化申请复查考核",
    frozenset({_S.VALID}),
    _S.REEXAM_APPLIED,
    needs_note=True,
)
RENEW = Transition(
    "certificate.renew",
    "复查合格换证",
    frozenset({_S.REEXAM_APPLIED}),
    _S.VALID,
    otherwise="登记复查申请之后才能换证",
)
#: Withdrawn, or not passed: the certificate goes on until its end, and may be sealed or given up.
END_REEXAMINATION = Transition(
    "certificate.end_reexamination",
    "终止复查考核",
    frozenset({_S.REEXAM_APPLIED}),
    _S.VALID,
    needs_note=True,
    otherwise="没有登记复查申请",
)
EXPIRE = Transition(
    "certificate.expire",
    "有效期届满",
    _S.run_out,
    _S.EXPIRED,
)
SEAL = Transition(
    "certificate.seal", "封存", frozenset({_S.VALID, _S.EXPIRING}), _S.SEALED, needs_note=True
)
RESUME = Transition(
    "certificate.resume",
    "恢复使用",
    frozenset({_S.SEALED}),
    _S.VALID,
    needs_note=True,
    otherwise="只有封存的计量标准才需要恢复使用",
)
WITHDRAW = Transition(
    "certificate.withdraw",
    "撤销（计量标准）",
    frozenset({_S.VALID, _S.EXPIRING, _S.SEALED}),
    _S.WITHDRAWN,
    needs_note=True,
)
DEREGISTER = Transition(
    "certificate.deregister",
    "注销",
    frozenset({_S.EXPIRED, _S.REVOKED, _S.ANNULLED}),
    _S.DEREGISTERED,
    needs_note=True,
    otherwise="已过有效期、被吊销或者许可被撤销的才办理注销",
)
REVOKE = Transition(
    "certificate.revoke",
    "吊销",
    _S.live,
    _S.REVOKED,
    needs_note=True,
    otherwise="已经终止的证书不能吊销",
)
ANNUL = Transition(
    "certificate.annul",
    "撤销（行政许可）",
    _S.live,
    _S.ANNULLED,
    needs_note=True,
    otherwise="已经终止的证书不能撤销许可",
)

MOVES = (
    MARK_EXPIRING, APPLY_REEXAMINATION, APPLY_FOR_CHANGE, RENEW, END_REEXAMINATION, EXPIRE, SEAL,
    RESUME, WITHDRAW, DEREGISTER, REVOKE, ANNUL,
)  # fmt: skip


def current_certificate(standard: MeasurementStandard) -> StandardCertificate | None:
    """The certificate in use; None for a standard that has no certificate number yet."""
    return standard.certificates.filter(is_current=True).first()


def apply_reexamination(
    certificate: StandardCertificate, *, actor: Actor | None, note: str = ""
) -> None:
    """Record that the unit applied for re-examination before the certificate ends."""
    APPLY_REEXAMINATION.apply(certificate, actor=actor, note=note)


def apply_for_change(certificate: StandardCertificate, *, actor: Actor | None, note: str) -> None:
    """Record that range or items change, which asks for re-examination before the certificate ends."""
    APPLY_FOR_CHANGE.apply(certificate, actor=actor, note=note)


@transaction.atomic
def end_reexamination(certificate: StandardCertificate, *, actor: Actor | None, note: str) -> None:
    """Record that the application was withdrawn or the examination not passed; the old certificate goes on."""
    END_REEXAMINATION.apply(certificate, actor=actor, note=note)
    catch_up(certificate)


@transaction.atomic
def renew(
    certificate: StandardCertificate,
    *,
    actor: Actor | None,
    issue_date: dt.date,
    valid_until: dt.date,
    note: str = "",
    **examined: str,
) -> None:
    """A new certificate after re-examination: number and first year stay, the dates are new.

    ``examined``: approved range, performance or items where they have changed. The issue before
    stays as a CertificateIssue. Raises ValidationError for dates no certificate can have.
    """
    _check_new_dates(certificate, issue_date, valid_until)
    before = f"原有效期至{cn_date(certificate.valid_until)}" if certificate.valid_until else ""
    earlier = _issue_of(certificate)
    RENEW.apply(
        certificate,
        actor=actor,
        note="；".join(filter(None, (before, note))),
        issue_date=issue_date,
        valid_until=valid_until,
        issue_kind=IssueKind.REEXAMINATION,
        **examined,
    )
    earlier.save(force_insert=True)


@transaction.atomic
def seal(
    certificate: StandardCertificate,
    *,
    actor: Actor | None,
    note: str,
    decided_on: dt.date | None = None,
) -> None:
    """封存: a temporary stop with the certificate kept; ``decided_on`` is the day on the decision, if not today."""
    SEAL.apply(certificate, actor=actor, note=note)
    _keep(certificate, CertificateActKind.SEALED, note, on=decided_on, actor=actor)


def run_out(certificate: StandardCertificate, *, on: dt.date) -> str:
    """Why a standard cannot be taken back into use on a day; empty when it can."""
    if certificate.valid_until and certificate.valid_until < on:
        return "证书已过有效期，恢复使用应当按新建计量标准申请考核。"
    return ""


@transaction.atomic
def resume(
    certificate: StandardCertificate,
    *,
    actor: Actor | None,
    note: str,
    on: dt.date,
    issue_date: dt.date | None = None,
    valid_until: dt.date | None = None,
) -> None:
    """恢复: re-examined while the certificate is still valid; afterwards it counts as new.

    Raises ValidationError when the certificate has run out by ``on``, or for dates no certificate
    can have.
    """
    if reason := run_out(certificate, on=on):
        raise ValidationError(reason)
    fields: dict[str, object] = {}
    if issue_date and valid_until:
        _check_new_dates(certificate, issue_date, valid_until)
        fields = {
            "issue_date": issue_date,
            "valid_until": valid_until,
            "issue_kind": IssueKind.REEXAMINATION,
        }
    earlier = _issue_of(certificate)
    RESUME.apply(certificate, actor=actor, note=note, **fields)
    if fields:
        earlier.save(force_insert=True)


@transaction.atomic
def withdraw(
    certificate: StandardCertificate,
    *,
    actor: Actor | None,
    note: str,
    decided_on: dt.date | None = None,
) -> None:
    """撤销（计量标准）: the unit gives the standard up and hands the certificate back; days as in ``seal``."""
    WITHDRAW.apply(certificate, actor=actor, note=note)
    _keep(certificate, CertificateActKind.WITHDRAWN, note, on=decided_on, actor=actor)


@transaction.atomic
def deregister(
    certificate: StandardCertificate,
    *,
    actor: Actor | None,
    note: str,
    decided_on: dt.date | None = None,
) -> None:
    """注销: the formal closing of a certificate that has expired or been taken away; days as in ``seal``."""
    DEREGISTER.apply(certificate, actor=actor, note=note)
    _keep(certificate, CertificateActKind.DEREGISTERED, note, on=decided_on, actor=actor)


@transaction.atomic
def revoke(
    certificate: StandardCertificate,
    *,
    actor: Actor | None,
    decision_no: str,
    decided_on: dt.date | None,
    note: str = "",
    late_reason: str = "",
) -> None:
    """吊销: a penalty; raises ValidationError without number or day of the decision."""
    basis = _decided(certificate, decision_no, decided_on, note, late_reason)
    REVOKE.apply(certificate, actor=actor, note=basis)
    _keep(certificate, CertificateActKind.REVOKED, basis, on=decided_on, actor=actor)


@transaction.atomic
def annul(
    certificate: StandardCertificate,
    *,
    actor: Actor | None,
    decision_no: str,
    decided_on: dt.date | None,
    note: str = "",
    late_reason: str = "",
) -> None:
    """撤销（行政许可）: void from the start; raises ValidationError without number or day of the decision."""
    basis = _decided(certificate, decision_no, decided_on, note, late_reason)
    ANNUL.apply(certificate, actor=actor, note=basis)
    _keep(certificate, CertificateActKind.ANNULLED, basis, on=decided_on, actor=actor)


def _keep(
    certificate: StandardCertificate,
    kind: CertificateActKind,
    basis: str,
    *,
    on: dt.date | None,
    actor: Actor | None,
) -> None:
    """The act goes on record with the move: what campaigns count, and what stages follow."""
    act_dates.check_fact(on, field="decided_on", what="决定日期")
    CertificateAct.objects.create(
        certificate=certificate,
        standard_id=certificate.standard_id,
        kind=kind,
        decided_on=on or clock.today(),
        basis=basis.strip()[:300],
    )
    act = "，".join(filter(None, (kind.label, basis.strip())))
    certificate_acted(certificate, act=act, actor=actor)


@transaction.atomic
def mark_expiring(on: dt.date, *, only: StandardCertificate | None = None) -> int:
    """By the clock: certificates that end within six months, or one of them; returns how many."""
    limit = months_later(on, EXPIRING_MONTHS)
    rows = StandardCertificate.objects.filter(
        is_current=True, state__in=MARK_EXPIRING.sources, valid_until__range=(on, limit)
    )
    if only is not None:
        rows = rows.filter(pk=only.pk)
    return bulk_apply(MARK_EXPIRING, list(rows), actor=None)


@transaction.atomic
def expire(on: dt.date, *, only: StandardCertificate | None = None) -> int:
    """By the clock: certificates whose last valid day has passed, or one of them; returns how many."""
    rows = StandardCertificate.objects.filter(
        is_current=True, state__in=EXPIRE.sources, valid_until__lt=on
    )
    if only is not None:
        rows = rows.filter(pk=only.pk)
    return bulk_apply(EXPIRE, list(rows), actor=None)


def _state_by_now(certificate: StandardCertificate) -> str:
    if not certificate.is_current:
        return certificate.state
    return aged(certificate.state, certificate.valid_until, on=clock.today())


def _settle(certificate: StandardCertificate) -> None:
    expire(clock.today(), only=certificate)
    mark_expiring(clock.today(), only=certificate)


kept_by_clock(StandardCertificate, state=_state_by_now, settle=_settle)


def _issue_of(certificate: StandardCertificate) -> CertificateIssue:
    """The issue that is about to be replaced, unsaved."""
    return CertificateIssue(
        certificate=certificate,
        **{
            name: getattr(certificate, name)
            for name in (
                "issue_date",
                "valid_until",
                "issue_kind",
                "examined_range",
                "examined_performance",
                "examined_items",
            )
        },
    )


def _decided(
    certificate: StandardCertificate,
    decision_no: str,
    decided_on: dt.date | None,
    note: str,
    late_reason: str,
) -> str:
    if not decision_no.strip():
        raise ValidationError({"decision_no": "请填写决定文号，吊销、撤销许可须有书面决定。"})
    act_dates.check(
        decided_on,
        field="decided_on",
        what="决定日期",
        reason=late_reason,
        after=certificate.issue_date,
        follows="发证日期",
    )
    words = (f"决定文号：{decision_no.strip()}", f"决定日期：{cn_date(decided_on)}", note.strip())
    return act_dates.noted("；".join(filter(None, words)), late_reason)


def _check_new_dates(
    certificate: StandardCertificate, issue_date: dt.date, valid_until: dt.date
) -> None:
    """A new certificate is issued after the one before, by today, and ends when one can end."""
    act_dates.check_fact(
        issue_date,
        field="issue_date",
        what="新证书发证日期",
        after=certificate.issue_date,
        follows="原证书发证日期",
    )
    check_dates(issue_date, valid_until)
