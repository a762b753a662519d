"""What a later stage knows of an item is shown beside the unit's own answer: 系统预判; selfcheck imports none of it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from .models import SelfCheckAnswer, SelfCheckReport


@dataclass(frozen=True, slots=True)
class Known:
    """What the register says about an item: the sentence and its tone, and what of it speaks against 符合."""

    text: str
    tone: str
    against: str = ""


#: By primary key of the answer; the rows are those of one report.
Source = Callable[[SelfCheckReport, Sequence[SelfCheckAnswer]], Mapping[int, Known]]
_sources: list[Source] = []


def judges_beforehand(source: Source) -> Source:
    """Register what tells 系统预判 of the answers of a report, in a fixed number of queries."""
    _sources.append(source)
    return source


def known(report: SelfCheckReport, rows: Sequence[SelfCheckAnswer]) -> dict[int, Known]:
    """系统预判 of these answers, with their items read along."""
    found: dict[int, Known] = {}
    for source in _sources:
        found |= source(report, rows)
    return found
