"""The form and the reading view as data: groups (one standard each), sections, items, problems."""

from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Count
from django.urls import reverse

from metrostd.common.enums import Answer
from metrostd.common.outside import is_key

from . import extension, queries
from .enums import SubjectKind
from .extension import Known
from .models import SelfCheckAnswer, SelfCheckProblem, SelfCheckReport


@dataclass(slots=True)
class Group:
    """What is answered together: one standard, or the subject itself (``standard_id`` None)."""

    report_id: int
    standard_id: int | None
    name: str
    detail: str = ""
    answers: dict[str, int] = field(default_factory=dict)

    @property
    def total(self) -> int:
        return sum(self.answers.values())

    @property
    def done(self) -> int:
        return self.total - self.answers.get("", 0)

    @property
    def left(self) -> int:
        return self.total - self.done

    @property
    def state(self) -> str:
        if not self.left:
            return "done"
        return "part" if self.done else "none"

    @property
    def key(self) -> str:
        return f"group-{self.standard_id or 0}"

    @property
    def url(self) -> str:
        return group_url(self.report_id, self.standard_id)

    @property
    def has_problems(self) -> bool:
        return any(self.answers.get(value) for value in Answer.problem)

    @property
    def tally(self) -> list[tuple[str, int]]:
        """(label, count) of the answers given, without those that do not occur."""
        return [
            (label, self.answers[value])
            for value, label in Answer.choices
            if self.answers.get(value)
        ]


@dataclass(slots=True)
class Groups:
    rows: list[Group]

    @property
    def total(self) -> int:
        return sum(group.total for group in self.rows)

    @property
    def done(self) -> int:
        return sum(group.done for group in self.rows)

    @property
    def left(self) -> int:
        return self.total - self.done

    @property
    def is_prepared(self) -> bool:
        """Whether every group has its rows; a standard routed later still lacks them."""
        return bool(self.rows) and all(group.total for group in self.rows)

    def find(self, standard_id: int | None) -> Group | None:
        return next((g for g in self.rows if g.standard_id == standard_id), None)

    def first_open(self) -> Group | None:
        """Where to go on: the first group with something missing, else the first."""
        return next((g for g in self.rows if g.left), self.rows[0] if self.rows else None)

    def chosen(self, value: str | None) -> Group | None:
        """The group an address names (0: the subject itself), else the first."""
        if value and is_key(value) and (found := self.find(int(value) or None)):
            return found
        return self.rows[0] if self.rows else None

    def neighbour(self, group: Group, step: int) -> Group | None:
        position = self.rows.index(group) + step
        return self.rows[position] if 0 <= position < len(self.rows) else None


#: Offered for 不适用.
INAPPLICABLE_PHRASES = (
    "本单位没有开展该项业务，不涉及本项",
    "该计量标准没有相应的设备或者要求，不涉及本项",
    "自查所涉期间没有发生该情形，不涉及本项",
)


@dataclass(slots=True)
class Card:
    """One item with its answer and the problems recorded for it."""

    answer: SelfCheckAnswer
    problems: list[SelfCheckProblem]
    known: Known | None = None

    @property
    def item(self):
        return self.answer.item

    @property
    def phrases(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        """Stock phrases by the answers they belong to; a fault is no reason for 不适用."""
        inapplicable = INAPPLICABLE_PHRASES if self.item.may_be_inapplicable else ()
        return (
            ("deficient nonconform", tuple(self.item.stock_phrases)),
            ("not_applicable", inapplicable),
        )

    @property
    def choices(self) -> list[tuple[str, str]]:
        return queries.choices_for(self.answer.item)

    @property
    def is_problem(self) -> bool:
        return self.answer.answer in Answer.problem


@dataclass(slots=True)
class SectionSheet:
    code: str
    title: str
    short_title: str
    done: int
    total: int
    cards: list[Card]

    @property
    def state(self) -> str:
        if self.done >= self.total:
            return "done"
        return "part" if self.done else "none"


def group_url(report_id: int, standard_id: int | None) -> str:
    """The form page of one standard, or of the subject itself."""
    if standard_id is None:
        return reverse("selfcheck:form", args=[report_id]) + "?group=0"
    return reverse("selfcheck:form_standard", args=[report_id, standard_id])


def groups(report: SelfCheckReport) -> Groups:
    """The groups of a report in list order, the subject's own items first."""
    counted: dict[int | None, dict[str, int]] = defaultdict(dict)
    rows = report.answers.order_by().values_list("standard", "answer").annotate(n=Count("pk"))
    for standard_id, answer, count in rows:
        counted[standard_id][answer] = count
    found = []
    if None in counted:
        bureau = report.kind == SubjectKind.BUREAU
        name = "考核工作" if bureau else "单位层面"
        found.append(Group(report.pk, None, name, "", counted[None]))
    found += [
        Group(
            report.pk, standard.pk, standard.name, queries.number_of(standard), counted[standard.pk]
        )
        for standard in queries.standards_of(report)
    ]
    return Groups(found)


@dataclass(frozen=True, slots=True)
class LocatedGap:
    """Something to see to in the form, with the address where it is done."""

    standard_name: str
    code: str
    text: str
    url: str


def marked_items(report: SelfCheckReport) -> list[LocatedGap]:
    """The answers the reviewer remarked on, each with the remark and its place in the form."""
    rows = (
        report.answers.exclude(review_mark="")
        .select_related("item", "standard")
        .order_by("standard__name", "item__section__order", "item__order")
    )
    return [
        LocatedGap(
            row.standard.name if row.standard else "",
            row.item.code,
            row.review_mark,
            f"{group_url(report.pk, row.standard_id)}#i-{row.item.code}",
        )
        for row in rows
    ]


@dataclass(slots=True)
class GapGroup:
    """Gaps of one kind in one standard, listed together by their codes."""

    name: str
    text: str
    gaps: list[LocatedGap]


def grouped_gaps(gaps: list[LocatedGap], *, whole: str) -> list[GapGroup]:
    """The same gaps by standard and kind; ``whole`` names what belongs to no standard."""
    found: dict[tuple[str, str], GapGroup] = {}
    for gap in gaps:
        name = gap.standard_name or whole
        found.setdefault((name, gap.text), GapGroup(name, gap.text, [])).gaps.append(gap)
    return list(found.values())


def located_gaps(report: SelfCheckReport) -> list[LocatedGap]:
    """Everything missing before the report can be handed in, each with its place in the form."""
    return [
        LocatedGap(
            gap.standard_name,
            gap.code,
            gap.text,
            group_url(report.pk, gap.standard_id) + (f"#i-{gap.code}" if gap.code else ""),
        )
        for gap in queries.gaps(report)
    ]


def sheet(
    report: SelfCheckReport,
    standard_id: int | None,
    *,
    only_open: bool = False,
    judged: bool = False,
) -> list[SectionSheet]:
    """The sections of one group with their items; counts are of all items, shown or not.

    ``judged`` reads 系统预判 along, for those who fill in.
    """
    rows = list(
        report.answers.filter(standard=standard_id)
        .select_related("item__section", "answered_by")
        .order_by("item__section__order", "item__order")
    )
    recorded = defaultdict(list)
    for problem in problems(report, standard_id=standard_id):
        recorded[problem.item_id].append(problem)
    told = extension.known(report, rows) if judged else {}
    sections: dict[str, SectionSheet] = {}
    for row in rows:
        section = row.item.section
        page = sections.setdefault(
            section.code, SectionSheet(section.code, section.title, section.short_title, 0, 0, [])
        )
        page.total += 1
        page.done += bool(row.answer)
        if not (only_open and row.answer):
            page.cards.append(Card(row, recorded[row.item_id], told.get(row.pk)))
    return list(sections.values())


def problems(report: SelfCheckReport, **where: int | None) -> list[SelfCheckProblem]:
    """The problems of a report with their files, optionally of one standard."""
    return list(
        report.problems.filter(**where)
        .select_related("item", "standard")
        .prefetch_related("files__file")
        .order_by("pk")
    )


def problems_of(answer: SelfCheckAnswer) -> list[SelfCheckProblem]:
    """The problems recorded for one item of one standard, with their files."""
    return list(
        SelfCheckProblem.objects.filter(
            report=answer.report_id, standard=answer.standard_id, item=answer.item_id
        )
        .select_related("item", "standard")
        .prefetch_related("files__file")
    )
