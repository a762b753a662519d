"""One row of a list between the parser and the register: JSON values that know their cells."""

import datetime as dt
from decimal import Decimal
from typing import Any

from metrostd.registry.annex4 import ParsedRow
from metrostd.registry.annex4.rows import Clean
from metrostd.registry.annex4.text import name_key
from metrostd.registry.enums import RowChange
from metrostd.registry.models import ImportRow
from metrostd.registry.numbers import identity_of


def import_row(parsed: ParsedRow) -> ImportRow:
    """An unsaved row that keeps every value with its cell."""
    values: dict[str, list[Any]] = {}
    for target, value in parsed.values.items():
        if value.value is None and not value.raw:
            continue
        clean = _json(value.value)
        raw = value.raw if value.raw != clean else None
        entry = [clean, value.cell, raw, value.filled_from]
        while entry[-1] is None and len(entry) > 2:
            entry.pop()
        values[target] = entry
    number = parsed.get("cert_no")
    derived: dict[str, Any] = {
        "district": parsed.district_code,
        "field": parsed.field_code,
        "identity": identity_of(parsed.cert, str(number)) if number else "",
        "first_year": parsed.cert.year if parsed.cert else None,
        "expired": parsed.expired,
        "part": parsed.part,
    }
    return ImportRow(
        sheet=parsed.sheet[:60],
        row_no=parsed.row_no,
        values=values,
        derived={key: value for key, value in derived.items() if value},
        change=RowChange.UNCHANGED,
    )


def _json(value: Clean) -> str | None:
    if isinstance(value, dt.date):
        return value.isoformat()
    return str(value) if isinstance(value, Decimal) else value


class Line:
    """Reads an import row by target. Values are JSON texts; dates are ISO."""

    __slots__ = ("row",)

    def __init__(self, row: ImportRow) -> None:
        self.row = row

    def get(self, target: str) -> str | None:
        """The clean value of one target; None when the list does not give it."""
        entry = self.row.values.get(target)
        return entry[0] if entry else None

    def raw(self, target: str) -> str:
        """What stood in the cell."""
        entry = self.row.values.get(target) or [None]
        return (entry[2] if len(entry) > 2 and entry[2] is not None else entry[0]) or ""

    def cell(self, target: str) -> str:
        entry = self.row.values.get(target)
        return entry[1] if entry else ""

    def date(self, target: str) -> dt.date | None:
        text = self.get(target)
        return dt.date.fromisoformat(text) if text else None

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
    def district(self) -> str:
        """The authority code of the district, empty when the list does not say."""
        return self.row.derived.get("district", "")

    @property
    def field(self) -> str:
        return self.row.derived.get("field", "")

    @property
    def identity(self) -> str:
        return self.row.derived.get("identity", "")

    @property
    def first_year(self) -> int | None:
        return self.row.derived.get("first_year")

    @property
    def expired(self) -> bool:
        return self.row.derived.get("expired", False)

    @property
    def has_standard(self) -> bool:
        """False for a row of a list that names units only."""
        return bool(self.get("standard_name") or self.identity)
