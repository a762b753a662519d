"""One record of a device's queue: taken once by its id, in the state the task is in now, with a receipt.

The record and its receipt are written in one transaction. What is refused leaves no receipt: the task may be
given back to its team, and the same record is then taken.
"""

import hashlib
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from inspections import policies, proofs, services, signatures
from inspections.enums import LeaseState, SignerKind
from inspections.models import (
    ChecklistAnswer,
    Evidence,
    LeaseReceipt,
    TaskLease,
    TeamMember,
)
from inspections.moves import result as result_moves
from inspections.moves import task as task_moves
from metrostd.common import audit
from metrostd.common.actors import Actor
from metrostd.common.found import get_object_or_404
from metrostd.common.handwriting import handwriting
from metrostd.common.policies import require
from metrostd.common.shapes import Context

from . import entries, hearings
from .pieces import MissingError, let_go, whole
from .records import (
    Content,
    Sent,
    base_version,
    moment_of,
    number_in,
    numbers_in,
    read,
    stands_on,
    text_in,
    uuid_in,
    uuids_in,
)
from .shown import shown_digest

#: Records that close something: what they stand on has to be here first.
CLOSING = frozenset({"to_signing", "signature", "conclude"})


class ShutOutError(Exception):
    """The lease is over: nothing of this device is taken any more."""


def receive(lease: TaskLease, sent: Sent, *, actor: Actor) -> Context:
    """Take one record; gives its result, the first one when it had been taken before.

    Raises ShutOutError when the device is shut out, MissingError while something the record stands on is not
    here, StaleError with both values, TransitionError and PermissionDenied as the online acts do, and
    ValidationError for content that changed on its way or under its id.
    """
    if hashlib.sha256(sent.content.encode()).hexdigest() != sent.content_hash:
        raise ValidationError("内容在传输中损坏，将重新发送。")
    if known := _known(lease, sent):
        let_go(lease, sent.id)  # pieces under the record's id that came again with it
        return known
    if lease.state == LeaseState.SHUT_OUT:
        raise ShutOutError
    act = _ACTS.get(sent.kind)
    if act is None:
        raise ValidationError("这一版门户不认识这条记录，请导出后联系系统管理员。")
    if sent.kind in CLOSING:
        _require_before(lease, sent.after)
    data = read(sent.content)
    if sent.kind == "signature" and text_in(data, "who") != SignerKind.UNIT:
        # Before the transaction: a wrong password stays counted when the signature is refused.
        sent = replace(sent, confirmed=sent.confirm(_place(lease, data).membership))
    try:
        with transaction.atomic():
            result = act(lease, sent, data, actor)
            LeaseReceipt.objects.create(
                lease=lease,
                client_id=sent.id,
                seq=sent.seq,
                kind=sent.kind,
                content_hash=sent.content_hash,
                result=result,
                device_at=sent.device_at,
            )
    except IntegrityError:
        # The same record at the same moment, from a second tab: the other one has it.
        if known := _known(lease, sent):
            return known
        raise
    return result


def _known(lease: TaskLease, sent: Sent) -> Context | None:
    receipt = LeaseReceipt.objects.filter(client_id=sent.id).first()
    if receipt is None:
        return None
    if receipt.content_hash != sent.content_hash or receipt.lease_id != lease.pk:
        raise ValidationError("同一编号已收到过不同的内容，这一条没有保存，请导出后重新填写。")
    result: Context = receipt.result
    return result


def _require_before(lease: TaskLease, after: Sequence[uuid.UUID]) -> None:
    here = LeaseReceipt.objects.filter(lease=lease, client_id__in=after)
    missing = set(after) - set(here.values_list("client_id", flat=True))
    if missing:
        raise MissingError(sorted(str(each) for each in missing))


# Acts --------------------------------------------------------------------------------------------


def _answer_of(lease: TaskLease, data: Content) -> ChecklistAnswer:
    rows = ChecklistAnswer.objects.select_related("sheet__task", "item__section")
    return get_object_or_404(rows, pk=number_in(data, "answer_id"), sheet__task=lease.task_id)


def _answer(lease: TaskLease, sent: Sent, data: Content, actor: Actor) -> Context:
    row = _answer_of(lease, data)
    require(policies.may_answer(actor, row))
    saved = services.save_answer(
        row,
        value=text_in(data, "answer"),
        note=text_in(data, "note"),
        base_version=base_version(lease, data),
        client_id=sent.id,
        actor=actor,
        said=services.REST if data.get("rest") is True else "",
    )
    if "lost" in data:
        # A conflict was settled on the device: the value that gave way stays on record.
        audit.record(
            row,
            actor=actor,
            action="sheet.settle",
            label="处理冲突",
            before=data["lost"],
            after={"answer": saved.answer, "note": saved.note},
        )
    return {"version": saved.version, "answer": saved.answer, "note": saved.note}


def _give_way(lease: TaskLease, sent: Sent, data: Content, actor: Actor) -> Context:
    """The colleague's value was chosen: one's own stays on record, the answer as it is."""
    if "answer_id" not in data:
        beside = hearings if "interview" in data else entries
        return beside.give_way(lease, data, actor)
    row = _answer_of(lease, data)
    require(policies.may_answer(actor, row))
    now = {"answer": row.answer, "note": row.note}
    audit.record(
        row,
        actor=actor,
        action="sheet.settle",
        label="处理冲突",
        before=data.get("lost"),
        after=now,
    )
    return {"version": row.version, **now}


def _evidence(lease: TaskLease, sent: Sent, data: Content, actor: Actor) -> Context:
    row = _answer_of(lease, data)
    require(policies.may_take_part(actor, row.sheet.task))
    upload, name = uuid_in(data, "upload"), text_in(data, "name")
    file = whole(
        lease,
        upload=upload,
        pieces=number_in(data, "pieces"),
        sha256=text_in(data, "sha256"),
        name=name,
    )
    at = moment_of(lease, sent)
    if original := _original(lease, row, data):
        kept = proofs.annotate(
            original, file=file, answer=row, client_id=sent.id, actor=actor, captured_at=at
        )
    else:
        kept = services.add_evidence(
            row,
            file=file,
            name=name,
            kind=text_in(data, "kind"),
            client_id=sent.id,
            actor=actor,
            captured_at=at,
            position=proofs.position_said(text_in(data, "position")),
        )
    let_go(lease, upload)
    return {"evidence": kept.pk, "sha256": text_in(data, "sha256")}


def _original(lease: TaskLease, row: ChecklistAnswer, data: Content) -> Evidence | None:
    """The photograph a copy was drawn on: one the portal had, or one of an earlier record of the device.

    Raises MissingError while that record is not here, Http404 for a photograph that is none of this item.
    """
    earlier = stands_on(lease, data)
    if earlier is None and "copy_of" not in data:
        return None
    pk = earlier.get("evidence") if earlier is not None else number_in(data, "copy_of")
    found: Evidence = get_object_or_404(row.evidence.select_related("file"), pk=pk)
    return found


def _confirm_evidence(lease: TaskLease, sent: Sent, data: Content, actor: Actor) -> Context:
    require(policies.may_end(actor, lease.task))
    at = moment_of(lease, sent)
    wanted = _confirmed(lease, sent, data)
    done = proofs.confirm(lease.task, wanted, name=text_in(data, "name"), actor=actor, at=at)
    return {"confirmed": done}


def _confirmed(lease: TaskLease, sent: Sent, data: Content) -> list[int]:
    """The pieces that were ticked: those the portal had, and those of earlier records of the device.

    One that the device took off again before it was sent is no longer among what the record stands on.
    """
    own = [each for each in uuids_in(data, "records") if each in sent.after]
    _require_before(lease, own)
    came = LeaseReceipt.objects.filter(lease=lease, client_id__in=own, kind="evidence")
    return [
        *numbers_in(data, "evidence"),
        *(int(str(result["evidence"])) for result in came.values_list("result", flat=True)),
    ]


def _conclusion(lease: TaskLease, sent: Sent, data: Content, actor: Actor) -> Context:
    sheet = get_object_or_404(
        lease.task.sheets.select_related("task"), pk=number_in(data, "sheet_id")
    )
    require(policies.may_lead(actor, sheet.task))
    conclusion, reason = text_in(data, "conclusion"), text_in(data, "reason")
    services.set_conclusion(sheet, conclusion=conclusion, reason=reason, actor=actor)
    return {"conclusion": sheet.conclusion}


def _to_signing(lease: TaskLease, sent: Sent, data: Content, actor: Actor) -> Context:
    require(policies.may_lead(actor, lease.task))
    task_moves.to_signing(lease.task, actor=actor)
    return {}


def _signature(lease: TaskLease, sent: Sent, data: Content, actor: Actor) -> Context:
    task = lease.task
    require(policies.may_take_part(actor, task))
    if text_in(data, "shown") != shown_digest(task) or not entries.are_as_shown(lease, data):
        raise ValidationError(
            f"{text_in(data, 'name') or '签字人'}签字时看到的内容与现在的检查表不一致"
            "（其他设备在此期间改过），请更新后重新签字。"
        )
    hand = handwriting(text_in(data, "image"), text_in(data, "strokes"))
    if text_in(data, "who") == SignerKind.UNIT:
        require(policies.may_end(actor, task))
        given = signatures.sign_for_unit(
            task,
            actor=actor,
            name=text_in(data, "name"),
            position=text_in(data, "position"),
            hand=hand,
            client_id=sent.id,
            at=moment_of(lease, sent),
        )
    else:
        given = signatures.sign(
            task,
            actor=actor,
            membership=_place(lease, data).membership,
            hand=hand,
            client_id=sent.id,
            confirmed=sent.confirmed,
            at=moment_of(lease, sent),
        )
    return {"signature": given.pk}


def _place(lease: TaskLease, data: Content) -> TeamMember:
    places = lease.task.team.select_related("membership__user")
    return get_object_or_404(places, membership=number_in(data, "membership"))


def _conclude(lease: TaskLease, sent: Sent, data: Content, actor: Actor) -> Context:
    require(policies.may_end(actor, lease.task))
    found = result_moves.conclude(lease.task, actor=actor)
    return {"findings": found}


_Act = Callable[[TaskLease, Sent, Content, Actor], Context]
_ACTS: dict[str, _Act] = {
    "answer": _answer,
    "give_way": _give_way,
    "evidence": _evidence,
    "confirm_evidence": _confirm_evidence,
    "conclusion": _conclusion,
    "to_signing": _to_signing,
    "signature": _signature,
    "conclude": _conclude,
    **entries.ACTS,
    **hearings.ACTS,
}
