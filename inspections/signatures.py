"""Signatures under the sheets of a task: a picture and the hash of what was signed."""

import uuid
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction

from metrostd.accounts.models import Membership
from metrostd.common import audit, clock
from metrostd.common.actors import Actor
from metrostd.common.handwriting import signature_png
from metrostd.common.policies import YES, Verdict, not_now
from metrostd.common.saves import only_once
from metrostd.common.transitions import check_state
from metrostd.common.uploads import PNG, store_bytes

from .completeness import content_hash
from .enums import SignerKind, TaskState
from .models import EarlierFinding, EarlierSigning, Finding, InspectionTask, Signature


def signing(task: InspectionTask) -> Verdict:
    """Signatures are taken between the filling and the end of the visit."""
    if task.state == TaskState.SIGNING:
        return YES
    return not_now(f"检查任务目前是“{task.get_state_display()}”，不能签字。")


@transaction.atomic
def sign(
    task: InspectionTask,
    *,
    actor: Actor | None,
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
    # Held until the signature is written: giving the task back voids it with the others.
    now = InspectionTask.objects.select_for_update().get(pk=task.pk)
    check_state(signing(now), obj=now)
    if not name.strip():
        raise ValidationError({"name": "请填写签字人姓名。"})
    if kind == SignerKind.TEAM:
        if membership is None or not task.team.filter(membership=membership).exists():
            raise ValidationError("签字人不在检查组内。")
    elif not position.strip():
        raise ValidationError({"position": "请填写签字人职务。"})
    stored = store_bytes(signature_png(image), media_type=PNG)
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
    with only_once(f"{signature.name}已经签过字。"):
        signature.save(force_insert=True)
    audit.record(
        task,
        actor=actor,
        action="task.sign",
        label="签字",
        after={"kind": kind, "name": signature.name, "hash": signature.content_hash},
        note=f"{signature.get_kind_display()}：{signature.name}",
    )
    return signature


def void_signatures(task: InspectionTask) -> None:
    """Signatures given so far count no more; they are kept."""
    task.signatures.filter(void_at=None).update(void_at=clock.now())


def keep_signing(task: InspectionTask, standing: Iterable[Finding]) -> None:
    """What was signed until now stays on record: figures of earlier days read it there."""
    moment = clock.now()
    kept = EarlierSigning.objects.bulk_create(
        EarlierSigning(
            sheet=sheet, signed_at=sheet.signed_at, until=moment, conclusion=sheet.conclusion
        )
        for sheet in task.sheets.all()
        if sheet.signed_at is not None
    )
    of_sheet = {signing.sheet_id: signing for signing in kept}
    EarlierFinding.objects.bulk_create(
        EarlierFinding(
            signing=of_sheet[finding.sheet_id],
            finding=finding,
            category=finding.category,
            severity=finding.severity,
            is_key=finding.is_key,
            fact=finding.fact,
        )
        for finding in standing
        if finding.sheet_id in of_sheet
    )
