"""What a device showed when somebody signed on it: the same text is made here and there, and compared by its hash.

Only arrays of numbers and texts: JSON without white space is then the same in Python and in a browser
(``digestOf`` in static/js/onsite/rules.mjs).
"""

import hashlib
import json

from inspections.models import ChecklistAnswer, Evidence, InspectionTask


def shown_digest(task: InspectionTask) -> str:
    """SHA-256 of answers, files and conclusions of all sheets of a task, as they stand now; 3 queries."""
    answers = ChecklistAnswer.objects.filter(sheet__task=task).order_by("pk")
    files = Evidence.objects.filter(sheet__task=task, withdrawn_at=None)
    said = [
        [list(row) for row in answers.values_list("pk", "answer", "note")],
        sorted(list(row) for row in files.values_list("answer", "file__sha256")),
        [
            list(row)
            for row in task.sheets.order_by("pk").values_list("pk", "conclusion", "override_reason")
        ],
    ]
    text = json.dumps(said, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
