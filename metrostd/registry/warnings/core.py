"""The list of rules and what it gives."""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass

from metrostd.common.templatetags.ui import TONE_ICONS
from metrostd.registry.querysets import StandardQuerySet

#: Worst first.
_TONES = ("bad", "warn", "info")


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of warning: its code in addresses, its words, its tone (bad, warn or info)."""

    code: str
    label: str
    tone: str = "warn"

    @property
    def icon(self) -> str:
        return TONE_ICONS[self.tone]


@dataclass(frozen=True, slots=True)
class OpenWarning:
    """One warning about a standard: a sentence, the page of the record it is about, its day.

    ``day`` is when it began or will begin (the last valid day, the first day of a gap); None where
    there is no such day.
    """

    kind: Kind
    sentence: str
    standard: int
    url: str
    day: dt.date | None = None

    @property
    def rank(self) -> tuple[int, dt.date, int]:
        """The worst first, then the oldest."""
        return _TONES.index(self.kind.tone), self.day or dt.date.max, self.standard


Rule = Callable[[StandardQuerySet, dt.date], Iterable[OpenWarning]]


@dataclass(frozen=True, slots=True)
class _Registered:
    kinds: tuple[Kind, ...]
    rule: Rule
    lacks: bool


_rules: list[_Registered] = []


def warning_rule(*kinds: Kind, lacks: bool = False) -> Callable[[Rule], Rule]:
    """Register a rule: ``(standards, on)`` to warnings of these kinds, in a fixed number of queries.

    One that says what the register ``lacks`` is not asked about standards it knows nothing of yet:
    one warning says so (``nothing``).
    """

    def register(rule: Rule) -> Rule:
        _rules.append(_Registered(kinds, rule, lacks))
        return rule

    return register


def kinds() -> list[Kind]:
    """Every kind there is, in the order of registration."""
    return [kind for registered in _rules for kind in registered.kinds]


def open_warnings(
    standards: StandardQuerySet, *, on: dt.date, only: Collection[str] | None = None
) -> list[OpenWarning]:
    """The warnings of these standards on a day, the worst and oldest first.

    ``only`` names kinds by code; rules that give none of them are not asked. Standards whose
    certificate is 封存 or has ended (撤销、注销、吊销) are out of use and give none.
    """
    ids = standards.operating().order_by().values("pk")
    asked = standards.model._default_manager.filter(pk__in=ids)
    known = asked.with_records()
    found = [
        warning
        for registered in _rules
        if only is None or any(kind.code in only for kind in registered.kinds)
        for warning in registered.rule(known if registered.lacks else asked, on)
        if only is None or warning.kind.code in only
    ]
    return sorted(found, key=lambda warning: warning.rank)


def count_by_kind(found: Iterable[OpenWarning]) -> list[tuple[Kind, int]]:
    """How many there are of each kind, kinds without any left out."""
    counts = Counter(warning.kind.code for warning in found)
    return [(kind, counts[kind.code]) for kind in kinds() if counts[kind.code]]
