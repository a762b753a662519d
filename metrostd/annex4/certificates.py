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
_HOST = rf"([{NATIONAL}國{PROVINCES}])"
#: A district may stand between its province and 量标 (津西青量标), and be called like another province.
_PREFIX = re.compile(rf"(?<![\u4e00-\u9fff]){_HOST}[\u4e00-\u9fff]{{0,5}}?量标|{_HOST}社?量标")
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
    """Who hosts by what stands before 量标, also of a number that does not follow the pattern; else nothing."""
    match = _PREFIX.search(normalise(text))
    return (match[1] or match[2]).replace("國", NATIONAL) if match else ""


def looks_like_certificate(text: str) -> bool:
    """Cheap test used to count the numbers in one cell."""
    return "量标" in text or "证字" in text


def is_pending(text: str) -> bool:
    """True for 在办 and its like: the standard exists, the certificate does not yet."""
    return _PENDING.fullmatch(compact(text)) is not None
