"""What a passed day makes of a row: states that dates move are those of this moment, job or no job."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.db import models
from django.db.models import prefetch_related_objects

_S = TypeVar("_S", bound=models.Model)


@dataclass(frozen=True, slots=True)
class _Clock(Generic[_S]):
    """What a passed day makes of a row, and how that is put on record."""

    state: Callable[[_S], str]
    settle: Callable[[_S], object]
    reads: tuple[str, ...]


_clocks: dict[type[models.Model], _Clock] = {}


def kept_by_clock(
    model: type[_S],
    *,
    state: Callable[[_S], str],
    settle: Callable[[_S], object],
    reads: tuple[str, ...] = (),
) -> None:
    """Tell every move of a machine what dates have made of its rows by now.

    ``state`` answers with the state of a row as of this moment, ``settle`` does to it what the
    nightly job does: moves ask the date, and not whether that job has run. ``reads`` names the
    relations it looks at, so that a list fetches them for all its rows at once.
    """
    _clocks[model] = _Clock(state, settle, reads)


def state_by_now(obj: models.Model) -> str:
    """The state of a row once every day that has passed is counted."""
    clock_of = _clocks.get(type(obj))
    return clock_of.state(obj) if clock_of else obj.state  # type: ignore[attr-defined, no-any-return]


def catch_up(obj: models.Model) -> None:
    """Put on record what the dates have made of a row, where the nightly job has not been yet."""
    if state_by_now(obj) != obj.state:  # type: ignore[attr-defined]
        _clocks[type(obj)].settle(obj)
        obj.refresh_from_db()


def show_by_now(obj: models.Model) -> None:
    """Let a page show a row in the state of this moment, without putting that on record."""
    show_in(obj, state_by_now(obj))


def show_all_by_now(rows: Sequence[models.Model]) -> None:
    """``show_by_now`` for the rows of a list, in one query however many there are."""
    if rows and (clock_of := _clocks.get(type(rows[0]))):
        prefetch_related_objects(rows, *clock_of.reads)
    for row in rows:
        show_by_now(row)


def show_in(obj: models.Model, state: str) -> None:
    """Let a page show a row in a state that follows from other rows' days."""
    obj.state = state  # type: ignore[attr-defined]
