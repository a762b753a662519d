"""How the items of the checklist fared, and of which kind were problems that units had called 符合."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet

from campaigns.models import ChecklistItem
from metrostd.common.enums import Answer
from reporting.queries import Scope
from reporting.queries.reading import read
from reporting.queries.visits import judged_answers, signed_answers
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


@dataclass(frozen=True, slots=True)
class Answers:
    """How the items were answered, and what they ask."""

    counts: Mapping[str, Counter[str]]
    texts: Mapping[str, str]


def count_answers(scope: Scope, narrowing: Narrowing, codes: Iterable[str] = ()) -> Answers:
    """By code of the item, how often it was answered what; two statements.

    Texts are those of the answered items, and of ``codes`` besides, of which findings speak alone.
    Items are counted by their keys: many answers are grouped, and only then looked up.
    """
    counted = read(scope, ("answers", narrowing.category), lambda at: _counted(at, narrowing))
    answered = Q(pk__in={item for item, _, _ in counted}) | Q(code__in=set(codes))
    items = list(ChecklistItem.objects.filter(answered).order_by("pk").values("pk", "code", "text"))
    code_of = {item["pk"]: item["code"] for item in items}
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for item, answer, number in counted:
        found[code_of[item]][answer] += number
    texts = {item["code"]: item["text"] for item in items}
    texts |= {item["code"]: item["text"] for item in items if item["code"] in found}
    return Answers(found, texts)


def _counted(scope: Scope, narrowing: Narrowing) -> QuerySet:
    """Grouped without a look at where each belongs, unless that is asked."""
    placed = narrowing.q("answer", scope)
    rows = judged_answers(scope).filter(placed) if placed else signed_answers(scope)
    grouped = rows.order_by().values("item_id", "answer").annotate(n=Count("pk"))
    return grouped.values_list("item_id", "answer", "n")


def judged(answers: Answers, address: Address) -> list[Judged]:
    """Every item that was judged, the lowest rate first; of equal rates what was judged more often."""
    found = [
        Judged(
            f"{code} {answers.texts.get(code, '')}",
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
        for code, words in answers.counts.items()
    ]
    return sorted(found, key=lambda one: (one.passed.percent, -one.passed.whole, one.label))


def altogether(found: list[Judged], address: Address) -> Rate:
    passed = sum(one.passed.part for one in found)
    return Rate(passed, sum(one.passed.whole for one in found), address("judged_ok"))


def lowest(found: list[Judged]) -> list[Judged]:
    """The items on the page: those that did not always pass, the lowest rate first; all have a page of their own."""
    return [one for one in found if one.failed.value][:SHOWN]


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
