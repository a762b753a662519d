"""What signatures are put to: the sheets of a visit as they are shown, in one canonical text and its SHA-256.

Everything the record prints of the visit itself is in it, and the findings that follow from the answers.
Numbers of this database are not: the text is that of the paper.
"""

import datetime as dt
import hashlib
import json
from collections import defaultdict

from . import case_lines, conclusions
from .measured.lines import Measured, measured_of
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
    for file in files.select_related("file", "answer__item", "copy_of__file").order_by("pk"):
        evidence[file.sheet_id].append(file)
    team = task.team.select_related("membership__user").order_by("pk")
    cases = case_lines.lines_of(task) if task.bureau_id is not None else {}
    measured = measured_of(sheet.pk for sheet in sheets)
    return {
        "format": FORMAT,
        "campaign": task.campaign.code,
        "authority": task.authority.name,
        "unit": {"name": task.subject.name, "code": _code(task)},
        "kind": task.kind,
        "place": task.place,
        "arrived_at": _moment(task.arrived_at),
        "attendees": task.attendees,
        "team": [[str(row.membership.user), row.role, row.officer_cert_no] for row in team],
        "sheets": [
            _sheet(each, answers[each.pk], evidence[each.pk])
            | _case(each, cases)
            | _measured(measured.get(each.pk))
            for each in sheets
        ],
    }


def _sheet(sheet: ChecklistSheet, answers: list[ChecklistAnswer], files: list[Evidence]) -> _Row:
    return {
        "subject": sheet.standard.name if sheet.standard else sheet.about,
        "template": sheet.template.version,
        "suggested": sheet.suggested,
        "conclusion": sheet.conclusion,
        "reason": sheet.override_reason,
        "answers": [[row.item.code, row.item.text, row.answer, row.note] for row in answers],
        "evidence": [
            [
                *(row.answer.item.code, row.kind, row.name, row.file.sha256),
                _moment(row.captured_at),
                *_said_of(row),
            ]
            for row in files
        ],
        "findings": [
            [row.item.code, row.item.problem_category, severity, row.note.strip(), row.item.basis]
            for row in answers
            if (severity := conclusions.severity_of(row.item.code, row.answer)) is not None
        ],
    }


def _said_of(row: Evidence) -> list[object]:
    """Original, place and confirmation of a piece of evidence; most have none and are signed as before."""
    said = {
        "copy_of": row.copy_of.file.sha256 if row.copy_of else "",
        "position": row.position,
        "confirmed": f"{row.confirmed_by} {_moment(row.confirmed_at)}".strip(),
    }
    kept = {name: words for name, words in said.items() if words}
    return [kept] if kept else []


def _case(sheet: ChecklistSheet, cases: dict[int, list[tuple[str, str]]]) -> _Row:
    """The days and people of a case file belong to what is signed; other sheets have none."""
    return {"case": [list(line) for line in cases[sheet.pk]]} if sheet.pk in cases else {}


def _measured(found: Measured | None) -> _Row:
    """Experiments and environment belong to what is signed; a sheet without any says nothing of them."""
    return {"measured": [list(row) for row in found.rows]} if found else {}


def _code(task: InspectionTask) -> str:
    """The credit code of a unit, the code of a bureau."""
    return task.unit.uscc if task.unit else str(task.bureau and task.bureau.code)


def _moment(moment: dt.datetime | None) -> str:
    return moment.astimezone(dt.UTC).isoformat(timespec="seconds") if moment else ""
