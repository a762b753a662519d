"""What the lists of the corpus hold: cells, merged ranges, how they are dressed. All names are invented."""

import datetime as dt
from collections.abc import Callable, Sequence

import openpyxl
from openpyxl.styles import Alignment, Font

HEAD = (
    "序号", "所属区", "单位名称", "统一社会信用代码", "计量标准名称", "计量标准考核证书号", "发证日期", "有效期至",
)  # fmt: skip
# Both check characters of each are right; no such bodies exist.
A, B, C, D, E = (
    "91120116MA0TE5T16U", "91120111MA05XY127C", "911201101030000119", "91120116MA5EX4MP4W", "12120000401200038C",
)  # fmt: skip
UNITS = {
    "A": ("和平区", "天津示例甲仪表有限公司", A),
    "B": ("河西区", "天津示例乙机械有限公司", B),
    "C": ("南开区", "天津示例丙化工有限公司", C),
    "D": ("滨海新区", "天津示例丁重工有限公司", D),
    "E": ("南开区", "天津示例戊检测中心", E),
}
STANDARDS = (
    "0.05级活塞式压力计标准装置", "二等铂电阻温度计标准装置", "F2等级毫克组砝码标准装置", "检定游标量具标准器组",
    "压力表检定装置", "台秤检定装置", "直流电桥检定装置", "热电偶检定装置",
)  # fmt: skip

Cells = Sequence[object]
Build = Callable[[], openpyxl.Workbook]
LISTS: list[tuple[Build, tuple[str, ...]]] = []


def saved_as(*files: str) -> Callable[[Build], Build]:
    """Names the files a workbook is kept as; one that ends in ``-calc`` or in .xls comes from LibreOffice."""

    def register(build: Build) -> Build:
        LISTS.append((build, files))
        return build

    return register


def line(number=1, unit="A", standard=0, cert=1, issue="2018-06-01", until="2022-05-31") -> list:
    """One faultless line under HEAD: unit by letter, standard and certificate by number or as text."""
    name = STANDARDS[standard] if isinstance(standard, int) else standard
    written = f"〔2018〕津量标企证字第{cert:03d}号" if isinstance(cert, int) else cert
    return [number, *UNITS[unit], name, written, issue, until]


def book(rows: Sequence[Cells], *, title="名单", merges: Sequence[str] = ()) -> openpyxl.Workbook:
    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = title
    fill(sheet, rows, merges)
    return workbook


def fill(sheet, rows: Sequence[Cells], merges: Sequence[str] = ()) -> None:
    for number, cells in enumerate(rows, start=1):
        for column, cell in enumerate(cells, start=1):
            if cell is not None:
                target = sheet.cell(number, column)
                target.value = cell
                if isinstance(cell, dt.date):
                    target.number_format = "yyyy-mm-dd"
    for merged in merges:
        sheet.merge_cells(merged)
    for column, width in zip("ABCDEFGH", (6, 10, 26, 22, 30, 30, 14, 14), strict=True):
        sheet.column_dimensions[column].width = width


@saved_as("01-titles.xlsx", "01-titles.xls")
def titles():
    top = [["市级办理的企业最高等级计量标准的单位名单"], ["（截至2021年4月）"], [], []]
    workbook = book([*top, HEAD, line(), line(2, "B", 1, 2)], merges=["A1:H1", "A2:H2"])
    workbook.active["A1"].font = Font(size=16, bold=True)
    workbook.active["A1"].alignment = Alignment(horizontal="center")
    return workbook


@saved_as("02-two-row-header-calc.xlsx", "02-two-row-header.xls")
def two_row_header():
    top = ["序号", "所属区", "单位信息", None, "计量标准名称", "证书信息", None, None]
    child = [None, None, "名称", "代码", None, "证书号", "发证日期", "有效期"]
    merges = ["A1:A2", "B1:B2", "C1:D1", "E1:E2", "F1:H1"]
    return book([top, child, line(), line(2, "C", 3, 2)], merges=merges)


@saved_as("03-merged-units.xlsx", "03-merged-units-calc.xlsx", "03-merged-units.xls")
def merged_units():
    more = [None] * 4
    rows = [
        line(),
        more + line(0, "A", 1, 2)[4:],
        more + line(0, "A", 2, 3)[4:],
        line(2, "B", 3, 4),
    ]
    below = line(3, "C", 4, 5)
    below[3] = None  # a blank of its own under the range: not to be filled
    return book([HEAD, *rows, below], merges=["A2:A4", "B2:B4", "C2:C4", "D2:D4"])


@saved_as("04-continuations.xlsx", "04-continuations.xls")
def continuations():
    rows = [HEAD, line()]
    for number, mark in enumerate(("同上", "〃", '"', "″", None), start=1):
        rows.append([None, mark, mark, mark, *line(0, "A", number, number + 1)[4:]])
    rows.append([2, "同上", "同上", "同上", *line(0, "A", 6, 7)[4:]])  # numbered: no continuation
    rows.append([None, None, None, None, STANDARDS[7], "〔2018〕津量标企证字第008号", "同上", None])
    return book(rows)


@saved_as("05-numbering.xlsx")
def numbering():
    first = [line("1、"), line("（2）", "B", 1, 2), line(1, "C", 2, 3)]
    return book([HEAD, *first, line("一", "D", 3, 4), line(1.0, "D", 4, 5)])


@saved_as("06-sections.xlsx", "06-sections.xls")
def sections():
    rows = [[HEAD[0], *HEAD[2:]]]
    for heading, lines in (
        ("一、和平区（1家）", [line()]),
        ("（二）河西区", [line(1, "B", 1, 2), line(2, "B", 2, 3)]),
        ("三、朝阳区", [line(1, "C", 3, 4)]),
    ):
        rows += [[heading], *([cells[0], *cells[2:]] for cells in lines)]
    return book(rows, merges=["A2:G2", "A4:G4", "A7:G7"])


@saved_as("06-district-sheets-calc.xlsx", "06-district-sheets.xls")
def district_sheets():
    head, first = [HEAD[0], *HEAD[2:]], line()
    workbook = book(
        [["和平区名单"], head, [first[0], *first[2:]]], title="和平区", merges=["A1:G1"]
    )
    for title, cells in (
        ("2.河西", line(1, "B", 1, 2)),
        ("滨海新区市场监管局", line(1, "D", 2, 3)),
    ):
        fill(workbook.create_sheet(title), [head, [cells[0], *cells[2:]]])
    fill(workbook.create_sheet("填写说明"), [["一、每行填写一项计量标准。"]])
    workbook.create_sheet("Sheet5")
    return workbook


@saved_as("07-totals.xlsx", "07-totals.xls")
def totals():
    return book([
        HEAD, line(), ["小计", None, "1家"], line(2, "B", 1, 2), [None, "河西区", "小计", None, "1项"],
        ["合 计", None, None, None, "2项"], ["注：“有效期至”按证书填写。"], ["备注：无"],
        ["填表人：示例", None, None, "审核人：示例"],
        ["单位负责人（签字）：", None, None, None, "2021年4月30日"],
        [None, "河西区", "注塑机械（天津示例）有限公司", None, STANDARDS[4], "在办"],
    ])  # fmt: skip


@saved_as("08-full-width.xlsx", "08-full-width.xls")
def full_width():
    typed = [
        "１", "和平区\u3000", "天津示例甲仪表有限公司\t\n", "９１１２０１１６ＭＡ０ＴＥ５Ｔ１６Ｕ",
        "\ufeff压力表\u00a0检定装置\u200b", "［２０１８］津量标企证字第００１号 ", "２０１８年６月１日", "２０２２．５．３１",
    ]  # fmt: skip
    other = line(2, "B", "直流电桥（Ω）检定装置", "(2018)津量标企证字第2号\u3000")
    other[2] = "天津示例乙机械（Ａ）有限公司"
    return book([HEAD, typed, other])


@saved_as("09-brackets.xlsx", "09-brackets.xls")
def brackets():
    numbers = [
        "〔2018〕津量标企证字第001号", "［2018］津量标企证字第002号", "[2018]津量标企证字第003号", "【2018】津量标企证字第004号",
        "(2018)津量标企证字第005号", "（2018）津量标企证字第006号", "《2018》津量标企证字第007号", "2018津量标企证字8号",
        "[2012] 国量标津证字第 045 号", "(2018)津社量标证字第001号", "量标企证字第011号", "〔2018〕量标企证字第012号",
        "〔2019〕津量标企证字第013号",
    ]  # fmt: skip
    rows = [line(n, "A", f"示例{n}号检定装置", text) for n, text in enumerate(numbers, 1)]
    return book([HEAD, *rows])


@saved_as("10-dates.xlsx", "10-dates.xls")
def dates():
    day = dt.date(2018, 6, 1)
    pairs = [
        ("2018.6.1", "2022.5.31"), ("2018-6-1", "2022-5-31"), ("2018/06/01", "2022/05/31"), ("20180601", "20220531"),
        ("2018年6月1日", "2022年5月31日"), ("2018年6月", "2022年5月"), ("2018.6", "2022.5"), ("２０１８．６．１", "２０２２．５．３１"),
        (43252, 44712), ("2018-06-01 00:00:00", "2022-05-31 00:00:00"), (day, "至2022.5.31"), (None, "2018.6.1-2022.5.31"),
        (day, "长期"), (day, "已过期"), (day, "/"), (None, None), (day, "22.5.31"), (day, "2042.5.31"),
        ("2018.6.31", dt.date(2022, 5, 31)), (day, day), (day, dt.date(2020, 5, 31)), (day, 2022.1), (20180601, 20220531),
        ("二〇一八年六月一日", "二〇二三年五月三十一日"), (day, dt.datetime(2022, 5, 31, 8, 30)),  # noqa: DTZ001
        ("五月", "详见证书"), (dt.date(2018, 1, 1), dt.date(2021, 4, 30)),
    ]  # fmt: skip
    rows = [line(n, "A", f"示例{n}号检定装置", n, *pair) for n, pair in enumerate(pairs, 1)]
    return book([HEAD, *rows])


@saved_as("11-numbers.xlsx", "11-numbers.xls")
def numbers():
    rows = [
        [*line(1, "A", 0, 1), 1219000, 13800000001.0, 1.0],
        [*line(2, "B", 1, 2), 12190000, "1.38E+10", "2项"],
        [*line(3, "C", 2, 3), "04190000", "1.3800000003E+10", 1],
        [*line(4, "D", 3, 4), "121", "022-00000004", "若干"],
    ]
    codes = (1.2120000401200038e17, "1.2120E+17", 401200038, 91120116000.0)
    for cells, code in zip(rows, codes, strict=True):
        cells[3] = code
    return book([[*HEAD, "计量标准代码", "联系电话", "计量标准项数"], *rows])
