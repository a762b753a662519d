"""The preview of a list as the screen shows it: columns of the sheet, issues beside their cells."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from metrostd.annex4.headers import TARGET_NAMES, TARGETS
from metrostd.annex4.sheets import cell_name, column_letters
from metrostd.common.templatetags.formats import cn_date
from metrostd.lists.imports.issues import KeptIssue
from metrostd.lists.imports.previews import KeptSheet
from metrostd.registry.enums import Category
from metrostd.registry.models import Authority, ImportBatch, ImportRow, ProfessionalField

from .decisions import key_of_row
from .issues import kind_of

_DATES = frozenset({"issue_date", "valid_until"})
_TONES = {"error": "bad", "warning": "warn", "info": "info"}
_SEVERITIES = ("error", "warning", "info")
_SHOWN = 40
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


@dataclass(slots=True)
class Note:
    """One issue in words."""

    tone: str
    title: str
    found: str
    advice: str
    sheet: str = ""
    cell: str = ""


@dataclass(slots=True)
class Cell:
    """One cell of the grid: what is there, what it replaces, what is wrong with it."""

    key: str
    address: str
    label: str
    text: str
    raw: str
    old: str = ""
    changed: bool = False
    edited: bool = False
    #: What the file itself says where somebody wrote something else.
    original: str = ""
    tone: str = ""
    notes: list[Note] = field(default_factory=list)


@dataclass(slots=True)
class GridRow:
    """``wrong`` leads from the row's head to its cells in error; ``notes`` belong to no column.

    ``place`` names the row to leave it out, ``left_out`` the decision that did.
    """

    row: ImportRow
    cells: list[Cell]
    notes: list[Note]
    place: str
    left_out: str = ""

    @property
    def wrong(self) -> list[Note]:
        return [note for cell in self.cells for note in cell.notes if note.tone == "bad"]


@dataclass(slots=True)
class Grid:
    columns: list[tuple[str, str]]
    several_sheets: bool
    rows: list[GridRow]


@dataclass(slots=True)
class IssueGroup:
    """All issues of one code."""

    code: str
    tone: str
    title: str
    advice: str
    count: int
    notes: list[Note]


def note_of(issue: KeptIssue) -> Note:
    kind = kind_of(issue["code"])
    tone = _TONES[issue["severity"]]
    return Note(tone, kind.title, issue["found"], issue["advice"], issue["sheet"], issue["cell"])


def issue_groups(batch: ImportBatch) -> list[IssueGroup]:
    """Issues by code, errors first; of each code the first few."""
    groups: dict[str, IssueGroup] = {}
    for issue in batch.issues:
        code, note = issue["code"], note_of(issue)
        kind = kind_of(code)
        group = groups.setdefault(code, IssueGroup(code, note.tone, kind.title, kind.advice, 0, []))
        group.count += 1
        if len(group.notes) < _SHOWN:
            group.notes.append(note)
    order = {_TONES[s]: place for place, s in enumerate(_SEVERITIES)}
    return sorted(groups.values(), key=lambda g: order[g.tone])


def build_grid(batch: ImportBatch, rows: Iterable[ImportRow]) -> Grid:
    """The rows of one page with the columns the list has."""
    places = {s["name"]: {t: c for c, t, _ in s["columns"] if t} for s in batch.summary["sheets"]}
    used = {target for columns in places.values() for target in columns}
    targets = [t for t in TARGETS if t in used and t != "seq"]
    rows = list(rows)
    builder = _Builder(batch, targets, places, {(row.sheet, str(row.row_no)) for row in rows})
    with_data = sum(1 for s in batch.summary["sheets"] if s["data_rows"])
    return Grid(
        [(t, TARGET_NAMES[t]) for t in targets], with_data > 1, [builder.row(r) for r in rows]
    )


class _Builder:
    def __init__(
        self,
        batch: ImportBatch,
        targets: list[str],
        places: dict[str, dict[str, int]],
        shown: set[tuple[str, str]],
    ) -> None:
        self._batch = batch
        self._targets = targets
        self._places = places
        self._notes: dict[tuple[str, str], list[Note]] = defaultdict(list)
        for issue in batch.issues:
            if (issue["sheet"], issue["cell"].lstrip(_LETTERS)) in shown:
                self._notes[issue["sheet"], issue["cell"]].append(note_of(issue))
        self._names = {
            "district": dict(Authority.objects.values_list("code", "short_name")),
            "field_name": dict(ProfessionalField.objects.values_list("code", "name")),
            "category": dict(Category.choices),
        }

    def row(self, row: ImportRow) -> GridRow:
        columns = self._places.get(row.sheet, {})
        cells = [self._cell(row, target, columns.get(target)) for target in self._targets]
        address = f"A{row.row_no}"
        loose = self._notes.get((row.sheet, address), [])
        if any(cell.address == address for cell in cells):
            loose = []
        key = key_of_row(row.sheet, row.row_no)
        left_out = key if key in self._batch.decisions else ""
        return GridRow(row, cells, loose, f"{row.sheet}!{row.row_no}", left_out)

    def _cell(self, row: ImportRow, target: str, column: int | None) -> Cell:
        entry = row.values.get(target) or [None, ""]
        address = "" if column is None else cell_name(row.row_no, column)
        notes = self._notes.get((row.sheet, address), []) if address else []
        originals = self._batch.summary.get("originals", {})
        raw = entry[2] if len(entry) > 2 and entry[2] is not None else entry[0]
        cell = Cell(
            key=f"edit:{row.sheet}!{address}",
            address=address,
            label=TARGET_NAMES[target],
            text=self._show(target, entry[0]) if entry[0] is not None else raw or "",
            raw=raw or "",
            edited=address in self._batch.edits.get(row.sheet, {}),
            original=originals.get(row.sheet, {}).get(address, ""),
            tone=notes[0].tone if notes else "",
            notes=notes,
        )
        if target in row.differences:
            old, new = row.differences[target]
            cell.changed, cell.old = True, self._show(target, old)
            cell.text = self._show(target, new)
        return cell

    def _show(self, target: str, value: str | None) -> str:
        if value is None:
            return ""
        if target in _DATES:
            return cn_date(dt.date.fromisoformat(value))
        return self._names.get(target, {}).get(value, value)


@dataclass(slots=True)
class MapColumn:
    key: str
    letters: str
    title: str
    target: str


@dataclass(slots=True)
class SheetMap:
    """One sheet whose columns a person may name: its titles, or its first rows when none were found."""

    name: str
    header_row: int | None
    data_rows: int
    unknown: int
    columns: list[MapColumn]
    sample: list[tuple[int, list[str]]]


def sheet_maps(batch: ImportBatch) -> list[SheetMap]:
    """How every sheet was understood, in a form that can be put right."""
    return [_sheet_map(sheet) for sheet in batch.summary["sheets"]]


def _sheet_map(sheet: KeptSheet) -> SheetMap:
    known = {column: (target, title) for column, target, title in sheet["columns"]}
    sample = [(number, cells) for number, cells in sheet["sample"]]
    width = max((len(cells) for _, cells in sample), default=0)
    indexes = sorted(known) if known else range(width)
    columns = [
        MapColumn(
            f"map:{sheet['name']}!{c}",
            column_letters(c),
            known.get(c, ("", ""))[1],
            known.get(c, ("", ""))[0],
        )
        for c in indexes
    ]
    padded = [(number, cells + [""] * (width - len(cells))) for number, cells in sample]
    unknown = sum(1 for column in columns if known and not column.target)
    return SheetMap(
        sheet["name"], sheet["header_row"], sheet["data_rows"], unknown, columns, padded
    )
