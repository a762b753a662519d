"""系统预判: what the register and the campaign's own records say about an item before a person answers.

A hint never answers for the inspector. Rules are named by the checklist item; a rule the register
has no data for says so.
"""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field

from campaigns.models import ChecklistItem
from metrostd.common.templatetags.formats import cn_date
from metrostd.registry.enums import CertificateState
from metrostd.registry.models import MeasurementStandard, StandardCertificate, Unit
from selfcheck.enums import ReportState
from selfcheck.models import SelfCheckProblem, SelfCheckReport, SelfCheckStandard

from .models import ChecklistSheet

#: 复查 is applied for six months before the certificate ends.
RENEWAL_DAYS = 183


@dataclass(frozen=True, slots=True)
class Hint:
    """A sentence and its tone: ok, warn, bad, info or muted (no data)."""

    text: str
    tone: str = "info"


NO_DATA = Hint("台账暂无数据", "muted")


@dataclass(frozen=True, slots=True)
class Facts:
    """Everything the rules look at, read once for a sheet."""

    on: dt.date
    unit: Unit
    standard: MeasurementStandard | None
    certificate: StandardCertificate | None
    reports: list[SelfCheckReport] = field(default_factory=list)
    held: int = 0
    covered: int = 0
    open_problems: int = 0
    problems: int = 0


def facts_for(sheet: ChecklistSheet, *, on: dt.date) -> Facts:
    """Read what hints need: at most two queries for a standard's sheet, five for the unit's."""
    unit = sheet.task.unit
    if sheet.standard_id is not None:
        certificate = StandardCertificate.objects.filter(
            standard=sheet.standard_id, is_current=True
        ).first()
        return Facts(on=on, unit=unit, standard=sheet.standard, certificate=certificate)
    reports = list(
        SelfCheckReport.objects.filter(campaign=sheet.task.campaign_id, unit=unit)
        .exclude(state=ReportState.EXEMPTED)
        .select_related("receiver")
    )
    received = [report.pk for report in reports if report.state in ReportState.received]
    held = MeasurementStandard.objects.filter(
        unit=unit,
        in_scope=True,
        certificates__is_current=True,
        certificates__state__in=CertificateState.live,
    )
    problems = SelfCheckProblem.objects.filter(report__in=received)
    states = list(problems.values_list("rectified_on", flat=True))
    return Facts(
        on=on,
        unit=unit,
        standard=None,
        certificate=None,
        reports=reports,
        held=held.count(),
        covered=SelfCheckStandard.objects.filter(report__in=received).count(),
        problems=len(states),
        open_problems=sum(day is None for day in states),
    )


def hint_for(item: ChecklistItem, facts: Facts) -> Hint | None:
    """The hint of an item; None when the item has no rule."""
    if not item.hint_rule:
        return None
    rule = _RULES.get(item.hint_rule)
    return rule(facts) if rule else NO_DATA


def certificate_hint(certificate: StandardCertificate | None, *, on: dt.date) -> Hint:
    """Whether a certificate is valid on a day, and how many days are left (G01)."""
    if certificate is None or certificate.valid_until is None:
        return Hint("台账无考核证书有效期", "warn")
    left = (certificate.valid_until - on).days
    until = f"有效期至{cn_date(certificate.valid_until)}"
    if left < 0:
        return Hint(f"检查日已过有效期 {-left} 天，{until}", "bad")
    if left <= RENEWAL_DAYS:
        if certificate.state == CertificateState.REEXAM_APPLIED:
            return Hint(f"{until}，还有 {left} 天，已登记复查申请", "ok")
        return Hint(f"{until}，还有 {left} 天，未见复查申请", "warn")
    return Hint(f"{until}，还有 {left} 天", "ok")


def _certificate_valid(facts: Facts) -> Hint:
    return certificate_hint(facts.certificate, on=facts.on)


def _certificate_exists(facts: Facts) -> Hint:
    certificate = facts.certificate
    if certificate is None:
        return Hint("台账无考核证书", "bad")
    valid = certificate.valid_until is None or certificate.valid_until >= facts.on
    if certificate.state in CertificateState.ended:
        return Hint(f"证书{certificate.number}已{certificate.get_state_display()}", "bad")
    if not valid:
        return Hint(f"证书{certificate.number}已过有效期", "bad")
    return Hint(f"持有有效证书{certificate.number}", "ok")


def _characteristics_match(facts: Facts) -> Hint:
    standard, certificate = facts.standard, facts.certificate
    if standard is None or certificate is None:
        return NO_DATA
    pairs = [
        ("测量范围", standard.measuring_range, certificate.examined_range),
        ("技术指标", standard.performance, certificate.examined_performance),
    ]
    known = [(name, a, b) for name, a, b in pairs if a.strip() and b.strip()]
    if not known:
        return NO_DATA
    differing = [(name, a, b) for name, a, b in known if _squeezed(a) != _squeezed(b)]
    if differing:
        name, now, approved = differing[0]
        return Hint(f"{name}不一致：台账“{now.strip()}”，证书“{approved.strip()}”", "warn")
    words = "、".join(name for name, _, _ in known)
    return Hint(f"台账与证书的{words}一致：{known[0][2].strip()}", "ok")


def _squeezed(text: str) -> str:
    return "".join(text.split()).replace("～", "~").replace("－", "-").lower()


def _responsible_person_named(facts: Facts) -> Hint:
    name = facts.standard.responsible_person.strip() if facts.standard else ""
    return Hint(f"台账登记负责人：{name}", "ok") if name else Hint("台账未登记负责人", "warn")


def _storage_place(facts: Facts) -> Hint:
    place = facts.standard.storage_place.strip() if facts.standard else ""
    return Hint(f"台账登记保存地点：{place}") if place else NO_DATA


def _sealed(facts: Facts) -> Hint:
    if facts.certificate is None:
        return NO_DATA
    if facts.certificate.state == CertificateState.SEALED:
        return Hint("证书状态为封存，核对封存期内有无业务", "warn")
    return Hint("台账未登记封存", "ok")


def _public_certificate(facts: Facts) -> Hint:
    return Hint("社会公用计量标准适用本项，请核对社会公用计量标准证书")


def _filed_with_department(facts: Facts) -> Hint:
    department = facts.unit.competent_department.strip()
    known = f"登记的主管部门：{department}" if department else "台账未登记主管部门"
    return Hint(f"企业、事业单位最高计量标准适用本项；{known}")


def _department_approval(facts: Facts) -> Hint:
    return Hint("部门最高计量标准适用本项，请核对主管部门批准文件")


def _unit_name(facts: Facts) -> Hint:
    unit = facts.unit
    known = [unit.name]
    if unit.uscc:
        known.append(unit.uscc)
    if unit.legal_representative:
        known.append(f"法定代表人{unit.legal_representative}")
    if address := unit.registered_address or unit.actual_address:
        known.append(address)
    return Hint(f"台账登记：{'，'.join(known)}")


def _self_check_in_time(facts: Facts) -> Hint:
    if not facts.reports:
        return Hint("本次专项行动无应报自查报告", "muted")
    late, missing = [], []
    for report in facts.reports:
        if report.first_submitted_at is None:
            missing.append(str(report.receiver))
        elif report.is_late:
            late.append(f"{report.receiver}（{cn_date(report.first_submitted_at)}）")
    if missing:
        return Hint(f"未向{'、'.join(missing)}报送", "bad")
    if late:
        return Hint(f"逾期报送：{'、'.join(late)}", "warn")
    sent = "、".join(cn_date(report.first_submitted_at) for report in facts.reports)
    return Hint(f"按期报送（{sent}）", "ok")


def _self_check_covers_all(facts: Facts) -> Hint:
    if not facts.reports:
        return Hint("本次专项行动无应报自查报告", "muted")
    if facts.covered >= facts.held:
        return Hint(f"自查 {facts.covered} 项，在册 {facts.held} 项", "ok")
    return Hint(f"自查 {facts.covered} 项，少于在册 {facts.held} 项", "warn")


def _self_check_problems(facts: Facts) -> Hint:
    if not any(report.state in ReportState.received for report in facts.reports):
        return Hint("尚未收到自查报告", "muted")
    if not facts.problems:
        return Hint("自查未报告问题", "info")
    if facts.open_problems:
        return Hint(f"自查问题 {facts.problems} 个，{facts.open_problems} 个未登记完成整改", "warn")
    return Hint(f"自查问题 {facts.problems} 个，均已登记完成整改", "ok")


_RULES: dict[str, Callable[[Facts], Hint]] = {
    "certificate_valid": _certificate_valid,
    "certificate_exists": _certificate_exists,
    "characteristics_match": _characteristics_match,
    "responsible_person_named": _responsible_person_named,
    "storage_place_matches": _storage_place,
    "sealed_without_business": _sealed,
    "public_certificate": _public_certificate,
    "filed_with_department": _filed_with_department,
    "department_approval": _department_approval,
    "unit_name_matches": _unit_name,
    "self_check_in_time": _self_check_in_time,
    "self_check_covers_all": _self_check_covers_all,
    "self_check_problems_closed": _self_check_problems,
}
