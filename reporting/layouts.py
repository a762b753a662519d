"""The printed form as data, version by version: its words, which figures stand where, which tables fit a page.

``fixtures/annex3_layouts.json`` holds the versions the portal came with; an administrator takes in others
(``Annex3Form``) and says from which day tables are made in them. An edition keeps the version it was made in.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from django.conf import settings

from metrostd.common import clock

from .figures import BY_ID, Figure
from .models import Annex3Form

_FILE = settings.BASE_DIR / "fixtures" / "annex3_layouts.json"


#: Any: a form, a block or a part of one as JSON.
Plain = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Column:
    """A figure under the words the form has for it, and the heading it stands under."""

    figure: Figure
    name: str
    group: str


@dataclass(frozen=True, slots=True)
class Part:
    """What is printed as one table."""

    name: str
    columns: tuple[Column, ...]


@dataclass(frozen=True, slots=True)
class BlockLayout:
    id: str
    title: str
    heading: str
    sheet: str
    parts: tuple[Part, ...]

    @property
    def columns(self) -> tuple[Column, ...]:
        return tuple(column for part in self.parts for column in part.columns)


@dataclass(frozen=True, slots=True)
class TableLayout:
    version: str
    title: str
    legend: str
    signers: tuple[str, ...]
    blocks: tuple[BlockLayout, ...]

    def block(self, block: str) -> BlockLayout:
        return next(one for one in self.blocks if one.id == block)


def read(text: str) -> tuple[TableLayout, ...]:
    """The versions of a file; ValueError names a figure that nobody counts, or a version that stands twice."""
    given: list[Plain] = json.loads(text)
    found = tuple(from_plain(one["version"], one) for one in given)
    versions = [layout.version for layout in found]
    if twice := {version for version in versions if versions.count(version) > 1}:
        raise ValueError(f"annex3_layouts.json has version {', '.join(sorted(twice))} twice")
    return found


def from_plain(version: str, one: Plain) -> TableLayout:
    """A form of its data."""
    return TableLayout(
        version,
        one["title"],
        one["legend"],
        tuple(one["signers"]),
        tuple(_block(block) for block in one["blocks"]),
    )


def to_plain(form: TableLayout) -> Plain:
    """The data of a form, as the file and ``Annex3Form`` have it."""
    return {
        "title": form.title,
        "legend": form.legend,
        "signers": list(form.signers),
        "blocks": [
            {
                "id": block.id,
                "title": block.title,
                "heading": block.heading,
                "sheet": block.sheet,
                "parts": [{"name": part.name, "groups": _groups(part)} for part in block.parts],
            }
            for block in form.blocks
        ],
    }


def _groups(part: Part) -> list[Plain]:
    found: list[Plain] = []
    for column in part.columns:
        if not found or found[-1]["name"] != column.group:
            found.append({"name": column.group, "columns": []})
        found[-1]["columns"].append([column.figure.id, column.name])
    return found


def of(version: str) -> TableLayout:
    """A version that a table was made in; what was taken in is never written again, and read once."""
    if version not in _read:
        row = Annex3Form.objects.get(version=version)
        _read[version] = from_plain(row.version, row.content)
    return _read[version]


def current() -> TableLayout:
    """The form tables are made in today."""
    version = Annex3Form.objects.in_force(clock.today()).values_list("version", flat=True).first()
    return of(version) if version else _of_file()[-1]


def known() -> list[TableLayout]:
    """Every form there is, those that are not in force among them."""
    taken = Annex3Form.objects.order_by("pk")
    return [*_of_file(), *(from_plain(row.version, row.content) for row in taken)]


@lru_cache(maxsize=1)
def _of_file() -> tuple[TableLayout, ...]:
    return read(_FILE.read_text(encoding="utf-8"))


def _block(given: Plain) -> BlockLayout:
    parts = tuple(Part(part["name"], tuple(_columns(part))) for part in given["parts"])
    return BlockLayout(given["id"], given["title"], given["heading"], given["sheet"], parts)


def _columns(part: Plain) -> Iterator[Column]:
    for group in part["groups"]:
        for figure, name in group["columns"]:
            if figure not in BY_ID:
                raise ValueError(f"annex3_layouts.json names {figure}, which is no figure")
            yield Column(BY_ID[figure], name, group["name"])


_read: dict[str, TableLayout] = {form.version: form for form in _of_file()}
