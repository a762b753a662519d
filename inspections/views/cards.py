"""One section of a sheet as the tablet shows it: items with hint, self-check, answer, evidence."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.utils import timezone

from inspections import conclusions, hints
from inspections.completeness import SheetProgress
from inspections.measured.lines import (
    MEASURED_ITEMS,
    NOTHING,
    Line,
    Measured,
    measured_of,
    summed,
)
from inspections.models import ChecklistAnswer, ChecklistSheet, Evidence, SingleIssueReport
from inspections.single_issues.rulings import rulings_by_item
from metrostd.common import clock
from metrostd.common.actors import Actor
from metrostd.common.enums import Answer
from metrostd.common.policies import Verdict
from selfcheck.enums import ReportState
from selfcheck.models import SelfCheckAnswer

#: How long after the last save a colleague counts as filling in.
PRESENCE_MINUTES = 5


@dataclass(frozen=True, slots=True)
class SelfCheck:
    label: str
    tone: str
    note: str


@dataclass(frozen=True, slots=True)
class Card:
    row: ChecklistAnswer
    choices: list[tuple[str, str]]
    hint: hints.Hint | None
    against: str
    self_check: SelfCheck | None
    evidence: list[Evidence]
    lacking: list[str]
    suggests_stop: bool
    fill: Verdict
    rulings: list[SingleIssueReport]
    measured: list[Line]

    @property
    def locked(self) -> bool:
        return not self.fill

    @property
    def legend(self) -> str:
        return f"{self.row.item.code} 判定"

    @property
    def needs_note(self) -> bool:
        """符合 against the register needs words as well."""
        return self.row.answer in self.noted_answers.split()

    @property
    def noted_answers(self) -> str:
        """The answers that open the note, as the page's script reads them."""
        return " ".join(sorted(Answer.needs_note | ({"conform"} if self.against else set())))

    @property
    def note_label(self) -> str:
        if self.row.answer == Answer.CONFORM:
            return "判定符合的理由"
        return "不适用的理由" if self.row.answer == Answer.NOT_APPLICABLE else "事实记录"

    @property
    def phrases(self) -> tuple[tuple[str, list[str]], ...]:
        """Stock phrases by the answers they belong to; a fault is no reason for 不适用."""
        inapplicable = conclusions.INAPPLICABLE_PHRASES if self.row.item.may_be_inapplicable else ()
        return (
            ("deficient nonconform", list(self.row.item.stock_phrases)),
            ("not_applicable", list(inapplicable)),
        )

    @property
    def measures(self) -> str:
        """What is measured on site for the item: experiment, environment or nothing."""
        if not self.standard_id:
            return ""
        return MEASURED_ITEMS.get(self.row.item.code, "")

    @property
    def standard_id(self) -> int:
        return self.row.sheet.standard_id or 0


def left_to_conform(found: list[Card]) -> list[Card]:
    """What may be called 其余符合: not answered, this person's to answer, and nothing on record against it."""
    return [card for card in found if not card.row.answer and card.fill and not card.against]


def choices_of(row: ChecklistAnswer) -> list[tuple[str, str]]:
    """The choices an item has: prohibited conduct two, others three or four."""
    item = row.item
    return Answer.choices_for(
        prohibition=item.is_prohibition, inapplicable=item.may_be_inapplicable
    )


def lacking(row: ChecklistAnswer, *, evidence: int, against: str = "") -> list[str]:
    """What the item still needs, once it has been answered."""
    if not row.answer:
        return []
    return conclusions.gaps(
        code=row.item.code,
        answer=row.answer,
        note=row.note,
        evidence=evidence,
        against=against,
        source=source_of(row),
    )


def source_of(row: ChecklistAnswer) -> str:
    return hints.source_of(row.item.hint_rule, of_case=row.sheet.case_id is not None)


def known_against(row: ChecklistAnswer, *, on: dt.date) -> str:
    """What the register knows against the 符合 of one item; asked only where it may know anything."""
    decisive = hints.DECISIVE | hints.DECISIVE_OF_BUREAUS
    if row.answer != Answer.CONFORM or row.item.hint_rule not in decisive:
        return ""
    return hints.against(row.item.hint_rule, hints.known_of(row.sheet, on=on))


def suggests_stop(row: ChecklistAnswer) -> bool:
    return row.item.suggests_stop and row.answer == Answer.NONCONFORM


def cards_of(
    sheet: ChecklistSheet,
    *,
    section: str = "",
    on: dt.date,
    fill: Callable[[ChecklistAnswer], Verdict],
    with_hints: bool,
) -> list[Card]:
    """The items of one section, or of the whole sheet, in order, in a fixed number of queries."""
    wanted = {"item__section__code": section} if section else {}
    rows = list(
        ChecklistAnswer.objects.filter(sheet=sheet, **wanted)
        .select_related("item__section", "answered_by")
        .order_by("item__section__order", "item__order")
    )
    for row in rows:
        row.sheet = sheet  # with its visit and team, as they were read
    evidence = evidence_by_answer([row.pk for row in rows])
    claimed = _self_check(sheet, [row.item.code for row in rows])
    ruled = rulings_by_item([row.item.code for row in rows]) if with_hints else {}
    measured = _measured(sheet, rows)
    asks = with_hints and any(row.item.hint_rule for row in rows)
    facts = hints.known_of(sheet, on=on) if asks else None
    known = {row.pk: hints.against(row.item.hint_rule, facts) for row in rows} if facts else {}
    return [
        Card(
            row=row,
            choices=choices_of(row),
            hint=_hint(row, facts, found=measured.of_item(row.item.code)) if with_hints else None,
            self_check=claimed.get(row.item.code),
            evidence=evidence.get(row.pk, []),
            against=known.get(row.pk, ""),
            lacking=lacking(
                row, evidence=len(evidence.get(row.pk, [])), against=known.get(row.pk, "")
            ),
            suggests_stop=with_hints and suggests_stop(row),
            fill=fill(row),
            rulings=ruled.get(row.item.code, []),
            measured=measured.of_item(row.item.code),
        )
        for row in rows
    ]


def _measured(sheet: ChecklistSheet, rows: list[ChecklistAnswer]) -> Measured:
    """What was measured for the items shown; asked only where an item is one of those."""
    if sheet.standard_id is None or not any(row.item.code in MEASURED_ITEMS for row in rows):
        return NOTHING
    return measured_of([sheet.pk]).get(sheet.pk, NOTHING)


def _hint(
    row: ChecklistAnswer, facts: hints.Known | None, *, found: list[Line]
) -> hints.Hint | None:
    """What was measured on site comes before what the register remembers."""
    if found:
        return hints.Hint(*summed(found))
    return hints.hint_for(row.item, facts) if facts else None


def evidence_by_answer(answers: list[int]) -> dict[int, list[Evidence]]:
    found: dict[int, list[Evidence]] = {}
    rows = Evidence.objects.filter(answer__in=answers, withdrawn_at=None)
    for row in rows.select_related("file", "captured_by", "sheet__task").order_by("pk"):
        found.setdefault(row.answer_id, []).append(row)
    return found


def _self_check(sheet: ChecklistSheet, codes: list[str]) -> dict[str, SelfCheck]:
    rows = SelfCheckAnswer.objects.filter(
        report__campaign=sheet.task.campaign_id,
        report__unit=sheet.task.unit_id,
        report__bureau=sheet.task.bureau_id,
        report__state__in=ReportState.readable,
        standard=sheet.standard_id,
        item__code__in=codes,
    ).exclude(answer="")
    found = {}
    for code, answer, note, prohibition in rows.order_by("pk").values_list(
        "item__code", "answer", "note", "item__is_prohibition"
    ):
        word = Answer.word(answer, prohibition=prohibition)
        found[code] = SelfCheck(word, Answer(answer).tone, note)
    return found


def who_is_filling(sheet: ChecklistSheet, *, user: Actor) -> list[str]:
    """Colleagues who saved an item of the task within the last minutes, and where: 示例乙 在填 C 环境."""
    since = clock.now() - dt.timedelta(minutes=PRESENCE_MINUTES)
    rows = (
        ChecklistAnswer.objects.filter(sheet__task=sheet.task_id, answered_at__gte=since)
        .exclude(answered_by=user)
        .order_by("-answered_at")
        .values_list(
            "answered_by__display_name",
            "sheet",
            "sheet__standard__name",
            "sheet__about",
            "item__section__code",
            "item__section__short_title",
        )
    )
    found: dict[str, str] = {}
    for name, sheet_id, standard, about, code, title in rows[:50]:
        place = f"{code} {title}"
        if sheet_id != sheet.pk:
            place = f"{standard or about or '单位层面'} {code}"
        found.setdefault(name, f"{name} 在填 {place}")
    return list(found.values())


def clock_time(moment: dt.datetime | None) -> str:
    return f"{timezone.localtime(moment):%H:%M}" if moment else ""


@dataclass(frozen=True, slots=True)
class Step:
    """Where a button of the footer leads."""

    url: str
    label: str


def steps(
    sheet: ChecklistSheet,
    *,
    section: str,
    codes: list[tuple[str, str]],
    siblings: list[ChecklistSheet],
    progress: dict[int, SheetProgress],
    signing_url: str,
) -> tuple[Step | None, Step]:
    """Back and on: through the sections, to the conclusion, to the next open sheet, to signing."""
    order = [code for code, _ in codes] + ["conclude"]
    at = order.index(section)
    base = sheet.get_absolute_url()
    back = Step(f"{base}?section={order[at - 1]}", "上一节") if at else None
    if section == "conclude":
        return back, _next_sheet(sheet, siblings, progress) or Step(signing_url, "核对并送签")
    if at + 1 < len(codes):
        code, title = codes[at + 1]
        return back, Step(f"{base}?section={code}", f"下一节：{code} {title}")
    return back, Step(f"{base}?section=conclude", "下一步：确定结论")


def _next_sheet(
    sheet: ChecklistSheet, siblings: list[ChecklistSheet], progress: dict[int, SheetProgress]
) -> Step | None:
    position = next((n for n, each in enumerate(siblings) if each.pk == sheet.pk), 0)
    for each in siblings[position + 1 :] + siblings[:position]:
        found = progress.get(each.pk)
        if not each.conclusion or (found and found.done < found.total):
            return Step(each.get_absolute_url(), f"下一张：{each}")
    return None
