"""Reads over the answers of a task: progress, and what is missing before signing."""

from collections import defaultdict
from dataclasses import dataclass

from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce

from metrostd.common import clock
from metrostd.common.enums import Conclusion
from metrostd.common.templatetags.formats import local_day

from . import conclusions
from .hints import Known, against, known_of_task, source_of
from .models import ChecklistAnswer, ChecklistSheet, Evidence, InspectionTask


@dataclass(frozen=True, slots=True)
class SectionProgress:
    code: str
    label: str
    done: int
    total: int

    @property
    def state(self) -> str:
        """done, part or none: how the chip of the section looks."""
        return "done" if self.done >= self.total else "part" if self.done else "none"


@dataclass(frozen=True, slots=True)
class SheetProgress:
    sheet_id: int
    done: int
    total: int
    problems: int
    suggested: Conclusion
    sections: list[SectionProgress]


@dataclass(frozen=True, slots=True)
class Gap:
    """One thing missing before signing, with the place where it is filled in."""

    sheet_id: int
    subject: str
    item_code: str
    section_code: str
    answer_id: int | None
    text: str


def progress_by_sheet(task: InspectionTask) -> dict[int, SheetProgress]:
    """Progress of every sheet of a task in one query."""
    return _progress(ChecklistAnswer.objects.filter(sheet__task=task))


def progress_of(sheet_id: int) -> SheetProgress:
    """Progress of one sheet in one query."""
    found = _progress(ChecklistAnswer.objects.filter(sheet=sheet_id))
    return found.get(sheet_id) or SheetProgress(sheet_id, 0, 0, 0, Conclusion.CONFORM, [])


#: Code and title of the section, code of the item, the answer, whether the item is a key one.
_Row = tuple[str, str, str, str, bool]
_COLUMNS = (
    "item__section__code",
    "item__section__short_title",
    "item__code",
    "answer",
    "item__is_key",
)


def _progress(answers: QuerySet[ChecklistAnswer]) -> dict[int, SheetProgress]:
    rows: dict[int, list[_Row]] = defaultdict(list)
    ordered = answers.order_by("sheet", "item__section__order")
    for sheet_id, section, title, code, answer, is_key in ordered.values_list("sheet", *_COLUMNS):
        rows[sheet_id].append((section, title, code, answer, is_key))
    return {sheet_id: _sheet_progress(sheet_id, found) for sheet_id, found in rows.items()}


def _sheet_progress(sheet_id: int, rows: list[_Row]) -> SheetProgress:
    totals: dict[tuple[str, str], list[int]] = {}
    for section, label, _, answer, _ in rows:
        count = totals.setdefault((section, label), [0, 0])
        count[0] += bool(answer)
        count[1] += 1
    answered = [conclusions.Answered(code, answer, key) for _, _, code, answer, key in rows]
    return SheetProgress(
        sheet_id=sheet_id,
        done=sum(bool(row.answer) for row in answered),
        total=len(rows),
        problems=sum(conclusions.severity_of(r.code, r.answer) is not None for r in answered),
        suggested=conclusions.suggested(answered),
        sections=[SectionProgress(c, t, done, total) for (c, t), (done, total) in totals.items()],
    )


def suggested_conclusion(sheet: ChecklistSheet) -> Conclusion:
    """The conclusion the rules of the checklist suggest for the answers given so far."""
    return progress_of(sheet.pk).suggested


def with_evidence_count(answers: QuerySet[ChecklistAnswer]) -> QuerySet[ChecklistAnswer]:
    """Answers with ``evidence_count``: files not withdrawn."""
    standing = Evidence.objects.filter(answer=OuterRef("pk"), withdrawn_at=None).order_by()
    counted = standing.values("answer").annotate(files=Count("pk")).values("files")
    return answers.annotate(evidence_count=Coalesce(Subquery(counted), 0))


def gaps_of(task: InspectionTask) -> list[Gap]:
    """Everything missing before the task may go to signing, in the order of the sheets; 3 queries.

    Answers, facts and evidence of each item, then the conclusion of each sheet: it has to be set,
    may not be milder than the suggested one, and not graver without a reason.
    """
    sheets = list(task.sheets.select_related("standard").order_by("pk"))
    answers = with_evidence_count(
        ChecklistAnswer.objects.filter(sheet__task=task)
        .select_related("item__section")
        .order_by("sheet", "item__section__order", "item__order")
    )
    by_sheet: dict[int, list[ChecklistAnswer]] = defaultdict(list)
    for answer in answers:
        by_sheet[answer.sheet_id].append(answer)
    on = local_day(task.arrived_at or clock.now())
    known = known_of_task(task, sheets, on=on)
    found: list[Gap] = []
    for sheet in sheets:
        rows = by_sheet[sheet.pk]
        found += _item_gaps(sheet, rows, known.get(sheet.pk))
        if text := _conclusion_gap(sheet, rows):
            found.append(Gap(sheet.pk, str(sheet), "", "", None, text))
    if not sheets:
        found.append(Gap(0, str(task), "", "", None, "还没有检查表"))
    return found


def _item_gaps(
    sheet: ChecklistSheet, rows: list[ChecklistAnswer], known: Known | None
) -> list[Gap]:
    return [
        Gap(sheet.pk, str(sheet), row.item.code, row.item.section.code, row.pk, text)
        for row in rows
        for text in conclusions.gaps(
            code=row.item.code,
            answer=row.answer,
            note=row.note,
            against=against(row.item.hint_rule, known) if known else "",
            source=source_of(row.item.hint_rule, of_case=sheet.case_id is not None),
            evidence=row.evidence_count,  # type: ignore[attr-defined]
        )
    ]


def _conclusion_gap(sheet: ChecklistSheet, rows: list[ChecklistAnswer]) -> str:
    if not sheet.conclusion:
        return "结论未确定"
    floor = conclusions.suggested(
        conclusions.Answered(row.item.code, row.answer, row.item.is_key) for row in rows
    )
    chosen = Conclusion(sheet.conclusion)
    if chosen.severity < floor.severity:
        return f"结论轻于建议结论（{floor.label}），请重新确定"
    if chosen.severity > floor.severity and not sheet.override_reason:
        return f"判定改动后，结论重于建议结论（{floor.label}），请重新确定或说明理由"
    return ""
