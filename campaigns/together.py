"""Inspections made together with others (通知三: 可与其他监督检查合并实施): one wording wherever they are named.

The plan of an office says so for the whole of its work, a visit for itself. Plans and visits stand above campaigns
and say here what they have: what was planned (``together_source``) and what was done (``made_source``).
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from metrostd.registry.models import Authority

from .models import Campaign

#: What the field is called in a plan, on a visit and on paper.
LABEL = "合并实施的其他监督检查"

#: With what an office makes its inspections of a campaign together, as it had said by a moment.
Source = Callable[[Campaign, Authority, dt.datetime], str]
_sources: list[Source] = []


def together_source(source: Source) -> Source:
    """Register where offices say so."""
    _sources.append(source)
    return source


def sentence(others: str) -> str:
    """「与…合并实施」 of what was entered, line by line; nothing when nothing was."""
    parts = [part.strip().rstrip("。；;") for part in others.splitlines() if part.strip()]
    return f"与{'，'.join(parts)}合并实施" if parts else ""


def of_office(campaign: Campaign, authority: Authority, *, by: dt.datetime) -> str:
    """The sentence of an office, for the record of its draw."""
    found = (sentence(source(campaign, authority, by)) for source in _sources)
    return next((said for said in found if said), "")


def joined_with(office: str, kind: str) -> str:
    """How a visit is named that two tasks made as one."""
    return f"与{office}的{kind}联合实施"


@dataclass(frozen=True, slots=True)
class MadeTogether:
    """So many visits of an office that were made together with others in these ways (``joined_with``, ``sentence``)."""

    office: str
    ways: tuple[str, ...]
    visits: int


#: The visits of a campaign, of one office or of all by their code, that had been made together with others by a moment.
MadeSource = Callable[[Campaign, Authority | None, dt.datetime], Iterable[MadeTogether]]
_made: list[MadeSource] = []


def made_source(source: MadeSource) -> MadeSource:
    """Register where visits are counted."""
    _made.append(source)
    return source


def made_by_office(
    campaign: Campaign, authority: Authority | None, *, by: dt.datetime
) -> dict[str, str]:
    """What was done beside what was planned: by office, in words; offices without such visits are left out."""
    offices: dict[str, list[MadeTogether]] = {}
    for source in _made:
        for row in source(campaign, authority, by):
            offices.setdefault(row.office, []).append(row)
    return {office: _made_in_words(rows) for office, rows in offices.items()}


def _made_in_words(rows: list[MadeTogether]) -> str:
    """The most frequent way first; a visit made in two ways stands in both and counts once."""
    ways: Counter[str] = Counter()
    for row in rows:
        ways.update(dict.fromkeys(row.ways, row.visits))
    parts = [f"{way}{n}次" for way, n in sorted(ways.items(), key=lambda one: (-one[1], one[0]))]
    return f"实际合并实施检查{sum(row.visits for row in rows)}次，其中{'，'.join(parts)}"
