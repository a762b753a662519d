"""计量标准考核证书 numbers: 〔year〕province 量标 issuer 证字第 serial 号 (form of the JJF 1033 certificate)."""

import re
import sys
from dataclasses import dataclass
from functools import lru_cache

from metrostd.common.text import compact

FIRST_YEAR = 1986  # examinations began with the law of 1985
_BRACKETS = str.maketrans("[]【】()《》〈〉「」『』{}", "〔〕〔〕〔〕〔〕〔〕〔〕〔〕〔〕")
#: Who hosts the examination stands before 量标: 国 the national authority, else a province.
NATIONAL = "国"
PROVINCES = "京津冀晋蒙辽吉黑沪苏浙皖闽赣鲁豫鄂湘粤桂琼渝川蜀贵黔云滇藏陕秦甘陇青宁新"
_PATTERN = re.compile(
    r"〔?(?P<year>[0-9]{4})〕?年?"
    rf"(?P<prov>{NATIONAL}|[{PROVINCES}])?"
    r"(?P<soc>社)?量标"
    r"(?P<mid>(?:(?!证?字第?|第)[\u4e00-\u9fa5A-Z]){0,8}?)"
    r"(?:证?字第?|证?第|证|(?<![A-Z]))(?P<serial>[0-9]{1,6})号?"
)
#: What stands before 量标, without what says that a number follows (证书号津量标, 2016年津量标).
_BEFORE = re.compile(r"[\u4e00-\u9fff]*\Z")
_LABELS = re.compile(r".*[年号书证码为是原旧现]")
_PLAIN = str.maketrans("國標號證書碼為舊現總", "国标号证书码为旧现总")
#: A province has one character or two, and a name.
_SAME = str.maketrans("蜀黔滇秦陇", "川贵云陕甘")
# fmt: off
_NAMED = {
    "北京": "京", "天津": "津", "河北": "冀", "山西": "晋", "内蒙古": "蒙", "辽宁": "辽",
    "吉林": "吉", "黑龙江": "黑", "上海": "沪", "江苏": "苏", "浙江": "浙", "安徽": "皖",
    "福建": "闽", "江西": "赣", "山东": "鲁", "河南": "豫", "湖北": "鄂", "湖南": "湘",
    "广东": "粤", "广西": "桂", "海南": "琼", "重庆": "渝", "四川": "川", "贵州": "贵",
    "云南": "云", "西藏": "藏", "陕西": "陕", "甘肃": "甘", "青海": "青", "宁夏": "宁",
    "新疆": "新", "总局": "国", "中国": "国", "全国": "国",
}
# fmt: on
_PENDING = re.compile(
    r"(正?在办|办理中|在?申[请报]中?|待[发办]证?|未取[得证]|未发证|考核中|复查中|新建)"
)

Identity = tuple[int, str, bool, str, int]


@dataclass(frozen=True, slots=True)
class CertificateNumber:
    """One number in its parts. ``identity`` decides equality: 第001号 and 第1号 are the same certificate."""

    raw: str
    norm: str
    year: int
    prov: str
    social: bool
    mid: str
    serial: str

    @property
    def identity(self) -> Identity:
        return (self.year, self.prov, self.social, self.mid, int(self.serial))


@lru_cache(maxsize=4096)
def normalise(text: str) -> str:
    """The number without spaces and with every kind of bracket written 〔〕."""
    return compact(text).translate(_BRACKETS)


def read_certificate(text: str) -> CertificateNumber | None:
    """The parts of a number, or None when it does not follow the pattern (a person decides then)."""
    match = _PATTERN.fullmatch(text) or _PATTERN.fullmatch(normalise(text))
    if match is None or int(match["year"]) < FIRST_YEAR:
        return None
    year, prov, soc, mid, serial = match.group("year", "prov", "soc", "mid", "serial")
    # A list has 100,000 of them: what repeats is kept once.
    prov, soc, mid = sys.intern(prov or ""), soc or "", sys.intern(mid)
    norm = f"〔{year}〕{prov}{soc}量标{mid}证字第{serial}号"
    norm = text if norm == text else norm
    return CertificateNumber(text, norm, int(year), prov, bool(soc), mid, serial)


def prefix_of(text: str) -> str:
    """Who hosts by what stands before 量标, also of a number that does not follow the pattern; else nothing.

    国 counts wherever it stands. A district may stand between its province and 量标 (津西青量标), and be
    called like another province: only the beginning says which one it is.
    """
    plain = normalise(text).translate(_PLAIN)
    at = plain.find("量标")
    found = _BEFORE.search(plain[:at][-24:]) if at >= 0 else None
    before = _LABELS.sub("", found[0]).removesuffix("社") if found else ""
    if NATIONAL in (before[:1], before[-1:]):
        return NATIONAL
    if named := next((host for name, host in _NAMED.items() if before.startswith(name)), ""):
        return named
    return before[:1] if before[:1] in set(PROVINCES) else ""


def same_province(one: str, other: str) -> bool:
    """Whether two characters stand for one province: 川 and 蜀."""
    return one.translate(_SAME) == other.translate(_SAME)


def looks_like_certificate(text: str) -> bool:
    """Cheap test used to count the numbers in one cell."""
    return "量标" in text or "证字" in text


def is_pending(text: str) -> bool:
    """True for 在办 and its like: the standard exists, the certificate does not yet."""
    return _PENDING.fullmatch(compact(text)) is not None
