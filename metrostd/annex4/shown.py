"""What a number format makes of a value: ``〔2024〕津量标企证字第013号`` where the cell holds 13.

Only what a person reads differently matters: text and leading zeros a format writes around a number,
and dates of which it shows the month alone.
"""

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from metrostd.common.text import number_text

Shown = Callable[[object], object]

_TOKEN = re.compile(r'"([^"]*)"|\\(.)|_.|\*.|\[([^\]]*)\]|(General|G/通用格式)|(.)', re.DOTALL)
_LITERALS = frozenset("-/() :+$、，.·号项台")
#: Formats by number that Excel does not write out; those of Chinese Excel among them.
BUILT_IN = {
    14: "m/d/yy", 15: "d-mmm-yy", 16: "d-mmm", 17: "mmm-yy", 22: "m/d/yy h:mm",
    **dict.fromkeys((27, 36, 50, 52, 57), "yyyy年m月"),
    **dict.fromkeys((28, 29, 51, 53, 54, 58), "m月d日"), 30: "m-d-yy", 31: "yyyy年m月d日",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Part:
    """A run of a format: letters of a date, places for digits, or text."""

    kind: str
    text: str


def parts_of(section: str) -> list[Part] | None:
    found = []
    for quoted, escaped, bracket, general, char in _TOKEN.findall(section):
        if quoted or escaped:
            found.append(Part("text", quoted or escaped))
        elif bracket and (
            bracket[:1] in "<>=" or bracket.lower() in {"h", "hh", "m", "mm", "s", "ss"}
        ):
            return None
        elif general:
            found.append(Part("general", ""))
        elif char in tuple("0#?"):
            found.append(Part("digit", char))
        elif char == "@":
            found.append(Part("at", ""))
        elif char and char.lower() in "ymdhse":
            found.append(Part("date", char.lower()))
        elif char and (char in ",%" or char == "."):
            found.append(Part("mark", char))
        elif char and (char in _LITERALS or ord(char) > 127):
            found.append(Part("text", char))
        elif char:
            return None
    return found


@lru_cache(maxsize=512)
def reading_of(code: str) -> Shown | None:
    """The function that gives what a person reads, or None when that is the value itself."""
    sections = sections_of(code)
    parts = parts_of(sections[0])
    if not parts:
        return None
    kinds = {part.kind for part in parts}
    if "date" in kinds and "digit" not in kinds:
        letters = {part.text for part in parts if part.kind == "date"}
        return (
            _month
            if "m" in letters and letters & {"y", "e"} and not letters & {"d", "h", "s"}
            else None
        )
    if "at" in kinds or "general" in kinds:
        return _around(parts) if "text" in kinds else None
    if "digit" not in kinds or any(part.text in ("%", "E", "e") for part in parts):
        return None
    whole = [p for p in parts if p.kind != "mark" or p.text != ","]
    zeros = sum(1 for part in _before_point(whole) if part.text == "0")
    return _digits(tuple(whole)) if "text" in kinds or zeros > 1 else None


@lru_cache(maxsize=512)
def is_date(code: str) -> bool:
    """True for a format that shows a day or a month."""
    parts = parts_of(sections_of(code)[0]) or []
    return any(part.kind == "date" and part.text in "ymd" for part in parts)


def sections_of(code: str) -> list[str]:
    sections, quoted = [""], False
    for char in code:
        quoted ^= char == '"'
        if char == ";" and not quoted:
            sections.append("")
        else:
            sections[-1] += char
    return sections


def _month(value: object) -> object:
    if isinstance(value, dt.date) and value.day == 1:
        return f"{value.year}年{value.month}月"
    return value


def _around(parts: list[Part]) -> Shown:
    def show(value: object) -> object:
        if isinstance(value, bool) or not isinstance(value, (str, int, float)) or value == "":
            return value
        text = value if isinstance(value, str) else number_text(value)
        return "".join(text if part.kind in ("at", "general") else part.text for part in parts)

    return show


def _before_point(parts: list[Part]) -> list[Part]:
    point = next((i for i, p in enumerate(parts) if p.kind == "mark"), len(parts))
    return [part for part in parts[:point] if part.kind == "digit"]


def _digits(parts: tuple[Part, ...]) -> Shown:
    point = next((i for i, p in enumerate(parts) if p.kind == "mark"), len(parts))
    decimals = sum(1 for part in parts[point:] if part.kind == "digit")

    def show(value: object) -> object:
        if isinstance(value, bool) or not isinstance(value, (int, float)) or value < 0:
            return value
        whole, _, fraction = f"{value:.{decimals}f}".partition(".")
        if float(f"{whole}.{fraction or 0}") != value:
            return value  # the format hides digits; what is stored says more
        return _placed(parts[:point], whole) + (
            _fraction(parts[point:], fraction) if decimals else _text(parts[point:])
        )

    return show


def _text(parts: tuple[Part, ...]) -> str:
    return "".join(part.text for part in parts if part.kind == "text")


def _fraction(parts: tuple[Part, ...], digits: str) -> str:
    left, shown = list(digits), ""
    for part in parts:
        if part.kind == "digit":
            shown += left.pop(0)
        else:
            shown += part.text
    return shown


def _placed(parts: tuple[Part, ...], digits: str) -> str:
    """Digits put into their places from the right; the leftmost place takes what is left over."""
    left = list(digits if digits != "0" else "")
    first = next((i for i, p in enumerate(parts) if p.kind == "digit"), 0)
    shown = ""
    for index in range(len(parts) - 1, -1, -1):
        part = parts[index]
        if part.kind != "digit":
            shown = part.text + shown
        elif index == first:
            rest = "".join(left)
            shown = (rest or ("0" if part.text == "0" else "")) + shown
        elif left:
            shown = left.pop() + shown
        elif part.text == "0":
            shown = "0" + shown
    return shown
