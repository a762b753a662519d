"""What the register and the campaign say about a bureau's certification work as a whole (Annex 2 S, C)."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from inspections.models import InspectionTask
from metrostd.common.templatetags.formats import cn_date
from metrostd.registry.enums import CertificateState, ChangeState
from metrostd.registry.models import (
    Authority,
    ChangeRecord,
    MeasurementStandard,
    StandardCertificate,
)
from metrostd.registry.querysets.aging import in_state
from selfcheck.enums import ReportState, SubjectKind
from selfcheck.models import SelfCheckReport

from .facts import Hint


@dataclass(frozen=True, slots=True)
class BureauFacts:
    """What the rules look at, read once for a bureau."""

    bureau: Authority
    standards: int
    certificates: int
    expired: int
    waiting: int
    oldest: dt.date | None
    owed: int
    received: int
    accepted: int


def bureau_facts(task: InspectionTask) -> BureauFacts:
    """Read what the rules need, in a fixed number of queries."""
    bureau = task.bureau
    assert bureau is not None  # noqa: S101 -- asked of visits to bureaus alone
    own = MeasurementStandard.objects.filter(issuing_authority=bureau, in_scope=True)
    current = StandardCertificate.objects.filter(standard__in=own, is_current=True)
    waiting = ChangeRecord.objects.filter(
        standard__issuing_authority=bureau, state=ChangeState.SUBMITTED
    ).order_by("submitted_at")
    oldest = waiting.values_list("submitted_at__date", flat=True).first()
    reports = SelfCheckReport.objects.filter(
        campaign=task.campaign_id, kind=SubjectKind.UNIT, receiver=bureau
    ).exclude(state=ReportState.EXEMPTED)
    return BureauFacts(
        bureau=bureau,
        standards=own.count(),
        certificates=current.exclude(state=CertificateState.DRAFT).count(),
        expired=current.filter(in_state(CertificateState.EXPIRED)).count(),
        waiting=waiting.count(),
        oldest=oldest,
        owed=reports.count(),
        received=reports.filter(state__in=ReportState.received).count(),
        accepted=reports.filter(state=ReportState.ACCEPTED).count(),
    )


def _ledger_matches(facts: BureauFacts) -> Hint:
    said = f"台账 {facts.standards} 项，现行证书 {facts.certificates} 张"
    return Hint(said, "ok" if facts.standards == facts.certificates else "warn")


def _changes_handled(facts: BureauFacts) -> Hint:
    if not facts.waiting:
        return Hint("没有待办的更换、封存、撤销、恢复申请", "ok")
    return Hint(f"待办申请 {facts.waiting} 件，最早{cn_date(facts.oldest)}提交", "warn")


def _expired_deregistered(facts: BureauFacts) -> Hint:
    if not facts.expired:
        return Hint("没有已过有效期而未注销的证书", "ok")
    return Hint(f"已过有效期、未注销也未延续的证书 {facts.expired} 张", "bad")


def _self_checks_collected(facts: BureauFacts) -> Hint:
    if not facts.owed:
        return Hint("本次没有建标单位应向本局报送自查报告", "muted")
    said = f"应收 {facts.owed} 份，已收 {facts.received} 份，已审核 {facts.accepted} 份"
    return Hint(said, "ok" if facts.accepted == facts.owed else "warn")


def _approval_split(facts: BureauFacts) -> Hint:
    if facts.bureau.approval_split:
        body = facts.bureau.approval_body_name or "另设的审批机构"
        return Hint(f"审批权和监督管理权分开，审批机构为{body}", "info")
    return Hint("审批权和监督管理权没有分开，不适用", "muted")


RULES: dict[str, Callable[[BureauFacts], Hint]] = {
    "ledger_matches": _ledger_matches,
    "changes_handled": _changes_handled,
    "expired_deregistered": _expired_deregistered,
    "self_checks_collected": _self_checks_collected,
    "approval_split": _approval_split,
}
