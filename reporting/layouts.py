"""The printed form as data, version by version: its words, which figures stand where, which tables fit a page.

``fixtures/annex3_layouts.json`` holds every version there has been; the last is the one in use. An edition
keeps the version it was made in. Another form of the annex is another entry, and no code.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import TypedDict

from django.conf import settings

from .figures import BY_ID, Figure

_FILE = settings.BASE_DIR / "fixtures" / "annex3_layouts.json"


class _Group(TypedDict):
    name: str
    columns: list[list[str]]


class _Part(TypedDict):
    name: str
    groups: list[_Group]


class _Block(TypedDict):
    id: str
    title: str
    heading: str
    sheet: str
    parts: list[_Part]


class _Layout(TypedDict):
    version: str
    title: str
    legend: str
    signers: list[str]
    blocks: list[_Block]


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
    given: list[_Layout] = json.loads(text)
    found = tuple(
        TableLayout(
            one["version"],
            one["title"],
            one["legend"],
            tuple(one["signers"]),
            tuple(_block(block) for block in one["blocks"]),
        )
        for one in given
    )
    versions = [layout.version for layout in found]
    if twice := {version for version in versions if versions.count(version) > 1}:
        raise ValueError(f"annex3_layouts.json has version {', '.join(sorted(twice))} twice")
    return found


def of(version: str) -> TableLayout:
    """A version that an edition was made in."""
    return next(layout for layout in _versions() if layout.version == version)


def current() -> TableLayout:
    return _versions()[-1]


@lru_cache(maxsize=1)
def _versions() -> tuple[TableLayout, ...]:
    return read(_FILE.read_text(encoding="utf-8"))


def _block(given: _Block) -> BlockLayout:
    parts = tuple(Part(part["name"], tuple(_columns(part))) for part in given["parts"])
    return BlockLayout(given["id"], given["title"], given["heading"], given["sheet"], parts)


def _columns(part: _Part) -> Iterator[Column]:
    for group in part["groups"]:
        for figure, name in group["columns"]:
            if figure not in BY_ID:
                raise ValueError(f"annex3_layouts.json names {figure}, which is no figure")
            yield Column(BY_ID[figure], name, group["name"])
