"""The second half of the lists: several values at once, hidden parts, formulas, and everything together."""

import datetime as dt

import openpyxl
from openpyxl.comments import Comment
from openpyxl.styles import Font, PatternFill
from openpyxl.worksheet.filters import FilterColumn, Filters
from openpyxl.worksheet.table import Table

from .lists import HEAD, STANDARDS, UNITS, A, B, E, book, fill, line, saved_as


@saved_as("12-several-values.xlsx", "12-several-values.xls")
def several_values():
    two, both = (
        "压力表检定装置、真空表检定装置",
        "〔2018〕津量标企证字第{:03d}号、〔2018〕津量标企证字第{:03d}号",
    )
    rows = [
        line(1, "A", two, both.format(1, 2), "2018.6.1\n2018.6.2", "2022.5.31\n2022.6.1"),
        line(2, "B", two.replace("、", "；"), both.format(3, 4).replace("、", "/"), None, None),
        line(3, "C", "压力表检定装置", both.format(5, 6), None, None),
        line(4, "C", two, both.format(7, 8), "2018.6.1", "2022.5.31"),
        line(5, "C", two, "〔2018〕津量标企证字第009号"),
        line(6, "D", "钢卷尺、水准标尺检定装置", "〔2018〕津量标\n企证字第010号"),
        line(7, "D", two, "在办", None, None),
        line(8, "D", "台秤检定装置", "〔2018〕津量标企证字第011号、012号"),
    ]
    return book([HEAD, *rows])


@saved_as("13-name-variants.xlsx")
def name_variants():
    names = [
        "天津示例己仪表有限公司", "天津示例己仪表有限责任公司", "（天津）示例己仪表有限公司", "示例庚（天津）科技有限公司",
        "示例庚(天津) 科技有限公司", "示例庚（天津）科技有限公司河西分公司",
    ]  # fmt: skip
    rows = [[*line(n, "A", n, n), None] for n, _ in enumerate(names, 1)]
    for cells, name in zip(rows, names, strict=True):
        cells[2], cells[3] = name, None
    renamed = [*line(8, "B", 0, 8), "张 三"]
    renamed[2] = "天津示例乙重型机械有限公司"
    return book([[*HEAD, "联系人"], *rows, [*line(7, "B", 7, 7), "李\u3000四"], renamed])


@saved_as("14-conflicts.xlsx", "14-conflicts.xls")
def conflicts():
    moved, recoded = line(2, "A", 1, 2), line(4, "B", 3, 4)
    moved[1], recoded[3] = "南开区", E
    return book([HEAD, line(), moved, line(3, "B", 2, 3), recoded])


@saved_as("15-repeats.xlsx")
def repeats():
    again = line(3, "A", 0, "[2018]津量标企证字第1号 ", dt.date(2018, 6, 1), "2022年5月31日")
    workbook = book([HEAD, line(), line(2, "A", 1, 2), again])
    more = [line(1, "A", 2, 2), line(2, "B", 3, 4), line(3, "C", 3, 4)]
    fill(workbook.create_sheet("补报"), [HEAD, *more])
    return workbook


@saved_as("16-drafts.xlsx")
def drafts():
    words = (None, "在办", "办理中", "/", "无", "待发证")
    return book([HEAD, *(line(n, "A", n, word, None, None) for n, word in enumerate(words, 1))])


@saved_as("17-expired.xlsx")
def expired():
    rows = [
        line(1, "A", 0, "〔2017〕津量标企证字第001号", "2017-05-01", "2021-04-30"),
        line(2, "A", 1, "〔2009〕津量标企证字第002号", "2017-05-02", "2021-05-01"),
        line(3, "A", 2, "〔2013〕津量标企证字第003号", dt.date(2013, 7, 1), dt.date(2018, 6, 30)),
        line(4, "A", 3, 4, None, "已过期"),
    ]
    return book([HEAD, *rows])


@saved_as("18-credit-codes.xlsx", "18-credit-codes.xls")
def credit_codes():
    typed = [
        A.lower(), f" {B[:8]} {B[8:]} ", "91120116MAOTE5TI6U", A[:17], A + "0", A[:17] + "V", A[:17] + "1",
        "120000000000001", "40120003-8", "401200039", "91120116MA0TE5T109", E, None, "/",
    ]  # fmt: skip
    rows = [line(n, "A", f"示例{n}号检定装置", n) for n in range(1, len(typed) + 1)]
    for n, (cells, code) in enumerate(zip(rows, typed, strict=True), 1):
        cells[2], cells[3] = f"天津示例{n}号有限公司", code
    return book([HEAD, *rows])


@saved_as("19-hidden.xlsx", "19-hidden-calc.xlsx", "19-hidden.xls")
def hidden():
    rows = [line(), line(2, "B", 1, 2), line(3, "B", 2, 3), line(4, "D", 3, 4)]
    workbook = book([HEAD, *rows])
    sheet = workbook.active
    sheet.auto_filter.ref = "A1:H5"
    sheet.auto_filter.add_filter_column(1, ["和平区", "滨海新区"])
    for row in (3, 4, 9):
        sheet.row_dimensions[row].hidden = True
    for column in ("D", "K"):
        sheet.column_dimensions[column].hidden = True
    sheet["F2"].comment = Comment("另有〔2018〕津量标企证字第077号，热电偶检定装置", "示例")
    other = workbook.create_sheet("旧名单")
    other.sheet_state = "hidden"
    fill(other, [HEAD, line(1, "C", 4, 5)])
    notes = workbook.create_sheet("草稿")
    notes.sheet_state = "hidden"
    notes["B2"] = "随手记"
    return workbook


@saved_as("19-table.xlsx")
def table():
    """The filter of a table (套用表格格式) stands in a part of its own."""
    workbook = book([HEAD, line(), line(2, "B", 1, 2)])
    found = Table(displayName="List", ref="A1:H3")
    found._initialise_columns()
    for column, title in zip(found.tableColumns, HEAD, strict=True):
        column.name = title
    found.autoFilter.filterColumn.append(FilterColumn(1, filters=Filters(filter=["和平区"])))
    workbook.active.add_table(found)
    workbook.active.row_dimensions[3].hidden = True
    return workbook


@saved_as("20-formulas-calc.xlsx", "20-formulas.xls", "20-no-results.xlsx")
def formulas():
    """LibreOffice saves the results with the formulas; openpyxl saves none."""
    workbook = book([HEAD, line(), line(2, "B", 1, 2), line(3, "C", 2, 3), line(4, "D", 3, 4)])
    sheet = workbook.active
    sheet["A3"] = "=A2+1"
    sheet["C3"] = '="天津示例乙"&"机械有限公司"'
    sheet["G3"] = "=DATE(2018,6,1)"
    sheet["G3"].number_format = "yyyy-mm-dd"
    sheet["E4"] = "=VLOOKUP(99,A2:B3,2,FALSE)"
    sheet["H4"] = "=1/0"
    sheet["D5"] = "=NOSUCHFUNCTION(1)"
    return workbook


@saved_as("22-formula-like.xlsx", "22-formula-like.xls")
def formula_like():
    rows = [[*line(), "'-5V～+5V", "'=1+1"], [*line(2, "B", 1, 2), "'+0.1 ℃", "'@见附件"]]
    rows[1][2] = "'-天津示例乙机械有限公司"
    return book([[*HEAD, "测量范围", "备注"], *rows])


@saved_as("23-ranges.xlsx", "23-ranges.xls")
def ranges():
    texts = [
        ("(0～1000)℃", "U＝0.5 ℃（k＝2）"), ("(0.1~6)MPa", "MPE: ±0.05%"), ("1×10⁻⁶ — 1×10⁻³", "Urel=3×10⁻⁶，k=2"),
        ("1 mg～500 mg，\n1 g ～ 200 g", "F2等级\n"), ("≤100 kΩ；≥0.1 μΩ ㎡ ½", "0.05级\u3000\u3000"),
    ]  # fmt: skip
    rows = [[*line(n, "A", n, n), *pair] for n, pair in enumerate(texts, 1)]
    return book([[*HEAD, "测量范围", "不确定度或准确度等级或最大允许误差"], *rows])


@saved_as("24-date-system-1904.xlsx", "24-date-system-1904.xls")
def date_system_1904():
    first = line(issue=dt.date(2018, 6, 1), until=dt.date(2022, 5, 31))
    workbook = book([HEAD, first, line(2, "B", 1, 2, 41790, 43250)])
    workbook.epoch = dt.datetime(1904, 1, 1)  # noqa: DTZ001 -- what openpyxl compares with
    return workbook


@saved_as("30-far-formatting.xlsx", "30-far-formatting-calc.xlsx")
def far_formatting():
    workbook = book([HEAD, line(), [2], ["3"], [None, " ", "\u3000"]])
    for cell in ("A1048576", "H1048576", "C500000"):
        workbook.active[cell].font = Font(bold=True)
        workbook.active[cell].fill = PatternFill("solid", start_color="FFFF00")
    return workbook


@saved_as("31-worst-office.xlsx", "31-worst-office-calc.xlsx", "31-worst-office.xls")
def worst_office():
    """Titles, groups, sections, merges, strokes, totals, hidden rows, odd dates, several values at once."""
    top = ["序号", "单位信息", None, "计量标准名称", "证书信息", None, None, "测量范围", "经办"]
    child = [
        None,
        "名称",
        "统一社会\n信用代码",
        None,
        "证书号",
        "发证时间",
        "证书有效期",
        None,
        None,
    ]
    again = [
        "序号",
        "单位名称",
        "统一社会信用代码",
        "计量标准名称",
        "证书号",
        "发证时间",
        "证书有效期",
        "测量范围",
        "经办",
    ]
    one, two = UNITS["A"][1], UNITS["B"][1]
    rows = [
        ["市级办理的企业最高等级计量标准的单位名单"], ["（截至２０２１年４月）"], [], top, child,
        ["一、和平区（1家2项）"],
        ["1、", one + "\n", A.lower(), STANDARDS[0], "［2018］ 津量标企证字第1号", 43252, "至2022.5.31", "(0.6～6)MPa", "示例"],
        [None, None, None, STANDARDS[1], "（２０１８）津量标企证字第００２号", "2018年6月", "2022年5月", "(0～419.527)℃"],
        ["小计", None, None, "2项"],
        ["二、河西区"],
        [
            1, two, B, "压力表检定装置\n真空表检定装置", "〔2018〕津量标企证字第003号\n〔2018〕津量标企证字第004号",
            None, None, "(0～6)MPa\n(-0.1～0)MPa",
        ],
        [None, "〃", "〃", STANDARDS[5], "在办", "/", "/"],
        [None, "同上", "同上", STANDARDS[6], "津量标企证字第006号", None, "2016.6.1-2020.5.31"],
        [2, "（天津）示例己仪表有限公司", "1.2120E+17", STANDARDS[7], "〔2018〕津量标企证字第1号", "2018.6.1", "长期"],
        again,
        [3, UNITS["E"][1], E, STANDARDS[3], "〔2018〕津量标企证字第008号", "2018.6.1", "2022.5.31"],
        ["合计", None, None, "6项"], ["注：以上数据截至4月30日"], ["填表人：示例", None, "审核：示例"],
    ]  # fmt: skip
    merges = [
        "A1:I1", "A2:I2", "A4:A5", "B4:C4", "D4:D5", "E4:G4", "H4:H5", "I4:I5", "A6:I6", "A7:A8", "B7:B8", "C7:C8",
        "A10:I10",
    ]  # fmt: skip
    workbook = book(rows, title="Sheet1", merges=merges)
    sheet = workbook.active
    sheet.row_dimensions[12].hidden = True
    sheet["H16"].comment = Comment("范围待核", "示例")
    sheet["A1000"].font = Font(bold=True)
    workbook.create_sheet("Sheet2")
    return workbook


@saved_as("32-districts-two-rows-calc.xlsx", "32-districts-two-rows.xls")
def districts_two_rows():
    """One sheet a district, each with merged two-row headers; the second has its columns the other way round."""
    first, second = line(1, "A", 0, 1), line(1, "C", 2, 2)
    top = ["序号", "单位信息", None, "计量标准", None, "证书情况", None]
    child = [None, "名称", "代码", "名称", "测量范围", "编号", "有效期"]
    workbook = book(
        [["和平区"], top, child, [1, *first[2:5], "(0.6～6)MPa", first[5], first[7]]],
        title="和平",
        merges=["A1:G1", "A2:A3", "B2:C2", "D2:E2", "F2:G2"],
    )
    groups = ["证书情况", None, "计量标准", None, "单位信息", None, "序号"]
    other = ["有效期", "编号", "测量范围", "名称", "代码", "名称"]
    row = [second[7], second[5], "(1～500)mg", second[4], second[3], second[2], 1]
    fill(
        workbook.create_sheet("南开区（1家）"),
        [["南开区"], groups, other, row],
        ["A1:G1", "A2:B2", "C2:D2", "E2:F2", "G2:G3"],
    )
    return workbook


@saved_as("33-far-text.xlsx")
def far_text():
    """One stray character in the last cell of the sheet: the rectangle would be seventeen thousand million cells."""
    workbook = book([HEAD, line(), line(2, "B", 1, 2)])
    workbook.active["XFD1048576"] = " "
    workbook.active["C900000"] = "天津示例丙化工有限公司"
    return workbook


@saved_as("34-empty.xlsx", "34-empty.xls")
def empty():
    return openpyxl.Workbook()


@saved_as("35-no-header.xlsx")
def no_header():
    return book(
        [["市级办理的企业最高等级计量标准的单位名单"], line()[1:6], line(2, "B", 1, 2)[1:6]]
    )
