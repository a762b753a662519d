"""Where an imported value came from: the sheet and the cell, and the text that stood there."""

from dataclasses import dataclass

from metrostd.annex4.headers import TARGET_NAMES

from .models import ImportRow


@dataclass(frozen=True, slots=True)
class Origin:
    """One value of a committed row: its column, its cell, the text as it was typed."""

    label: str
    cell: str
    text: str


def origins(row: ImportRow) -> list[Origin]:
    """Every value of a row with its cell, in the order of the list's columns."""
    found = []
    for target, label in TARGET_NAMES.items():
        entry = row.values.get(target)
        if not entry:
            continue
        cell = entry[1] if len(entry) > 1 and entry[1] else ""
        raw = entry[2] if len(entry) > 2 and entry[2] else entry[0]
        found.append(Origin(label, str(cell), str(raw or "")))
    return found
