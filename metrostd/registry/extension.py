"""Where later stages join the register's pages; the register imports none of them.

``unit_panel`` and ``standard_panel``: a panel on the page of a unit or a standard, e.g. its past
campaigns. ``search_source``: a group of results of the global search, e.g. document numbers.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.template.loader import render_to_string

from .models import MeasurementStandard, Unit

#: Given the record and the viewer: template and context, or None to show nothing. The function scopes
#: what it shows to the viewer itself.
PanelMaker = Callable[[Any, Any], tuple[str, dict[str, Any]] | None]


@dataclass(frozen=True, slots=True)
class Panel:
    """A titled piece of HTML from an upper app."""

    title: str
    html: str


@dataclass(frozen=True, slots=True)
class Hit:
    """One search result; ``note`` says what and whose it is."""

    title: str
    url: str
    note: str = ""
    state: str = ""
    tone: str = "muted"


SearchSource = Callable[[str, Any], Iterable[Hit]]

_unit_panels: list[tuple[str, PanelMaker]] = []
_standard_panels: list[tuple[str, PanelMaker]] = []
_sources: list[tuple[str, SearchSource]] = []


def unit_panel(title: str) -> Callable[[PanelMaker], PanelMaker]:
    """Register a panel of the unit page: ``(unit, user)`` to template and context."""

    def register(maker: PanelMaker) -> PanelMaker:
        _unit_panels.append((title, maker))
        return maker

    return register


def standard_panel(title: str) -> Callable[[PanelMaker], PanelMaker]:
    """Register a panel of the standard page: ``(standard, user)`` to template and context."""

    def register(maker: PanelMaker) -> PanelMaker:
        _standard_panels.append((title, maker))
        return maker

    return register


def search_source(title: str) -> Callable[[SearchSource], SearchSource]:
    """Register a group of search results: ``(text, user)`` to hits, best first, at most twenty."""

    def register(source: SearchSource) -> SearchSource:
        _sources.append((title, source))
        return source

    return register


def panels_for(obj: Unit | MeasurementStandard, user: Any) -> list[Panel]:
    """The panels upper apps add to this record for this viewer, in the order they registered."""
    makers = _unit_panels if isinstance(obj, Unit) else _standard_panels
    found = []
    for title, maker in makers:
        made = maker(obj, user)
        if made is not None:
            template, context = made
            found.append(Panel(title, render_to_string(template, {**context, "viewer": user})))
    return found


def search_sources(text: str, user: Any) -> list[tuple[str, list[Hit]]]:
    """Results of upper apps that found anything."""
    found = [(title, list(source(text, user))) for title, source in _sources]
    return [(title, hits) for title, hits in found if hits]
