"""附件3 as a workbook: sums and shares are formulas with their results, what is no input is protected.

A viewer that does not calculate shows the results; what is filled in by hand in an empty form adds up.
A formula stands only where it gives the value of the table, so the file never says another number.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import accumulate

from django.utils import timezone
from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell
from xlsxwriter.worksheet import Worksheet

from metrostd.common import watermark
from metrostd.common.templatetags.formats import cn_date, cn_datetime

from . import layouts, rules
from .documents import Signed, remarks
from .figures import Figure
from .layout import Section, definitions, whole
from .layouts import TableLayout
from .ruling import CellRef, RuleResult
from .single_figures import SINGLE
from .table import OVERRIDE_MARK, Annex3, Cell, Row, ratio

#: The last row of the head.
HEAD_ROWS = 4
_NUMBERS = {"percent": "0.00%", "money": "#,##0.00", "count": "0"}
#: How a cell looks, in the words of the library.
_Look = dict[str, str | int | bool]
_LINE: _Look = {"border": 1, "border_color": "#7F8B99"}
_HEAD: _Look = {
    **_LINE, "bold": True, "bg_color": "#EEF2F7", "align": "center", "valign": "vcenter",
    "text_wrap": True,
}  # fmt: skip
_SUM, _BROKEN = "#F7F9FB", "#FDE9E7"
_A4 = 9
#: What a protected sheet lets everybody do: look around and make columns wider.
_ALLOWED = {"format_columns": True, "format_rows": True}


@dataclass
class _Book:
    """A workbook and the looks of its cells, each made once."""

    book: Workbook
    annex: Annex3
    signed: Signed | None
    broken: frozenset[CellRef]
    looks: dict[tuple, Format] = field(default_factory=dict)

    def look(self, **wanted: str | int | bool) -> Format:
        key = tuple(sorted(wanted.items()))
        if key not in self.looks:
            self.looks[key] = self.book.add_format(wanted)
        return self.looks[key]

    def page(self, name: str) -> Worksheet:
        page = self.book.add_worksheet(name)
        page.hide_gridlines(2)
        page.set_landscape()
        page.set_paper(_A4)
        if mark := watermark.current():
            page.set_header("&C&9" + mark.replace("&", "&&"))
        page.set_footer("&C第 &P 页 共 &N 页")
        page.protect("", _ALLOWED)
        return page


def annex3_xlsx(annex: Annex3, *, signed: Signed | None = None) -> bytes:
    """A sheet for each block, the rules and the definitions; the same table gives the same bytes."""
    out = io.BytesIO()
    results = rules.check(annex)
    with Workbook(out, {"in_memory": True}) as book:
        made = timezone.localtime(annex.as_of).replace(tzinfo=None)
        book.set_properties(
            {"title": layouts.of(annex.layout).title, "author": "", "created": made}
        )
        sheets = _Book(
            book,
            annex,
            signed,
            frozenset(ref for one in results if not one.ok for ref in one.cells),
        )
        for form in layouts.of(annex.layout).blocks:
            if form.id in annex.blocks:
                _block_sheet(sheets, whole(annex, form.id))
        _list_sheet(
            sheets,
            "数据规则",
            "数据规则核对结果",
            (("规则", 8), ("内容", 40), ("结果", 10), ("说明", 80), ("填报部门的理由", 60)),
            [_rule(one, annex.corrections.reasons) for one in results],
        )
        _list_sheet(
            sheets,
            "指标定义",
            "指标定义",
            (("标识", 14), ("指标", 24), ("分组", 24), ("定义", 90)),
            definitions(),
        )
    return out.getvalue()


def _rule(result: RuleResult, reasons: Mapping[str, str]) -> tuple[str, ...]:
    verdict = "符合" if result.ok else "不符合" if result.severity == "block" else "须说明"
    return result.id, result.title, verdict, result.detail, reasons.get(result.id, "")


def _block_sheet(sheets: _Book, section: Section) -> None:
    annex = sheets.annex
    form = layouts.of(annex.layout)
    page = sheets.page(form.block(section.block.id).sheet)
    page.write_string(0, 0, form.title, sheets.look(bold=True, font_size=16))
    head = (
        f"填报单位：{annex.authority_name}　{section.title}　数据截至：{cn_datetime(annex.as_of)}"
    )
    page.write_string(1, 0, head)
    _head(sheets, page, section)
    places = {line.row.id: HEAD_ROWS + n for n, line in enumerate(section.lines)}
    for line in section.lines:
        _row(sheets, page, section, line.row, line.cells, places)
    after = HEAD_ROWS + len(section.lines)
    for note in (form.legend, *annex.notes, *remarks(annex)):
        page.write_string(after, 0, f"注：{note}")
        after += 1
    page.write_string(after + 1, 0, "　　　　　　　　".join(_signers(form, sheets.signed)))
    page.write_string(after + 2, 0, _foot(annex, sheets.signed))
    after += 2
    if sheets.signed and sheets.signed.trail_head:
        after += 1
        page.write_string(after, 0, f"报送时封存至：{sheets.signed.trail_head}")
    _print_setup(page, section, layout=annex.layout, last=after)


def _head(sheets: _Book, page: Worksheet, section: Section) -> None:
    """Two header rows: groups merged over their columns, the row heading over both."""
    look = sheets.look(**_HEAD)
    page.merge_range(2, 0, 3, 0, section.block.row_heading, look)
    at = 1
    for heading in section.headings:
        if heading.span > 1:
            page.merge_range(2, at, 2, at + heading.span - 1, heading.name, look)
        else:
            page.write_string(2, at, heading.name, look)
        at += heading.span
    for number, column in enumerate(section.columns, start=1):
        page.write_string(3, number, column.name, look)
    page.set_row(3, 48)


def _row(
    sheets: _Book,
    page: Worksheet,
    section: Section,
    row: Row,
    cells: tuple[Cell, ...],
    places: Mapping[str, int],
) -> None:
    at = places[row.id]
    is_sum = row.spec.kind != "plain"
    page.write_string(at, 0, row.spec.printed, sheets.look(**_LINE, bold=is_sum, text_wrap=True))
    columns = {cell.figure.id: n for n, cell in enumerate(cells, start=1)}
    for number, cell in enumerate(cells, start=1):
        formula = _formula(section, row, cell, places, columns)
        look = _look(sheets, section, row, cell, is_input=not formula and not is_sum)
        if cell.value is None:
            page.write_string(at, number, "–", look)
            continue
        value = float(cell.value / Decimal(100)) if _is_share(cell) else _plain(cell)
        if formula:
            page.write_formula(at, number, formula, look, value)
        else:
            page.write_number(at, number, value, look)


def _formula(
    section: Section,
    row: Row,
    cell: Cell,
    places: Mapping[str, int],
    columns: Mapping[str, int],
) -> str:
    """A sum over the rows it covers, or a share of two cells beside it, if that is the value here."""
    figure = cell.figure
    if cell.value is None or cell.is_override:
        return ""
    if figure.ratio_of and set(figure.ratio_of) <= columns.keys():
        part, whole_ = figure.ratio_of
        if cell.value != ratio(row[part], row[whole_]):
            return ""
        one, two = (xl_rowcol_to_cell(places[row.id], columns[n]) for n in (part, whole_))
        return f'=IF(N({two})=0,"–",ROUND({one}/{two},4))'
    parts = [line.row for line in section.lines if line.row.id in row.spec.parts]
    if not (parts and figure.additive) or sum(each[figure.id] or 0 for each in parts) != cell.value:
        return ""
    names = (xl_rowcol_to_cell(places[each.id], columns[figure.id]) for each in parts)
    return f"=SUM({','.join(names)})"


def _look(sheets: _Book, section: Section, row: Row, cell: Cell, *, is_input: bool) -> Format:
    number = _NUMBERS[cell.figure.kind]
    look: _Look = {**_LINE, "align": "right", "bold": row.spec.kind != "plain"}
    look["num_format"] = f'{number}"{OVERRIDE_MARK}"' if cell.is_override else number
    # Figures of rows are filled in where nothing has been signed; sums and shares follow.
    fillable = cell.value is not None or bool(cell.figure.absent)
    look["locked"] = not (is_input and fillable and sheets.signed is None)
    if (section.block.id, row.id, cell.figure.id) in sheets.broken:
        look["bg_color"] = _BROKEN
    elif row.spec.kind != "plain":
        look["bg_color"] = _SUM
    return sheets.look(**look)


def _is_share(cell: Cell) -> bool:
    return cell.figure.kind == "percent"


def _plain(cell: Cell) -> int | float:
    return cell.value if isinstance(cell.value, int) else float(cell.value or 0)


def _signers(form: TableLayout, signed: Signed | None) -> list[str]:
    """The places to sign; that of the head says who signed."""
    *others, head = form.signers
    who = f"{signed.signer}（{signed.position}，已签字）" if signed else ""
    return [*(f"{name}：" for name in others), f"{head}：{who}"]


def _foot(annex: Annex3, signed: Signed | None) -> str:
    day = signed.signed_on if signed else timezone.localtime(annex.as_of).date()
    number = f"　　　　　　　　回执编号：{signed.receipt_no}" if signed else ""
    return f"（盖章）　　　　　　　　填报日期：{cn_date(day)}{number}"


def _print_setup(page: Worksheet, section: Section, *, layout: str, last: int) -> None:
    """A4 landscape; the label column and the head repeat, parts of block I start new pages."""
    page.repeat_rows(0, HEAD_ROWS - 1)
    page.repeat_columns(0)
    page.freeze_panes(HEAD_ROWS, 1)
    page.set_column(0, 0, 34)
    for number, column in enumerate(section.columns, start=1):
        page.set_column(number, number, _width(column, section))
    page.print_area(0, 0, last, len(section.columns))
    parts = layouts.of(layout).block(section.block.id).parts
    if len(parts) > 1:
        ends = list(accumulate(len(part.columns) for part in parts))
        page.set_v_pagebreaks([end + 1 for end in ends[:-1]])
    else:
        page.fit_to_pages(1, 0)


def _width(column: Figure, section: Section) -> int:
    return 13 if column.kind == "money" or section.block.id in SINGLE else 10


def _list_sheet(
    sheets: _Book,
    name: str,
    title: str,
    columns: tuple[tuple[str, int], ...],
    rows: Sequence[tuple[str, ...]],
) -> None:
    page = sheets.page(name)
    page.write_string(0, 0, title, sheets.look(bold=True, font_size=14))
    for number, (heading, width) in enumerate(columns):
        page.set_column(number, number, width)
        page.write_string(1, number, heading, sheets.look(**_LINE, bold=True, bg_color="#EEF2F7"))
    look = sheets.look(**_LINE, valign="top", text_wrap=True)
    for at, row in enumerate(rows, start=2):
        for number, text in enumerate(row):
            page.write_string(at, number, text, look)
    page.freeze_panes(2, 0)
    page.fit_to_pages(1, 0)
