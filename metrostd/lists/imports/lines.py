"""One row of a list between the parser and the register: texts that know their cells.

A line is small, because a list may have 100,000 of them: dates are ISO texts, repeated texts are
shared, and cells are kept as the letters of their columns.
"""

import datetime as dt
import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Any

from metrostd.annex4 import ParsedRow
from metrostd.annex4.headers import TARGETS
from metrostd.annex4.rows import SLOT, Clean, text_of
from metrostd.annex4.sheets import column_letters
from metrostd.common.text import name_key
from metrostd.registry.enums import RowChange
from metrostd.registry.models import ImportBatch
from metrostd.registry.numbers import identity_of

Differences = dict[str, list[str | None]]
#: What is written onto a row: change, change of its unit, differences, keys of unit and standard.
Marks = tuple[str, str, Differences, int | None, int | None]
#: A value, its cell, the raw text, the row it was filled from; the last two where they matter.
Entry = list[str | int | None]
_NUMBER = SLOT["cert_no"]
_STORED = (
    "pk", "sheet", "row_no", "values", "derived",
    "change", "unit_change", "differences", "unit_id", "standard_id",
)  # fmt: skip


class Line:
    """What a row says, and what is decided about it while the list is matched."""

    __slots__ = (
        "change", "clean", "differences", "district", "expired", "extra", "field", "first_year",
        "identity", "letters", "part", "raw_number", "row_no", "sheet", "standard_id", "stored",
        "unit_change", "unit_id",
    )  # fmt: skip

    def __init__(
        self,
        sheet: str,
        row_no: int,
        clean: tuple[Clean, ...],
        letters: tuple[str, ...],
        raw_number: str,
    ) -> None:
        self.sheet, self.row_no = sheet, row_no
        self.clean, self.letters, self.raw_number = clean, letters, raw_number
        #: Codes of district and field, what decides whether two certificates are one.
        self.district = self.field = self.identity = ""
        self.first_year: int | None = None
        self.expired, self.part = False, 0
        #: What was decided about the row, and what an undo will need.
        self.extra: dict[str, object] | None = None
        self.change: str = RowChange.UNCHANGED
        self.unit_change = ""
        self.differences: Differences | None = None
        self.unit_id: int | None = None
        self.standard_id: int | None = None
        #: Primary key and marks of the row as it was kept; None for one only just read.
        self.stored: tuple[int, *Marks] | None = None

    def get(self, target: str) -> str | None:
        """The clean value of one target; None when the list does not give it."""
        return text_of(self.clean[SLOT[target]])

    def says(self, target: str) -> str | None:
        """What the row says about one target, districts and fields by their codes."""
        if target == "district":
            return self.district or None
        if target == "field_name":
            return self.field or None
        return self.get(target)

    def put(self, target: str, value: str | None) -> None:
        """Read another value than the list gives, because somebody decided so."""
        slot = SLOT[target]
        self.clean = (*self.clean[:slot], value, *self.clean[slot + 1 :])

    def cell(self, target: str) -> str:
        """Where a value stands; empty for one from context."""
        letters = self.letters[SLOT[target]]
        return f"{letters}{self.row_no}" if letters else ""

    def date(self, target: str) -> dt.date | None:
        text = self.get(target)
        return dt.date.fromisoformat(text) if text else None

    @property
    def place(self) -> tuple[str, int]:
        return self.sheet, self.row_no

    @property
    def unit_name(self) -> str:
        return self.get("unit_name") or ""

    @property
    def unit_key(self) -> str:
        return name_key(self.unit_name)

    @property
    def uscc(self) -> str:
        return self.get("uscc") or ""

    @property
    def preferred(self) -> bool:
        """Whether somebody decided that this line speaks for its unit."""
        return bool(self.extra and self.extra.get("preferred"))

    @property
    def has_standard(self) -> bool:
        """False for a row of a list that names units only."""
        return bool(self.get("standard_name") or self.identity)

    def note(self, name: str, value: object) -> None:
        """Remember something about the row beside its values."""
        self.extra = {**(self.extra or {}), name: value}

    @property
    def derived(self) -> dict[str, object]:
        """What the values say together, as it is kept."""
        found = {
            "district": self.district,
            "field": self.field,
            "identity": self.identity,
            "first_year": self.first_year,
            "expired": self.expired,
            "part": self.part,
        }
        return {key: value for key, value in found.items() if value} | (self.extra or {})

    def marks(self) -> Marks:
        """What is written onto the row beside its values."""
        changes = self.differences or {}
        return (self.change, self.unit_change, changes, self.unit_id, self.standard_id)


_DERIVED = ("district", "field", "identity", "first_year", "expired", "part")


def line_of(parsed: ParsedRow) -> Line:
    """The line of a row as the parser read it."""
    number = parsed.text("cert_no")
    line = Line(
        parsed.sheet[:60],
        parsed.row_no,
        parsed.clean,
        _letters(parsed.columns),
        parsed.typed(_NUMBER) or number or "",
    )
    line.district, line.field = parsed.district_code, parsed.field_code
    line.identity = identity_of(parsed.cert, number) if number else ""
    line.first_year = parsed.cert.year if parsed.cert else None
    line.expired, line.part = parsed.expired, parsed.part
    return line


def values_of(parsed: ParsedRow, line: Line) -> dict[str, Entry]:
    """Every value with its cell; the raw text and the row it was filled from where they matter."""
    row, filled, typed = parsed.row_no, parsed.filled, dict(parsed.raw)
    if parsed.clean is not line.clean:  # somebody decided for another value than the list gives
        for slot, value in enumerate(parsed.clean):
            if value != line.clean[slot]:
                typed.setdefault(slot, text_of(value) or "")
    values: dict[str, Entry] = {}
    for slot, value in enumerate(line.clean):
        raw = typed.get(slot)
        if value is None and not raw:
            continue
        letters, target = line.letters[slot], TARGETS[slot]
        entry: Entry = [text_of(value), f"{letters}{row}" if letters else ""]
        source = filled.get(target) if filled else None
        if source is not None:
            entry += [raw, source]
        elif raw is not None:
            entry.append(raw)
        values[target] = entry
    return values


@lru_cache(maxsize=64)
def _letters(columns: tuple[int | None, ...]) -> tuple[str, ...]:
    return tuple("" if column is None else column_letters(column) for column in columns)


def stored_lines(batch: ImportBatch) -> list[Line]:
    """The lines of a list as they were kept; rows left out or repeated are not among them."""
    rows = batch.rows.exclude(change=RowChange.SKIPPED).order_by("pk").values_list(*_STORED)
    shared = _Shared()
    return [_stored(row, shared) for row in rows.iterator(chunk_size=2000)]


class _Shared:
    """Texts that many lines have in common, each kept once."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self.letters: dict[tuple[str, ...], tuple[str, ...]] = {}

    def text(self, value: str | None) -> str | None:
        return value and self.texts.setdefault(value, value)


# Any: the columns of ``_STORED``
def _stored(row: tuple[Any, ...], shared: _Shared) -> Line:
    pk, sheet, row_no, values, derived, *marks = row
    tail = len(str(row_no))
    clean: list[str | None] = [None] * len(TARGETS)
    letters = [""] * len(TARGETS)
    raw_number = ""
    for target, entry in values.items():
        slot = SLOT[target]
        value = entry[0]
        clean[slot] = shared.text(value) if slot != _NUMBER else value
        letters[slot] = entry[1][:-tail]
        if slot == _NUMBER:
            raw_number = (entry[2] if len(entry) > 2 and entry[2] is not None else value) or ""
    columns = tuple(letters)
    line = Line(
        shared.texts.setdefault(sheet, sheet),
        row_no,
        tuple(clean),
        shared.letters.setdefault(columns, columns),
        raw_number,
    )
    for name, value in derived.items():
        if name in _DERIVED:
            setattr(line, name, value)
        else:
            line.note(name, value)
    line.stored = (pk, *marks)
    return line


def row_values(
    batch_id: int, pairs: Iterator[tuple[ParsedRow, Line]]
) -> Iterator[tuple[object, ...]]:
    """Rows ready to be inserted, in the order of ``ROW_COLUMNS``."""
    for parsed, line in pairs:
        yield (
            batch_id,
            line.sheet,
            line.row_no,
            as_text(values_of(parsed, line)),
            as_text(line.derived),
            line.change,
            line.unit_change,
            as_text(line.differences) if line.differences else "{}",
            line.unit_id,
            line.standard_id,
        )


ROW_COLUMNS = (
    "batch_id", "sheet", "row_no", "values", "derived",
    "change", "unit_change", "differences", "unit_id", "standard_id",
)  # fmt: skip


def as_text(value: object) -> str:
    """JSON as Django's own column writes it."""
    return json.dumps(value)
