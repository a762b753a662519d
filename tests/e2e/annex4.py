"""Small lists as an office would send them: the workbooks the journeys start from."""

import datetime as dt
import io

from openpyxl import load_workbook

from metrostd.annex4 import uscc
from metrostd.demo.city import CITY_CODE, SampleStandard, SampleUnit
from metrostd.demo.lists import write_list
from metrostd.demo.names import STANDARDS
from metrostd.registry.enums import Category

TITLE = "市级办理的企业最高等级计量标准的单位名单"
#: The first three lines of the sheet are title, day and header.
FIRST_ROW = 4
_ISSUED = 11


def enterprise(
    name: str, *, district: tuple[str, str], rows: tuple[int, ...], serial: int, on: dt.date
) -> SampleUnit:
    """An enterprise certified by the city; ``rows`` choose its standards from the sample list."""
    code, short = district
    body = f"{serial:08d}"
    head = f"91{code}{body}{uscc.org_check_char(body)}"
    until = dt.date(on.year + 2, 6, 30)
    number = f"{serial // 1_000_000 % 10}{serial % 100:02d}"
    return SampleUnit(
        name=name,
        uscc=head + uscc.check_char(head),
        district=short,
        district_code=code,
        address=f"天津市{short}示例道{serial % 100}号",
        contact="王示一",
        phone=f"138{serial:08d}",
        category=Category.ENT_HIGHEST,
        issuer=CITY_CODE,
        standards=[
            SampleStandard(
                name=STANDARDS[row][1],
                code=STANDARDS[row][0],
                cert_no=f"〔{until.year - 5}〕津量标企证字第{number}{place}号",
                issue_date=dt.date(until.year - 5, 7, 1),
                valid_until=until,
                measuring_range=STANDARDS[row][2],
                performance=STANDARDS[row][3],
                place=f"计量室{101 + place}",
                person="李示二",
            )
            for place, row in enumerate(rows)
        ],
    )


def workbook(units: list[SampleUnit], *, on: dt.date) -> bytes:
    """Title row, merged unit cells, dates partly real and partly typed as text."""
    return write_list(units, title=TITLE, as_of=on)


def with_wrong_date(data: bytes, *, row: int, text: str) -> tuple[bytes, str]:
    """The same list with ``text`` for the day of issue in one row; also the cell's address."""
    book = load_workbook(io.BytesIO(data))
    cell = book.active.cell(row, _ISSUED)
    cell.value = text
    target = io.BytesIO()
    book.save(target)
    return target.getvalue(), cell.coordinate
