"""The offices side by side: rates on their own denominators, the furthest behind what is due first."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from metrostd.registry.models import Authority

from .counting import NOTHING, Values, number
from .marks import FEWEST, Address, Mark, Rate

#: Percentage points behind the expected pace from which an office is named as lagging.
LAG = 15


@dataclass(frozen=True, slots=True)
class Line:
    """One office; ``expected`` is the share of visits due by now, in percent."""

    name: str
    url: str
    units: Mark
    planned: Mark
    self_check: Rate
    visits: Rate
    problems: Rate
    verified: Rate
    missing: Mark
    late: Mark
    expected: int

    @property
    def behind(self) -> float:
        """Percentage points behind what is due; less than nothing where nothing is planned."""
        reached = self.visits.percent
        return -1000.0 if reached is None else self.expected - float(reached)

    @property
    def is_lagging(self) -> bool:
        return self.visits.whole > 0 and self.behind >= LAG

    @property
    def is_thin(self) -> bool:
        return self.visits.whole < FEWEST


def lines(
    offices: Iterable[Authority],
    counted: Mapping[int, Values],
    expected: Mapping[int, int],
    address: Address,
    page: Address,
) -> list[Line]:
    """``expected`` by office: each may have moved its own dates."""
    found = [
        _line(office, counted.get(office.pk, NOTHING), expected[office.pk], address, page)
        for office in offices
    ]
    return sorted(found, key=lambda line: -line.behind)


def _line(
    office: Authority, values: Values, expected: int, address: Address, page: Address
) -> Line:
    def mark(figure: str) -> Mark:
        return Mark(figure, number(values, figure), address(figure, authority=office.code))

    def rate(part: str, whole: str) -> Rate:
        at = address(part, authority=office.code)
        return Rate(number(values, part), number(values, whole), at)

    return Line(
        name=office.short_name,
        url=page(authority=office.code),
        units=mark("u_total"),
        planned=mark("u_plan"),
        self_check=rate("u_sc_in", "u_sc_due"),
        visits=rate("u_insp", "u_plan"),
        problems=rate("s_prob", "s_insp"),
        verified=rate("fd_ok", "fd_due"),
        missing=mark("u_sc_out"),
        late=mark("fd_late"),
        expected=expected,
    )
