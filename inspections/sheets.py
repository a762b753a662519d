"""Laying out the sheets of a task when the visit starts: one for each standard, one for the unit.

At a bureau one for its work as a whole and one for each drawn case file (附件2).
"""

from collections.abc import Callable, Iterator
from functools import partial

from campaigns import checklists
from campaigns.enums import ChecklistKind, ItemLevel
from campaigns.models import ChecklistItem, ChecklistTemplate, DrawnCase

from .models import CaseRecord, ChecklistAnswer, ChecklistSheet, InspectionTask


def lay_out(task: InspectionTask) -> list[ChecklistSheet]:
    """Create sheets with an unanswered row for every applicable on-site item; bulk, in 5 queries.

    The campaign's version of Annex 1, or Annex 2, is kept for the life of the sheets. Raises ValidationError
    when there is none.
    """
    if task.bureau_id is not None:
        return _lay_out_bureau(task)
    template, items = _items(task, ChecklistKind.ANNEX1)
    rows = list(task.standards.select_related("standard").order_by("pk"))
    sheets = [ChecklistSheet(task=task, standard=row.standard, template=template) for row in rows]
    sheets.append(ChecklistSheet(task=task, standard=None, template=template))
    ChecklistSheet.objects.bulk_create(sheets)
    answers = [
        ChecklistAnswer(sheet=sheet, item=item)
        for sheet, row in zip(sheets, [*rows, None], strict=True)
        for item in items
        if _applies(item, row.category if row else None)
    ]
    ChecklistAnswer.objects.bulk_create(answers, batch_size=1000)
    return sheets


#: What the sheet of the bureau's work as a whole is called.
WHOLE = "区局层面"


def _lay_out_bureau(task: InspectionTask) -> list[ChecklistSheet]:
    template, items = _items(task, ChecklistKind.ANNEX2)
    cases = list(DrawnCase.objects.filter(drawn__review__task=task).order_by("pk"))
    sheets = [ChecklistSheet(task=task, template=template, about=WHOLE)]
    sheets += [
        ChecklistSheet(
            task=task, template=template, case=case, about=f"{case.key} {case.named}"[:260]
        )
        for case in cases
    ]
    ChecklistSheet.objects.bulk_create(sheets)
    CaseRecord.objects.bulk_create(CaseRecord(sheet=sheet) for sheet in sheets[1:])
    ChecklistAnswer.objects.bulk_create(
        ChecklistAnswer(sheet=sheet, item=item)
        for sheet, case in zip(sheets, [None, *cases], strict=True)
        for item in items
        if (
            item.level == ItemLevel.BUREAU
            if case is None
            else _applies_to_case(item, case.category)
        )
    )
    return sheets


Fits = Callable[[ChecklistItem], bool]


def items_for(task: InspectionTask) -> tuple[ChecklistTemplate, list[ChecklistItem]]:
    """The checklist of a visit with what is asked on site."""
    kind = ChecklistKind.ANNEX1 if task.bureau_id is None else ChecklistKind.ANNEX2
    return _items(task, kind)


def wanted_sheets(task: InspectionTask) -> Iterator[tuple[str, Fits]]:
    """What the sheets of a visit are about, and which items each has; the unit's own has no name."""
    if task.bureau_id is not None:
        yield WHOLE, lambda item: item.level == ItemLevel.BUREAU
        for case in DrawnCase.objects.filter(drawn__review__task=task).order_by("pk"):
            yield f"{case.key} {case.named}", partial(_applies_to_case, category=case.category)
        return
    for row in task.standards.select_related("standard").order_by("pk"):
        yield row.standard.name, partial(_applies, category=row.category)
    yield "", partial(_applies, category=None)


def _items(
    task: InspectionTask, kind: ChecklistKind
) -> tuple[ChecklistTemplate, list[ChecklistItem]]:
    """The checklist of the task's campaign with what is asked on site."""
    template = checklists.template_for(task.campaign, kind)
    items = ChecklistItem.objects.for_onsite().filter(section__template=template)
    return template, list(items.select_related("section"))


def _applies_to_case(item: ChecklistItem, category: str) -> bool:
    return bool(item.level == ItemLevel.CASE and item.applies_to(category))


def _applies(item: ChecklistItem, category: str | None) -> bool:
    if category is None:
        return item.level == ItemLevel.UNIT
    return item.level == ItemLevel.STANDARD and item.applies_to(category)
