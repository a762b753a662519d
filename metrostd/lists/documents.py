"""Papers of a hand-over: its rows as a sheet, the receipt of the acknowledgement."""

import datetime as dt
from collections.abc import Iterable

from metrostd.common.rendering import render_pdf
from metrostd.common.spreadsheet import Column, Sheet
from metrostd.common.templatetags.formats import mask_phone
from metrostd.registry.models import HandOver

from .hand_over_lines import Line

_HANDED_COLUMNS = (
    Column("单位名称", 34),
    Column("统一社会信用代码", 22),
    Column("单位地址", 34),
    Column("联系人", 12),
    Column("联系电话", 16),
    Column("计量标准名称", 32),
    Column("计量标准类别", 22),
    Column("考核证书号", 30),
    Column("有效期至", 14),
    Column("台账变化", 10),
    Column("签收情况", 36),
    Column("名单与台账不一致", 30),
)


def hand_over_rows(hand_over: HandOver, lines: Iterable[Line]) -> Sheet:
    """The rows of a hand-over; phones masked as on the screen."""
    title = f"移交{hand_over.authority.region_name}的单位名单（{hand_over.batch}）"
    return Sheet("移交名单", title, _HANDED_COLUMNS, map(_handed, lines))


def _handed(line: Line) -> tuple:
    row, standard, certificate = line.row, line.row.standard, line.certificate
    unit = row.unit
    words = "退回" if line.is_returned else "待确认" if line.is_unconfirmed else ""
    if line.pending is not None:
        words = f"{line.pending.get_state_display()}：{line.pending.reason_words}"
    return (
        unit.name if unit else "",
        unit.uscc if unit else "",
        unit.actual_address if unit else "",
        unit.contact_name if unit else "",
        mask_phone(unit.contact_phone) if unit else "",
        standard.name if standard else "",
        standard.get_category_display() if standard else "",
        certificate.number if certificate else "",
        certificate.valid_until if certificate else None,
        row.get_change_display(),
        words,
        line.differs,
    )


def hand_over_receipt(hand_over: HandOver) -> bytes:
    """The receipt of an acknowledged list as PDF, from what was kept that day."""
    kept = hand_over.receipt
    context = {
        "hand_over": hand_over,
        "authority": kept.get("authority") or hand_over.authority.name,
        "issuer": kept.get("issuer") or hand_over.batch.issuing_authority.name,
        "accepted": [_printed(row) for row in kept["accepted"]],
        "returned": [(*_printed(row[:4]), row[4]) for row in kept["returned"]],
    }
    return render_pdf("lists/pdf/hand_over_receipt.html", context)


def lines_of_receipt(hand_over: HandOver) -> int:
    """How long the receipt is."""
    return len(hand_over.receipt["accepted"]) + len(hand_over.receipt["returned"])


def _printed(row: list[str]) -> tuple[str, str, str, dt.date | None]:
    unit, standard, number, until = row
    return unit, standard, number, dt.date.fromisoformat(until) if until else None
