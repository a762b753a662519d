"""Reading a list and comparing it with the register, without writing anything."""

import datetime as dt
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, TypedDict

from django.core.exceptions import ValidationError

from metrostd.annex4 import (
    ParsedList,
    ParsedRow,
    Severity,
    UnreadableFile,
    Workbook,
    parse,
    read_workbook,
)
from metrostd.annex4.cells import as_text
from metrostd.annex4.sheets import Sheet, column_number
from metrostd.lists.imports.decisions import KeptQuestion
from metrostd.lists.imports.issues import KeptIssue
from metrostd.registry.enums import RowChange
from metrostd.registry.models import Authority

from .decisions import Decisions
from .issues import as_json, row_of, rows_in_error
from .lines import Line, line_of
from .planning import plan
from .within import settle

#: What a person sees of a sheet whose header was not found, to name the columns by hand.
_SAMPLE_ROWS = 12
_SAMPLE_COLUMNS = 30

HeaderMap = Mapping[str, Mapping[str, str]]
Edits = Mapping[str, Mapping[str, str]]
Decided = Mapping[str, Mapping[str, str]]


class KeptSheet(TypedDict):
    """How a sheet was understood, as it is kept with the list."""

    name: str
    header_row: int | None
    data_rows: int
    # Any: index, target and title of a column; number and cells of a row: JSON keeps them as lists
    columns: list[list[Any]]
    sample: list[list[Any]]  # Any: see above


@dataclass(slots=True)
class Preview:
    """A list as understood: rows marked with what they would do, issues, open questions, counts.

    ``rows`` pairs what the parser read with what is decided about it.
    """

    format: str
    sha256: str
    rows: list[tuple[ParsedRow, Line]]
    issues: list[KeptIssue]
    conflicts: list[KeptQuestion]
    summary: dict[str, object] = field(default_factory=dict)


@contextmanager
def told() -> Iterator[None]:
    """What a file cannot give, on opening or while its rows are read, is a sentence for a person."""
    try:
        yield
    except UnreadableFile as error:
        raise ValidationError(error.message, code=error.code) from error


def open_workbook(data: bytes, filename: str) -> Workbook:
    """Raises ValidationError with the sentence that says what the file really is."""
    with told():
        return read_workbook(data, filename)


def district_names() -> dict[str, str]:
    """Every way to write a district bureau's territory, to its code."""
    names: dict[str, str] = {}
    for authority in Authority.objects.districts():
        region = authority.region_name
        for name in (authority.code, authority.name, authority.short_name, region):
            names[name] = authority.code
        short = region.removesuffix("区")
        if len(short) > 1:
            names.setdefault(short, authority.code)
            names.setdefault(f"{short}区", authority.code)
    return names


def preview(
    workbook: Workbook,
    *,
    category: str,
    issuer: Authority,
    on: dt.date,
    header_map: HeaderMap | None = None,
    edits: Edits | None = None,
    decided: Decided | None = None,
) -> Preview:
    """Parse a workbook and match it against the register. Writes nothing; the workbook is closed.

    Raises ValidationError with the sentence why when the rows cannot be read to their end.
    """
    decisions = Decisions(decided or {})
    with told():
        originals = _originals(workbook, edits or {})
        parsed = parse(
            workbook,
            districts=district_names(),
            on=on,
            header_map={
                s: {int(c): t for c, t in m.items()} for s, m in (header_map or {}).items()
            },
            edits={(s, c): text for s, cells in (edits or {}).items() for c, text in cells.items()},
            category=category,
            left_out=decisions.left_out(),
        )
        sheets = _sheets(workbook, parsed)
    workbook.close()
    lines = [line_of(row) for row in parsed.rows]
    found = settle(lines, parsed.issues, decisions)
    issues = as_json(found)
    wrong = rows_in_error(issues)
    for line in lines:
        if line.place in wrong:
            line.change = RowChange.ERROR
    planned = plan(lines, category=category, issuer_id=issuer.pk, decisions=decisions)
    issues += as_json(planned.all_issues())
    rows = [*zip(parsed.rows, lines, strict=True), *_aside(parsed)]
    counts = Counter(str(line.change) for _, line in rows)
    severities = Counter(issue["severity"] for issue in issues)
    summary: dict[str, object] = {
        **planned.counts(),
        "rows": {kind.value: counts[kind.value] for kind in RowChange},
        "issues": {kind.value: severities[kind.value] for kind in Severity},
        "conflicts": decisions.counts(),
        "on": on.isoformat(),
        "format": workbook.format,
        "sheets": sheets,
        "originals": originals,
    }
    return Preview(workbook.format, workbook.sha256, rows, issues, decisions.kept(), summary)


def _aside(parsed: ParsedList) -> list[tuple[ParsedRow, Line]]:
    """Rows that repeat an earlier one, and rows left out: shown, not imported."""
    pairs = [(row, line_of(row)) for row in (*parsed.repeated, *parsed.left_out)]
    for _, line in pairs:
        line.change = RowChange.SKIPPED
    return pairs


def _sheets(workbook: Workbook, parsed: ParsedList) -> list[KeptSheet]:
    """How each sheet was understood; the first rows of those whose header was not found."""
    by_name = {sheet.name: sheet for sheet in workbook.sheets}
    return [
        {
            "name": info.name,
            "header_row": info.header_row,
            "data_rows": info.data_rows,
            "columns": [
                [c, target or "", title] for c, (target, title) in sorted(info.columns.items())
            ],
            "sample": [] if info.header_row else _sample(by_name[info.name]),
        }
        for info in parsed.sheets
    ]


def _originals(workbook: Workbook, edits: Edits) -> dict[str, dict[str, str]]:
    """What the file itself says in the cells somebody changed."""
    found: dict[str, dict[str, str]] = {}
    for sheet in workbook.sheets:
        cells = edits.get(sheet.name, {})
        wanted = {row_of(cell) for cell in cells}
        own = {number: line for number, line in sheet.rows() if number in wanted} if wanted else {}
        for cell in cells:
            line, column = own.get(row_of(cell) or 0, []), column_number(cell.rstrip("0123456789"))
            text = as_text(line[column]) if column < len(line) else ""
            found.setdefault(sheet.name, {})[cell] = text
    return found


# Any: the number of a row and its cells, as JSON keeps a pair
def _sample(sheet: Sheet) -> list[list[Any]]:
    return [
        [number, [str(cell) for cell in cells[:_SAMPLE_COLUMNS]]]
        for number, cells in islice(sheet.rows(), _SAMPLE_ROWS)
    ]
