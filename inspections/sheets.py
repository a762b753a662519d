"""Laying out the sheets of a task when the visit starts: one for each standard, one for the unit."""

from django.core.exceptions import ValidationError

from campaigns.enums import ChecklistKind, ItemLevel
from campaigns.models import ChecklistItem, ChecklistTemplate

from .models import ChecklistAnswer, ChecklistSheet, InspectionTask


def lay_out(task: InspectionTask) -> list[ChecklistSheet]:
    """Create sheets with an unanswered row for every applicable on-site item; bulk, in 5 queries.

    The current version of Annex 1 is kept for the life of the sheets. Raises ValidationError when
    no version is current.
    """
    template = ChecklistTemplate.objects.filter(kind=ChecklistKind.ANNEX1, is_current=True).first()
    if template is None:
        raise ValidationError("没有现用的现场监督检查表（附件1），请先由管理员启用一个版本。")
    items = list(
        ChecklistItem.objects.for_onsite()
        .filter(section__template=template)
        .select_related("section")
    )
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


def _applies(item: ChecklistItem, category: str | None) -> bool:
    if category is None:
        return item.level == ItemLevel.UNIT
    return item.level == ItemLevel.STANDARD and item.applies_to(category)
