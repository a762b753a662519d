"""Comparison copies of messy text. What was typed is always kept; these forms only decide equality."""

import difflib
import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from .letters import alike, visible

_SPACES = re.compile(r"\s+")
_BLANKS = re.compile(r"[^\S\n]+")
_CJK_GAP = re.compile(r"(?<=[\u4e00-\u9fff])\s+(?=[\u4e00-\u9fff])")
_BRACKETED = re.compile(r"\((.*?)\)")
_FORMULA_START = ("=", "+", "-", "@", "\t", "\r")

_STROKES = "-－﹣—–―─━‐‑‒−/／\\＼_＿*…"
_STROKES_ONLY = re.compile(f"[{re.escape(_STROKES)}\\s]{{1,12}}")
APOSTROPHES = "'＇‘’"

DITTOS = frozenset(
    {"同上", "〃", '"', "″", "“", "”", "''", "′′", "上同", "同前", "ˮ", "〞", "同 上"}
)
NOTHING = frozenset(
    {"", "/", "\\", "-", "--", "—", "——", "－", "／", "无", "暂无", "空", "N/A", "n/a", "*"}
)


def tidy(text: str) -> str:
    """One line: invisible characters dropped, exotic and repeated spaces made one, ends trimmed."""
    text = visible(text)
    if text.isprintable() and "  " not in text:
        return text.strip()
    return _SPACES.sub(" ", text).strip()


def tidy_name(text: str) -> str:
    """Like ``tidy``, and spaces between two Chinese characters (张 三) are dropped."""
    text = tidy(text)
    return _CJK_GAP.sub("", text) if " " in text else text


def tidy_lines(text: str) -> str:
    """Free text such as a measuring range: only spaces are put in order, lines and symbols stay."""
    text = visible(text)
    if text.isprintable():
        return text.strip()
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = (_BLANKS.sub(" ", line).strip() for line in text.split("\n"))
    return "\n".join(line for line in lines if line)


@lru_cache(maxsize=4096)
def compact(text: str) -> str:
    """Compatibility form (NFKC) without any space or invisible character."""
    return _SPACES.sub("", unicodedata.normalize("NFKC", visible(text)))


@lru_cache(maxsize=4096)
def name_key(name: str) -> str:
    """Two names with this key in common are the same name: widths, spaces and brackets do not matter."""
    key = compact(name).upper()
    for left, right in ("〔〕", "[]", "【】", "〈〉"):
        key = key.replace(left, "(").replace(right, ")")
    return key


@lru_cache(maxsize=4096)
def loose_key(name: str) -> str:
    """Names that share this key may be the same body and are shown to a person; never merged by themselves."""
    key = _BRACKETED.sub(r"\1", name_key(name))
    key = key.replace("有限责任公司", "有限公司").replace("股份有限公司", "有限公司")
    return alike(key.replace("天津市", "天津"))


def candidates(name: str, names: Iterable[str], *, limit: int = 5) -> list[str]:
    """Known names a person may mean by ``name``, best first: loose equality, then likeness."""
    known = list(names)
    wanted = loose_key(name)
    same = [other for other in known if loose_key(other) == wanted]
    keys = {loose_key(other): other for other in known if other not in same}
    close = difflib.get_close_matches(wanted, keys, n=limit, cutoff=0.75)
    return (same + [keys[key] for key in close])[:limit]


def is_nothing(text: str) -> bool:
    """True for an empty cell and for the strokes people draw through one."""
    if text in NOTHING or text.strip() in NOTHING:
        return True
    return text[0] in _STROKES and _STROKES_ONLY.fullmatch(text) is not None


def unforced(text: str) -> str:
    """Without the apostrophe in front that makes a spreadsheet program take a cell as text."""
    if text == "" or text[0] not in APOSTROPHES:
        return text
    rest = text[1:]
    return text if any(mark in rest for mark in APOSTROPHES) else rest


def number_text(number: float) -> str:
    """A number as a person would type it: no ``.0``, no exponent."""
    if isinstance(number, float):
        return str(int(number)) if number.is_integer() else repr(number)
    return str(number)


def escape_formula(text: str) -> str:
    """A cell text that no spreadsheet program runs as a formula; used by every export."""
    return "'" + text if text.lstrip("'").startswith(_FORMULA_START) else text


def unescape_formula(text: str) -> str:
    """Undo ``escape_formula`` so that importing an export changes nothing."""
    return (
        text[1:] if text.startswith("'") and text.lstrip("'").startswith(_FORMULA_START) else text
    )
