"""What the register says about a standard, its certificate and its later management (B01, D01, G, H01)."""

import datetime as dt
from collections.abc import Callable

from metrostd.common.templatetags.formats import cn_date
from metrostd.registry.enums import CertificateState
from metrostd.registry.models import StandardCertificate

from .facts import NO_DATA, Facts, Hint

#: 复查 is applied for six months before the certificate ends.
RENEWAL_DAYS = 183


def certificate_hint(
    certificate: StandardCertificate | None, *, on: dt.date, day: str = "检查日"
) -> Hint:
    """Whether a certificate is valid on a day, and how many days are left (G01)."""
    if certificate is None or certificate.valid_until is None:
        return Hint("台账无考核证书有效期", "warn")
    left = (certificate.valid_until - on).days
    until = f"有效期至{cn_date(certificate.valid_until)}"
    if left < 0:
        return Hint(f"{day}已过有效期 {-left} 天，{until}", "bad")
    if left <= RENEWAL_DAYS:
        if certificate.state_now == CertificateState.REEXAM_APPLIED:
            return Hint(f"{until}，还有 {left} 天，已登记复查申请", "ok")
        return Hint(f"{until}，还有 {left} 天，未见复查申请", "warn")
    return Hint(f"{until}，还有 {left} 天", "ok")


def _certificate_valid(facts: Facts) -> Hint:
    return certificate_hint(facts.certificate, on=facts.on, day=facts.day)


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


def _filed_with_department(facts: Facts) -> Hint:
    department = facts.unit.competent_department.strip()
    known = f"登记的主管部门：{department}" if department else "台账未登记主管部门"
    return Hint(f"企业、事业单位最高计量标准适用本项；{known}")


def _department_approval(facts: Facts) -> Hint:
    return Hint("部门最高计量标准适用本项，请核对主管部门批准文件")


RULES: dict[str, Callable[[Facts], Hint]] = {
    "certificate_valid": _certificate_valid,
    "certificate_exists": _certificate_exists,
    "characteristics_match": _characteristics_match,
    "responsible_person_named": _responsible_person_named,
    "storage_place_matches": _storage_place,
    "filed_with_department": _filed_with_department,
    "department_approval": _department_approval,
}
