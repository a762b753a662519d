"""The styles and shared texts of a workbook, as far as they change what a person reads."""

from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from .hiding import Hides, hides
from .shown import BUILT_IN, Shown, is_date, reading_of

#: Texts of which a part is struck out, by their number: what is left of them.
Texts = dict[int, str]


def local(name: str) -> str:
    """A name of the markup without its namespace."""
    return name.rpartition("}")[2].rpartition(":")[2]


def is_true(value: str) -> bool:
    """How markup says yes."""
    return value in {"1", "true", "on"}


@dataclass(slots=True)
class Styles:
    """By the number of a cell's style: what its format writes, whether it is a date or struck out."""

    shown: dict[int, Shown] = field(default_factory=dict)
    dates: set[int] = field(default_factory=set)
    hiding: dict[int, Hides] = field(default_factory=dict)
    struck: set[int] = field(default_factory=set)
    #: True when some text is struck out in part, which no style tells.
    parts: bool = False

    @property
    def telling(self) -> list[int]:
        """The styles that make a cell worth a look."""
        return sorted({*self.shown, *self.struck, *self.hiding})


def read_styles(tree: ET.Element | None) -> Styles:
    """Everything of use in styles.xml."""
    styles = Styles()
    if tree is None:
        return styles
    formats = dict(BUILT_IN)
    fonts: list[bool] = []
    for part in tree:
        name = local(part.tag)
        if name == "numFmts":
            formats |= {
                int(f.get("numFmtId", "0")): f.get("formatCode", "")
                for f in part
                if f.get("numFmtId", "").isdecimal()
            }
        elif name == "fonts":
            fonts = [_is_struck(font) for font in part if local(font.tag) == "font"]
    for part in tree:
        if local(part.tag) == "cellXfs":
            for index, xf in enumerate(part):
                _style(styles, index, xf, formats, fonts)
    return styles


def _style(
    styles: Styles, index: int, xf: ET.Element, formats: dict[int, str], fonts: list[bool]
) -> None:
    code = formats.get(_number(xf.get("numFmtId")), "")
    if shown := reading_of(code):
        styles.shown[index] = shown
    if hidden := hides(code):
        styles.hiding[index] = hidden
    if is_date(code):
        styles.dates.add(index)
    font = _number(xf.get("fontId"))
    if font < len(fonts) and fonts[font]:
        styles.struck.add(index)


def _number(text: str | None) -> int:
    return int(text) if text and text.isdecimal() else 0


def _is_struck(font: ET.Element) -> bool:
    return any(local(e.tag) == "strike" and is_true(e.get("val", "1")) for e in font)


def read_texts(tree: ET.Element) -> Texts:
    """The shared texts of which some run is struck out."""
    found: Texts = {}
    items = [item for item in tree if local(item.tag) == "si"]
    for index, item in enumerate(items):
        runs = [(_text(r), any(_is_struck(p) for p in r if local(p.tag) == "rPr")) for r in item]
        if any(struck for _, struck in runs):
            found[index] = "".join(text for text, struck in runs if not struck)
    return found


def _text(run: ET.Element) -> str:
    if local(run.tag) == "rPh":
        return ""
    return "".join(t.text or "" for t in run.iter() if local(t.tag) == "t")
