"""Where later stages join in; campaigns imports none of them.

``opening_step``: what a stage prepares when a campaign opens (reports, duties); what is made by the
thousand is made ``ahead`` in slices, and thousands are told ``afterwards``.
``on_drawn``: what a stage creates from a committed draw; called again after a directed addition,
so it creates only what is missing.
``closing_guard``: why a campaign cannot be closed yet.
``closing_table``: the figures of a campaign that is being closed, as a file to keep.
``drawn_visits``: the visits that drawn units led to, shown beside them; ``bureau_visits``: of bureaus.
``void_guard``: why a draw cannot be declared void any more.
``begun_guard``: why no further standards of a drawn unit can be taken any more.
``stage_note``: how far a stage has come, in a few words of the strip.
``on_adjusted``: what a stage moves when a date of a running campaign's plan changes; by the thousand, in slices,
``moves_with_plan``.
``on_scope_moved``: what a stage makes of a standard that a running campaign took in or left out.
``desk_source``: what is going on today, above the duties of the desk.
``desk_panel``: a panel beside them, about the campaign chosen.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Protocol

from django.db import models

from metrostd.common import turns
from metrostd.common.actors import Actor
from metrostd.common.models import StoredFile
from metrostd.registry.models import Authority

from .enums import StageKind
from .models import Campaign, DrawnBureau, DrawnUnit, DrawRun, RoutedStandard


class OpeningStep(Protocol):
    def __call__(
        self, campaign: Campaign, *, actor: Actor | None, progress: Callable[..., None]
    ) -> int: ...


#: A slice of work in a transaction of its own, while the campaign is still a draft.
Turn = Callable[[], AbstractContextManager[None]]


class AheadStep(Protocol):
    """Makes in slices what the step would make in one piece; returns how many rows."""

    def __call__(
        self,
        campaign: Campaign,
        *,
        actor: Actor | None,
        progress: Callable[..., None],
        turn: Turn,
    ) -> int: ...


class Telling(Protocol):
    """Tells who has not been told yet, some at a time; returns how many."""

    def __call__(self, campaign: Campaign, *, sender: Actor | None, turn: Turn) -> int: ...


class AdjustedHook(Protocol):
    def __call__(
        self,
        campaign: Campaign,
        authority: Authority | None,
        field: str,
        old: dt.date | int,
        new: dt.date | int,
    ) -> None: ...


class MovingHook(Protocol):
    def __call__(
        self,
        campaign: Campaign,
        field: str,
        old: dt.date | int,
        new: dt.date | int,
        *,
        turn: Turn,
        progress: Callable[..., None],
    ) -> None: ...


class ScopeHook(Protocol):
    def __call__(
        self, routed: RoutedStandard, *, taken_in: bool, actor: Actor | None
    ) -> Iterable[str]: ...


_scope_hooks: list[ScopeHook] = []


def on_scope_moved(hook: ScopeHook) -> ScopeHook:
    """Register what a stage does when the scope of a running campaign changes."""
    _scope_hooks.append(hook)
    return hook


def scope_moved(routed: RoutedStandard, *, taken_in: bool, actor: Actor | None) -> list[str]:
    """Let the stages follow; returns what they have to say to the person who decided."""
    return [
        words for hook in _scope_hooks for words in hook(routed, taken_in=taken_in, actor=actor)
    ]


class DrawnHook(Protocol):
    def __call__(
        self, run: DrawRun, *, actor: Actor | None, turn: Turn, progress: Callable[..., None]
    ) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class DeskCard:
    """One piece of work of today; a duty for the same ``target`` is not listed a second time."""

    target: models.Model
    state: str
    tone: str
    when: str
    title: str
    note: str
    url: str
    action: str
    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class DeskGroup:
    """Today's work of one kind under its own heading."""

    title: str
    note: str
    cards: list[DeskCard] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class DeskPanel:
    """A panel beside the duties: its rows are drawn by a template of the app that made it."""

    title: str
    template: str
    rows: Sequence[object]
    #: What its figures say in the strip of stages, by stage: the stage is not asked a second time.
    said: Mapping[str, str] = field(default_factory=dict)


#: How far a stage is within the person's scope: 报送 117/120; nothing when there is nothing to say.
StageNote = Callable[[Campaign, Actor], str]
DeskSource = Callable[[Actor, dt.date], DeskGroup | None]
PanelSource = Callable[[Campaign, Actor], DeskPanel | None]
TableSource = Callable[[Campaign, dt.datetime], StoredFile]
Guard = Callable[[Campaign], Iterable[str]]
BegunGuard = Callable[[DrawnUnit], Iterable[str]]
VoidGuard = Callable[[DrawRun], Iterable[str]]


@dataclass(frozen=True, slots=True)
class NamedStep:
    title: str
    run: OpeningStep
    ahead: AheadStep | None = None
    afterwards: Telling | None = None


_opening: list[NamedStep] = []
_drawn: list[DrawnHook] = []
_adjusted: list[AdjustedHook] = []
_moving: list[MovingHook] = []
_guards: list[Guard] = []
_tables: list[TableSource] = []
_void_guards: list[VoidGuard] = []
_begun_guards: list[BegunGuard] = []
_stage_notes: dict[str, StageNote] = {}
_desk_sources: list[DeskSource] = []
_panel_sources: list[PanelSource] = []


def opening_step(
    title: str, *, ahead: AheadStep | None = None, afterwards: Telling | None = None
) -> Callable[[OpeningStep], OpeningStep]:
    """Register a step of opening a campaign; it returns how many rows it made.

    It runs in the transaction that opens the campaign and makes what ``ahead`` has left; ``afterwards``
    runs once the campaign is open. Each of the three may be repeated.
    """

    def register(step: OpeningStep) -> OpeningStep:
        _opening.append(NamedStep(title, step, ahead, afterwards))
        return step

    return register


def on_drawn(hook: DrawnHook) -> DrawnHook:
    """Register what follows from a draw: in its transaction, or after it some at a time (``turn``), again and again."""
    _drawn.append(hook)
    return hook


def on_adjusted(hook: AdjustedHook) -> AdjustedHook:
    """Register what happens in the transaction that changes a value of the plan."""
    _adjusted.append(hook)
    return hook


def after_adjustment(
    campaign: Campaign,
    authority: Authority | None,
    field: str,
    old: dt.date | int,
    new: dt.date | int,
) -> None:
    for hook in _adjusted:
        hook(campaign, authority, field, old, new)


def moves_with_plan(hook: MovingHook) -> MovingHook:
    """Register what a stage moves by the thousand once a value of the plan has changed.

    In slices, of which each leaves no less and no more to do for the next, whoever takes it.
    """
    _moving.append(hook)
    return hook


def move_with_plan(
    campaign: Campaign,
    field: str,
    old: dt.date | int,
    new: dt.date | int,
    *,
    turn: Turn,
    progress: Callable[..., None],
) -> None:
    for hook in _moving:
        hook(campaign, field, old, new, turn=turn, progress=progress)


def closing_guard(guard: Guard) -> Guard:
    """Register a source of reasons against closing."""
    _guards.append(guard)
    return guard


def table_of_closing(source: TableSource) -> TableSource:
    """Register who makes the table that is kept when a campaign is closed."""
    _tables.append(source)
    return source


def void_guard(guard: VoidGuard) -> VoidGuard:
    """Register a source of reasons against declaring a draw void."""
    _void_guards.append(guard)
    return guard


@dataclass(frozen=True, slots=True)
class DrawnVisit:
    """A visit a drawn unit led to, with its page."""

    drawn_unit: int
    label: str
    tone: str
    url: str


DrawnVisits = Callable[[Iterable[DrawnUnit], Actor], Iterable[DrawnVisit]]
_drawn_visits: list[DrawnVisits] = []


def drawn_visits(found: DrawnVisits) -> DrawnVisits:
    """Register what tells the visits of drawn units, as far as the viewer sees them; one query."""
    _drawn_visits.append(found)
    return found


def visits_of(drawn: list[DrawnUnit], *, viewer: Actor) -> dict[int, list[DrawnVisit]]:
    """The visits of each drawn unit by its key, the first visit first."""
    known: dict[int, list[DrawnVisit]] = {row.pk: [] for row in drawn}
    for source in _drawn_visits:
        for visit in source(drawn, viewer):
            known[visit.drawn_unit].append(visit)
    return known


BureauVisits = Callable[[Iterable[DrawnBureau], Actor], Iterable[DrawnVisit]]
_bureau_visits: list[BureauVisits] = []


def bureau_visits(found: BureauVisits) -> BureauVisits:
    """Register what tells what became of drawn bureaus (``drawn_unit`` is the drawn bureau); one query."""
    _bureau_visits.append(found)
    return found


def visits_of_bureaus(drawn: list[DrawnBureau], *, viewer: Actor) -> dict[int, list[DrawnVisit]]:
    """What each drawn bureau led to, by its key."""
    known: dict[int, list[DrawnVisit]] = {row.pk: [] for row in drawn}
    for source in _bureau_visits:
        for visit in source(drawn, viewer):
            known[visit.drawn_unit].append(visit)
    return known


def begun_guard(guard: BegunGuard) -> BegunGuard:
    """Register a source of reasons against taking further standards of a drawn unit."""
    _begun_guards.append(guard)
    return guard


def stage_note(kind: StageKind) -> Callable[[StageNote], StageNote]:
    """Register the words a stage adds to the strip: ``(campaign, user)``, one query."""

    def register(note: StageNote) -> StageNote:
        _stage_notes[kind] = note
        return note

    return register


def desk_source(source: DeskSource) -> DeskSource:
    """Register a source of today's work: ``(user, on)``."""
    _desk_sources.append(source)
    return source


def desk_panel(source: PanelSource) -> PanelSource:
    """Register a panel of the desk: ``(campaign, user)``, one query, None for most people."""
    _panel_sources.append(source)
    return source


def desk_panels(campaign: Campaign | None, user: Actor) -> list[DeskPanel]:
    """The panels the person has; none without a campaign."""
    if campaign is None:
        return []
    made = [source(campaign, user) for source in _panel_sources]
    return [panel for panel in made if panel and panel.rows]


def stage_notes(
    campaign: Campaign, user: Actor, *, said: Mapping[str, str] | None = None
) -> dict[str, str]:
    """What each stage has to say about its progress, by stage; what is ``said`` already is not asked for."""
    known = said or {}
    return {
        kind: known[kind] if kind in known else note(campaign, user)
        for kind, note in _stage_notes.items()
    }


def todays_work(user: Actor, on: dt.date) -> list[DeskGroup]:
    """The groups of today's work that have something in them."""
    groups = [source(user, on) for source in _desk_sources]
    return [group for group in groups if group and group.cards]


def opening_steps() -> list[NamedStep]:
    return list(_opening)


def after_draw(
    run: DrawRun,
    *,
    actor: Actor | None,
    turn: Turn = turns.turn,
    progress: Callable[..., None] = lambda *_args: None,
) -> None:
    for hook in _drawn:
        hook(run, actor=actor, turn=turn, progress=progress)


def blockers(campaign: Campaign) -> list[str]:
    """Every reason against closing the campaign, in the order the stages were registered."""
    return [reason for guard in _guards for reason in guard(campaign)]


def closing_table(campaign: Campaign, *, at: dt.datetime) -> StoredFile | None:
    """The figures of that moment as a stored file; None where nobody makes any."""
    return next((source(campaign, at) for source in _tables), None)


def void_blockers(run: DrawRun) -> list[str]:
    """Every reason against declaring a draw void."""
    return [reason for guard in _void_guards for reason in guard(run)]


def begun(drawn: DrawnUnit) -> list[str]:
    """Every reason against taking further standards of a drawn unit."""
    return [reason for guard in _begun_guards for reason in guard(drawn)]
