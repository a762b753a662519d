"""What lies over cells or is hidden in them: read as it stands, and told with its cell."""

from collections.abc import Collection, Iterator, Mapping

from .cells import as_text
from .headers import Header
from .report import Report
from .sheets import Sheet, cell_name

Edits = Mapping[int, Mapping[int, object]]


def tell_hidden(report: Report, sheet: Sheet, header: Header, read: set[int], edits: Edits) -> None:
    """Name every cell that was read and whose format shows nothing of it, or a date without its year."""
    for row, column, code, value in _hidden(sheet, read, header.columns):
        if column not in edits.get(row, {}):
            report.add(code, cell_name(row, column), as_text(value))


def _hidden(
    sheet: Sheet, read: set[int], columns: Collection[int]
) -> Iterator[tuple[int, int, str, object]]:
    hiding = sheet.facts.hiding
    if not read & hiding.keys():
        return
    for row, cells in sheet.rows():
        if row not in read:
            continue
        for column, hidden in sorted(hiding.get(row, {}).items()):
            if column in columns and column < len(cells) and (code := hidden(cells[column])):
                yield row, column, code, cells[column]


def tell_drawings(report: Report, sheet: Sheet, header: Header) -> None:
    """Name pictures and text boxes by the cells they cover; what ends above the titles is a letterhead."""
    for drawing in sheet.facts.drawings:
        top, left, bottom, right = drawing.span
        if bottom < header.last_row:
            continue
        first, last = cell_name(top, left), cell_name(bottom, right)
        where = f"{drawing.kind}盖住{first}" + (f"至{last}" if last != first else "")
        said = f"，写有“{drawing.text}”" if drawing.text else ""
        report.add("DRAWING_OVER", first, where + said)
