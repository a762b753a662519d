"""Saving many answers of one sheet at once: what a tablet kept while it had no network."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from metrostd.common import audit
from metrostd.common.saves import write_answers
from metrostd.common.transitions import TransitionError

from . import conclusions
from .enums import TaskState
from .models import ChecklistAnswer, ChecklistSheet, InspectionTask


@transaction.atomic
def answer_many(sheet: ChecklistSheet, values: Mapping[int, tuple[str, str]], *, actor: Any) -> int:
    """Save answers of a sheet by primary key to (answer, note), with one trail row for each.

    Returns how many were saved. Raises TransitionError when the task is not being filled in,
    ValidationError naming the item that cannot be answered so; then nothing is saved.
    """
    task = InspectionTask.objects.select_for_update().get(pk=sheet.task_id)
    if task.state != TaskState.IN_PROGRESS:
        raise TransitionError(f"检查任务已是“{task.get_state_display()}”，不能再填写。", obj=task)
    rows = list(
        sheet.answers.select_for_update(of=("self",))
        .filter(pk__in=list(values))
        .prefetch_related("item")  # many rows share an item
    )
    entries = []
    for row in rows:
        value, note = values[row.pk]
        _require_allowed(row, value)
        before = {"answer": row.answer, "note": row.note}
        row.answer, row.note, row.version = value, note.strip(), row.version + 1
        entries.append(
            audit.entry(
                row,
                actor=actor,
                action="answer",
                label="填写检查表",
                before=before,
                after={"answer": row.answer, "note": row.note},
            )
        )
    write_answers(sheet.answers, {row.pk: values[row.pk] for row in rows}, actor=actor)
    audit.AuditEntry.objects.bulk_create(entries, batch_size=1000)
    return len(rows)


def _require_allowed(row: ChecklistAnswer, value: str) -> None:
    reason = conclusions.may_answer(
        value=value,
        is_prohibition=row.item.is_prohibition,
        may_be_inapplicable=row.item.may_be_inapplicable,
    )
    if reason:
        raise ValidationError(f"{row.item.code}：{reason}")
