"""Versions of the routing table: as a workbook there and back, compared, put in force from a day on."""

import datetime as dt
import io
from dataclasses import dataclass
from typing import cast

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.db.models import Max
from openpyxl import Workbook
from openpyxl.styles import Font, PatternFill
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from metrostd.common import act_dates, audit, clock, jobs
from metrostd.common.actors import Actor
from metrostd.common.given_workbook import lines, opened, refuse
from metrostd.common.templatetags.formats import cn_date
from metrostd.common.text import escape_formula
from metrostd.registry.enums import Category

from .enums import Inspector
from .models import RoutingRule, RoutingTable
from .routing import Rules

SHEET = "任务分工"
COLUMNS = {"计量标准类别": 34, "实施检查": 18, "依据": 80}
FOLLOW_JOB = "campaigns.follow_routing"
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Line:
    """A category in a version, and what another version says of it."""

    category: Category
    inspector: Inspector
    basis: str
    before: Inspector | None

    @property
    def is_changed(self) -> bool:
        return self.before is not None and self.before != self.inspector


def versions() -> list[int]:
    """All there are, the newest first."""
    found = RoutingRule.objects.order_by("-version").values_list("version", flat=True)
    return list(found.distinct())


def table_of(version: int) -> RoutingTable | None:
    """The row of a version somebody took in; a delivered one has none."""
    return RoutingTable.objects.filter(version=version).select_related("added_by").first()


def lines_of(version: int, *, beside: Rules | None) -> list[Line]:
    """A version category by category, beside another one."""
    rows = {row.category: row for row in RoutingRule.objects.filter(version=version)}
    return [
        Line(
            category,
            Inspector(rows[category].inspector) if category in rows else Inspector.MANUAL,
            rows[category].basis if category in rows else "",
            beside.inspectors.get(category, Inspector.MANUAL) if beside else None,
        )
        for category in Category
    ]


@transaction.atomic
def take(upload: UploadedFile, *, actor: Actor | None) -> RoutingTable:
    """Keep a version that can be; nothing follows it yet. Raises ValidationError naming each wrong cell."""
    given = read_table(upload.read(), upload.name or "")
    list(RoutingTable.objects.select_for_update())
    last = RoutingRule.objects.aggregate(last=Max("version"))["last"] or 0
    row = RoutingTable.objects.create(version=last + 1, added_by=actor)
    RoutingRule.objects.bulk_create(
        RoutingRule(version=row.version, category=category, inspector=inspector, basis=basis)
        for category, inspector, basis in given
    )
    audit.record(
        row, actor=actor, action="routing_table.take", label="上传任务分工表",
        after={"version": row.version},
    )  # fmt: skip
    return row


@transaction.atomic
def put_in_force(
    row: RoutingTable, day: dt.date, *, note: str, actor: Actor | None
) -> jobs.Job | None:
    """Ask this version from a day on; running campaigns follow on that day, today by the job that is returned.

    ValidationError names what speaks against it.
    """
    held = RoutingTable.objects.select_for_update().get(pk=row.pk)
    wrong = {}
    if said := act_dates.not_owed_by(day, what="启用日期"):
        wrong["day"] = said
    elif held.in_force_from and held.in_force_from <= clock.today():
        wrong["day"] = "这一版已经启用，不能再改启用日期；要更换时请上传新的一版。"
    elif RoutingTable.objects.filter(in_force_from=day).exclude(pk=row.pk).exists():
        wrong["day"] = "这一天已有另一版启用，请另定日期。"
    if not note.strip():
        wrong["note"] = "请说明理由和依据。"
    if wrong:
        raise ValidationError(wrong)
    before = held.in_force_from
    row.in_force_from, row.reason = day, note.strip()
    row.save(update_fields=["in_force_from", "reason"])
    audit.record(
        row, actor=actor, action="routing_table.put_in_force", label="启用任务分工表",
        before={"in_force_from": cn_date(before)} if before else None,
        after={"in_force_from": cn_date(day)},
        note=row.reason,
    )  # fmt: skip
    if day > clock.today():
        return None
    return jobs.start_job(FOLLOW_JOB, title=f"按第{row.version}版调整任务分工", owner=actor)


def read_table(data: bytes, name: str) -> list[tuple[Category, Inspector, str]]:
    """Every category with who inspects it. Raises ValidationError with a sentence for each wrong cell."""
    wrong: list[str] = []
    book = opened(data, name, sheets=(SHEET,), as_what="任务分工表")
    categories = {str(one.label): one for one in Category}
    inspectors = {str(one.label): one for one in Inspector}
    found: dict[Category, tuple[Category, Inspector, str]] = {}
    for line in lines(book[SHEET], tuple(COLUMNS), wrong):
        category, inspector = categories.get(line.values[0]), inspectors.get(line.values[1])
        if category is None:
            said = "、".join(categories)
            wrong.append(f"{line.places[0]} 的“{line.values[0]}”应为 {said} 之一。")
        elif category in found:
            wrong.append(f"{line.places[0]} 的“{category.label}”重复。")
        if inspector is None:
            wrong.append(
                f"{line.places[1]} 的“{line.values[1]}”应为 {'、'.join(inspectors)} 之一。"
            )
        if len(line.values[2]) > _LONGEST:
            wrong.append(
                f"{line.places[2]} 有 {len(line.values[2])} 字，“依据”最多 {_LONGEST} 字。"
            )
        if category is not None:
            found.setdefault(category, (category, inspector or Inspector.MANUAL, line.values[2]))
    wrong += [f"工作表“{SHEET}”缺少“{one.label}”。" for one in Category if one not in found]
    refuse(wrong)
    return list(found.values())


def table_workbook(version: int) -> bytes:
    """A version as a workbook to be changed and given back."""
    book = Workbook()
    page = cast(Worksheet, book.active)
    page.title = SHEET
    page.append(list(COLUMNS))
    for line in lines_of(version, beside=None):
        words = (line.category.label, line.inspector.label, line.basis)
        page.append([escape_formula(str(word)) for word in words])
    for at, width in enumerate(COLUMNS.values(), 1):
        page.column_dimensions[get_column_letter(at)].width = width
    for cell in page[1]:
        cell.font, cell.fill = Font(bold=True), PatternFill("solid", fgColor="EEF2F7")
    offered = ",".join(str(one.label) for one in Inspector)
    rule = DataValidation(type="list", formula1=f'"{offered}"', allow_blank=False)
    rule.add(f"B2:B{len(Category) + 1}")
    page.add_data_validation(rule)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
