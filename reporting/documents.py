"""附件3 as a workbook and as a printed form, from the same dataclass the screen shows."""

import base64
import datetime as dt
import io
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from django.utils import timezone
from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.pagebreak import Break, ColBreak
from openpyxl.worksheet.properties import PageSetupProperties
from openpyxl.worksheet.worksheet import Worksheet

from metrostd.common.rendering import render_pdf
from metrostd.common.spreadsheet import safe_cell
from metrostd.common.templatetags.formats import cn_date, cn_datetime

from . import rules
from .figures import BY_ID, GROUPS
from .layout import NOT_INSPECTED, SIGNERS, TITLE, Section, definitions, sections, whole
from .table import OVERRIDE_MARK, Annex3, Cell, Value

#: The sheet of each block.
SHEETS = {
    "I": "按计量标准类别",
    "II": "按专业领域",
    "III": "按问题类别",
    "IV": "组织实施和其他情况",
    "V": "考核工作监督检查",
    "VI": "按重点领域",
}
_LINE = Side(style="thin", color="7F8B99")
_BOX = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_HEAD = PatternFill("solid", fgColor="EEF2F7")
_SUM = PatternFill("solid", fgColor="F7F9FB")
_BROKEN = PatternFill("solid", fgColor="FDE9E7")
_CENTRE = Alignment(horizontal="center", vertical="center", wrap_text=True)
_FORMATS = {"percent": "0.00%", "money": "#,##0.00", "count": "0"}
#: The last row of the head.
HEAD_ROWS = 4


def filename(annex: Annex3, suffix: str) -> str:
    """E.g. 附件3-120111-20211012.xlsx."""
    day = timezone.localtime(annex.as_of)
    return f"附件3-{annex.authority}-{day:%Y%m%d}.{suffix}"


@dataclass(frozen=True, slots=True)
class Signed:
    """What a table that is handed in carries besides: who signed it, and the receipt."""

    receipt_no: str
    signer: str
    position: str
    image: bytes
    signed_on: dt.date

    @property
    def picture(self) -> str:
        return f"data:image/png;base64,{base64.b64encode(self.image).decode()}"


def remarks(annex: Annex3) -> list[str]:
    """What people added to the figures, as the form prints it: the edition, cells by hand (R34)."""
    said = annex.corrections
    found = []
    if annex.edition:
        origin = "（由外部填写的统计表导入，未经系统统计）" if said.is_imported else ""
        found.append(
            f"第{annex.edition}版{origin}。" + (f"更正理由：{said.note}" if said.note else "")
        )
    found += [
        f"{OVERRIDE_MARK}{one.words}统计数为{_shown(one.figure, one.computed)}，"
        f"手工改为{_shown(one.figure, one.value)}：{one.reason}"
        for one in said.overrides
    ]
    return found


def _shown(figure: str, value: Value) -> str:
    return Cell(BY_ID[figure], value).text


def annex3_xlsx(annex: Annex3, *, signed: Signed | None = None) -> bytes:
    """A sheet for each block, the rules and the definitions; numbers are numbers."""
    book = Workbook()
    book.remove(book.active)
    results = rules.check(annex)
    broken = {ref for result in results if not result.ok for ref in result.cells}
    for block in annex.blocks:
        name = SHEETS[block]
        _block_sheet(book.create_sheet(name), annex, whole(annex, block), broken, signed)
    _list_sheet(
        book.create_sheet("数据规则"),
        "数据规则核对结果",
        (("规则", 8), ("内容", 40), ("结果", 10), ("说明", 80), ("填报部门的理由", 60)),
        [
            (r.id, r.title, _verdict(r), r.detail, annex.corrections.reasons.get(r.id, ""))
            for r in results
        ],
    )
    _list_sheet(
        book.create_sheet("指标定义"),
        "指标定义",
        (("标识", 14), ("指标", 24), ("分组", 24), ("定义", 90)),
        definitions(),
    )
    book.properties.title = TITLE
    book.properties.creator = ""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def annex3_pdf(annex: Annex3, *, signed: Signed | None = None) -> bytes:
    """The form on A4 landscape, block I cut into tables that can be read."""
    return render_pdf("reporting/pdf/annex3.html", pdf_context(annex, signed=signed))


def pdf_context(annex: Annex3, *, signed: Signed | None = None) -> dict[str, object]:
    results = rules.check(annex)
    reasons = annex.corrections.reasons
    return {
        "annex": annex,
        "signed": signed,
        "remarks": remarks(annex),
        "title": TITLE,
        "as_of": cn_datetime(annex.as_of),
        "sections": [s for block in annex.blocks for s in sections(annex, block)],
        "broken": [(result, reasons.get(result.id, "")) for result in results if not result.ok],
        "checked": len(results),
        "signers": SIGNERS,
        "legend": NOT_INSPECTED,
    }


def _verdict(result: rules.RuleResult) -> str:
    if result.ok:
        return "符合"
    return "不符合" if result.severity == "block" else "须说明"


def _block_sheet(
    page: Worksheet,
    annex: Annex3,
    section: Section,
    broken: set[tuple[str, str, str]],
    signed: Signed | None,
) -> None:
    width = len(section.columns) + 1
    page.append([TITLE])
    page.append(
        [
            safe_cell(
                f"填报单位：{annex.authority_name}　{section.title}　数据截至：{cn_datetime(annex.as_of)}"
            )
        ]
    )
    _head(page, section)
    for line in section.lines:
        page.append([safe_cell(line.row.spec.printed), *(_number(cell) for cell in line.cells)])
        _format_row(page, section, line.row.id, line.cells, broken, line.row.spec.kind != "plain")
    for note in (NOT_INSPECTED, *annex.notes, *remarks(annex)):
        page.append([safe_cell(f"注：{note}")])
    page.append([])
    page.append([safe_cell("　　　　　　　　".join(_signers(signed)))])
    day = signed.signed_on if signed else timezone.localtime(annex.as_of).date()
    number = f"　　　　　　　　回执编号：{signed.receipt_no}" if signed else ""
    page.append([safe_cell(f"（盖章）　　　　　　　　填报日期：{cn_date(day)}{number}")])
    page["A1"].font = Font(bold=True, size=16)
    _print_setup(page, section, width)


def _signers(signed: Signed | None) -> list[str]:
    """The places to sign; that of the head says who signed."""
    *others, head = SIGNERS
    who = f"{signed.signer}（{signed.position}，已签字）" if signed else ""
    return [*(f"{name}：" for name in others), f"{head}：{who}"]


def _head(page: Worksheet, section: Section) -> None:
    """Two header rows: groups merged over their columns, the row heading over both."""
    groups: list[str] = [section.block.row_heading]
    for heading in section.headings:
        groups += [heading.name, *[""] * (heading.span - 1)]
    page.append(groups)
    page.append(["", *(column.name for column in section.columns)])
    page.merge_cells(start_row=3, end_row=4, start_column=1, end_column=1)
    at = 2
    for heading in section.headings:
        page.merge_cells(start_row=3, end_row=3, start_column=at, end_column=at + heading.span - 1)
        at += heading.span
    for row in page.iter_rows(min_row=3, max_row=HEAD_ROWS, max_col=len(section.columns) + 1):
        for cell in row:
            cell.font, cell.fill, cell.border, cell.alignment = (
                Font(bold=True),
                _HEAD,
                _BOX,
                _CENTRE,
            )
    page.row_dimensions[HEAD_ROWS].height = 48


def _number(cell: Cell) -> int | Decimal | str:
    """A number as a number; a percentage as a fraction with a percent format; – as a dash."""
    if cell.value is None:
        return "–"
    return cell.value / Decimal(100) if cell.figure.kind == "percent" else cell.value


def _format_row(
    page: Worksheet,
    section: Section,
    row_id: str,
    cells: tuple[Cell, ...],
    broken: set[tuple[str, str, str]],
    is_sum: bool,
) -> None:
    number = page.max_row
    label = page.cell(row=number, column=1)
    label.border, label.font = _BOX, Font(bold=is_sum)
    for column, cell in enumerate(cells, start=2):
        target = page.cell(row=number, column=column)
        target.border, target.font = _BOX, Font(bold=is_sum)
        target.alignment = Alignment(horizontal="right")
        target.number_format = _FORMATS[cell.figure.kind]
        if is_sum:
            target.fill = _SUM
        if (section.block.id, row_id, cell.figure.id) in broken:
            target.fill = _BROKEN
        if cell.is_override:
            target.number_format = f'{_FORMATS[cell.figure.kind]}"{OVERRIDE_MARK}"'


def _print_setup(page: Worksheet, section: Section, width: int) -> None:
    """A4 landscape; the label column and the head repeat, parts of block I start new pages."""
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = page.PAPERSIZE_A4
    page.print_title_rows = f"1:{HEAD_ROWS}"
    page.print_title_cols = "A:A"
    page.oddFooter.center.text = "第 &P 页 共 &N 页"
    page.freeze_panes = page.cell(row=HEAD_ROWS + 1, column=2)
    page.sheet_view.showGridLines = False
    page.column_dimensions["A"].width = 34
    for number, column in enumerate(section.columns, start=2):
        wide = column.kind == "money"
        page.column_dimensions[get_column_letter(number)].width = 13 if wide else 10
    parts = [GROUPS[column.group].part for column in section.columns]
    cuts = [at + 1 for at in range(1, len(parts)) if parts[at] != parts[at - 1]]
    if section.block.id == "I":
        page.col_breaks = ColBreak()
        for cut in cuts:
            page.col_breaks.append(Break(id=cut))
    else:
        page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
        page.page_setup.fitToHeight = 0
    page.print_area = f"A1:{get_column_letter(width)}{page.max_row}"


def _list_sheet(
    page: Worksheet,
    title: str,
    columns: tuple[tuple[str, int], ...],
    rows: Sequence[tuple[str, ...]],
) -> None:
    page.append([title])
    page["A1"].font = Font(bold=True, size=14)
    page.append([name for name, _ in columns])
    for row in rows:
        page.append([safe_cell(value) for value in row])
    for number, (_, width) in enumerate(columns, start=1):
        page.column_dimensions[get_column_letter(number)].width = width
        head = page.cell(row=2, column=number)
        head.font, head.fill, head.border = Font(bold=True), _HEAD, _BOX
    for line in page.iter_rows(min_row=3):
        for cell in line:
            cell.border, cell.alignment = _BOX, Alignment(vertical="top", wrap_text=True)
    page.freeze_panes = "A3"
    page.sheet_view.showGridLines = False
    page.page_setup.orientation = "landscape"
    page.page_setup.paperSize = page.PAPERSIZE_A4
    page.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    page.page_setup.fitToHeight = 0
