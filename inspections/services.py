"""What is written on a sheet while the visit is under way: answers, evidence, conclusions."""

import datetime as dt
import uuid
from collections.abc import Collection, Mapping

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction

from metrostd.common import audit, clock
from metrostd.common.actors import Actor
from metrostd.common.content import PHOTOS, Claims, claims
from metrostd.common.enums import Answer, Conclusion
from metrostd.common.http import StaleError
from metrostd.common.models import StoredFile
from metrostd.common.policies import YES, Verdict, not_now
from metrostd.common.quotas import Quota
from metrostd.common.saves import write_answers
from metrostd.common.transitions import check_state
from metrostd.common.uploads import MATERIALS, MEDIA, clean_name, store_upload

from . import conclusions, one_answer
from .completeness import suggested_conclusion
from .enums import TaskState
from .evidence_kinds import evidence_kind
from .models import ChecklistAnswer, ChecklistSheet, Evidence, InspectionTask
from .places import place_words

EVIDENCE_TYPES = MATERIALS | MEDIA
#: In the trail of an item that was confirmed with the rest of its section.
REST = "逐节确认：其余符合"
EVIDENCE_QUOTA = Quota("一份检查表", files=500, megabytes=2000)


def filling(task: InspectionTask) -> Verdict:
    """Sheets are written on while the visit is under way; signing closes them."""
    if task.state == TaskState.IN_PROGRESS:
        return YES
    return not_now(f"检查任务目前是“{task.get_state_display()}”，检查表不能再填写。")


@transaction.atomic
def save_answer(
    answer: ChecklistAnswer,
    *,
    value: str,
    note: str,
    base_version: int,
    client_id: uuid.UUID,
    actor: Actor | None,
    said: str = "",
) -> ChecklistAnswer:
    """Save one item; the write itself checks that nobody saved in between.

    ``said`` is what the trail notes of how it was given. The same ``client_id`` again changes nothing. Raises StaleError with both values when the save
    is based on an older version, TransitionError when the task is not being filled in,
    ValidationError when the item cannot be answered so.
    """
    note = note.strip()
    if answer.client_id == client_id:
        return answer
    if reason := _why_not(answer, value):
        raise ValidationError({"answer": reason})
    changes = {
        "answer": value,
        "note": note,
        "version": base_version + 1,
        "client_id": client_id,
        "answered_by": actor,
        "answered_at": clock.now(),
    }
    stamp = {"answered_by": actor.pk if actor else None}
    if not one_answer.write(answer, base_version=base_version, **changes | stamp):
        return _not_saved(answer, value=value, note=note, client_id=client_id)
    before = {"answer": answer.answer, "note": answer.note}
    for name, new in changes.items():
        setattr(answer, name, new)
    audit.record(
        answer,
        actor=actor,
        action="sheet.answer",
        label="填写检查表",
        before=before,
        after={"answer": value, "note": note},
        note=said,
    )
    return answer


def _not_saved(
    answer: ChecklistAnswer, *, value: str, note: str, client_id: uuid.UUID
) -> ChecklistAnswer:
    """Say why the write found no row; the same save arriving twice at once is no error."""
    now = ChecklistAnswer.objects.select_related("answered_by", "sheet__task", "item").get(
        pk=answer.pk
    )
    if now.client_id == client_id:
        return now
    check_state(filling(now.sheet.task), obj=now.sheet.task)
    raise StaleError(
        "这一项刚刚被他人填写，请选择保留哪一个。",
        payload={
            "mine": {"answer": value, "note": note},
            "theirs": {"answer": now.answer, "note": now.note},
            "version": now.version,
            "theirs_by": str(now.answered_by or ""),
            "theirs_at": now.answered_at.isoformat() if now.answered_at else "",
        },
    )


@transaction.atomic
def answer_many(
    sheet: ChecklistSheet,
    values: Mapping[int, tuple[str, str]],
    *,
    actor: Actor | None,
    said: str = "",
) -> int:
    """Save answers of a sheet by primary key to (answer, note), with one trail row for each.

    ``said`` is what the trail notes of how they were given. Returns how many were saved. Raises TransitionError when the task is not being filled in,
    ValidationError naming the item that cannot be answered so; then nothing is saved.
    """
    require_filling(sheet.task)
    rows = list(
        sheet.answers.select_for_update(of=("self",))
        .filter(pk__in=list(values))
        .prefetch_related("item")  # many rows share an item
    )
    entries = []
    for row in rows:
        value, note = values[row.pk]
        if reason := _why_not(row, value):
            raise ValidationError(f"{row.item.code}：{reason}")
        before = {"answer": row.answer, "note": row.note}
        row.answer, row.note, row.version = value, note.strip(), row.version + 1
        entries.append(
            audit.entry(
                row,
                actor=actor,
                action="sheet.answer",
                label="填写检查表",
                before=before,
                after={"answer": row.answer, "note": row.note},
                note=said,
            )
        )
    write_answers(sheet.answers.all(), {row.pk: values[row.pk] for row in rows}, actor=actor)
    audit.AuditEntry.objects.bulk_create(entries, batch_size=1000)
    return len(rows)


@transaction.atomic
def conform_rest(sheet: ChecklistSheet, items: Collection[int], *, actor: Actor | None) -> int:
    """其余符合: those of the items that nobody has answered yet conform; each has a trail row of its own.

    Returns how many there were. What a colleague answered meanwhile stays. Raises TransitionError when
    the task is not being filled in.
    """
    rows = sheet.answers.select_for_update(of=("self",)).filter(pk__in=items, answer="")
    values = dict.fromkeys(rows.values_list("pk", flat=True), (Answer.CONFORM.value, ""))
    return answer_many(sheet, values, actor=actor, said=REST)


def _why_not(answer: ChecklistAnswer, value: str) -> str:
    """Why the item cannot be answered so, or an empty string."""
    return conclusions.may_answer(
        value=value,
        is_prohibition=answer.item.is_prohibition,
        may_be_inapplicable=answer.item.may_be_inapplicable,
    )


@transaction.atomic
def add_evidence(
    answer: ChecklistAnswer,
    *,
    file: UploadedFile,
    name: str,
    kind: str,
    client_id: uuid.UUID,
    actor: Actor | None,
    captured_at: dt.datetime | None = None,
    position: str = "",
    copy_of: Evidence | None = None,
) -> Evidence:
    """Attach a file to an answer, with hash, time and person (通知二(二)1 现场取证).

    ``captured_at`` is for a file that waited on a device; others were captured now. ``copy_of`` is the photograph a
    copy was drawn on (``copies.py`` asks whether it may be). The same ``client_id`` again gives the first one. Raises
    ValidationError when the file is refused, TransitionError when the task is not being filled in.
    """
    if known := Evidence.objects.filter(client_id=client_id, answer=answer).first():
        return known
    require_filling(answer.sheet.task)
    kept = Evidence.objects.filter(sheet_id=answer.sheet_id, withdrawn_at=None)
    EVIDENCE_QUOTA.require_room(kept, adding=file.size or 0)
    stored = store_upload(file, accept=EVIDENCE_TYPES)
    chosen = evidence_kind(kind, stored.media_type)
    said = Claims() if copy_of or stored.media_type not in PHOTOS else _claims(stored)
    try:
        with transaction.atomic():
            evidence = Evidence.objects.create(
                answer=answer,
                sheet_id=answer.sheet_id,
                kind=chosen,
                file=stored,
                name=clean_name(name or file.name or "", unnamed="证据"),
                captured_at=captured_at or clock.now(),
                captured_by=actor,
                position=position,
                taken_at=said.taken_at,
                taken_where=place_words(*said.place) if said.place else "",
                copy_of=copy_of,
                client_id=client_id,
            )
    except IntegrityError:
        known = Evidence.objects.filter(client_id=client_id, answer=answer).first()
        if known is None:
            raise ValidationError("上传标识重复，请刷新页面后重试。") from None
        return known
    audit.record(
        evidence,
        actor=actor,
        action="sheet.add_evidence",
        label="添加标注副本" if copy_of else "添加证据",
        after={"sha256": stored.sha256, "item": answer.item.code}
        | ({"copy_of": copy_of.file.sha256, "original": copy_of.name} if copy_of else {})
        | ({"position": position} if position else {}),
    )
    return evidence


def _claims(stored: StoredFile) -> Claims:
    with stored.content.open("rb") as file:
        return claims(file.read(), stored.media_type)


@transaction.atomic
def withdraw_evidence(evidence: Evidence, *, actor: Actor | None) -> None:
    """Take a file off an answer; it stays stored and in the trail.

    Raises ValidationError for a photograph whose copy still stands: a copy proves nothing without it.
    """
    require_filling(evidence.sheet.task)
    if evidence.copies.filter(withdrawn_at=None).exists():
        raise ValidationError(f"“{evidence.name}”是标注副本的原件，请先撤下副本。")
    rows = Evidence.objects.filter(pk=evidence.pk, withdrawn_at=None)
    if rows.update(withdrawn_at=clock.now()):
        audit.record(evidence, actor=actor, action="sheet.withdraw_evidence", label="撤下证据")


@transaction.atomic
def set_conclusion(
    sheet: ChecklistSheet, *, conclusion: str, reason: str, actor: Actor | None
) -> ChecklistSheet:
    """Set the conclusion of a sheet: as suggested, or graver with a reason, never milder.

    Raises ValidationError while items are unanswered or when the rule is broken.
    """
    require_filling(sheet.task)
    if conclusion not in Conclusion.values:
        raise ValidationError({"conclusion": "请选择结论。"})
    if open_items := sheet.answers.filter(answer="").count():
        raise ValidationError(f"还有 {open_items} 项未判定，填完后才能确定结论。")
    floor = suggested_conclusion(sheet)
    chosen = Conclusion(conclusion)
    if chosen.severity < floor.severity:
        raise ValidationError({"conclusion": f"结论不能轻于建议结论“{floor.label}”。"})
    raised = chosen.severity > floor.severity
    if raised and not reason.strip():
        raise ValidationError({"reason": "提高严重程度应当说明理由。"})
    before = {"conclusion": sheet.conclusion, "reason": sheet.override_reason}
    sheet.suggested, sheet.conclusion = floor.value, chosen.value
    sheet.override_reason = reason.strip()[:300] if raised else ""
    sheet.save(update_fields=["suggested", "conclusion", "override_reason"])
    audit.record(
        sheet,
        actor=actor,
        action="sheet.set_conclusion",
        label="确定结论",
        before=before,
        after={
            "conclusion": sheet.conclusion,
            "suggested": sheet.suggested,
            "reason": sheet.override_reason,
        },
        note=sheet.override_reason,
    )
    return sheet


def require_filling(task: InspectionTask) -> None:
    """The state is asked anew and held: the page may be older than the signing."""
    now = InspectionTask.objects.select_for_update().get(pk=task.pk)
    check_state(filling(now), obj=now)
