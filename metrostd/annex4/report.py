"""Collecting issues while reading."""

from .issues import CATALOGUE, Issue, Severity
from .sheets import cell_name

_LONGEST_FOUND = 300


class Report:
    """The issues of one list, in the order they are found."""

    def __init__(self) -> None:
        self.issues: list[Issue] = []
        self.sheet = ""

    def add(
        self,
        code: str,
        cell: str = "",
        found: object = "",
        advice: str = "",
        *,
        sheet: str = "",
        about: tuple[str, ...] = (),
        severity: Severity | None = None,
    ) -> None:
        """Record one issue; ``advice`` is put before the standing advice of the code.

        ``severity`` is another than that of the code, where what is found stands in the way of nothing.
        """
        kind = CATALOGUE[code]
        text = f"{advice}。{kind.advice}" if advice else kind.advice
        where, shown = sheet or self.sheet, str(found)
        if len(shown) > _LONGEST_FOUND:
            shown = f"{shown[:_LONGEST_FOUND]}…"
        self.issues.append(Issue(code, severity or kind.severity, where, cell, shown, text, about))

    def at(
        self, code: str, row: int, column: int | None, found: object = "", advice: str = ""
    ) -> None:
        """Record one issue of a cell given by row and column."""
        self.add(code, "" if column is None else cell_name(row, column), found, advice)
