"""The blank list offices download: the columns the import knows, in cells that check what is typed.

Three sheets: the list itself, how to fill it in with an example for every column, and the words the
drop-down lists offer. The import reads the first one only.
"""

import io
from collections.abc import Mapping, Sequence

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from .dates import FIRST_YEAR, LAST_YEAR
from .fields import CATEGORIES, FIELDS
from .headers import TARGET_NAMES
from .uscc import ALPHABET

COLUMNS = (
    ("seq", 6),
    ("district", 12),
    ("unit_name", 32),
    ("uscc", 24),
    ("address", 32),
    ("contact_name", 10),
    ("contact_phone", 16),
    ("standards_count", 14),
    ("standard_name", 32),
    ("jjf1022_code", 14),
    ("cert_no", 32),
    ("issue_date", 14),
    ("valid_until", 14),
    ("measuring_range", 28),
    ("performance", 34),
    ("storage_place", 20),
    ("responsible_person", 16),
    ("field_name", 14),
    ("category", 28),
    ("remark", 20),
)
REQUIRED = frozenset({"district", "unit_name", "uscc"})
SHEET, NOTES, CHOICES = "名单", "填写说明", "选项"
HEADER_ROW, LAST_ROW = 3, 3000
_RULED_ROWS = 40

_FORMATS = {
    **dict.fromkeys(("uscc", "contact_phone", "jjf1022_code", "cert_no"), "@"),
    **dict.fromkeys(("issue_date", "valid_until"), "yyyy-mm-dd"),
}
_LINE = Side(style="thin", color="9AA5B1")
_HEAD = PatternFill("solid", start_color="E8F0F9")
_RULES = (
    "每行填写一项计量标准；同一单位有多项时，单位信息逐行填写，或只填第一行并将以下各行的序号留空。",
    "带“*”的列必须填写；其余各列尽量填全。",
    "不要合并单元格，不要插入小计行，不要改动列名；一个单元格只填一项内容。",
)
# Per column: how to fill it in, and an example. The bodies, persons and numbers are invented.
_GUIDE = {
    "seq": ("从1起连续编号；同一单位的续行可留空", "1"),
    "district": ("从下拉列表中选择", "和平区"),
    "unit_name": ("营业执照或法人证书上的全称", "天津示例精密仪表有限公司"),
    "uscc": ("18位，按 GB 32100 校验；不用字母 I、O、S、V、Z", "91120116MA0TE5T16U"),
    "address": ("计量标准实际所在地", "天津市和平区示例路1号"),
    "contact_name": ("联系人姓名", "示例"),
    "contact_phone": ("手机，或区号加固定电话", "022-00000000"),
    "standards_count": ("该单位列入本名单的计量标准项数，填整数", "1"),
    "standard_name": ("计量标准考核证书上的名称", "0.05级活塞式压力计标准装置"),
    "jjf1022_code": ("JJF 1022 规定的8位数字", "12310000"),
    "cert_no": ("照证书填写；没有证书号的填“在办”，按草稿导入", "〔2018〕津量标企证字第001号"),
    "issue_date": ("写作年-月-日", "2018-06-01"),
    "valid_until": ("写作年-月-日，须晚于发证日期；不能填“长期”", "2022-05-31"),
    "measuring_range": ("照证书填写，符号和单位不变", "(0.6～6)MPa"),
    "performance": ("照证书填写，符号和单位不变", "0.05级"),
    "storage_place": ("楼号、房间号", "1号楼示例室"),
    "responsible_person": ("计量标准负责人姓名", "示例"),
    "field_name": ("从下拉列表中选择；可留空，由计量标准代码前两位确定", "力学"),
    "category": ("从下拉列表中选择；可留空，按上传时所选的类别", "企业最高计量标准"),
    "remark": ("需要说明的其他情况", ""),
}


def blank_template(
    districts: Sequence[str], *, title: str = "市级办理的企业最高等级计量标准的单位名单"
) -> bytes:
    """An .xlsx file with headings, checks and a page of instructions; ``districts`` fills the drop-down."""
    workbook = Workbook()
    sheet = workbook.active
    sheet.title = SHEET
    _head(sheet, title)
    _ruled(sheet)
    _notes(workbook.create_sheet(NOTES))
    _choices(workbook.create_sheet(CHOICES), districts)
    for validation in _validations(len(districts)):
        sheet.add_data_validation(validation)
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def _head(sheet: Worksheet, title: str) -> None:
    last = get_column_letter(len(COLUMNS))
    sheet["A1"] = title
    sheet["A1"].font = Font(name="宋体", size=16, bold=True)
    sheet["A2"] = "（填写前请阅读“填写说明”）"
    sheet["A2"].font = Font(name="宋体", size=10, color="5F6B7A")
    for row in (1, 2):
        sheet.merge_cells(f"A{row}:{last}{row}")
        sheet[f"A{row}"].alignment = Alignment(horizontal="center", vertical="center")
    for index, (target, width) in enumerate(COLUMNS, start=1):
        cell = sheet.cell(
            HEADER_ROW, index, TARGET_NAMES[target] + ("*" if target in REQUIRED else "")
        )
        cell.font = Font(name="宋体", size=11, bold=True)
        cell.fill = _HEAD
        cell.border = Border(_LINE, _LINE, _LINE, _LINE)
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        dimension = sheet.column_dimensions[get_column_letter(index)]
        dimension.width = width
        if target in _FORMATS:
            dimension.number_format = _FORMATS[target]
    sheet.row_dimensions[1].height = 30
    sheet.row_dimensions[HEADER_ROW].height = 32
    sheet.freeze_panes = f"D{HEADER_ROW + 1}"
    _printed(sheet, sheet.PAPERSIZE_A3)
    sheet.print_title_rows = f"{HEADER_ROW}:{HEADER_ROW}"


def _ruled(sheet: Worksheet) -> None:
    """Lines to write on; cells that are only dressed never count as data."""
    for row in range(HEADER_ROW + 1, HEADER_ROW + 1 + _RULED_ROWS):
        sheet.row_dimensions[row].height = 22
        for column, (target, _) in enumerate(COLUMNS, start=1):
            cell = sheet.cell(row, column)
            cell.border = Border(_LINE, _LINE, _LINE, _LINE)
            cell.alignment = Alignment(vertical="center", wrap_text=True)
            cell.number_format = _FORMATS.get(target, "General")


def _notes(sheet: Worksheet) -> None:
    for letter, width in zip("ABCD", (34, 8, 54, 34), strict=True):
        sheet.column_dimensions[letter].width = width
    sheet["A1"] = NOTES
    sheet["A1"].font = Font(name="宋体", size=14, bold=True)
    for number, rule in enumerate(_RULES, start=1):
        sheet.merge_cells(start_row=number + 1, start_column=1, end_row=number + 1, end_column=4)
        cell = sheet.cell(number + 1, 1, f"{number}. {rule}")
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        sheet.row_dimensions[number + 1].height = 30
    top = len(_RULES) + 3
    rows = [("列", "必填", "怎么填", "示例")]
    for target, _ in COLUMNS:
        how, example = _GUIDE[target]
        rows.append((TARGET_NAMES[target], "是" if target in REQUIRED else "", how, example))
    for row, texts in enumerate(rows, start=top):
        for column, text in enumerate(texts, start=1):
            cell = sheet.cell(row, column, text)
            cell.border = Border(_LINE, _LINE, _LINE, _LINE)
            cell.alignment = Alignment(wrap_text=True, vertical="center")
            if row == top:
                cell.font, cell.fill = Font(name="宋体", size=11, bold=True), _HEAD
    _printed(sheet, sheet.PAPERSIZE_A4)


def _printed(sheet: Worksheet, paper: str) -> None:
    """All columns on one page, as many pages as it takes."""
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = paper
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _choices(sheet: Worksheet, districts: Sequence[str]) -> None:
    lists = (("A", "所属区可选", districts), ("B", "专业领域可选", FIELDS.values()))
    for letter, title, words in (*lists, ("C", "计量标准类别可选", CATEGORIES.values())):
        sheet.column_dimensions[letter].width = 34 if letter == "C" else 18
        sheet[f"{letter}1"] = title
        sheet[f"{letter}1"].font = Font(name="宋体", size=11, bold=True)
        for row, word in enumerate(words, start=2):
            sheet[f"{letter}{row}"] = word
    _printed(sheet, sheet.PAPERSIZE_A4)


def credit_code_formula(cell: str) -> str:
    """A formula that is true for a code whose check character fits (GB 32100-2015); under 255 characters."""
    position = f'FIND(MID({cell},ROW($1:$17),1),"{ALPHABET}")-1'
    total = f"SUMPRODUCT(({position})*MOD(3^(ROW($1:$17)-1),31))"
    return f'AND(LEN({cell})=18,MID("{ALPHABET}",MOD(31-MOD({total},31),31)+1,1)=RIGHT({cell}))'


def _rules(districts: int, at: Mapping[str, str]) -> dict[str, tuple[dict[str, str], str]]:
    """What a cell of a column may hold, and the words beside it; ``at`` is the first cell of each."""
    begin, end = f"DATE({FIRST_YEAR},1,1)", f"DATE({LAST_YEAR},12,31)"
    whole = {"type": "whole", "operator": "between", "formula1": "1", "formula2": "9999"}
    return {
        "district": (
            {"type": "list", "formula1": f"{CHOICES}!$A$2:$A${districts + 1}"},
            "请从列表中选择所属区",
        ),
        "field_name": (
            {"type": "list", "formula1": f"{CHOICES}!$B$2:$B${len(FIELDS) + 1}"},
            "请从列表中选择专业领域",
        ),
        "category": (
            {"type": "list", "formula1": f"{CHOICES}!$C$2:$C${len(CATEGORIES) + 1}"},
            "请从列表中选择计量标准类别；可留空",
        ),
        "uscc": (
            {"type": "custom", "formula1": credit_code_formula(at["uscc"])},
            "应为18位，且校验码正确；请核对营业执照或法人证书",
        ),
        "jjf1022_code": (
            {
                "type": "custom",
                "formula1": f"AND(LEN({at['jjf1022_code']})=8,ISNUMBER(--{at['jjf1022_code']}))",
            },
            "应为8位数字",
        ),
        "cert_no": (
            {
                "type": "custom",
                "formula1": f'OR(ISNUMBER(FIND("量标",{at["cert_no"]})),{at["cert_no"]}="在办")',
            },
            "写作“〔2018〕国量标津证字第001号”，没有证书号的填“在办”",
        ),
        "issue_date": (
            {"type": "date", "operator": "between", "formula1": begin, "formula2": end},
            "请填写日期，例如 2021-05-31",
        ),
        "valid_until": (
            {
                "type": "custom",
                "formula1": f"AND(ISNUMBER({at['valid_until']}),{at['valid_until']}>{at['issue_date']},{at['valid_until']}<={end})",
            },
            "请填写晚于发证日期的日期，例如 2025-05-30",
        ),
        "standards_count": (whole, "请填写正整数"),
    }


def _validations(districts: int) -> list[DataValidation]:
    first = HEADER_ROW + 1
    letters = {target: get_column_letter(i) for i, (target, _) in enumerate(COLUMNS, start=1)}
    at = {target: f"{letter}{first}" for target, letter in letters.items()}
    validations = []
    for target, (rule, message) in _rules(districts, at).items():
        validation = DataValidation(
            **rule,
            allow_blank=True,
            showErrorMessage=True,
            showInputMessage=True,
            errorTitle=TARGET_NAMES[target],
            error=message,
            promptTitle=TARGET_NAMES[target],
            prompt=message,
        )
        validation.add(f"{letters[target]}{first}:{letters[target]}{LAST_ROW}")
        validations.append(validation)
    return validations
