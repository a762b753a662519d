"""What signatures are put to: the sheets of a visit as they are shown, in one canonical text and its SHA-256.

Everything the record prints of the visit itself is in it, and the findings that follow from the answers.
Numbers of this database are not: the text is that of the paper.
"""

import datetime as dt
import hashlib
import json
from collections import defaultdict

from . import conclusions
from .models import ChecklistAnswer, ChecklistSheet, Evidence, InspectionTask

FORMAT = "metrostd sheets 1"
_Row = dict[str, object]


def content_hash(task: InspectionTask) -> str:
    """SHA-256 of the canonical JSON of all sheets of a task: sorted keys, no white space, UTF-8."""
    text = json.dumps(content_of(task), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def content_of(task: InspectionTask) -> _Row:
    """The visit, its sheets with answers, evidence and conclusions, and the findings, in print order."""
    sheets = list(task.sheets.select_related("standard", "template").order_by("pk"))
    sheets.sort(key=lambda sheet: sheet.standard_id is not None)
    answers: dict[int, list[ChecklistAnswer]] = defaultdict(list)
    rows = ChecklistAnswer.objects.filter(sheet__task=task).select_related("item")
    for row in rows.order_by("item__section__order", "item__order", "pk"):
        answers[row.sheet_id].append(row)
    evidence: dict[int, list[Evidence]] = defaultdict(list)
    files = Evidence.objects.filter(sheet__task=task, withdrawn_at=None)
    for file in files.select_related("file", "answer__item").order_by("pk"):
        evidence[file.sheet_id].append(file)
    team = task.team.select_related("membership__user").order_by("pk")
    return {
        "format": FORMAT,
        "campaign": task.campaign.code,
        "authority": task.authority.name,
        "unit": {"name": task.unit.name, "code": task.unit.uscc},
        "kind": task.kind,
        "place": task.place,
        "arrived_at": _moment(task.arrived_at),
        "attendees": task.attendees,
        "team": [[str(row.membership.user), row.role, row.officer_cert_no] for row in team],
        "sheets": [_sheet(each, answers[each.pk], evidence[each.pk]) for each in sheets],
    }


def _sheet(sheet: ChecklistSheet, answers: list[ChecklistAnswer], files: list[Evidence]) -> _Row:
    return {
        "subject": sheet.standard.name if sheet.standard else "",
        "template": sheet.template.version,
        "suggested": sheet.suggested,
        "conclusion": sheet.conclusion,
        "reason": sheet.override_reason,
        "answers": [[row.item.code, row.item.text, row.answer, row.note] for row in answers],
        "evidence": [
            [row.answer.item.code, row.kind, row.name, row.file.sha256, _moment(row.captured_at)]
            for row in files
        ],
        "findings": [
            [row.item.code, row.item.problem_category, severity, row.note.strip(), row.item.basis]
            for row in answers
            if (severity := conclusions.severity_of(row.item.code, row.answer)) is not None
        ],
    }


def _moment(moment: dt.datetime | None) -> str:
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds") if moment else ""
