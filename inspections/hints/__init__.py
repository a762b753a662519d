"""系统预判: what the register and the campaign's own records say about an item before a person answers.

A hint never answers for the inspector. Rules are named by the checklist item; a rule the register
has no data for says so. One module for each subject holds its ``RULES``.
"""

from collections.abc import Callable

from campaigns.models import ChecklistItem

from . import capability, certificate, changes, tracing, unit
from .certificate import certificate_hint
from .facts import NO_DATA, Facts, Hint, facts_by_standard, facts_for

__all__ = (
    "DECISIVE",
    "NO_DATA",
    "OF_STANDARDS",
    "RULES",
    "Facts",
    "Hint",
    "against",
    "certificate_hint",
    "facts_by_standard",
    "facts_for",
    "hint_for",
)

#: Rules that speak of a standard from its own records in the register: what its unit sees, too.
OF_STANDARDS: dict[str, Callable[[Facts], Hint]] = {
    **capability.RULES,
    **certificate.RULES,
    **changes.RULES,
    **tracing.RULES,
}
RULES: dict[str, Callable[[Facts], Hint]] = {**OF_STANDARDS, **unit.RULES}

#: Rules whose facts may speak against a 符合: validity of certificates, tracing, instruments, persons.
DECISIVE = frozenset(
    {
        "certificate_valid",
        "certificate_exists",
        "public_certificate",
        "main_instrument_traced",
        "auxiliary_traced",
        "tracing_without_gaps",
        "two_valid_persons",
    }
)


def against(rule: str, facts: Facts) -> str:
    """What the register knows that speaks against 符合, e.g. that an instrument is out of its period."""
    if rule not in DECISIVE or facts.standard is None:
        return ""
    if rule in certificate.RULES and facts.certificate is None:
        return ""
    hint = RULES[rule](facts)
    return hint.text if hint.tone == "bad" else ""


def hint_for(item: ChecklistItem, facts: Facts) -> Hint | None:
    """The hint of an item; None when the item has no rule."""
    if not item.hint_rule:
        return None
    rule = RULES.get(item.hint_rule)
    return rule(facts) if rule else NO_DATA
