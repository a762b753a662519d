"""How a figure is defined: what it is called, what it counts among which records, where it is printed."""

from dataclasses import dataclass, field
from typing import Literal

from django.db.models import Q

Kind = Literal["count", "percent", "money"]
#: What is counted: records themselves, or the different units, standards, fields, visits among them.
Counts = Literal["record", "unit", "standard", "field", "task", "amount"]


@dataclass(frozen=True, slots=True)
class Group:
    """A heading over columns; ``part`` is the table of the printed form it stands in."""

    id: str
    name: str
    part: str


@dataclass(frozen=True, slots=True)
class Figure:
    """One column. ``ratio_of`` (numerator, denominator) is set for percentages instead of a family.

    ``check`` figures are not printed: rules need them, and they open their records like any other.
    """

    id: str
    name: str
    group: str
    definition: str
    family: str = ""
    counts: Counts = "record"
    where: Q = field(default_factory=Q)
    kind: Kind = "count"
    blocks: tuple[str, ...] = ("I",)
    ratio_of: tuple[str, str] | None = None
    check: bool = False
    #: Why the figure is not counted: what its records would be is not kept here yet.
    absent: str = ""

    @property
    def additive(self) -> bool:
        """Rows add up to the total; units and fields may belong to several rows and do not."""
        return self.ratio_of is None and self.counts not in {"unit", "field", "task"}
