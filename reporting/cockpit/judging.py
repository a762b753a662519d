"""How the items of the checklist fared, and what units had called 符合 of themselves that was found wanting."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef

from campaigns.models import Campaign, ChecklistItem
from inspections.models import ChecklistAnswer
from metrostd.registry.models import Unit
from reporting.queries import Scope
from reporting.queries.tally import rows_of
from reporting.rows import problem_rows

from .counting import Counted
from .figures import LISTED
from .marks import Address, Mark, Rate, share
from .narrowing import Narrowing

#: Items with a bar of their own; the table has all of them.
SHOWN = 10
_UNITS = 8


@dataclass(frozen=True, slots=True)
class Judged:
    """An item: how many of its judgements are 符合, and how many are not."""

    label: str
    passed: Rate
    failed: Mark


@dataclass(frozen=True, slots=True)
class UnitCount:
    name: str
    url: str
    count: int
    records: str


def item_texts(campaign: Campaign, codes: Iterable[str]) -> Mapping[str, str]:
    """What the items ask, by their code; of those this campaign's checklists hold."""
    asked = ChecklistAnswer.objects.filter(item=OuterRef("pk"), sheet__task__campaign=campaign)
    held = ChecklistItem.objects.filter(Exists(asked), code__in=sorted(codes)).order_by("pk")
    return dict(held.values_list("code", "text"))


def judged(counted: Counted, texts: Mapping[str, str], address: Address) -> list[Judged]:
    """Every item that was judged, the lowest rate first; of equal rates what was judged more often."""
    passed, failed = counted.by_row("item", "judged_ok"), counted.by_row("item", "judged_bad")
    found = [
        Judged(
            f"{code} {texts.get(code, '')}",
            Rate(passed.get(code, 0), whole, address("judged_ok", block="item", row=code)),
            Mark(code, failed.get(code, 0), address("judged_bad", block="item", row=code)),
        )
        for code, whole in counted.by_row("item", "judged").items()
    ]
    return sorted(found, key=lambda one: (one.passed.percent, -one.passed.whole, one.label))


def lowest(found: list[Judged]) -> list[tuple[str, Rate]]:
    """The bars: items that did not always pass."""
    return [(one.label, one.passed) for one in found if one.failed.value][:SHOWN]


def gaps(counted: Counted, address: Address) -> list[Mark]:
    """自查不实 by category of problem, the most frequent first; the note is the share of what was found there."""
    found, whole = counted.by_row("III", "fd_gap"), counted.by_row("III", "fd")
    rows = [
        Mark(
            spec.label,
            found[spec.id],
            address("fd_gap", block="III", row=spec.id),
            note=share(found[spec.id], whole.get(spec.id, 0)),
        )
        for spec in problem_rows(with_reviews=True)
        if spec.id in found
    ]
    return sorted(rows, key=lambda mark: -mark.value)


def gap_units(scope: Scope, narrowing: Narrowing, address: Address) -> list[UnitCount]:
    """The units with most of them; two statements."""
    figure = LISTED["fd_gap"]
    rows = rows_of(scope, figure.family).filter(figure.where, narrowing.q(figure.family))
    grouped = rows.values("in_unit").annotate(n=Count("pk")).order_by("-n", "in_unit")
    most = list(grouped[:_UNITS])
    units = Unit.objects.in_bulk([row["in_unit"] for row in most])
    return [
        UnitCount(
            str(units[row["in_unit"]]),
            units[row["in_unit"]].get_absolute_url(),
            row["n"],
            address("fd_gap", unit=str(row["in_unit"])),
        )
        for row in most
    ]
