"""What a report asks, how far it is filled in, and what is missing before it can be submitted."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TypedDict

from django.db.models import Count, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce

from campaigns.enums import ItemLevel
from campaigns.models import ChecklistItem, RoutedStandard
from metrostd.common.enums import Answer
from metrostd.common.letters import words_in
from metrostd.common.prepared import Prepared
from metrostd.registry.enums import CertificateState
from metrostd.registry.models import MeasurementStandard, StandardCertificate

from . import extension
from .enums import SubjectKind
from .models import SelfCheckAnswer, SelfCheckProblem, SelfCheckReport


@dataclass(frozen=True, slots=True)
class Asked:
    """One item a report has to answer, for one standard or for the subject as a whole."""

    standard_id: int | None
    item: ChecklistItem


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing missing: where it is and what to do about it."""

    standard_id: int | None
    standard_name: str
    code: str
    text: str

    def __str__(self) -> str:
        where = "".join(f"{part} " for part in (self.standard_name, self.code) if part)
        return f"{where}{self.text}"


@dataclass(slots=True)
class Tally:
    """Answered and asked items of one group."""

    done: int = 0
    total: int = 0


@dataclass(slots=True)
class SectionCount(Tally):
    code: str = ""
    title: str = ""
    short_title: str = ""


@dataclass(slots=True)
class Progress(Tally):
    """Figures of a whole report, by standard (None: the subject itself) and by section."""

    standards: dict[int | None, Tally] = field(default_factory=dict)
    sections: dict[tuple[int | None, str], SectionCount] = field(default_factory=dict)

    def sections_of(self, standard_id: int | None) -> list[SectionCount]:
        return [count for (owner, _), count in self.sections.items() if owner == standard_id]


def choices_for(item: ChecklistItem) -> list[tuple[str, str]]:
    """The answers an item takes: 未发现/发现 for prohibitions, 不适用 only where allowed."""
    return Answer.choices_for(
        prohibition=item.is_prohibition, inapplicable=item.may_be_inapplicable
    )


def asked(report: SelfCheckReport) -> list[Asked]:
    """Every item the report has to answer, in the order of the checklist.

    Units: items of the unit once, items of standards for each covered standard whose category
    (as routed when the campaign opened) they are asked of. Bureaus: every item once, those of
    case files too, answered for the bureau's work as a whole.
    """
    items = list(
        ChecklistItem.objects.for_self_check()
        .filter(section__template=report.template_id)
        .order_by("section__order", "order")
    )
    if report.kind == SubjectKind.BUREAU:
        return [Asked(None, i) for i in items if i.level in (ItemLevel.BUREAU, ItemLevel.CASE)]
    found = [Asked(None, item) for item in items if item.level == ItemLevel.UNIT]
    per_standard = [item for item in items if item.level == ItemLevel.STANDARD]
    for standard_id, category in categories(report).items():
        found += [Asked(standard_id, i) for i in per_standard if i.applies_to(category)]
    return found


def categories(report: SelfCheckReport) -> dict[int, str]:
    """The covered standards with their category as routed, else as registered, in list order."""
    routed = dict(
        RoutedStandard.objects.filter(
            campaign=report.campaign_id,
            standard__in=report.covered.standing().values("standard"),
        ).values_list("standard", "category")
    )
    registered = (
        report.covered.standing()
        .order_by("standard__name", "standard")
        .values_list("standard", "standard__category")
    )
    return {standard: routed.get(standard, category) for standard, category in registered}


def standards_of(report: SelfCheckReport) -> list[MeasurementStandard]:
    """The covered standards in list order, each with the ``number`` of its current certificate."""
    current = StandardCertificate.objects.filter(standard=OuterRef("pk"), is_current=True)
    return list(
        MeasurementStandard.objects.filter(pk__in=report.covered.standing().values("standard"))
        .annotate(number=Coalesce(Subquery(current.values("number")[:1]), Value("")))
        .order_by("name", "pk")
    )


def number_of(standard: MeasurementStandard) -> str:
    """The certificate number ``standards_of`` read along; empty when there is none."""
    return getattr(standard, "number", "")


def label_of(standard: MeasurementStandard) -> str:
    """A standard with its certificate number, as receipts list it."""
    number = number_of(standard)
    return f"{standard.name}（{number}）" if number else standard.name


_PROGRESS = Prepared(
    lambda report: (
        SelfCheckAnswer.objects.filter(report=report)
        .values(
            "standard_id",
            "item__section__code",
            "item__section__title",
            "item__section__short_title",
        )
        .annotate(total=Count("pk"), done=Count("pk", filter=~Q(answer="")))
        .order_by("item__section__order", "standard_id")
        .values_list(
            "standard_id",
            "item__section__code",
            "item__section__title",
            "item__section__short_title",
            "total",
            "done",
        )
    )
)


def progress(report: SelfCheckReport) -> Progress:
    """Answered and asked items of the report, by standard and section, with one query."""
    result = Progress()
    for owner, code, title, short_title, total, done in _PROGRESS.rows(report=report.pk):
        of_standard = result.standards.setdefault(owner, Tally())
        for count in (result, of_standard):
            count.done += done
            count.total += total
        result.sections[owner, code] = SectionCount(done, total, code, title, short_title)
    return result


def gaps(report: SelfCheckReport) -> list[Gap]:
    """Everything that keeps a report from being submitted (通知二(一); empty when complete).

    All applicable items answered; 有缺陷, 不符合 and 不适用 explained, 符合 too where the register says
    otherwise; every 有缺陷 and 不符合 recorded
    as a problem; every problem with its measure and its prevention.
    """
    names: dict[int | None, str] = {s.pk: s.name for s in standards_of(report)}
    answers = {
        (row.standard_id, row.item_id): row
        for row in SelfCheckAnswer.objects.filter(report=report).select_related("item")
    }
    bare = [
        row for row in answers.values() if row.answer == Answer.CONFORM and not words_in(row.note)
    ]
    told = {pk: found.against for pk, found in extension.known(report, bare).items()}
    problems = list(SelfCheckProblem.objects.filter(report=report).select_related("item"))
    recorded = {(p.standard_id, p.item_id) for p in problems}
    missing = [
        Gap(one.standard_id, names.get(one.standard_id, ""), one.item.code, text)
        for one in asked(report)
        for text in _lacks(answers.get((one.standard_id, one.item.pk)), recorded, told)
    ]
    return missing + [
        Gap(p.standard_id, names.get(p.standard_id, ""), p.item.code if p.item else "", text)
        for p in problems
        for text in _unsettled(p)
    ]


def _lacks(row: SelfCheckAnswer | None, recorded: set, told: Mapping[int, str]) -> Iterable[str]:
    if row is None or not row.answer:
        yield "未填写"
        return
    if row.answer in Answer.needs_note and not words_in(row.note):
        yield (
            "选择“不适用”须说明理由"
            if row.answer == Answer.NOT_APPLICABLE
            else "须在说明中写明情况"
        )
    if against := told.get(row.pk):
        yield f"台账记载“{against}”，选择“符合”须说明理由"
    if row.answer in Answer.problem and (row.standard_id, row.item_id) not in recorded:
        yield "须记录存在的问题"


#: The declaration of a unit without problems, and of one that reports some.
SOUND = "本单位已按要求逐项自查，所报内容真实、完整，计量特性与考核证书一致并处于正常工作状态。"
_FAULTY = (
    "本单位已按要求逐项自查，所报内容真实、完整；除所报 {} 处存在问题的项目外，"
    "计量特性与考核证书一致并处于正常工作状态，存在的问题已列明整改和预防措施。"
)
_BUREAU = "本局已对考核工作全面自查，所报内容真实、完整。"


def declaration(report: SelfCheckReport) -> str:
    """What whoever answers for the report declares: nobody declares sound what the items say is not."""
    if report.kind == SubjectKind.BUREAU:
        return _BUREAU
    places = report.answers.filter(answer__in=Answer.problem).values_list("standard", "item")
    found = report.problems.values_list("standard", "item", "pk")
    # A problem of no item stands for itself; one of an item answered otherwise since is one, too.
    told = {(standard, item, None if item else pk) for standard, item, pk in found}
    faulty = len(told | {(*place, None) for place in places})
    return _FAULTY.format(faulty) if faulty else SOUND


def _unsettled(problem: SelfCheckProblem) -> Iterable[str]:
    if not words_in(problem.measure):
        yield "所记问题缺少整改措施"
    if not words_in(problem.prevention_measure):
        yield "所记问题缺少预防措施"


def exemption_blocker(report: SelfCheckReport) -> str:
    """Why the report cannot be exempted, or nothing (only when no standard is left in scope)."""
    ended = Q(certificates__is_current=True, certificates__state__in=CertificateState.ended)
    if report.kind == SubjectKind.BUREAU:
        live = MeasurementStandard.objects.filter(in_scope=True, issuing_authority=report.bureau_id)
        text = "该局仍有 {} 项已发证的计量标准，考核工作自查不能免报。"
    else:
        live = MeasurementStandard.objects.filter(in_scope=True, self_checks__report=report)
        text = "仍有 {} 项计量标准在检查范围内且未注销、撤销，不能免报。"
    count = live.exclude(ended).count()
    return text.format(count) if count else ""


def snapshot(report: SelfCheckReport) -> dict:
    """The report's content as plain data, for the trail when an accepted report is reopened."""
    answers = report.answers.select_related("item", "standard").order_by(
        "standard_id", "item__section__order", "item__order"
    )
    return {
        "revision": report.revision,
        "summary": report.summary,
        "declaration_by": report.declaration_by,
        "submitted_at": report.submitted_at.isoformat() if report.submitted_at else "",
        "answers": [
            {
                "standard": row.standard_id,
                "standard_name": row.standard.name if row.standard else "",
                "item": row.item.code,
                "answer": row.answer,
                "note": row.note,
                "mark": row.review_mark,
            }
            for row in answers
        ],
        "problems": [problem_data(row) for row in report.problems.select_related("item")],
    }


class ProblemData(TypedDict):
    """A problem as the trail keeps it."""

    problem: int
    standard: int | None
    item: str
    description: str
    measure: str
    prevention_measure: str
    found_on: str
    rectified_on: str


def problem_data(row: SelfCheckProblem) -> ProblemData:
    """A problem as plain data for the trail."""
    return {
        "problem": row.pk,
        "standard": row.standard_id,
        "item": row.item.code if row.item else "",
        "description": row.description,
        "measure": row.measure,
        "prevention_measure": row.prevention_measure,
        "found_on": row.found_on.isoformat(),
        "rectified_on": row.rectified_on.isoformat() if row.rectified_on else "",
    }
