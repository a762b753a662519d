"""A register with one unit in it, and the list an office really sends: one journey's starting point."""

import datetime as dt
import io
from dataclasses import dataclass

from openpyxl import Workbook

from metrostd.annex4 import uscc
from metrostd.common import clock
from metrostd.demo.people import People, actor
from metrostd.lists.imports import commit_import, start_import
from metrostd.registry.enums import Category, Level
from metrostd.registry.models import Authority

from . import annex4

DISTRICT = ("120105", "河北区")
#: In the register before the list comes, under a name the list writes differently.
KNOWN, KNOWN_IN_LIST = "天津示例壹衡器有限公司", "天津示例壹衡器有限责任公司"
NEW, WRONG_CODE, WRONG_DATE = (
    "天津示例贰仪表有限公司",
    "天津示例叁阀门有限公司",
    "天津示例肆电表有限公司",
)
#: Nobody's word for 有效期至: the column has to be named by hand.
HEADING = "证书管到哪天"
_FIRST_ROW = 5


@dataclass(frozen=True)
class List:
    """The workbook, the cells that are wrong in it, and what they should say."""

    data: bytes
    code_cell: str
    right_code: str
    date_cell: str
    right_date: str


def build() -> None:
    """Run inside the portal's environment: the offices, and a register with one unit."""
    on = clock.today()
    People(seed=1).offices()
    known = annex4.enterprise(KNOWN, district=DISTRICT, rows=(0,), serial=73_000_001, on=on)
    batch = start_import(
        annex4.workbook([known], on=on),
        "去年名单.xlsx",
        category=Category.ENT_HIGHEST,
        issuing_authority=Authority.objects.get(level=Level.CITY),
        actor=actor("admin"),
    )
    commit_import(batch, actor=actor("admin"))


def messy_list(on: dt.date) -> List:
    """Title and subtitle, merged units, a heading nobody knows, a wrong code, a day that does not exist.

    The first unit comes without its credit code and under a variant of its name.
    """
    book = Workbook()
    sheet = book.active
    sheet.title = "河北区"
    sheet.append(["市级办理的企业最高等级计量标准的单位名单"])
    sheet.append([f"（截至{on.year}年{on.month}月）"])
    sheet.append([])
    sheet.append(
        ["序号", "所属区", "单位名称", "信用代码", "标准名称", "证书编号", "发证时间", HEADING]
    )
    issued, until = dt.date(on.year - 2, 3, 1), dt.date(on.year + 3, 2, 28)
    right = _code(2)
    rows = [
        ("1、", KNOWN_IN_LIST, "", "压力变送器检定装置", 901, issued, until),
        ("2、", NEW, _code(1), "数字压力计标准装置", 902, issued, until),
        ("", "", "", "扭矩扳子检定装置", 903, f"{issued.year}.3.1", f"至{until.year}.2.28"),
        ("3、", WRONG_CODE, _one_off(right), "热电偶检定装置", 904, issued, until),
        ("4、", WRONG_DATE, _code(3), "交流电能表检定装置", 905, f"{issued.year}年2月30日", until),
        ("合计", "", "", "", "", "", ""),
    ]
    for number, name, code, standard, serial, begin, end in rows:
        cert = f"［{issued.year}］津量标企证字第{serial}号" if serial else ""
        place = DISTRICT[1] if name else ""
        sheet.append([number, place, name, code, standard, cert, begin, end])
    for column in range(1, 5):
        sheet.merge_cells(
            start_row=_FIRST_ROW + 1, end_row=_FIRST_ROW + 2, start_column=column, end_column=column
        )
    target = io.BytesIO()
    book.save(target)
    return List(
        target.getvalue(),
        f"D{_FIRST_ROW + 3}",
        right,
        f"G{_FIRST_ROW + 4}",
        f"{issued.year}年2月28日",
    )


def _code(place: int) -> str:
    """A credit code of nobody, both check characters right."""
    body = f"{73_000_010 + place:08d}"
    head = f"91{DISTRICT[0]}{body}{uscc.org_check_char(body)}"
    return head + uscc.check_char(head)


def _one_off(code: str) -> str:
    """The code with one digit copied wrong."""
    return code[:9] + ("1" if code[9] != "1" else "2") + code[10:]
