"""What the unit writes: cause, action, prevention, evidence, and the submission."""

import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import F

from campaigns import duties
from campaigns.enums import DutyKind
from inspections import finding_moves
from inspections.enums import FindingState
from inspections.models import Finding
from metrostd.common import audit, clock
from metrostd.common.http import StaleError
from metrostd.common.models import AuditEntry
from metrostd.common.transitions import TransitionError
from metrostd.common.uploads import store_upload
from rectification import moves, notifications, queries
from rectification.models import Rectification, RectificationFile, RectificationOrder

from . import owed

SAVE_ACTION = "rectification.save"


@transaction.atomic
def save_rectification(
    finding: Finding,
    *,
    cause: str,
    action: str,
    prevention: str,
    base_version: int,
    client_id: uuid.UUID,
    actor: Any,
) -> Rectification:
    """Save the draft on one finding; the same ``client_id`` twice counts once.

    Raises StaleError with both values when somebody saved since ``base_version``, TransitionError
    when the finding no longer waits for the unit.
    """
    report = _draft(finding)
    if report.client_id == client_id:
        return report
    mine = {"cause": cause, "action": action, "prevention": prevention}
    saved = Rectification.objects.filter(
        pk=report.pk, version=base_version, submitted_at=None
    ).update(**mine, client_id=client_id, version=F("version") + 1)
    report.refresh_from_db()
    if not saved and report.client_id == client_id:
        return report
    if not saved and report.submitted_at is not None:
        raise TransitionError(f"“{finding}”的整改情况刚刚已报送，不能再填写。", obj=finding)
    if not saved:
        raise _stale(report, mine)
    audit.record(
        report,
        actor=actor,
        action=SAVE_ACTION,
        label="填写整改情况",
        after={**mine, "version": report.version},
    )
    return report


@transaction.atomic
def add_file(
    finding: Finding, *, file: UploadedFile, name: str, client_id: uuid.UUID, actor: Any
) -> RectificationFile:
    """Add evidence of repair to the draft; the same ``client_id`` twice counts once.

    Raises ValidationError when the file is refused, TransitionError when the finding no longer
    waits for the unit.
    """
    if known := RectificationFile.objects.filter(client_id=client_id, finding=finding).first():
        return known
    row = RectificationFile(
        rectification=_draft(finding),
        finding=finding,
        file=store_upload(file),
        name=name[:200],
        client_id=client_id,
        added_by=actor,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        known = RectificationFile.objects.filter(client_id=client_id, finding=finding).first()
        if known is None:
            raise ValidationError("上传标识重复，请刷新页面后重试。") from None
        return known
    audit.record(
        finding,
        actor=actor,
        action="rectification.add_file",
        label="上传整改证明材料",
        after={"file": row.file.sha256, "name": row.name},
        note=row.name,
    )
    return row


@transaction.atomic
def withdraw_file(row: RectificationFile, *, actor: Any) -> None:
    """Take a wrong file out of the draft; it stays in the store and in the trail.

    Raises TransitionError once it has been submitted.
    """
    taken = RectificationFile.objects.filter(
        pk=row.pk, withdrawn_at=None, rectification__submitted_at=None
    ).update(withdrawn_at=clock.now())
    if not taken:
        raise TransitionError(f"“{row}”已经报送或者已经撤下，不能再撤下。", obj=row.finding)
    audit.record(
        row.finding,
        actor=actor,
        action="rectification.withdraw_file",
        label="撤下整改证明材料",
        before={"file": row.file.sha256, "name": row.name},
        note=row.name,
    )


@transaction.atomic
def submit_rectification(order: RectificationOrder, *, actor: Any) -> int:
    """Report on the findings of an order to the inspecting office; returns how many.

    Every finding that waits for the unit has to be complete; one with an extension may follow
    later while others are due. Raises ValidationError naming what is missing, TransitionError
    when nothing waits for the unit.
    """
    order = owed.locked(order)
    findings = [
        item.finding
        for item in order.items.filter(finding__state__in=owed.WITH_UNIT)
        .select_related("finding__item", "finding__task__campaign")
        .order_by("pk")
    ]
    if not findings:
        raise TransitionError(f"“{order}”没有待报送的整改情况。", obj=order)
    ready = _complete(findings)
    now, on = clock.now(), clock.today()
    for finding, report, names in ready:
        Rectification.objects.filter(pk=report.pk).update(
            submitted_at=now,
            submitted_by=actor,
            is_late=finding.due_on is not None and on > finding.due_on,
        )
        audit.record(
            report,
            actor=actor,
            action="rectification.report",
            label="报送整改情况",
            after={
                "cause": report.cause,
                "action": report.action,
                "prevention": report.prevention,
                "files": names,
            },
        )
        finding_moves.submit(finding, actor=actor)
        # Reported after all: the request for a later day needs no answer any more.
        duties.cancel(finding, kind=DutyKind.EXTENSION)
    if moves.SUBMIT.allowed_from(order.state):
        moves.SUBMIT.apply(order, actor=actor)
    owed.sync(order)
    notifications.tell_submitted(order, findings=len(ready), actor=actor)
    return len(ready)


def _complete(findings: list[Finding]) -> list[tuple[Finding, Rectification, list[str]]]:
    """The findings whose report is complete; raises ValidationError for those that have to be."""
    # Held while they are checked: what is saved meanwhile is either checked too or refused.
    reports = {
        row.finding_id: row
        for row in Rectification.objects.select_for_update(of=("self",))
        .filter(finding__in=findings, submitted_at=None)
        .order_by("round")
    }
    files = queries.files_by_finding(finding.pk for finding in findings)
    may_follow = any(finding.extended_from is None for finding in findings)
    ready, problems = [], []
    for finding in findings:
        report, rows = reports[finding.pk], files.get(finding.pk, [])
        if lacking := queries.missing_parts(report, len(rows)):
            if finding.extended_from is None or not may_follow:
                problems.append(f"{finding.item.code}：缺少{'、'.join(lacking)}。")
            continue
        ready.append((finding, report, [row.file.sha256 for row in rows]))
    if problems:
        raise ValidationError(problems)
    return ready


def _draft(finding: Finding) -> Rectification:
    """The round being written; TransitionError when the unit has nothing to write."""
    state = Finding.objects.values_list("state", flat=True).get(pk=finding.pk)
    report = Rectification.objects.filter(finding=finding, submitted_at=None).last()
    if state not in owed.WITH_UNIT or report is None:
        label = FindingState(state).label
        raise TransitionError(f"“{finding}”目前是“{label}”，不能再填写整改情况。", obj=finding)
    return report


def _stale(report: Rectification, mine: dict[str, str]) -> StaleError:
    last = AuditEntry.objects.about(report).filter(action=SAVE_ACTION).first()
    return StaleError(
        "这一项刚刚被他人修改，请选择保留哪一个。",
        payload={
            "mine": mine,
            "theirs": {
                "cause": report.cause,
                "action": report.action,
                "prevention": report.prevention,
            },
            "version": report.version,
            "theirs_by": str(last.actor) if last and last.actor else "",
            "theirs_at": last.at.isoformat() if last else "",
        },
    )
