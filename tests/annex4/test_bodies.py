"""Who is who in a list: names that are none, codes of others, facts of one body that differ."""

import pytest

from metrostd.annex4.headers import match
from metrostd.annex4.measures import is_measure, is_no_name
from metrostd.annex4.names import related

from .sheets import HEAD, A, B, C, book, codes, column, found, line, read

PINE, BAMBOO = "天津松风压力容器有限公司", "天津竹影计量有限公司"


@pytest.mark.parametrize(
    "text",
    [
        "MPa",
        "℃",
        "Ω",
        "kΩ",
        "r/min",
        "N·m",
        "m3/h",
        "m³",
        "μm",
        "%",
        "%RH",
        "mol/L",
        "W/(m·K)",
        "dB(A)",
        "台",
        "套",
        "台/套",
        "毫米",
        "兆帕",
    ],
)
def test_units_of_measure(text):
    assert is_measure(text)


@pytest.mark.parametrize("text", ["ABB", "3M", "TCL", "GE", "天津", "一汽", "渤海", "中心实验室"])
def test_names_of_bodies_are_no_measures(text):
    assert not is_measure(text)


@pytest.mark.parametrize("own", [0, 3])
def test_the_fuller_title_names_the_unit_wherever_it_stands(own):
    head = [*HEAD[:2], *HEAD[3:]]
    cells = [*line()[:2], *line()[3:]]
    pairs = [("单位", "MPa"), ("建标单位名称", PINE)]
    for place, (title, value) in zip((own + 2, own + 2 if own else own + 3), pairs, strict=True):
        head.insert(place, title)
        cells.insert(place, value)
    parsed = read(book(cells, head=head))

    assert column(parsed, "unit_name") == [PINE]
    assert [code for code in codes(parsed) if code != "COLUMN_DUPLICATE"] == []


def test_a_list_of_goods_is_no_list_of_units():
    goods = [
        [1, "服务器", "X-1", 2, "台"],
        [2, "交换机", "S-5", 1, "套"],
        [3, "机柜", "J", 1, "个"],
    ]
    parsed = read(
        book(*([*g, "备用"] for g in goods), head=["序号", "名称", "型号", "数量", "单位", "备注"])
    )

    assert parsed.rows == []
    assert "NO_UNIT_COLUMN" in codes(parsed)


def test_a_measure_in_place_of_a_name_is_refused():
    lines = [line(n, cert=f"〔2018〕津量标企证字第{n:03d}号") for n in range(1, 30)]
    parsed = read(book(*lines, line(30, unit="MPa", uscc=None, cert=None)))

    assert found(parsed)[0] == ("UNIT_IS_MEASURE", "C31")
    assert not parsed.ok


@pytest.mark.parametrize("text", ["1", "（3）", "见附件", "详见附表2", "待补充", "不详", "?"])
def test_what_names_nobody_is_refused(text):
    parsed = read(book(line(unit=text, uscc=None)))

    assert ("UNIT_NO_NAME", "C2") in found(parsed)
    assert not parsed.ok


@pytest.mark.parametrize("name", ["天津待定风机厂", "3M中国有限公司", "附件厂", "B厂"])
def test_a_name_with_such_words_in_it_is_a_name(name):
    assert not is_no_name(name)


@pytest.mark.parametrize(
    "title",
    [
        "公司名称", "机构名称", "企业全称", "单位名", "被检查单位名称", "单位名称【必填】", "【必填】单位名称", "〔必填〕单位名称",
        "单位名称（全称（与公章一致））（必填）", "单位名称（全称", "*单位名称：", "2、单位名称", "单位名称必填", "法人单位名称", "［单位名称］单位名称",
        "被检单位", "受检单位", "使用单位", "建标机构", "所在单位", "公司", "医疗机构名称",
    ],
)  # fmt: skip
def test_titles_of_the_unit(title):
    assert match(title) == "unit_name"


@pytest.mark.parametrize(
    "title",
    [
        "发证单位名称",
        "考核机构名称",
        "制造单位名称",
        "生产厂家名称",
        "单位（MPa）",
        "检定机构名称",
        "填报单位",
        "委托单位",
        "机构",
    ],
)
def test_titles_of_somebody_else(title):
    assert match(title) == ""


def test_two_firms_under_one_code_are_two_until_somebody_decides():
    rows = [
        line(n, unit=name, cert=f"〔2018〕津量标企证字第{n:03d}号")
        for n, name in enumerate((PINE, BAMBOO, BAMBOO), 1)
    ]
    parsed = read(book(*rows))

    (issue,) = parsed.issues
    assert (issue.code, issue.cell, issue.about[0]) == ("CONFLICT", "C3", "CONFLICT_NAME")
    assert PINE in issue.advice


def test_a_contradiction_names_the_cell_it_contradicts():
    rows = [(PINE, A), (BAMBOO, A), (BAMBOO, B)]
    lines = [
        line(n, unit=u, uscc=c, cert=f"〔2018〕津量标企证字第{n:03d}号")
        for n, (u, c) in enumerate(rows, 1)
    ]
    (conflict,) = [i for i in read(book(*lines)).issues if i.cell == "D4"]

    assert "D3" in conflict.advice
    assert A in conflict.advice


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (PINE, "天津市松风压力容器厂"),
        ("天津云杉仪表有限公司", "天津云杉"),
        ("天津甲仪表有限公司", "天津甲仪器有限公司"),
    ],
)
def test_names_that_may_be_one_body(one, other):
    assert related(one, other)
    assert not related(PINE, BAMBOO)


def test_facts_of_one_unit_that_differ_are_told_with_both_values():
    head = [*HEAD, "单位地址", "联系人", "联系电话"]
    first = [*line(), "西青区柳口路1号", "松一", "022-27900001"]
    second = [
        *line(2, cert="〔2018〕津量标企证字第002号"),
        "西青区中北镇9号",
        "松二",
        "022-27900002",
    ]
    same = [
        *line(3, cert="〔2018〕津量标企证字第003号"),
        "天津市西青区柳口路１号",
        "松 一",
        "（022）27900001",
    ]
    parsed = read(book(first, second, same, head=head))

    assert found(parsed) == [("UNIT_DIFFERS", cell) for cell in ("I3", "J3", "K3")]
    for issue, old, new in zip(parsed.issues, first[8:], second[8:], strict=True):
        assert old in issue.advice
        assert issue.found == new


def test_an_organisation_code_of_another_body_is_told_and_a_wrong_one_is_no_error():
    head = [*HEAD[:4], "组织机构代码", *HEAD[4:]]
    lines = [line(), line(2, uscc=B, unit="天津乙机械有限公司", cert="〔2018〕津量标企证字第002号")]
    for cells, org in zip(lines, (B[8:17], "D40115391"), strict=True):
        cells.insert(4, org)
    parsed = read(book(*lines, head=head))

    assert found(parsed) == [("CODES_DISAGREE", "E2"), ("CODES_DISAGREE", "E3")]
    assert A in parsed.issues[0].advice
    assert parsed.issues[0].found == B[8:17]
    assert column(parsed, "org_code") == [None, None]


@pytest.mark.parametrize(
    ("first", "second"), [("和平区", "和平"), ("和平", "天津市和平区"), ("和平区", None)]
)
def test_the_same_row_in_other_words_is_the_same_row(first, second):
    parsed = read(
        book(
            line(district=first),
            line(9, district=second, unit="天津甲仪表有限公司 ", uscc=A.lower()),
        )
    )

    assert len(parsed.rows) == 1
    assert codes(parsed)[-1] == "DUP_ROW"
    assert parsed.ok


def test_a_fuller_second_copy_completes_the_first():
    parsed = read(book(line(uscc=None), line(uscc=C), head=HEAD))

    assert column(parsed, "uscc") == [C]
    assert "已补入" in parsed.issues[-1].advice


def test_two_lists_side_by_side_are_refused():
    parsed = read(book([*line(), *line(2)], head=[*HEAD, *HEAD]))

    assert codes(parsed) == ["BLOCKS_SIDE_BY_SIDE"]
    assert parsed.issues[0].cell == "I1"


def test_certificate_numbers_in_a_column_that_is_not_read_are_told():
    head = [*HEAD, "量传依据"]
    lines = [[*line(n, cert=None), f"〔2018〕津量标企证字第{n:03d}号"] for n in (1, 2)]
    parsed = read(book(*lines, head=head))

    (issue,) = [i for i in parsed.issues if i.code == "COLUMN_CERTIFICATES"]
    assert (issue.cell, issue.found) == ("I1", "量传依据")
    assert "2行" in issue.advice


def test_a_list_without_titles_mapped_by_hand_keeps_its_first_line():
    mapped = {"名单": {0: "unit_name", 1: "address"}}
    lines = [[PINE, "西青区柳口路"], [BAMBOO, "西青区柳口路"]]
    parsed = read(book(*lines, head=None), header_map=mapped)

    assert column(parsed, "unit_name") == [PINE, BAMBOO]


def test_titles_assumed_from_a_mapping_are_told():
    parsed = read(
        book(["客户", "所在"], [PINE, "西青区"], head=None),
        header_map={"名单": {0: "unit_name", 1: "address"}},
    )

    assert column(parsed, "unit_name") == [PINE]
    assert found(parsed)[0] == ("HEADER_ASSUMED", "A1")
