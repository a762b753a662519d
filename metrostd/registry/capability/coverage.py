"""Which years owe a test, and which have it."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from metrostd.registry.enums import TestKind


class Dated(Protocol):
    """What is asked of a test: when it was made and of what kind it is."""

    # Any: a key of the database
    pk: Any
    kind: str
    year: int
    tested_on: dt.date


_T = TypeVar("_T", bound=Dated)


@dataclass(frozen=True, slots=True)
class Year(Generic[_T]):
    """One calendar year of a certificate's life; ``running`` when it may still be done."""

    year: int
    running: bool
    repeatability: _T | None = None
    stability: _T | None = None

    @property
    def missing(self) -> list[TestKind]:
        """Kinds that are owed and not there; nothing is missing in a year that is still running."""
        if self.running:
            return []
        return [kind for kind in TestKind.yearly_kinds() if getattr(self, kind.value) is None]


def years_of(
    issue_date: dt.date | None, valid_until: dt.date | None, *, on: dt.date
) -> list[tuple[int, bool]]:
    """Full calendar years of a certificate up to ``on``, and the running one: (year, running).

    The year of issue is not full: the examination itself covered it. Nothing without an issue date.
    """
    if issue_date is None:
        return []
    last = min(on, valid_until) if valid_until else on
    full = [(year, False) for year in range(issue_date.year + 1, last.year)]
    ended = last < on and last.year < on.year
    if last.year > issue_date.year and not ended:
        full.append((last.year, True))
    return full


def coverage(years: Iterable[tuple[int, bool]], tests: Iterable[_T]) -> list[Year[_T]]:
    """Each year with its latest repeatability and stability test (of those given, void ones left out)."""
    latest: dict[tuple[int, str], _T] = {}
    for test in sorted(tests, key=lambda t: (t.tested_on, t.pk)):
        latest[test.year, test.kind] = test
    return [
        Year(
            year=year,
            running=running,
            repeatability=latest.get((year, TestKind.REPEATABILITY)),
            stability=latest.get((year, TestKind.STABILITY)),
        )
        for year, running in years
    ]


def in_words(years: Iterable[Year]) -> list[str]:
    """One sentence for each year that lacks something: 2023年缺重复性试验、稳定性考核。"""
    return [
        f"{each.year}年缺{'、'.join(kind.label for kind in each.missing)}。"
        for each in years
        if each.missing
    ]
