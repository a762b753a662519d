"""Random lists with random mess around them: no row is lost, none is invented, nothing ends in an error."""

import csv
import datetime as dt
import io
from dataclasses import dataclass

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from metrostd.annex4 import CATALOGUE, Workbook, parse, uscc
from metrostd.annex4.headers import TARGET_NAMES, TARGETS
from metrostd.annex4.sheets import CellError, NoCachedValue, Sheet

from .sheets import DISTRICTS, ON, book, read

PLACES = ["和平区", "河西区", "南开区", "滨海新区"]
TITLES = {
    "seq": ["序号", "序", "NO."],
    "district": ["所属区", "区县", "辖区", "属地", "行政区"],
    "unit_name": ["单位名称", "建标单位", "建标单位名称", "企业名称", "申请单位", "保存单位"],
    "uscc": ["统一社会信用代码", "社会信用代码", "信用代码", "统一社会信用代码\n（18位）"],
    "standard_name": ["计量标准名称", "标准名称", "标准装置名称", "项目名称"],
    "cert_no": ["计量标准考核证书号", "考核证书号", "证书号", "证书编号", "证 书 号"],
    "issue_date": ["发证日期", "发证时间", "批准日期", "考核日期"],
    "valid_until": ["有效期", "有效期至", "证书有效期", "截止日期"],
}
CODES = []
for number in range(40):
    head = f"91120116MA{number:02}T{number:03}"
    code = head + uscc.org_check_char(head[8:])
    CODES.append(code + uscc.check_char(code))
DAYS = [
    lambda d: d,
    lambda d: f"{d.year}.{d.month}.{d.day}",
    lambda d: f"{d:%Y%m%d}",
    lambda d: f"{d.year}年{d.month}月{d.day}日",
    lambda d: (d - dt.date(1899, 12, 30)).days,
    lambda d: f"{d:%Y-%m-%d} 00:00:00",
]
UNIT_LEVEL = ("seq", "district", "unit_name", "uscc")
GAPS = st.sampled_from(["", " ", "\u3000", "\u00a0", "\n", "\u200b"])
QUIET = {"ROW_SUMMARY", "HEADER_REPEATED", "COLUMN_UNKNOWN"}


@dataclass
class Listing:
    """A list as typed, and what every row of it says."""

    rows: list[list]
    merges: list[tuple[int, int, int, int]]
    wanted: list[tuple]


@st.composite
def listings(draw, *, merged=True):
    """Units with their standards, written down with every allowed kind of disorder."""
    targets = draw(st.permutations(list(TITLES)))
    style = draw(st.sampled_from(["repeat", "blank", "ditto", *(["merge"] if merged else [])]))
    by_section = draw(st.booleans())
    if by_section:
        targets = [t for t in targets if t != "district"]
    rows: list[list] = [["市级办理的企业最高等级计量标准的单位名单"]] * draw(st.integers(0, 2))
    rows += [[], ["（截至2021年4月）"], []][: draw(st.integers(0, 3))]
    head = [draw(st.sampled_from(TITLES[t])) for t in targets]
    rows.append(head)
    merges, wanted, serial = [], [], 0
    units = draw(st.lists(st.integers(0, 39), min_size=1, max_size=5, unique=True))
    for place, unit in enumerate(units):
        district = PLACES[place % len(PLACES)]
        if by_section:
            rows.append(
                [
                    draw(
                        st.sampled_from(["{}", "一、{}", "（二）{}", "{}（3家）", "第三部分、{}"])
                    ).format(district)
                ]
            )
        name, first = f"天津示例{unit}号（集团）有限公司", len(rows) + 1
        count = draw(st.integers(1, 3))
        for number in range(count):
            serial += 1
            issue = dt.date(2018, 1, 1) + dt.timedelta(draw(st.integers(0, 300)))
            until = issue.replace(year=2022) - dt.timedelta(1)
            standard = f"示例{serial}号检定装置"
            values = {
                "seq": draw(st.sampled_from([place + 1, f"{place + 1}、", f"（{place + 1}）"])),
                "district": district,
                "unit_name": name + draw(GAPS),
                "uscc": draw(
                    st.sampled_from([CODES[unit], CODES[unit].lower(), f"{CODES[unit]} "])
                ),
                "standard_name": draw(GAPS) + standard,
                "cert_no": draw(st.sampled_from(["〔{}〕", "[{}]", "（{}）", "{}"])).format(2018)
                + f"津量标企证字第{serial:03}号",
                "issue_date": draw(st.sampled_from(DAYS))(issue),
                "valid_until": draw(st.sampled_from(DAYS))(until),
            }
            if number and style != "repeat":
                mark = "同上" if style == "ditto" else ""
                values |= {"seq": "", "district": mark, "unit_name": mark, "uscc": mark}
            rows.append([values[t] for t in targets])
            wanted.append((name, CODES[unit], DISTRICTS[district], standard, serial, issue, until))
            if style == "repeat" and draw(st.booleans()):
                rows.append([])  # a blank line between two complete ones
        if style == "merge" and count > 1:
            tall = [targets.index(t) for t in UNIT_LEVEL if t in targets]
            merges += [(first, column, len(rows), column) for column in tall]
        if draw(st.booleans()):
            rows.append([draw(st.sampled_from(["小计", "合 计", "合计："])), "", count])
        if draw(st.integers(0, 4)) == 0:
            rows.append(list(head))
    rows += [["注：以上数据截至4月30日"], [], ["填表人：示例", "", "审核：示例"]][
        : draw(st.integers(0, 3))
    ]
    return Listing(rows, merges, wanted)


def said(parsed) -> list[tuple]:
    return [
        (r.unit_name, r.uscc, r.district_code, r.get("standard_name"), r.cert and r.cert.identity[-1], r.get("issue_date"),
         r.get("valid_until"))
        for r in parsed.rows
    ]  # fmt: skip


def direct(rows, merges=()) -> Workbook:
    """A workbook without a file around it."""
    numbered = [(n, list(cells)) for n, cells in enumerate(rows, 1) if any(c != "" for c in cells)]
    return Workbook("x", "xlsx", "", [Sheet("名单", lambda: iter(numbered), merged=list(merges))])


def check(parsed, listing):
    assert said(parsed) == listing.wanted
    assert {issue.code for issue in parsed.issues} <= QUIET
    assert parsed.ok


@settings(max_examples=120, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(listings())
def test_rows_are_neither_lost_nor_invented(listing):
    check(parse(direct(listing.rows, listing.merges), districts=DISTRICTS, on=ON), listing)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(listings())
def test_the_same_through_a_saved_workbook(listing):
    workbook = book(*[[None if c == "" else c for c in cells] for cells in listing.rows], head=None)
    for top, left, bottom, right in listing.merges:
        workbook.active.merge_cells(
            start_row=top, start_column=left + 1, end_row=bottom, end_column=right + 1
        )

    check(read(workbook), listing)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(listings(merged=False), st.sampled_from(["utf-8", "utf-8-sig", "gb18030"]))
def test_the_same_through_a_text_file(listing, encoding):
    text = io.StringIO()
    csv.writer(text).writerows(listing.rows)

    check(read(text.getvalue().encode(encoding), "名单.csv"), listing)


cells = st.one_of(
    st.just(""),
    st.text(max_size=8),
    st.text("年月日.-/〔〕()津量标企证字第号0123456789 、；\n", max_size=24),
    st.sampled_from([*TARGET_NAMES.values(), *PLACES, "同上", "〃", "合计", "注：", "在办", "长期", "/", "天津示例甲有限公司", CODES[0]]),
    st.floats(),
    st.integers(),
    st.booleans(),
    st.dates(),
    st.datetimes(),
    st.times(),
    st.timedeltas(),
    st.builds(CellError, st.just("#REF!")),
    st.builds(NoCachedValue, st.just("=A1")),
)  # fmt: skip
spans = st.tuples(st.integers(1, 12), st.integers(0, 9), st.integers(0, 8), st.integers(0, 4)).map(
    lambda s: (s[0], s[1], s[0] + s[2], s[1] + s[3])
)


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.sampled_from(TARGETS), min_size=3, max_size=10, unique=True),
    st.lists(st.lists(cells, max_size=11), max_size=14),
    st.lists(spans, max_size=4),
    st.booleans(),
)
def test_no_cell_breaks_the_reader_and_no_line_vanishes_silently(targets, lines, merges, headed):
    rows = [[TARGET_NAMES[t] for t in targets], *lines] if headed else lines
    parsed = parse(direct(rows, merges), districts=DISTRICTS, on=ON)

    numbers = {row.row_no for row in parsed.rows}
    told = {int(digits) for i in parsed.issues if (digits := "".join(filter(str.isdigit, i.cell)))}
    assert numbers <= set(range(1, len(rows) + 1))
    assert all(i.code in CATALOGUE and i.advice for i in parsed.issues)
    info = parsed.sheets[0]
    column = next((c for c, (t, _) in info.columns.items() if t == "unit_name"), None)
    if info.header_row is None or column is None:
        assert not numbers
        return
    for number in range(info.header_row + 1, len(rows) + 1):
        line = rows[number - 1]
        named = column < len(line) and isinstance(line[column], str) and line[column].strip()
        if named and sum(1 for cell in line if cell != "") > 3:
            assert number in numbers or number in told
