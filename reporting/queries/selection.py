"""What part of the counting is asked for."""

from dataclasses import dataclass

from metrostd.registry.enums import PriorityDomain
from reporting.figures import Figure
from reporting.rows import SUBTOTALS


@dataclass(frozen=True, slots=True)
class Selection:
    """Part of the counting: these figures, at these levels, of one row of block I or VI alone."""

    figures: tuple[Figure, ...]
    levels: frozenset[str] = frozenset({"total"})
    category: str = ""
    #: Levels that single families are counted at besides.
    besides: tuple[tuple[str, frozenset[str]], ...] = ()

    @property
    def categories(self) -> tuple[str, ...]:
        """The categories the row covers; none, where it is not narrowed, or to a domain."""
        if not self.category or self.domain:
            return ()
        return SUBTOTALS[self.category][1] if self.category in SUBTOTALS else (self.category,)

    @property
    def domain(self) -> str:
        """The priority domain the row is, if any."""
        return self.category if self.category in PriorityDomain.values else ""

    def of_family(self, name: str) -> tuple[Figure, ...]:
        return tuple(figure for figure in self.figures if figure.family == name)

    def levels_of(self, name: str) -> frozenset[str]:
        return self.levels | dict(self.besides).get(name, frozenset())
