"""Writes of a visit that are not moves: tasks from a draw, answers, evidence, conclusions, signatures."""

import base64
import binascii
import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction

from campaigns import duties
from campaigns.enums import DutyKind, StageKind
from campaigns.models import DrawnStandard, DrawRun, FrameStandard
from campaigns.stages import stage_end
from metrostd.accounts.models import Membership
from metrostd.common import audit, clock
from metrostd.common.enums import Conclusion
from metrostd.common.http import StaleError
from metrostd.common.transitions import TransitionError
from metrostd.common.uploads import PDF, PHOTOS, PNG, sniff, store_bytes, store_upload

from . import conclusions
from .completeness import content_hash, suggested_conclusion
from .enums import EvidenceKind, SignerKind, TaskState
from .models import (
    ChecklistAnswer,
    ChecklistSheet,
    Evidence,
    InspectionTask,
    Signature,
    TaskStandard,
)

__all__ = (
    "EVIDENCE_TYPES",
    "add_evidence",
    "create_tasks",
    "save_answer",
    "set_conclusion",
    "sign",
    "suggested_conclusion",
    "withdraw_evidence",
)

EVIDENCE_TYPES = PHOTOS | {PDF}
_SIGNATURE_PREFIX = "data:image/png;base64,"
_SIGNATURE_LIMIT = 1024 * 1024


@transaction.atomic
def create_tasks(run: DrawRun, *, actor: Any) -> int:
    """List a task for every drawn unit that has none yet; returns how many. Bulk.

    The office owes the inspection by the end of its on-site stage.
    """
    frame = run.frame
    known = {t.drawn_unit_id: t for t in InspectionTask.objects.filter(drawn_unit__run=run)}
    drawn = list(run.drawn.select_related("unit").order_by("order"))
    tasks = [
        InspectionTask(
            campaign=frame.campaign,
            authority=frame.authority,
            unit=row.unit,
            drawn_unit=row,
            place=row.unit.actual_address or row.unit.registered_address,
        )
        for row in drawn
        if row.pk not in known
    ]
    InspectionTask.objects.bulk_create(tasks, batch_size=500)
    _write_standards(run, {task.drawn_unit_id: task for task in tasks})
    audit.record_many(tasks, actor=actor, action="create", label="列入清单")
    due = stage_end(frame.campaign, StageKind.ONSITE, authority=frame.authority)
    duties.assign_many(
        duties.build(
            frame.campaign,
            kind=DutyKind.INSPECTION,
            title=f"实施现场检查：{task.unit}",
            due_on=max(due, clock.today()),
            target=task,
            authority=frame.authority,
        )
        for task in tasks
    )
    return len(tasks)


def _write_standards(run: DrawRun, tasks: dict[int | None, InspectionTask]) -> None:
    frozen = FrameStandard.objects.filter(frame=run.frame_id)
    categories = dict(frozen.values_list("standard_id", "category"))
    rows = DrawnStandard.objects.filter(drawn_unit__run=run).select_related("standard")
    TaskStandard.objects.bulk_create(
        (
            TaskStandard(
                task=tasks[row.drawn_unit_id],
                standard_id=row.standard_id,
                category=categories.get(row.standard_id, row.standard.category),
                field_id=row.field_id,
            )
            for row in rows.order_by("drawn_unit__order", "pk")
            if row.drawn_unit_id in tasks
        ),
        batch_size=1000,
    )


@transaction.atomic
def save_answer(
    answer: ChecklistAnswer,
    *,
    value: str,
    note: str,
    base_version: int,
    client_id: uuid.UUID,
    actor: Any,
) -> ChecklistAnswer:
    """Save one item; the write itself checks that nobody saved in between.

    The same ``client_id`` again changes nothing. Raises StaleError with both values when the save
    is based on an older version, TransitionError when the task is not being filled in,
    ValidationError when the item cannot be answered so.
    """
    note = note.strip()
    if answer.client_id == client_id:
        return answer
    item = answer.item
    if reason := conclusions.may_answer(
        value=value,
        is_prohibition=item.is_prohibition,
        may_be_inapplicable=item.may_be_inapplicable,
    ):
        raise ValidationError({"answer": reason})
    changes = {
        "answer": value,
        "note": note,
        "version": base_version + 1,
        "client_id": client_id,
        "answered_by": actor,
        "answered_at": clock.now(),
    }
    rows = ChecklistAnswer.objects.filter(
        pk=answer.pk, version=base_version, sheet__task__state=TaskState.IN_PROGRESS
    )
    if rows.update(**changes) != 1:
        return _not_saved(answer, value=value, note=note, client_id=client_id)
    before = {"answer": answer.answer, "note": answer.note}
    for name, new in changes.items():
        setattr(answer, name, new)
    audit.record(
        answer,
        actor=actor,
        action="answer",
        label="填写检查表",
        before=before,
        after={"answer": value, "note": note},
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
    if now.sheet.task.state != TaskState.IN_PROGRESS:
        raise TransitionError(
            f"检查任务已是“{now.sheet.task.get_state_display()}”，不能再填写。", obj=now.sheet.task
        )
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
def add_evidence(
    answer: ChecklistAnswer,
    *,
    file: UploadedFile,
    name: str,
    kind: str,
    client_id: uuid.UUID,
    actor: Any,
) -> Evidence:
    """Attach a photo or PDF to an answer, with hash, time and person (通知二(二)1 现场取证).

    The same ``client_id`` again gives the first one. Raises ValidationError when the file is
    refused, TransitionError when the task is not being filled in.
    """
    if known := Evidence.objects.filter(client_id=client_id, answer=answer).first():
        return known
    _require_filling(answer.sheet.task)
    stored = store_upload(file, accept=EVIDENCE_TYPES)
    chosen = kind if kind in EvidenceKind.values else _kind_of(stored.media_type)
    try:
        with transaction.atomic():
            evidence = Evidence.objects.create(
                answer=answer,
                sheet_id=answer.sheet_id,
                kind=chosen,
                file=stored,
                name=(name or file.name or "证据")[:200],
                captured_by=actor,
                client_id=client_id,
            )
    except IntegrityError:
        return Evidence.objects.get(client_id=client_id, answer=answer)
    audit.record(
        evidence,
        actor=actor,
        action="add_evidence",
        label="添加证据",
        after={"sha256": stored.sha256, "item": answer.item.code},
    )
    return evidence


def _kind_of(media_type: str) -> EvidenceKind:
    return EvidenceKind.SCAN if media_type == PDF else EvidenceKind.PHOTO


@transaction.atomic
def withdraw_evidence(evidence: Evidence, *, actor: Any) -> None:
    """Take a file off an answer; it stays stored and in the trail."""
    _require_filling(evidence.sheet.task)
    rows = Evidence.objects.filter(pk=evidence.pk, withdrawn_at=None)
    if rows.update(withdrawn_at=clock.now()):
        audit.record(evidence, actor=actor, action="withdraw_evidence", label="撤下证据")


@transaction.atomic
def set_conclusion(
    sheet: ChecklistSheet, *, conclusion: str, reason: str, actor: Any
) -> ChecklistSheet:
    """Set the conclusion of a sheet: as suggested, or graver with a reason, never milder.

    Raises ValidationError while items are unanswered or when the rule is broken.
    """
    _require_filling(sheet.task)
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
        action="set_conclusion",
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


@transaction.atomic
def sign(
    task: InspectionTask,
    *,
    actor: Any,
    kind: str,
    name: str,
    image: str | bytes,
    client_id: uuid.UUID,
    membership: Membership | None = None,
    position: str = "",
) -> Signature:
    """Take the signature of a team member or of the unit's representative under all sheets.

    ``image`` is PNG bytes or the PNG data URL of the signature pad. The signature carries the hash
    of what was signed. The same ``client_id`` again gives the first one. Raises ValidationError
    for a stranger, a second signature or a picture that is none, TransitionError outside 待签字.
    """
    if known := Signature.objects.filter(client_id=client_id, task=task).first():
        return known
    state = InspectionTask.objects.values_list("state", flat=True).get(pk=task.pk)
    if state != TaskState.SIGNING:
        raise TransitionError(f"检查任务已是“{TaskState(state).label}”，现在不能签字。", obj=task)
    if not name.strip():
        raise ValidationError({"name": "请填写签字人姓名。"})
    if kind == SignerKind.TEAM:
        if membership is None or not task.team.filter(membership=membership).exists():
            raise ValidationError("签字人不在检查组内。")
    elif not position.strip():
        raise ValidationError({"position": "请填写签字人职务。"})
    stored = store_bytes(_png(image), media_type=PNG)
    signature = Signature(
        task=task,
        kind=kind,
        membership=membership if kind == SignerKind.TEAM else None,
        name=name.strip()[:40],
        position=position.strip()[:40],
        image=stored,
        content_hash=content_hash(task),
        client_id=client_id,
    )
    try:
        with transaction.atomic():
            signature.save(force_insert=True)
    except IntegrityError:
        raise ValidationError(f"{signature.name}已经签过字。") from None
    audit.record(
        task,
        actor=actor,
        action="sign",
        label="签字",
        after={"kind": kind, "name": signature.name, "hash": signature.content_hash},
        note=f"{signature.get_kind_display()}：{signature.name}",
    )
    return signature


def _png(image: str | bytes) -> bytes:
    if isinstance(image, str):
        if not image.startswith(_SIGNATURE_PREFIX):
            raise ValidationError({"image": "没有收到签名，请在方框内签名。"})
        try:
            image = base64.b64decode(image.removeprefix(_SIGNATURE_PREFIX), validate=True)
        except (binascii.Error, ValueError):
            raise ValidationError({"image": "签名图片已损坏，请重签。"}) from None
    if len(image) > _SIGNATURE_LIMIT or sniff(image) != PNG:
        raise ValidationError({"image": "签名不是有效的 PNG 图片，请重签。"})
    return image


def _require_filling(task: InspectionTask) -> None:
    """The state is asked anew: the page may be older than the signing."""
    state = InspectionTask.objects.values_list("state", flat=True).get(pk=task.pk)
    if state != TaskState.IN_PROGRESS:
        raise TransitionError(f"检查任务已是“{TaskState(state).label}”，不能再填写。", obj=task)
