"""What the register and the campaign say about a unit and its self-check (U01 to U05)."""

from collections.abc import Callable

from metrostd.common.templatetags.formats import cn_date
from selfcheck.enums import ReportState

from .facts import Facts, Hint


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


RULES: dict[str, Callable[[Facts], Hint]] = {
    "unit_name_matches": _unit_name,
    "self_check_in_time": _self_check_in_time,
    "self_check_covers_all": _self_check_covers_all,
    "self_check_problems_closed": _self_check_problems,
}
