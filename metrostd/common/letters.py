"""What a person sees of a text: letters nobody sees are dropped, twins of a letter become that letter.

``visible`` comes before every reading. ``alike`` goes further and only serves to ask whether two names
are one: what it makes of a text is never kept.
"""

import re
import unicodedata
from collections.abc import Iterable

# Default_Ignorable_Code_Point of Unicode, the blank of Braille, marks of annotations, and controls
# that are no space.
_UNSEEN = (
    (0x00, 0x08), (0x0E, 0x1B), (0x7F, 0x84), (0x86, 0x9F), (0xAD, 0xAD), (0x34F, 0x34F), (0x61C, 0x61C),
    (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x200B, 0x200F), (0x202A, 0x202E),
    (0x2060, 0x206F), (0x2800, 0x2800), (0x3164, 0x3164), (0xFE00, 0xFE0F), (0xFEFF, 0xFEFF),
    (0xFFA0, 0xFFA0), (0xFFF0, 0xFFFB), (0x1BCA0, 0x1BCA3), (0x1D173, 0x1D17A), (0xE0000, 0xE0FFF),
)  # fmt: skip
# Radicals come out of PDF files in place of the letters they look like; Unicode gives most of the
# supplement no compatibility form.
_RADICALS = (
    "⺁厂⺄乙⺅亻⺆冂⺉刂⺊卜⺌小⺍小⺎兀⺐尢⺒巳⺓幺⺔彑⺕彐⺖忄⺗心⺘扌⺙攵⺛旡⺝月⺞歺⺟母⺠民⺡氵⺢氺⺣灬⺤爫⺥爫⺦丬⺧牛⺨犭⺩王⺪疋⺫目⺬示⺭礻"
    "⺮竹⺯糹⺰纟⺱罓⺲罒⺶羊⺷羊⺸羊⺹耂⺺肀⺻聿⺼肉⺽臼⺾艹⺿艹⻀艹⻁虎⻂衤⻃覀⻄西⻅见⻆角⻇角⻈讠⻉贝⻊足⻋车⻌辶⻍辶⻎辶⻏阝⻐钅⻑長⻒镸⻓长⻔门"
    "⻖阝⻗雨⻘青⻙韦⻚页⻛风⻜飞⻝食⻞食⻟飠⻠饣⻡首⻢马⻣骨⻤鬼⻥鱼⻦鸟⻧卤⻨麦⻩黄⻪黾⻫斉⻬齐⻭歯⻮齿⻯竜⻰龙⻱龜⻲亀⻳龟"
)
_COMPATIBLE = ((0x2F00, 0x2FD5), (0xF900, 0xFAD9), (0x2F800, 0x2FA1D))


def _span(spans: Iterable[tuple[int, int]]) -> Iterable[int]:
    return (code for first, last in spans for code in range(first, last + 1))


_SEEN: dict[int, str | None] = dict.fromkeys(_span(_UNSEEN))
_SEEN |= {ord(odd): plain for odd, plain in zip(_RADICALS[::2], _RADICALS[1::2], strict=True)}
_SEEN |= {code: unicodedata.normalize("NFKC", chr(code)) for code in _span(_COMPATIBLE)}

#: A character class with every letter that ``visible`` changes (and all of the rarely used planes).
ODD = "".join(
    f"{re.escape(chr(first))}-{re.escape(chr(last))}"
    for first, last in (*_UNSEEN, *_COMPATIBLE)
    if last < 0x10000
) + "⺀-⻳\U00010000-\U0010ffff"  # fmt: skip
_ANY = re.compile(f"[{ODD}]")

# Letters of other alphabets, strokes and dots that cannot be told apart in print.
_FOREIGN, _LATIN = "АВЕКМНОРСТУХІЅЈΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEKMHOPCTYXISJABEZHIKMNOPTYX"
_CAPITALS = str.maketrans(_FOREIGN, _LATIN)
_TWINS = str.maketrans(
    _FOREIGN + "〇○ОIL|"
    "曰已巳末壬戍戌入士千夭冶祗候俟",
    _LATIN + "0001" "11"
    "日己己未王戊戊人土干天治祇侯侯",
)  # fmt: skip
_MARKS = re.compile(r"[\s\-‐‑‒–—―−－_·•・‧∙⋅●.,，、。'’‘＇\"“”]")


def words_in(text: str) -> int:
    """How many characters somebody reads: signs nobody sees count for nothing, and a row of stops says nothing."""
    text = visible(text)
    if not any(map(str.isalnum, text)):
        return 0
    return sum(unicodedata.category(sign)[0] not in "CZ" or sign == " " for sign in text)


def visible(text: str) -> str:
    """The text without letters nobody sees, radicals and compatibility forms as the usual letter."""
    return text.translate(_SEEN) if _ANY.search(text) else text


def in_latin(text: str) -> str:
    """Cyrillic and Greek capitals as the Latin ones they are printed as; for codes that know no others."""
    return text if text.isascii() else text.translate(_CAPITALS)


def alike(key: str) -> str:
    """One form for all texts a person would take for the same at a glance."""
    return _MARKS.sub("", key.upper().translate(_TWINS).replace("O", "0"))
