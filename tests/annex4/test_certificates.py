import pytest
from hypothesis import given
from hypothesis import strategies as st

from metrostd.annex4.certificates import is_pending, prefix_of, read_certificate


@pytest.mark.parametrize(
    ("typed", "identity", "norm"),
    [
        (
            "〔2018〕国量标津证字第001号",
            (2018, "国", False, "津", 1),
            "〔2018〕国量标津证字第001号",
        ),
        (
            "［2020］津量标和证字第003号",
            (2020, "津", False, "和", 3),
            "〔2020〕津量标和证字第003号",
        ),
        (
            "(2018)津社量标证字第001号",
            (2018, "津", True, "", 1),
            "〔2018〕津社量标证字第001号",
        ),
        (
            "[2012] 国量标津证字第 045 号",
            (2012, "国", False, "津", 45),
            "〔2012〕国量标津证字第045号",
        ),
        (
            "2016津量标企证字88号",
            (2016, "津", False, "企", 88),
            "〔2016〕津量标企证字第88号",
        ),
        (
            "《２０１９》津量标企证字第０１２号",
            (2019, "津", False, "企", 12),
            "〔2019〕津量标企证字第012号",
        ),
        (
            "【2019】量标企证字第012号",
            (2019, "", False, "企", 12),
            "〔2019〕量标企证字第012号",
        ),
    ],
)
def test_usual_forms(typed, identity, norm):
    number = read_certificate(typed)

    assert number.identity == identity
    assert number.norm == norm
    assert number.raw == typed


@pytest.mark.parametrize(
    "typed",
    [
        "津量标企证字第012号",
        "〔1018〕津量标企证字第012号",
        "〔2019〕津企证字第012号",
        "在办",
        "",
        "〔2019〕津量标企证字第012号复",
    ],
)
def test_other_texts_are_left_to_a_person(typed):
    assert read_certificate(typed) is None


def test_leading_zeros_do_not_make_another_certificate():
    one, other = "〔2018〕津量标企证字第001号", "(2018)津量标企证字第1号"

    assert read_certificate(one).identity == read_certificate(other).identity


@pytest.mark.parametrize("text", ["在办", "正在办", "办理中", "申请中", "待发证", "未取证"])
def test_pending_words(text):
    assert is_pending(text)


parts = st.tuples(
    st.integers(1986, 2035),
    st.sampled_from(["国", "津", "京", "沪"]),
    st.booleans(),
    st.sampled_from(["", "津", "企", "和", "市企"]),
    st.integers(1, 99999),
    st.integers(1, 6),
)


@given(
    parts,
    st.sampled_from(["〔〕", "［］", "[]", "【】", "()", "（）", "《》", "  "]),
    st.sampled_from(["", " ", "\u3000", "\u00a0", "\u200b"]),
)
def test_every_way_to_write_a_number_gives_its_parts(number, brackets, gap):
    year, prov, social, mid, serial, width = number
    body = f"{prov}{'社' if social else ''}量标{mid}证字第{serial:0{width}d}号"
    text = gap.join(f"{brackets[0]}{year}{brackets[1]}".strip() + body)

    read = read_certificate(text)

    assert read.identity == (year, prov, social, mid, serial)
    assert read_certificate(read.norm).identity == read.identity
    assert read_certificate(read.norm).norm == read.norm


@given(st.text(max_size=40))
def test_no_text_breaks_the_reader(text):
    number = read_certificate(text)

    assert number is None or number.norm.endswith("号")


@pytest.mark.parametrize(
    ("typed", "host"),
    [
        ("〔2018〕国量标津证字第1号", "国"),
        ("〔2018〕國量标津证字第1号", "国"),
        ("2018年国社量标证字第3号", "国"),
        ("〔2020〕津西青量标企证字第2号", "津"),  # a district, not 青海
        ("证书号：津滨海新区量标企证字第2号", "津"),
        ("京量标企证字第9号", "京"),
        ("合格证津量标第1号", "津"),
        ("量标企证字第1号", ""),
        ("2016年津西青量标证字第1号", "津"),
        ("证书号津西青量标证字第1号", "津"),
        ("津滨海新区市场监管局量标证字第1号", "津"),
        ("西青量标证字第1号", ""),
        ("津国量标证字第1号", "国"),
        ("〔2016〕國量標津證字第1號", "国"),
        ("〔2016〕国家市场监督管理总局量标证字第1号", "国"),
        ("总局量标证字第1号", "国"),
        ("〔2016〕河北省量标证字第1号", "冀"),
        ("天津市量标证字第1号", "津"),
        ("原京社量标证字第1号", "京"),
        ("军量标证字第1号", ""),
        ("津" * 5_000 + "量标", "津"),
    ],
)
def test_who_hosts_stands_first_before_the_word(typed, host):
    assert prefix_of(typed) == host
