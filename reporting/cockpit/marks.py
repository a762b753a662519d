"""What a figure looks like on the page: its value, what it is of, and the address of its records."""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from reporting.table import ratio

from .figures import LISTED

#: (figure, block, row, further parts of the address) → the list behind it.
Address = Callable[..., str]
#: Below this a share says nothing yet and gets no colour.
FEWEST = 5
_SHADES = 5


@dataclass(frozen=True, slots=True)
class Mark:
    """A figure with its records."""

    label: str
    value: int
    url: str
    tone: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Rate:
    """A share of a fair denominator; ``shade`` 0 is none, 5 the darkest."""

    part: int
    whole: int
    url: str = ""

    @property
    def percent(self) -> Decimal | None:
        return ratio(self.part, self.whole)

    @property
    def text(self) -> str:
        return "–" if self.percent is None else f"{self.percent:.0f}%"

    @property
    def title(self) -> str:
        return f"{self.part}/{self.whole}"

    @property
    def shade(self) -> int:
        if self.percent is None or self.whole < FEWEST:
            return 0
        return min(_SHADES, int(self.percent) * _SHADES // 100 + bool(self.part))


def name_of(figure: str) -> str:
    return LISTED[figure].name.removeprefix("其中")


def share(part: int, whole: int) -> str:
    """A share beside its count; nothing where there is nothing to divide by."""
    found = ratio(part, whole)
    return "" if found is None else f"{found:.1f}%".replace(".0%", "%")
