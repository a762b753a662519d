"""What the register says about 更换、封存 and 撤销 of a standard (G04, G05)."""

import datetime as dt
from collections.abc import Callable

from metrostd.common.templatetags.formats import cn_date, local_day
from metrostd.registry.enums import CertificateState, ChangeKind, ChangeState
from metrostd.registry.models import ChangeRecord

from .facts import NO_DATA, Facts, Hint
from .tracing import changed_after

_SHOWN = 3


def _reported(facts: Facts) -> Hint:
    """Applications since the certificate was issued, and equipment that changed without one."""
    if facts.certificate is None:
        return NO_DATA
    since = facts.certificate.issue_date
    records = [r for r in facts.changes if since is None or _day(r) >= since]
    replaced = [
        r for r in records if r.kind == ChangeKind.REPLACE and r.state == ChangeState.APPROVED
    ]
    changed = [row for row in facts.equipment if since and changed_after(row, since)]
    if changed and not replaced:
        names = "、".join(row.title for row in changed[:_SHOWN])
        return Hint(f"发证后设备有变动（{names}），台账无已批准的更换申报", "warn")
    if not records:
        return Hint("发证以来台账没有更换、封存等申报，请核对实际有无变化")
    waiting = any(r.state == ChangeState.SUBMITTED for r in records)
    return Hint("；".join(map(_words, records[:_SHOWN])), "warn" if waiting else "ok")


def _sealed(facts: Facts) -> Hint:
    """The period in which there must be no work, as it was approved."""
    if facts.certificate is None:
        return NO_DATA
    approved = [
        r for r in facts.changes if r.kind == ChangeKind.SEAL and r.state == ChangeState.APPROVED
    ]
    last = approved[0] if approved else None
    if facts.certificate.state_now != CertificateState.SEALED:
        if last is None:
            return Hint("台账未登记封存", "ok")
        return Hint(f"现未封存；曾封存：{_period(last)}，核对其间有无业务")
    if last is None:
        return Hint("证书状态为封存，台账无批准的封存申报表，核对封存手续和有无业务", "warn")
    if last.stop_until and last.stop_until < facts.on:
        return Hint(f"封存期已满仍未恢复使用：{_period(last)}，核对封存后有无业务", "warn")
    return Hint(f"证书状态为封存：{_period(last)}，核对封存期内有无业务", "warn")


def _period(record: ChangeRecord) -> str:
    start = cn_date(record.stop_from or record.decided_on)
    end = f"至{cn_date(record.stop_until)}" if record.stop_until else "起"
    return f"{start}{end}（{record.number}）"


def _words(record: ChangeRecord) -> str:
    return (
        f"{record.get_kind_display()}{record.get_state_display()}"
        f"（{record.number}，{cn_date(record.decided_on or _day(record))}）"
    )


def _day(record: ChangeRecord) -> dt.date:
    return local_day(record.submitted_at or record.created_at)


RULES: dict[str, Callable[[Facts], Hint]] = {
    "report_after_changes": _reported,
    "sealed_without_business": _sealed,
}
