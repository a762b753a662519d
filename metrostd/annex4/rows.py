"""What the parser hands on: clean rows that still know where every value came from."""

import datetime as dt
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import lru_cache

from metrostd.common.text import compact, name_key

from .certificates import CertificateNumber, Identity
from .certificates import normalise as normalise_certificate
from .headers import TARGETS
from .issues import Issue, Severity
from .sheets import cell_name

Clean = str | dt.date | Decimal | None

SLOT = {target: index for index, target in enumerate(TARGETS)}
# What makes two rows with one certificate number the same row: all but numbering and remarks.
_CONTENT = tuple(
    SLOT[t] for t in TARGETS if t not in {"seq", "cert_no", "remark", "standards_count"}
)
_DISTRICT, _FIELD, _PHONE = SLOT["district"], SLOT["field_name"], SLOT["contact_phone"]
_NO_DIGIT = re.compile(r"\D")
_STROKES = str.maketrans("~～〜—–―−‐‑‒", "-" * 10)


def text_of(value: Clean) -> str | None:
    """A clean value as text: ISO dates, numbers as typed."""
    if value is None or type(value) is str:
        return value
    return iso(value) if isinstance(value, dt.date) else str(value)


@lru_cache(maxsize=8192)
def iso(value: dt.date) -> str:
    return value.isoformat()


@dataclass(frozen=True, slots=True)
class Value:
    """One cell: ``value`` is clean, ``raw`` is what stood there; ``cell`` is empty for a value from context."""

    value: Clean
    raw: str
    cell: str
    filled_from: int | None = None


class RowValues(Mapping[str, Value]):
    """The values of one row by target, built when asked for."""

    __slots__ = ("_row",)

    def __init__(self, row: "ParsedRow") -> None:
        self._row = row

    def __getitem__(self, target: str) -> Value:
        row, slot = self._row, SLOT[target]
        column = row.columns[slot]
        if column is None and row.clean[slot] is None:
            raise KeyError(target)
        cell = "" if column is None else cell_name(row.row_no, column)
        source = row.filled.get(target) if row.filled else None
        return Value(row.clean[slot], row.typed(slot), cell, source)

    def __iter__(self) -> Iterator[str]:
        row = self._row
        return (
            t
            for t, slot in SLOT.items()
            if row.columns[slot] is not None or row.clean[slot] is not None
        )

    def __len__(self) -> int:
        return sum(1 for _ in self)


@dataclass(slots=True, eq=False)
class ParsedRow:
    """One standard (or one unit, in a list of units only) as read from one row of the list.

    A row split from a cell with several certificates shares its ``row_no`` and has its own ``part``.
    An ``unresolved`` row has several values in one cell that nobody took apart yet.
    ``raw`` has what was typed by slot, where it is not the clean value's own text.
    """

    sheet: str
    row_no: int
    columns: tuple[int | None, ...]
    clean: tuple[Clean, ...]
    raw: tuple[tuple[int, str], ...]
    district_code: str = ""
    field_code: str = ""
    cert: CertificateNumber | None = None
    expired: bool = False
    filled: dict[str, int] | None = None
    part: int = 0
    unresolved: bool = False

    def typed(self, slot: int) -> str:
        """What stood in one cell."""
        for other, text in self.raw:
            if other == slot:
                return text
        return text_of(self.clean[slot]) or ""

    @property
    def values(self) -> RowValues:
        return RowValues(self)

    def get(self, target: str) -> Clean:
        """The clean value of one target, None when the list does not give it."""
        return self.clean[SLOT[target]]

    def text(self, target: str) -> str | None:
        """Like ``get`` for a target whose values are text."""
        value = self.clean[SLOT[target]]
        return value if isinstance(value, str) else None

    @property
    def uscc(self) -> str | None:
        return self.text("uscc")

    @property
    def unit_name(self) -> str:
        return self.text("unit_name") or ""

    @property
    def cert_key(self) -> Identity | str | None:
        """What decides whether two certificate numbers are one: the parts, or the text if it has none."""
        if self.cert is not None:
            return self.cert.identity
        text = self.text("cert_no")
        return normalise_certificate(text) if text else None

    @property
    def is_draft(self) -> bool:
        """No certificate number, or one still in preparation (在办)."""
        return self.clean[SLOT["cert_no"]] is None

    @property
    def has_standard(self) -> bool:
        """False for a row of a list that names units only."""
        return self.clean[SLOT["standard_name"]] is not None or not self.is_draft

    @property
    def content(self) -> tuple[Clean, ...]:
        """What two identical rows have in common, however each is written."""
        return tuple(self._content(slot) for slot in _CONTENT)

    def _content(self, slot: int) -> Clean:
        value = self.clean[slot]
        if slot == _DISTRICT and self.district_code:
            return self.district_code
        if slot == _FIELD and self.field_code:
            return self.field_code
        if type(value) is not str:
            return value
        if slot == _PHONE:
            return _NO_DIGIT.sub("", compact(value)) or value
        return name_key(value).translate(_STROKES)

    def agrees(self, other: "ParsedRow") -> bool:
        """True when nothing both rows say is different."""
        return all(
            mine is None or theirs is None or mine == theirs
            for mine, theirs in zip(self.content, other.content, strict=True)
        )

    def complete(self, other: "ParsedRow") -> bool:
        """Take over what only the other row says; True when that was something."""
        clean = tuple(
            theirs if mine is None and slot in _CONTENT else mine
            for slot, (mine, theirs) in enumerate(zip(self.clean, other.clean, strict=True))
        )
        changed = clean != self.clean
        self.clean = clean
        self.field_code = self.field_code or other.field_code
        self.district_code = self.district_code or other.district_code
        self.expired = self.expired or other.expired
        return changed

    def cell(self, target: str) -> str:
        column = self.columns[SLOT[target]]
        return "" if column is None else cell_name(self.row_no, column)


@dataclass(slots=True)
class SheetInfo:
    """How one sheet was understood. ``columns`` maps the zero-based column to (target or None, its title)."""

    name: str
    header_row: int | None = None
    columns: dict[int, tuple[str | None, str]] = field(default_factory=dict)
    data_rows: int = 0
    district_code: str = ""


@dataclass(slots=True)
class ParsedList:
    rows: list[ParsedRow]
    issues: list[Issue]
    sheets: list[SheetInfo]
    repeated: list[ParsedRow] = field(default_factory=list)
    left_out: list[ParsedRow] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """True when nothing stands in the way of committing."""
        return not any(issue.severity is Severity.ERROR for issue in self.issues)
