"""The blank list offices download: the columns the import knows, in cells that check what is typed."""

import io
from collections.abc import Sequence

from openpyxl import Workbook
from openpyxl.styles import Alignment, Border, Font, PatternFill, Side
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.worksheet import Worksheet

from .dates import FIRST_YEAR, LAST_YEAR
from .fields import FIELDS
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
    ("remark", 20),
)
REQUIRED = frozenset({"district", "unit_name", "uscc"})
SHEET, NOTES = "名单", "填写说明"
HEADER_ROW, LAST_ROW = 3, 3000

_TEXT = frozenset({"uscc", "contact_phone", "jjf1022_code", "cert_no"})
_DATES = frozenset({"issue_date", "valid_until"})
_RULES = (
    "每行填写一项计量标准；同一单位有多项时，单位信息逐行填写，或只填第一行并将以下各行的序号留空。",
    "带“*”的列必须填写；没有证书号的计量标准证书号填“在办”，按草稿导入。",
    "统一社会信用代码18位，按 GB 32100 校验；不用字母 I、O、S、V、Z。",
    "证书号写作“〔2018〕国量标津证字第001号”。",
    "日期写作 2021-05-31；考核证书都有有效期，不能填“长期”。",
    "计量标准代码按 JJF 1022 填写8位数字；专业领域可留空，由代码前两位确定。",
    "不要合并单元格，不要插入小计行。",
)


def blank_template(
    districts: Sequence[str], *, title: str = "市级办理的企业最高等级计量标准的单位名单"
) -> bytes:
    """An .xlsx file with headings, checks and a page of instructions; ``districts`` fills the drop-down."""
    workbook = Workbook()
    sheet = workbook.active
    sheet.title = SHEET
    _head(sheet, title)
    _notes(workbook.create_sheet(NOTES), districts)
    for validation in _validations(len(districts)):
        sheet.add_data_validation(validation)
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def _head(sheet: Worksheet, title: str) -> None:
    line = Side(style="thin", color="9AA5B1")
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
        cell.fill = PatternFill("solid", start_color="E8F0F9")
        cell.border = Border(line, line, line, line)
        cell.alignment = Alignment(horizontal="center", vertical="center", wrap_text=True)
        dimension = sheet.column_dimensions[get_column_letter(index)]
        dimension.width = width
        if target in _TEXT:
            dimension.number_format = "@"
        elif target in _DATES:
            dimension.number_format = "yyyy-mm-dd"
    sheet.row_dimensions[1].height = 30
    sheet.row_dimensions[HEADER_ROW].height = 32
    sheet.freeze_panes = f"D{HEADER_ROW + 1}"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = sheet.PAPERSIZE_A4
    sheet.page_setup.fitToHeight = 0
    sheet.sheet_properties.pageSetUpPr.fitToPage = True
    sheet.print_title_rows = f"{HEADER_ROW}:{HEADER_ROW}"


def _notes(sheet: Worksheet, districts: Sequence[str]) -> None:
    sheet.column_dimensions["A"].width = 90
    sheet["A1"] = NOTES
    sheet["C1"], sheet["D1"] = "可选的所属区", "可选的专业领域"
    for cell in ("A1", "C1", "D1"):
        sheet[cell].font = Font(name="宋体", size=12, bold=True)
    for number, rule in enumerate(_RULES, start=1):
        sheet.cell(number + 1, 1, f"{number}. {rule}").alignment = Alignment(wrap_text=True)
    for column, names in (("C", districts), ("D", FIELDS.values())):
        sheet.column_dimensions[column].width = 18
        for row, name in enumerate(names, start=2):
            sheet[f"{column}{row}"] = name


def credit_code_formula(cell: str) -> str:
    """A formula that is true for a code whose check character fits (GB 32100-2015); under 255 characters."""
    position = f'FIND(MID({cell},ROW($1:$17),1),"{ALPHABET}")-1'
    total = f"SUMPRODUCT(({position})*MOD(3^(ROW($1:$17)-1),31))"
    return f'AND(LEN({cell})=18,MID("{ALPHABET}",MOD(31-MOD({total},31),31)+1,1)=RIGHT({cell}))'


def _validations(districts: int) -> list[DataValidation]:
    first = HEADER_ROW + 1
    letters = {target: get_column_letter(i) for i, (target, _) in enumerate(COLUMNS, start=1)}
    at = {target: f"{letter}{first}" for target, letter in letters.items()}
    begin, end = f"DATE({FIRST_YEAR},1,1)", f"DATE({LAST_YEAR},12,31)"
    whole = {"type": "whole", "operator": "between", "formula1": "1", "formula2": "9999"}
    rules = {
        "district": (
            {"type": "list", "formula1": f"{NOTES}!$C$2:$C${districts + 1}"},
            "请从列表中选择所属区",
        ),
        "field_name": (
            {"type": "list", "formula1": f"{NOTES}!$D$2:$D${len(FIELDS) + 1}"},
            "请从列表中选择专业领域",
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
    validations = []
    for target, (rule, message) in rules.items():
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
