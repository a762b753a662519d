"""Signatures under the sheets of a task: by whom they say they are, and to the hash of what was shown."""

import datetime as dt
import uuid
from collections.abc import Iterable
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.db import transaction

from metrostd.accounts.confirming import Confirmed
from metrostd.accounts.models import Membership
from metrostd.common import audit, clock
from metrostd.common.actors import Actor
from metrostd.common.handwriting import Handwriting
from metrostd.common.policies import YES, Verdict, not_now
from metrostd.common.saves import only_once
from metrostd.common.transitions import check_state
from metrostd.common.uploads import PNG, store_bytes

from .enums import SignerKind, SigningWay, TaskState, TeamRole
from .models import (
    EarlierFinding,
    EarlierReviewProblem,
    EarlierSigning,
    Finding,
    InspectionTask,
    ReviewProblem,
    Signature,
)
from .signed_content import content_hash

ONLY_OFFICERS = "收取被检查单位的签字和结束检查，由组长或者执法人员办理。"


def signing(task: InspectionTask) -> Verdict:
    """Signatures are taken between the filling and the end of the visit."""
    if task.state == TaskState.SIGNING:
        return YES
    return not_now(f"检查任务目前是“{task.get_state_display()}”，不能签字。")


@dataclass(frozen=True, slots=True)
class _Given:
    """What a signature says beside its picture."""

    kind: SignerKind
    way: SigningWay
    name: str
    position: str = ""
    membership: Membership | None = None
    #: When, if it waited on a device; otherwise now.
    at: dt.datetime | None = None


@transaction.atomic
def sign(
    task: InspectionTask,
    *,
    actor: Actor,
    membership: Membership,
    hand: Handwriting,
    client_id: uuid.UUID,
    confirmed: Confirmed | None = None,
    at: dt.datetime | None = None,
) -> Signature:
    """A member of the team signs all sheets: in their own session, or with their own password
    (``confirmed``) on the leader's device.

    The signature carries the hash of what was signed. The same ``client_id`` again gives the first
    one. Raises ValidationError for a stranger, for somebody who did not prove who they are and for a
    second signature, TransitionError outside 待签字.
    """
    team = {place.membership_id: place for place in task.team.select_related("membership__user")}
    if membership.pk not in team:
        raise ValidationError("签字人不在检查组内。")
    way = _way(membership, actor=actor, confirmed=confirmed)
    if way == SigningWay.PASSWORD and not any(
        place.role == TeamRole.LEADER and place.membership.user_id == actor.pk
        for place in team.values()
    ):
        raise ValidationError("只有在组长的设备上，其他成员才能凭本人密码签字；请本人登录后签字。")
    given = _Given(SignerKind.TEAM, way, str(membership.user), membership=membership, at=at)
    return _keep(task, given, actor=actor, hand=hand, client_id=client_id)


@transaction.atomic
def sign_for_unit(
    task: InspectionTask,
    *,
    actor: Actor,
    name: str,
    position: str,
    hand: Handwriting,
    client_id: uuid.UUID,
    at: dt.datetime | None = None,
) -> Signature:
    """The unit's representative signs all sheets; the leader or an officer of the team takes it.

    Raises ValidationError without name and position, or when somebody else takes it.
    """
    if not name.strip():
        raise ValidationError({"name": "请填写签字人姓名。"})
    if not position.strip():
        raise ValidationError({"position": "请填写签字人职务。"})
    officers = task.team.filter(membership__user=actor.pk, role__in=TeamRole.officers)
    if not officers.exists():
        raise ValidationError(ONLY_OFFICERS)
    given = _Given(
        SignerKind.UNIT, SigningWay.TAKEN, name.strip()[:40], position.strip()[:40], at=at
    )
    return _keep(task, given, actor=actor, hand=hand, client_id=client_id)


def _way(membership: Membership, *, actor: Actor, confirmed: Confirmed | None) -> SigningWay:
    if membership.user_id == actor.pk:
        return SigningWay.OWN
    if confirmed is not None and confirmed.person_id == membership.user_id:
        return SigningWay.PASSWORD
    raise ValidationError(
        {
            "password": f"不能代{membership.user}签字：请本人登录后签字，"
            "或者在组长的设备上输入本人的登录密码后签字。"
        }
    )


def _keep(
    task: InspectionTask,
    given: _Given,
    *,
    actor: Actor,
    hand: Handwriting,
    client_id: uuid.UUID,
) -> Signature:
    if known := Signature.objects.filter(client_id=client_id, task=task).first():
        return known
    # Held until the signature is written: giving the task back voids it with the others.
    now = InspectionTask.objects.select_for_update().get(pk=task.pk)
    check_state(signing(now), obj=now)
    content = content_hash(task)
    void_signatures(task, other_than=content)
    signature = Signature(
        task=task,
        kind=given.kind,
        way=given.way,
        membership=given.membership,
        name=given.name,
        position=given.position,
        image=store_bytes(hand.png, media_type=PNG),
        strokes=hand.strokes,
        collected_by=actor,
        content_hash=content,
        client_id=client_id,
        signed_at=given.at or clock.now(),
    )
    with only_once(f"{signature.name}已经签过字。"):
        signature.save(force_insert=True)
    audit.record(
        task,
        actor=actor,
        action="task.sign",
        label="签字",
        after={"kind": given.kind, "way": given.way, "name": given.name, "hash": content},
        note=f"{signature.get_kind_display()}：{signature.name}（{signature.how}）",
    )
    return signature


def void_signatures(task: InspectionTask, *, other_than: str = "") -> None:
    """Signatures given so far count no more, or those under other content; they are kept."""
    standing = task.signatures.filter(void_at=None)
    standing.exclude(content_hash=other_than).update(void_at=clock.now())


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
    EarlierReviewProblem.objects.bulk_create(
        EarlierReviewProblem(signing=of_sheet[problem.sheet_id], problem=problem)
        for problem in ReviewProblem.objects.counted().filter(sheet__in=of_sheet)
    )
