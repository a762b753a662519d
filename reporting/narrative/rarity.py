"""A fact that few units share tells whose case it is though nobody is named: said to the writer, in no way blocking.

Most published decisions without names were traced by such facts, not by names that had been forgotten.
"""

from collections.abc import Iterable

from metrostd.common.letters import visible
from reporting.queries.sharing import Fact, Facts

#: Shared by so many units a fact tells nobody apart.
ENOUGH = 5


def warnings(text: str, unit: int, facts: Facts) -> list[str]:
    """What a text says of a unit that fewer than five share, alone or taken together."""
    told = _told(text, facts.get(unit, ()))
    shared = {fact: {one for one, its in facts.items() if fact in its} for fact in told}
    said = [_alone(fact, len(units)) for fact, units in shared.items() if len(units) < ENOUGH]
    if not said and told and (few := len(set.intersection(*shared.values()))) < ENOUGH:
        words = "、".join(f"“{word}”" for _, word in told)
        said.append(f"同时符合{words}的建标单位只有 {few} 家，{_CONSEQUENCE}")
    return said


def warnings_of_any(text: str, units: Iterable[int], facts: Facts) -> list[str]:
    """The same of a text about several units, where nothing says which words are about which."""
    told = {fact for unit in units for fact in _told(text, facts.get(unit, ()))}
    counts = {fact: sum(fact in its for its in facts.values()) for fact in sorted(told)}
    return [_alone(fact, count) for fact, count in counts.items() if count < ENOUGH]


def _told(text: str, facts: Iterable[Fact]) -> list[Fact]:
    """Those of the facts that stand in a text."""
    plain = visible(text)
    return sorted(fact for fact in facts if fact[1] in plain)


def _alone(fact: Fact, few: int) -> str:
    kind, word = fact
    return f"{kind}“{word}”只有 {few} 家建标单位符合，{_CONSEQUENCE}"


_CONSEQUENCE = "读者可能据此看出是哪家，建议改成更笼统的说法（不影响报送）。"
