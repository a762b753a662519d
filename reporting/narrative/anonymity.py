"""Nothing in a text says whose case it is: names, numbers, places and persons of a unit are found and named.

Letters that look different and are the same (widths, blanks, invisible ones) make no difference; in names
and numbers neither do strokes, dots and brackets.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field

from metrostd.common.letters import visible

_COMPANY = re.compile(
    r"(有限责任公司|股份有限公司|集团有限公司|有限公司|总公司|分公司|集团公司|公司|集团|总厂|分厂|厂)+$"
)
_BRACKETED = re.compile(r"[（(〔\[].*?[）)〕\]]")
_CITY = re.compile(r"^(?:中国)?[（(]?(?:天津市?|[一-鿿]{2,3}[省市])[）)]?")
_PLACE = re.compile(rf"{_CITY.pattern}?(?:[一-鿿]{{2,3}}[区县])?")
_LEAST_SHORT, _LEAST_BRAND = 4, 2
#: Shorter ones are years and sizes.
_LEAST_NUMBER = 5
#: Words of the trade: what is left of a name without them is what tells one body from another.
_TRADE = re.compile(
    "电子|仪表|仪器|机械|精密|计量|检测|检验|检定|校准|技术|服务|科技|制造|工程|设备|电力|燃气|热电|热力|化工|医药|"
    "汽车|食品|环保|钢铁|电气|电器|材料|压力表|衡器|工业|发展|实业|贸易|质量|监督|研究|中心|医院|学院|大学|公司|"
    "水务|供水|供热|新能源|能源|建筑|交通|铁路|机电|电缆|水泥|橡胶|石油|石化|海洋|航空|通信|软件|信息"
)
#: Numbers of these shapes say who somebody is, whoever's they are.
_SHAPES = (
    ("统一社会信用代码", re.compile(r"(?<![0-9A-Z])[0-9A-HJ-NP-RTUWXY]{2}\d{6}[0-9A-HJ-NP-RTUWXY]{10}(?![0-9A-Z])")),
    ("身份证号", re.compile(r"(?<!\d)\d{17}[\dX](?!\d)")),
    ("手机号码", re.compile(r"(?<!\d)1[3-9]\d{9}(?!\d)")),
    ("电话号码", re.compile(r"(?<!\d)0\d{2,3}[-—－]?\d{7,8}(?!\d)")),
    ("电子邮箱", re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")),
)  # fmt: skip
#: The kind of mark that is a person: a name of two letters counts, and strokes in it do.
PERSON = "人员姓名"
_INSTEAD = {
    "单位名称": "某单位",
    "曾用名": "某单位",
    "简称": "某单位",
    "地址": "某地",
    "人员姓名": "某某",
}
_OPENING, _CLOSING = "〔[（(［", "〕]）)］"
_NUMBER = "××"
_ROUNDS = 6


@dataclass(frozen=True, slots=True)
class Mark:
    """One thing that tells who somebody is, and what kind of thing it is."""

    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Leak:
    """Where a mark stands in a text, as it was written there."""

    kind: str
    found: str
    start: int
    end: int

    @property
    def sentence(self) -> str:
        instead = _INSTEAD.get(self.kind, _NUMBER)
        return f"“{self.found}”是{self.kind}，请删去或改为“{instead}”。"


@dataclass
class Marks:
    """What must not be said, folded once and looked for in every text."""

    _loose: dict[str, str] = field(default_factory=dict)
    _strict: dict[str, str] = field(default_factory=dict)

    def add(self, kind: str, *texts: str) -> None:
        """Take in what a register knows; blanks and single letters tell nobody anything."""
        for text in texts:
            if kind == PERSON:
                self._put(self._strict, kind, _folded(text, _is_seen)[0], least=2)
            else:
                self._put(self._loose, kind, _folded(text, _is_letter)[0], least=_LEAST_NUMBER)

    def add_place(self, kind: str, address: str) -> None:
        """An address, also as it is written without city and district."""
        ends = (0, _end(_CITY, address), _end(_PLACE, address))
        for end in dict.fromkeys(ends):
            self._put(self._loose, kind, _folded(address[end:], _is_letter)[0], least=_LEAST_NUMBER)

    def add_name(self, kind: str, name: str) -> None:
        """A name with the short forms people use for it."""
        self._put(self._loose, kind, _folded(name, _is_letter)[0], least=3)
        for short in short_forms(name):
            self._put(self._loose, "简称", _folded(short, _is_letter)[0], least=3)

    @staticmethod
    def _put(into: dict[str, str], kind: str, key: str, *, least: int) -> None:
        if len(key) >= least:
            into.setdefault(key, kind)

    def leaks(self, text: str) -> list[Leak]:
        """Everything in a text that is one of the marks or has the shape of one, in its order."""
        found = [
            *_matches(text, self._loose, _is_letter),
            *_matches(text, self._strict, _is_seen),
            *_shaped(text),
        ]
        found.sort(key=lambda leak: (leak.start, -leak.end))
        kept: list[Leak] = []
        for leak in found:
            if not kept or leak.start >= kept[-1].end:
                kept.append(leak)
        return kept

    def anonymised(self, text: str) -> str:
        """The text with general words in place of what tells who it is about."""
        text = visible(text)
        for _ in range(_ROUNDS):
            leaks = self.leaks(text)
            if not leaks:
                break
            for leak in reversed(leaks):
                instead = _INSTEAD.get(leak.kind, _NUMBER)
                text = f"{text[: leak.start]}{instead}{text[leak.end :]}"
        return text


def short_forms(name: str) -> Iterator[str]:
    """What a body is called for short: without its city, its place, its kind of company; by its brand."""
    plain = _BRACKETED.sub("", name)
    yield from without_city(plain)
    without_place = plain[_end(_PLACE, plain) :]
    core = _COMPANY.sub("", without_place)
    if core == without_place:
        return
    if len(without_place) >= _LEAST_SHORT:
        yield without_place
    if len(core) >= _LEAST_SHORT and len(_TRADE.sub("", core)) >= _LEAST_BRAND:
        yield core
    brand = _TRADE.split(core, maxsplit=1)[0]
    if len(brand) >= _LEAST_BRAND:
        yield from (f"{brand}{kind}" for kind in ("公司", "集团", "厂"))


def without_city(text: str) -> Iterator[str]:
    """A name or an address as it is written where everybody knows the city; nothing without one."""
    if end := _end(_CITY, text):
        yield text[end:]


def _end(pattern: re.Pattern[str], text: str) -> int:
    found = pattern.match(text)
    return found.end() if found else 0


def _is_letter(char: str) -> bool:
    return char.isalnum()


def _is_seen(char: str) -> bool:
    return not char.isspace()


def _folded(text: str, keep: Callable[[str], bool]) -> tuple[str, list[int]]:
    """The text as it is compared, and where each of its letters stands in what was written."""
    letters, places = [], []
    for at, char in enumerate(text):
        for plain in unicodedata.normalize("NFKC", visible(char)).upper():
            if keep(plain):
                letters.append(plain)
                places.append(at)
    return "".join(letters), places


def _matches(text: str, marks: dict[str, str], keep: Callable[[str], bool]) -> Iterable[Leak]:
    folded, places = _folded(text, keep)
    for key, kind in marks.items():
        at = folded.find(key)
        while at >= 0:
            start, end = _with_bracket(text, places[at], places[at + len(key) - 1] + 1)
            yield Leak(kind, text[start:end], start, end)
            at = folded.find(key, at + len(key))


def _with_bracket(text: str, start: int, end: int) -> tuple[int, int]:
    """A number that begins in brackets takes the opening one along."""
    opens = (
        start > 0
        and text[start - 1] in _OPENING
        and not any(c in _OPENING for c in text[start:end])
    )
    return (
        (start - 1, end) if opens and any(c in _CLOSING for c in text[start:end]) else (start, end)
    )


def _shaped(text: str) -> Iterable[Leak]:
    """Numbers by their shape, in whatever width they were typed."""
    folded, places = _folded(text, _is_seen)
    for kind, shape in _SHAPES:
        for match in shape.finditer(folded):
            start, end = places[match.start()], places[match.end() - 1] + 1
            yield Leak(kind, text[start:end], start, end)
