"""Spreadsheets and the printed draw record: plain data to bytes."""

import datetime as dt
from collections.abc import Iterable, Iterator

from metrostd.common.papers import Words, paper_maker
from metrostd.common.rendering import render_pdf
from metrostd.common.shapes import Context
from metrostd.common.spreadsheet import Column, Sheet

from .models import DrawnUnit, DrawRun, Duty, SamplingFrame

UNCLASSIFIED = "未归类"


def duty_status(duty: Duty, *, on: dt.date) -> str:
    """The word for where a duty stands on a day."""
    if duty.cancelled_at:
        return "已取消"
    if duty.fulfilled_at:
        return "已完成"
    return "逾期" if duty.due_on < on else "未到期"


def duty_owner(duty: Duty) -> str:
    """Who owes it: the authority, the unit or the person."""
    return str(duty.authority or duty.unit or (duty.membership and duty.membership.user) or "")


def duty_sheet(rows: Iterable[Duty], *, title: str, on: dt.date) -> Sheet:
    """The duties in the order given."""
    columns = (
        Column("事项", 20),
        Column("内容", 40),
        Column("责任方", 30),
        Column("到期日", 12),
        Column("状态", 10),
        Column("完成时间", 18),
    )
    return Sheet(
        "应办事项",
        title,
        columns,
        (
            (
                duty.get_kind_display(),
                duty.title,
                duty_owner(duty),
                duty.due_on,
                duty_status(duty, on=on),
                duty.fulfilled_at,
            )
            for duty in rows
        ),
    )


def frame_sheets(frame: SamplingFrame) -> Iterator[Sheet]:
    """The frozen list and what was left out of it."""
    entries = frame.entries.select_related("unit", "standard", "field").order_by(
        "unit__name", "unit_id", "pk"
    )
    head = (Column("单位标识", 20), Column("建标单位", 34), Column("计量标准标识", 24))
    yield Sheet(
        "抽样框",
        f"{frame.campaign} {frame}（哈希 {frame.hash}）",
        (
            *head,
            Column("计量标准", 34),
            Column("类别", 24),
            Column("专业领域", 12),
            Column("重点领域", 10),
        ),
        (
            (
                e.unit_key,
                e.unit.name,
                e.standard_key,
                e.standard.name,
                e.get_category_display(),
                e.field.name if e.field else UNCLASSIFIED,
                "是" if e.is_priority else "",
            )
            for e in entries
        ),
    )
    left_out = frame.exclusions.select_related("unit", "standard").order_by("unit__name", "pk")
    yield Sheet(
        "未列入",
        f"{frame} 未列入的单位和计量标准",
        (Column("建标单位", 34), Column("计量标准", 34), Column("原因", 40)),
        ((e.unit.name, e.standard.name if e.standard else "（整户）", e.reason) for e in left_out),
    )


def draw_sheet(run: DrawRun, drawn: Iterable[DrawnUnit]) -> Sheet:
    """The drawn units in order, one row per standard."""
    columns = (
        Column("次序", 8),
        Column("建标单位", 34),
        Column("属地", 18),
        Column("方式", 8),
        Column("计量标准", 34),
        Column("专业领域", 12),
        Column("原因", 20),
        Column("定向、增加的理由", 30),
    )
    return Sheet(
        "检查对象",
        f"{run.frame.campaign} {run.frame.authority} 检查对象（结果哈希 {run.result_hash}）",
        columns,
        (
            (
                unit.order,
                unit.name_then,
                str(unit.unit.territorial_authority or ""),
                unit.get_kind_display(),
                picked.name_then,
                picked.field.name if picked.field else UNCLASSIFIED,
                picked.get_why_display(),
                unit.reason or picked.reason,
            )
            for unit in drawn
            for picked in unit.standards.all()
        ),
    )


def terms_paper(context: Context) -> bytes:
    """抽取约定书: number, hashes, terms, room for two signatures; it leaves the building (A4)."""
    return render_pdf("campaigns/pdf/terms.html", context)


def draw_record(context: Context) -> bytes:
    """抽取记录: terms, commitment, receipts, public value, nonce, result, strikes, earlier terms (A4)."""
    return render_pdf("campaigns/pdf/draw.html", context)


#: The kind of paper a signed 保密承诺书 is.
PLEDGE = "campaigns.pledge"


@paper_maker(PLEDGE)
def pledge_paper(words: Words) -> bytes:
    """保密承诺书 as it was signed (A4)."""
    signed_at = dt.datetime.fromisoformat(words["signed_at"])
    return render_pdf("campaigns/pdf/pledge.html", {"pledge": {**words, "signed_at": signed_at}})
