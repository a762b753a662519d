"""What narrows a cell further: a category or priority domain, one unit, what had been reached by a day. In the address."""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

from django.db.models import Q

from metrostd.registry.enums import Category, PriorityDomain
from reporting.queries import Scope, moment
from reporting.queries.tally import REST, in_row
from reporting.rows import SUBTOTALS

#: When a record of a family came to be what the curve counts.
_REACHED = {"sheet": "in_signed_at", "finding": "state_since"}
CATEGORIES: tuple[tuple[str, str], ...] = (
    *((category.value, category.label) for category in Category),
    *((key, label) for key, (label, parts) in SUBTOTALS.items() if len(parts) > 1),
    *((domain.value, f"重点领域：{domain.label}") for domain in PriorityDomain),
)


@dataclass(frozen=True, slots=True)
class Narrowing:
    #: A row of block I, or of block VI.
    category: str = ""
    unit: int | None = None
    until: dt.date | None = None

    @classmethod
    def of(cls, asked: Mapping[str, str]) -> "Narrowing":
        """Read from an address; ValueError for what none of ours says."""
        category = asked.get("category", "")
        if category and category not in dict(CATEGORIES):
            raise ValueError(category)
        unit, until = asked.get("unit", ""), asked.get("until", "")
        return cls(
            category,
            int(unit) if unit else None,
            dt.date.fromisoformat(until) if until else None,
        )

    def q(self, family: str, scope: Scope) -> Q:
        """The condition on the records of a family; ValueError where it has no such day."""
        found = Q()
        if self.category:
            block = "VI" if self.category in PriorityDomain.values else "I"
            found = in_row(block, self.category, scope)
        if self.unit is not None:
            found &= Q(in_unit=self.unit)
        if self.until is not None:
            if family not in _REACHED:
                raise ValueError(family)
            found &= Q(**{f"{_REACHED[family]}__lte": moment(self.until)})
        return found

    @property
    def words(self) -> str:
        """How a heading names it."""
        said = [dict(CATEGORIES)[self.category]] if self.category else []
        if self.until:
            said.append(f"{self.until.month}月{self.until.day}日及以前")
        return "，".join(said)


def item_label(row: str) -> str:
    """What a row of the items is called: an item by its code, or all others."""
    return "其余检查项" if row.startswith(REST) else f"检查项 {row}"
