"""From one cell to one clean value, target by target. Each cleaner reports what it could not use."""

import datetime as dt
import re
import unicodedata
from collections.abc import Callable
from decimal import Decimal

from metrostd.common.text import (
    DITTOS,
    compact,
    is_nothing,
    number_text,
    tidy,
    tidy_lines,
    tidy_name,
    unescape_formula,
)

from . import uscc as codes
from .fields import category_code, field_code
from .headers import TARGETS
from .report import Report
from .rows import iso
from .sheets import CellError, NoCachedValue, Picture

Cleaner = Callable[["Cleaning", str, object], str | Decimal | None]

_SCIENTIFIC = re.compile(r"[-+]?\d(?:\.\d+)?[eE]\+?\d{1,2}")
# The sign for a letter that was lost, and places where only a font of one's own has letters.
_LOST = re.compile("[\ufffd\ue000-\uf8ff\U000f0000-\U0010ffff]")
_COUNT = re.compile(r"(?:共|约)?(\d{1,4})(?:\.0+)?(?:项|个|套|台|件)?")


UNREPEATED = frozenset({"seq", "org_code", "cert_no", "issue_date", "valid_until"})
MOST_REMEMBERED = 20_000
# A cell of Excel holds 32,767 characters; no name, number or place has a thousand.
LONGEST, LONGEST_TEXT = 1000, 32_767
LINES = frozenset({"measuring_range", "performance", "remark"})


def is_ditto(cell: object) -> bool:
    """True for 同上 and the strokes that mean it."""
    return isinstance(cell, str) and len(cell) <= 8 and cell.strip() in DITTOS


def as_text(cell: object) -> str:
    """A cell as text, the way a person would type it."""
    if type(cell) is str:
        return cell
    if isinstance(cell, bool):
        return "是" if cell else "否"
    if isinstance(cell, (int, float)):
        return number_text(cell)
    if isinstance(cell, dt.datetime) and cell.time() == dt.time():
        cell = cell.date()
    return iso(cell) if type(cell) is dt.date else str(cell)


class Cleaning:
    """Cleans the cells of one list; remembers repeated values. ``row`` and ``column`` say where it is."""

    def __init__(self, report: Report) -> None:
        self.report = report
        self.row = 0
        self.column: int | None = None
        self.org_code: str | None = None
        self.full_code: str | None = None
        #: An organisation code that fails its check: its column and text.
        self.wrong_org: tuple[int | None, str] | None = None
        self.muted = False
        self._lost: set[str] = set()
        # Texts met before that gave no reason to complain, each with its clean value.
        self.seen: dict[str, dict[str, tuple[str, str | Decimal | None]]] = {t: {} for t in TARGETS}

    def note(self, code: str, found: object, advice: str = "") -> None:
        """Report at the current cell, unless its content was taken over from a row already reported."""
        if not self.muted:
            self.report.at(code, self.row, self.column, found, advice)

    def clean(self, target: str, cell: object) -> str | Decimal | None:
        """The clean value of any target that is no date; None for an empty cell or one that cannot be used."""
        if type(cell) is not str:
            if isinstance(cell, Picture):
                self.note("PICTURE", "")
                return None
            if isinstance(cell, (CellError, NoCachedValue)):
                self.note("CELL_ERROR" if isinstance(cell, CellError) else "FORMULA_NO_VALUE", cell)
                return None
        elif len(cell) > (LONGEST_TEXT if target in LINES else LONGEST):
            self.note("CELL_LONG", f"{cell[:30]}…", f"共{len(cell)}字")
            return None
        elif target != "remark" and is_ditto(cell):
            self.note("DITTO_NOT_FILLED", cell)
            return None
        elif cell not in self._lost and _LOST.search(cell):
            self._lost.add(cell)
            self.note("LETTER_LOST", cell)
        return CLEANERS.get(target, Cleaning.name)(self, as_text(cell), cell)

    def remember(self, target: str, text: str, value: str | Decimal | None) -> None:
        """Keep a value for the next cell with this text, unless the column hardly ever repeats."""
        seen = self.seen[target]
        if target not in UNREPEATED and len(seen) < MOST_REMEMBERED:
            seen[text] = (text, value)

    def name(self, text: str, cell: object) -> str | None:
        value = tidy_name(unescape_formula(text))
        return None if is_nothing(value) else value

    def lines(self, text: str, cell: object) -> str | None:
        value = tidy_lines(unescape_formula(text))
        return None if is_nothing(value) else value

    def sequence(self, text: str, cell: object) -> str | None:
        return tidy(text) or None

    def uscc(self, text: str, cell: object) -> str | None:
        code = codes.normalise(text)
        if is_nothing(code):
            return None
        if (_is_number(cell) and len(code) > 15) or _SCIENTIFIC.fullmatch(compact(text)):
            self.note("USCC_SCIENTIFIC", f"{cell:.4E}" if _is_number(cell) else text)
            return None
        if len(code) == 9:
            self.org_code = self.org(code, code)
            if self.org_code:
                self.note("ORG_CODE", text)
            return None
        reading = codes.read_uscc(code)
        if reading.problem:
            hint = f"可能是“{reading.hint}”" if reading.hint else ""
            if reading.problem == "USCC_LENGTH":
                hint = f"现为{len(code)}位" + ("（15位为旧的注册号）" if len(code) == 15 else "")
            self.note(reading.problem, text, hint)
        return reading.value

    def org(self, text: str, cell: object) -> str | None:
        code = codes.normalise(text)
        if is_nothing(code):
            return None
        if _is_number(cell):
            code = code.zfill(9)
        if len(code) == 18:  # a full code under the old heading
            self.full_code = self.uscc(text, cell)
            return None
        if not codes.is_valid_org_code(code):
            if not self.muted:
                self.wrong_org = (self.column, text)
            return None
        return code

    def phone(self, text: str, cell: object) -> str | None:
        value = tidy(unicodedata.normalize("NFKC", unescape_formula(text)))
        if is_nothing(value):
            return None
        if "**" in value:
            self.note("PHONE_MASKED", text)
            return None
        if type(cell) is str and _SCIENTIFIC.fullmatch(value):
            number = Decimal(value)
            digits = len(re.sub(r"\D", "", re.split("[eE]", value)[0]))
            if digits < len(str(int(number))):
                self.note("PHONE_PRECISION", text)
            return str(int(number))
        return value

    def count(self, text: str, cell: object) -> Decimal | None:
        value = compact(text)
        if is_nothing(value):
            return None
        match = _COUNT.fullmatch(value)
        if match is None:
            self.note("COUNT_FORMAT", text)
            return None
        return Decimal(match[1])

    def jjf_code(self, text: str, cell: object) -> str | None:
        value = compact(text)
        if is_nothing(value):
            return None
        if len(value) == 7 and value.isdigit():
            self.note("CODE_PADDED", text, f"已按“0{value}”读取")
            return "0" + value
        if len(value) != 8 or not value.isdigit():
            self.note("CODE_FORMAT", text)
            return None
        return value

    def field(self, text: str, cell: object) -> str | None:
        value = self.name(text, cell)
        if value and not field_code(value):
            self.note("FIELD_UNKNOWN", value)
        return value

    def category(self, text: str, cell: object) -> str | None:
        value = self.name(text, cell)
        if value is None:
            return None
        code = category_code(value)
        if not code:
            self.note("CATEGORY_UNKNOWN", value)
        return code or None


def _is_number(cell: object) -> bool:
    return isinstance(cell, (int, float)) and not isinstance(cell, bool)


CLEANERS: dict[str, Cleaner] = {
    "seq": Cleaning.sequence,
    "uscc": Cleaning.uscc,
    "org_code": Cleaning.org,
    "contact_phone": Cleaning.phone,
    "standards_count": Cleaning.count,
    "jjf1022_code": Cleaning.jjf_code,
    "measuring_range": Cleaning.lines,
    "performance": Cleaning.lines,
    "remark": Cleaning.lines,
    "field_name": Cleaning.field,
    "category": Cleaning.category,
}
