"""Telling a unit of measure (MPa, ℃, 台) from the name of a body: 单位 means both."""

import re
from functools import lru_cache

from metrostd.common.text import compact

_WORDS = frozenset(
    [
        "台",
        "套",
        "个",
        "件",
        "只",
        "支",
        "块",
        "组",
        "把",
        "根",
        "条",
        "张",
        "份",
        "项",
        "次",
        "批",
        "辆",
        "本",
        "册",
        "瓶",
        "桶",
        "箱",
        "袋",
        "包",
        "副",
        "对",
        "双",
        "座",
        "具",
        "枚",
        "片",
        "面",
        "架",
        "盒",
        "盏",
        "部",
        "门",
        "卷",
        "罐",
        "人",
        "户",
        "家",
        "年",
        "月",
        "日",
        "天",
        "元",
        "万元",
        "台套",
        "台件",
        "台(件)",
        "台/套",
        "套/台",
        "台(套)",
        "米",
        "厘米",
        "毫米",
        "微米",
        "千米",
        "公里",
        "克",
        "毫克",
        "千克",
        "公斤",
        "吨",
        "升",
        "毫升",
        "立方米",
        "平方米",
        "秒",
        "分钟",
        "小时",
        "度",
        "摄氏度",
        "开尔文",
        "帕",
        "千帕",
        "兆帕",
        "牛",
        "牛顿",
        "千牛",
        "伏",
        "千伏",
        "毫伏",
        "安",
        "毫安",
        "欧",
        "欧姆",
        "兆欧",
        "瓦",
        "千瓦",
        "焦耳",
        "赫兹",
        "千赫",
        "兆赫",
        "流明",
        "坎德拉",
        "勒克斯",
        "贝可",
        "级",
        "等",
        "等级",
        "倍",
        "转",
        "转/分",
        "百分比",
    ]
)
_SYMBOL = (
    r"(?:(?:[YZEPTGMkhdcmunpf]|da|μ)?"
    r"(?:m|g|s|A|K|mol|cd|Hz|N|Pa|J|W|C|V|F|Ω|S|Wb|T|H|lm|lx|Bq|Gy|Sv|L|l|t|bar|eV|B|Torr|var|VA|Ah|Wh|ppm|ppb|min|h|d|r|rpm|dB|dBm|rad|sr|in|ft|psi|inHg|mmHg|mmH2O)"
    r"|°?[CF]|[°′″%‰]|%RH|RH%?|pH|HR[A-Z]{1,2}|H[VBL][A-Z]?|kgf|ohm|deg|Nm)"
)
_MEASURE = re.compile(
    rf"\(?1?/?{_SYMBOL}(?:\^?[-−]?\d)?(?:(?:[·./*×⋅]\(?|\(){_SYMBOL}\)?(?:\^?[-−]?\d)?){{0,3}}\)?"
)


_ELSEWHERE = re.compile(
    r"(?:详?见|参见|同|另见)?(?:附件|附表|附页|下表|上表|另表|清单|名单)\d*|待(?:定|补|补充|核|核实|确认|查|填)|未知|不详|不明|未填|测试"
)
_LETTER = re.compile(r"[^\W\d_]")


@lru_cache(maxsize=4096)
def is_no_name(text: str) -> bool:
    """True for what names nobody: a number, or words that say where to look or that it will be filled in."""
    key = compact(text).strip("()")
    return _LETTER.search(key) is None or _ELSEWHERE.fullmatch(key) is not None


@lru_cache(maxsize=4096)
def is_measure(text: str) -> bool:
    """True for a unit of measure or a counting word, which is the name of no body."""
    if len(text) > 12:
        return False
    key = compact(text)
    return key in _WORDS or _MEASURE.fullmatch(key) is not None
