"""系统预判: what the register and the campaign's own records say about an item before a person answers.

A hint never answers for the inspector. Rules are named by the checklist item; a rule the register
has no data for says so. One module for each subject holds its ``RULES``.
"""

from collections.abc import Callable

from campaigns.models import ChecklistItem

from . import capability, certificate, changes, tracing, unit
from .certificate import DECISIVE, against, certificate_hint
from .facts import NO_DATA, Facts, Hint, facts_for

__all__ = (
    "DECISIVE",
    "NO_DATA",
    "RULES",
    "Facts",
    "Hint",
    "against",
    "certificate_hint",
    "facts_for",
    "hint_for",
)

RULES: dict[str, Callable[[Facts], Hint]] = {
    **capability.RULES,
    **certificate.RULES,
    **changes.RULES,
    **tracing.RULES,
    **unit.RULES,
}


def hint_for(item: ChecklistItem, facts: Facts) -> Hint | None:
    """The hint of an item; None when the item has no rule."""
    if not item.hint_rule:
        return None
    rule = RULES.get(item.hint_rule)
    return rule(facts) if rule else NO_DATA
