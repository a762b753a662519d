"""How the items of the checklist fared, and of which kind were problems that units had called 符合."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count, Exists, OuterRef

from campaigns.models import Campaign, ChecklistItem
from inspections.models import ChecklistAnswer
from metrostd.common.enums import Answer
from reporting.queries import Scope
from reporting.queries.tally import rows_of
from reporting.rows import problem_rows

from .counting import Counted
from .marks import Address, Mark, Rate, share
from .narrowing import Narrowing

#: Items with a bar of their own; the table has all of them.
SHOWN = 10


@dataclass(frozen=True, slots=True)
class Judged:
    """An item: how many of its judgements are 符合, and how many are not."""

    label: str
    passed: Rate
    failed: Mark


def item_texts(campaign: Campaign, codes: Iterable[str]) -> Mapping[str, str]:
    """What the items ask, by their code; of those this campaign's checklists hold."""
    asked = ChecklistAnswer.objects.filter(item=OuterRef("pk"), sheet__task__campaign=campaign)
    held = ChecklistItem.objects.filter(Exists(asked), code__in=sorted(codes)).order_by("pk")
    return dict(held.values_list("code", "text"))


def count_answers(scope: Scope, narrowing: Narrowing) -> Mapping[str, Counter[str]]:
    """By item of the checklist, how often it was answered what; one statement."""
    rows = rows_of(scope, "answer").filter(narrowing.q("answer"))
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for row in rows.values("in_item", "answer").annotate(n=Count("pk")):
        found[row["in_item"]][row["answer"]] += row["n"]
    return found


def judged(
    answers: Mapping[str, Counter[str]], texts: Mapping[str, str], address: Address
) -> list[Judged]:
    """Every item that was judged, the lowest rate first; of equal rates what was judged more often."""
    found = [
        Judged(
            f"{code} {texts.get(code, '')}",
            Rate(
                words[Answer.CONFORM],
                words.total(),
                address("judged_ok", block="item", row=code),
            ),
            Mark(
                code,
                sum(words[word] for word in Answer.problem),
                address("judged_bad", block="item", row=code),
            ),
        )
        for code, words in answers.items()
    ]
    return sorted(found, key=lambda one: (one.passed.percent, -one.passed.whole, one.label))


def altogether(found: list[Judged], address: Address) -> Rate:
    passed = sum(one.passed.part for one in found)
    return Rate(passed, sum(one.passed.whole for one in found), address("judged_ok"))


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
