"""Rows read and rows explained are all rows of the file, whatever a list is made of."""

import csv
import io
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from metrostd.annex4 import ParsedList, UnreadableFile

from .sheets import HEAD, A, B, C, book, line, read

NAMES = (
    "天津松风压力容器有限公司",
    "天津竹影计量有限公司",
    "天津梅岭仪器有限公司",
    "梅岭",
    "单位",
    "MPa",
    "合计",
    "",
)
NUMBERS = (
    "〔2018〕津量标企证字第{:03d}号",
    "〔2018〕津量标企证字第Z{:03d}号",
    "在办",
    "",
    "/",
    "〔2018〕津量标企证字第{0:03d}号、〔2018〕津量标企证字第9{0:02d}号",
)
DATES = ("2018-06-01", "201806", "2018年6月", "", "-", "长期", "2018-06-01 16:00:00")
ODD = (["合计", None, "共3家"], ["注：以上数据截至6月"], ["——"] * 8, ["一、和平区"], ["随手写的一句话"], [None] * 8, list(HEAD), [*range(1, 9)],
       [None, None, "", "", "压力表检定装置"], ["同上"] * 8, [7], ["填表人：张三", None, "审核：李四"])  # fmt: skip


@st.composite
def rows(draw) -> list[list[object]]:
    """Lines of a list: faultless, faulty, continued, repeated, and what else people write between them."""
    made: list[list[object]] = []
    for number in range(1, draw(st.integers(1, 12)) + 1):
        kind = draw(st.sampled_from(("line", "line", "line", "odd", "again")))
        if kind == "odd":
            made.append(list(draw(st.sampled_from(ODD))))
        elif kind == "again" and made:
            made.append(list(draw(st.sampled_from(made))))
        else:
            made.append(
                line(
                    draw(st.sampled_from((number, None))),
                    draw(st.sampled_from(("和平区", "和平", "火星区", ""))),
                    draw(st.sampled_from(NAMES)),
                    draw(st.sampled_from((A, B, C, A[:-1], ""))),
                    draw(st.sampled_from(("压力表检定装置", "甲装置、乙装置", ""))),
                    draw(st.sampled_from(NUMBERS)).format(number),
                    draw(st.sampled_from(DATES)),
                    draw(st.sampled_from(("2022-05-31", "202205", ""))),
                )
            )
    return made


def told(parsed: ParsedList) -> set[int]:
    """Numbers of the rows that were read, repeated an earlier one, or have an issue."""
    found = {row.row_no for row in (*parsed.rows, *parsed.repeated)}
    cells = (re.fullmatch(r"[A-Z]+(\d+)", issue.cell) for issue in parsed.issues)
    return found | {int(cell[1]) for cell in cells if cell}


def says_something(cells: list[object]) -> bool:
    """False for a row that is blank, crossed out, merely numbered, or the heading of a district."""
    said = [str(cell).strip() for cell in cells if cell not in (None, "")]
    said = [text for text in said if text.strip("-—/")]
    return bool(said) and said != ["一、和平区"] and not (len(said) == 1 and said[0].isdigit())


@settings(max_examples=150, deadline=None)
@given(rows())
def test_every_row_of_a_workbook_is_read_or_explained(lines):
    parsed = read(book(*lines))
    wanted = {number for number, cells in enumerate(lines, start=2) if says_something(cells)}
    whole_list = {"NO_UNIT_COLUMN", "HEADER_NOT_FOUND"} & {issue.code for issue in parsed.issues}

    assert whole_list or wanted <= told(parsed)


@settings(max_examples=150, deadline=None)
@given(rows(), st.integers(0, 2000))
def test_a_quotation_mark_anywhere_loses_no_row(lines, place):
    buffer = io.StringIO()
    csv.writer(buffer).writerows([HEAD, *lines])
    text = buffer.getvalue()
    start = len(",".join(HEAD)) + 2
    at = start + place % max(len(text) - start, 1)
    try:
        parsed = read((text[:at] + '"' + text[at:]).encode(), "名单.csv")
    except UnreadableFile as refusal:
        assert "引号" in refusal.message  # noqa: PT017 -- being refused in a sentence is one right answer
        return
    wanted = {number for number, cells in enumerate(lines, start=2) if says_something(cells)}
    whole_list = {"NO_UNIT_COLUMN", "HEADER_NOT_FOUND"} & {issue.code for issue in parsed.issues}

    assert whole_list or wanted <= told(parsed)
