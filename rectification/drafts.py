"""What the unit writes until it reports: cause, action, prevention and evidence of repair."""

import uuid
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.db import IntegrityError, transaction
from django.db.models import F

from inspections.models import Finding
from inspections.moves import finding as finding_moves
from metrostd.common import audit, clock
from metrostd.common.actors import Actor
from metrostd.common.http import StaleError
from metrostd.common.models import AuditEntry
from metrostd.common.quotas import Quota
from metrostd.common.transitions import TransitionError
from metrostd.common.uploads import clean_name, store_upload

from .models import Rectification, RectificationFile

FILES_QUOTA = Quota("一个问题", files=100, megabytes=500)
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
    actor: Actor | None,
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
        raise _reported(finding)
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


def begin_reports(findings: Iterable[Finding]) -> None:
    """A draft for each finding that has just been ordered.

    What the unit wrote under an order that was withdrawn is not lost: a draft goes on, what had been
    submitted is where the next round starts.
    """
    found = list(findings)
    last = {
        row.finding_id: row
        for row in Rectification.objects.filter(finding__in=found).order_by("round")
    }
    made = []
    for finding in found:
        before = last.get(finding.pk)
        if before is None:
            made.append(Rectification(finding=finding))
        elif before.submitted_at is not None:
            made.append(before.next_round())
    Rectification.objects.bulk_create(made)


@transaction.atomic
def add_file(
    finding: Finding, *, file: UploadedFile, name: str, client_id: uuid.UUID, actor: Actor | None
) -> RectificationFile:
    """Add evidence of repair to the draft; the same ``client_id`` twice counts once.

    Raises ValidationError when the file is refused, TransitionError when the finding no longer
    waits for the unit.
    """
    if known := RectificationFile.objects.filter(client_id=client_id, finding=finding).first():
        return known
    kept = RectificationFile.objects.filter(finding=finding)
    FILES_QUOTA.require_room(kept, adding=file.size or 0)
    row = RectificationFile(
        rectification=_draft(finding),
        finding=finding,
        file=store_upload(file),
        name=clean_name(name),
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
def withdraw_file(row: RectificationFile, *, actor: Actor | None) -> None:
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


def _draft(finding: Finding) -> Rectification:
    """The round being written; TransitionError when the unit has nothing to write."""
    finding.refresh_from_db(fields=["state"])
    finding_moves.SUBMIT.check(finding)
    report = Rectification.objects.filter(finding=finding, submitted_at=None).last()
    if report is None:
        raise _reported(finding)
    return report


def _reported(finding: Finding) -> TransitionError:
    """Somebody else of the unit has just reported what this page was still writing."""
    return TransitionError(f"“{finding}”的整改情况刚刚已报送，不能再填写。", obj=finding)


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
