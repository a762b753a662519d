"""Where later stages join in; campaigns imports none of them.

``opening_step``: what a stage prepares when a campaign opens (reports, duties).
``on_drawn``: what a stage creates from a committed draw; called again after a directed addition,
so it creates only what is missing.
``closing_guard``: why a campaign cannot be closed yet.
``void_guard``: why a draw cannot be declared void any more.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Protocol

from .models import Campaign, DrawRun


class OpeningStep(Protocol):
    def __call__(self, campaign: Campaign, *, actor: Any, progress: Callable[..., None]) -> int: ...


class DrawnHook(Protocol):
    def __call__(self, run: DrawRun, *, actor: Any) -> None: ...


Guard = Callable[[Campaign], Iterable[str]]
VoidGuard = Callable[[DrawRun], Iterable[str]]


@dataclass(frozen=True, slots=True)
class NamedStep:
    title: str
    run: OpeningStep


_opening: list[NamedStep] = []
_drawn: list[DrawnHook] = []
_guards: list[Guard] = []
_void_guards: list[VoidGuard] = []


def opening_step(title: str) -> Callable[[OpeningStep], OpeningStep]:
    """Register a step of opening a campaign; it returns how many rows it made."""

    def register(step: OpeningStep) -> OpeningStep:
        _opening.append(NamedStep(title, step))
        return step

    return register


def on_drawn(hook: DrawnHook) -> DrawnHook:
    """Register what happens in the transaction of a committed draw."""
    _drawn.append(hook)
    return hook


def closing_guard(guard: Guard) -> Guard:
    """Register a source of reasons against closing."""
    _guards.append(guard)
    return guard


def void_guard(guard: VoidGuard) -> VoidGuard:
    """Register a source of reasons against declaring a draw void."""
    _void_guards.append(guard)
    return guard


def opening_steps() -> list[NamedStep]:
    return list(_opening)


def after_draw(run: DrawRun, *, actor: Any) -> None:
    for hook in _drawn:
        hook(run, actor=actor)


def blockers(campaign: Campaign) -> list[str]:
    """Every reason against closing the campaign, in the order the stages were registered."""
    return [reason for guard in _guards for reason in guard(campaign)]


def void_blockers(run: DrawRun) -> list[str]:
    """Every reason against declaring a draw void."""
    return [reason for guard in _void_guards for reason in guard(run)]
