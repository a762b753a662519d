"""Where later stages join the register's pages; the register imports none of them.

``unit_panel`` and ``standard_panel``: a panel on the page of a unit or a standard, e.g. its past
campaigns; ``fact`` adds what it computed to the strip at the top of that page. ``unit_fact`` and
``standard_fact``: one figure of that strip without a panel.
``merge_guard``: reasons against merging two units. ``placing_guard``: whether a person may give a unit
another district. ``on_unit_moved``: what follows when a unit got another district, ``on_certificate_act``
when a certificate has been sealed or has ended. ``search_source``: a group of results of the global
search, e.g. document numbers.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from django.db.models import QuerySet
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.text import slugify

from metrostd.common.actors import Actor
from metrostd.common.policies import Verdict, first_no
from metrostd.common.shapes import Context, Shown

from .models import MeasurementStandard, StandardCertificate, Unit

_R = TypeVar("_R", Unit, MeasurementStandard)

#: Given the record and the viewer: template and context, or None to show nothing. The function scopes
#: what it shows to the viewer itself.
PanelMaker = Callable[[_R, Actor], Shown | None]


#: The sequence in which the page tells its story; within a group ``order`` decides, then registration.
GROUPS = ("warnings", "equipment", "capability", "changes", "campaigns")


@dataclass(frozen=True, slots=True)
class KeyFact:
    """One figure of the strip: what it is, its value, a few words below it, where it leads."""

    label: str
    value: object
    note: str = ""
    tone: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Panel:
    """A titled piece of HTML from an upper app; ``anchor`` is where the page's index leads.

    ``fact`` is its figure for the strip, made from what the panel shows.
    """

    title: str
    html: str
    anchor: str
    group: str
    fact: KeyFact | None = None


#: Given the record and the viewer: the figure, or None when it says nothing about this record.
FactMaker = Callable[[_R, Actor], KeyFact | None]
#: Given what the panel shows: its figure, which stands before those of ``unit_fact``.
PanelFact = Callable[[Context], KeyFact]


@dataclass(frozen=True, slots=True)
class _Place(Generic[_R]):
    """A registered panel and where it stands."""

    title: str
    maker: PanelMaker[_R]
    group: str
    order: int
    anchor: str
    fact: PanelFact | None

    @property
    def rank(self) -> tuple[int, int]:
        return GROUPS.index(self.group), self.order


@dataclass(frozen=True, slots=True)
class Hit:
    """One search result; ``note`` says what and whose it is."""

    title: str
    url: str
    note: str = ""
    state: str = ""
    tone: str = "muted"


SearchSource = Callable[[str, Actor], Iterable[Hit]]
#: Given the unit that would remain and the one that would go: reasons against it, as sentences.
MergeGuard = Callable[[Unit, Unit], Iterable[str]]

#: Given the viewer and the unit: whether the viewer may give it another district.
PlacingGuard = Callable[[Actor, Unit], Verdict]


class UnitMovedListener(Protocol):
    """Runs in the transaction of the change; gives sentences for the person who made it."""

    def __call__(self, unit: Unit, *, actor: Actor | None) -> Iterable[str]: ...


#: Given a standard that is in scope or out of it now: what does not follow by itself, as sentences.
class ScopeListener(Protocol):
    def __call__(self, standard: MeasurementStandard, *, actor: Actor | None) -> Iterable[str]: ...


class CertificateListener(Protocol):
    """Given a certificate that has been sealed or has ended, and the act in words; runs in its transaction."""

    def __call__(
        self, certificate: StandardCertificate, *, act: str, actor: Actor | None
    ) -> None: ...


_UnitPanel = Callable[[Unit, Actor], Shown | None]
_StandardPanel = Callable[[MeasurementStandard, Actor], Shown | None]
_UnitFact = Callable[[Unit, Actor], KeyFact | None]
_StandardFact = Callable[[MeasurementStandard, Actor], KeyFact | None]
_unit_panels: list[_Place[Unit]] = []
_standard_panels: list[_Place[MeasurementStandard]] = []
_unit_facts: list[tuple[int, _UnitFact]] = []
_standard_facts: list[tuple[int, _StandardFact]] = []
_sources: list[tuple[str, SearchSource]] = []
_merge_guards: list[MergeGuard] = []
_placing_guards: list[PlacingGuard] = []
_unit_moved_listeners: list[UnitMovedListener] = []
_scope_listeners: list[ScopeListener] = []
_certificate_listeners: list[CertificateListener] = []


def unit_panel(
    title: str,
    *,
    group: str = "campaigns",
    order: int = 50,
    anchor: str = "",
    fact: PanelFact | None = None,
) -> Callable[[_UnitPanel], _UnitPanel]:
    """Register a panel of the unit page: ``(unit, user)`` to template and context.

    ``group`` is one of GROUPS; ``anchor`` is an ASCII id, by default the function's name.
    """

    def register(maker: _UnitPanel) -> _UnitPanel:
        _unit_panels.append(_place(title, maker, group, order, anchor, fact))
        return maker

    return register


def standard_panel(
    title: str,
    *,
    group: str = "campaigns",
    order: int = 50,
    anchor: str = "",
    fact: PanelFact | None = None,
) -> Callable[[_StandardPanel], _StandardPanel]:
    """Register a panel of the standard page: ``(standard, user)`` to template and context."""

    def register(maker: _StandardPanel) -> _StandardPanel:
        _standard_panels.append(_place(title, maker, group, order, anchor, fact))
        return maker

    return register


def unit_fact(*, order: int = 50) -> Callable[[_UnitFact], _UnitFact]:
    """Register a figure of the strip of the unit page: ``(unit, user)`` to KeyFact or None."""

    def register(maker: _UnitFact) -> _UnitFact:
        _unit_facts.append((order, maker))
        return maker

    return register


def standard_fact(*, order: int = 50) -> Callable[[_StandardFact], _StandardFact]:
    """Register a figure of the strip of the standard page: ``(standard, user)`` to KeyFact or None."""

    def register(maker: _StandardFact) -> _StandardFact:
        _standard_facts.append((order, maker))
        return maker

    return register


def search_source(title: str) -> Callable[[SearchSource], SearchSource]:
    """Register a group of search results: ``(text, user)`` to hits, best first, at most twenty."""

    def register(source: SearchSource) -> SearchSource:
        _sources.append((title, source))
        return source

    return register


def merge_guard(guard: MergeGuard) -> MergeGuard:
    """Register reasons against a merge that the register's own constraints do not know."""
    _merge_guards.append(guard)
    return guard


def merge_objections(survivor: Unit, gone: Unit) -> list[str]:
    """What upper apps have against merging these two units."""
    return [reason for guard in _merge_guards for reason in guard(survivor, gone)]


def panels_for(
    obj: Unit | MeasurementStandard, user: Actor, *, request: HttpRequest | None = None
) -> list[Panel]:
    """The panels upper apps add to this record for this viewer, by group, order and registration.

    With the ``request`` a panel may hold forms.
    """
    if isinstance(obj, Unit):
        return _panels(_unit_panels, obj, user, request)
    return _panels(_standard_panels, obj, user, request)


def _panels(
    places: list[_Place[_R]], obj: _R, user: Actor, request: HttpRequest | None
) -> list[Panel]:
    found = []
    for place in sorted(places, key=lambda p: p.rank):
        made = place.maker(obj, user)
        if made is not None:
            template, context = made
            html = render_to_string(template, {**context, "viewer": user}, request)
            fact = place.fact(context) if place.fact else None
            found.append(Panel(place.title, html, place.anchor, place.group, fact))
    return found


def facts_for(
    obj: Unit | MeasurementStandard, user: Actor, *, panels: Iterable[Panel] = ()
) -> list[KeyFact]:
    """The figures of the strip for this record and this viewer.

    First those of its ``panels``, then the others by order and registration.
    """
    own = (
        _facts(_unit_facts, obj, user)
        if isinstance(obj, Unit)
        else _facts(_standard_facts, obj, user)
    )
    own = (
        _facts(_unit_facts, obj, user)
        if isinstance(obj, Unit)
        else _facts(_standard_facts, obj, user)
    )
    return [fact for fact in (*(panel.fact for panel in panels), *own) if fact is not None]


def _facts(
    makers: list[tuple[int, FactMaker[_R]]], obj: _R, user: Actor
) -> Iterator[KeyFact | None]:
    return (maker(obj, user) for _, maker in sorted(makers, key=lambda pair: pair[0]))


def search_sources(text: str, user: Actor) -> list[tuple[str, list[Hit]]]:
    """Results of upper apps that found anything."""
    found = [(title, list(source(text, user))) for title, source in _sources]
    return [(title, hits) for title, hits in found if hits]


def placing_guard(guard: PlacingGuard) -> PlacingGuard:
    """Register who may not give a unit another district, and why."""
    _placing_guards.append(guard)
    return guard


def placing_verdict(user: Actor, unit: Unit) -> Verdict:
    """The first refusal of the upper apps, or yes."""
    return first_no(*(guard(user, unit) for guard in _placing_guards))


def on_unit_moved(listener: UnitMovedListener) -> UnitMovedListener:
    """Register what follows when a unit got another district, whoever moved it and how."""
    _unit_moved_listeners.append(listener)
    return listener


def unit_moved(unit: Unit, *, actor: Actor | None) -> list[str]:
    """Tell upper apps that the unit is in another district now.

    Returns what they have to say to the person who moved it. Raises ValidationError when one of them
    does not let the unit go.
    """
    return [words for listen in _unit_moved_listeners for words in listen(unit, actor=actor)]


def on_scope_decided(listener: ScopeListener) -> ScopeListener:
    """Register what there is to say when somebody took a standard into the scope or out of it."""
    _scope_listeners.append(listener)
    return listener


def scope_decided(standard: MeasurementStandard, *, actor: Actor | None) -> list[str]:
    """Tell upper apps of it; returns what they have to say to the person who decided the scope."""
    return [words for listen in _scope_listeners for words in listen(standard, actor=actor)]


def on_certificate_act(listener: CertificateListener) -> CertificateListener:
    """Register what follows when a certificate is 封存、撤销、注销 or 吊销, from a visit or in the register."""
    _certificate_listeners.append(listener)
    return listener


def certificate_acted(certificate: StandardCertificate, *, act: str, actor: Actor | None) -> None:
    """Tell upper apps of it."""
    for listen in _certificate_listeners:
        listen(certificate, act=act, actor=actor)


def units_moved(units: QuerySet[Unit], *, actor: Actor | None) -> None:
    """``unit_moved`` for units that got another district together: few of them.

    One that lost its district with the list taken back stays with whoever inspects it.
    """
    placed = units.filter(territorial_authority__isnull=False).order_by("pk")
    for unit in placed.select_related("territorial_authority"):
        unit_moved(unit, actor=actor)


def _place(
    title: str, maker: PanelMaker, group: str, order: int, anchor: str, fact: PanelFact | None
) -> _Place:
    if group not in GROUPS:
        raise ValueError(f"panel group {group!r} is not one of {', '.join(GROUPS)}")
    anchor = anchor or slugify(maker.__name__.replace("_", "-"))
    return _Place(title, maker, group, order, anchor, fact)
