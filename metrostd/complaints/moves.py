"""Every state move of a complaint, with what is owed next; what was said stays sealed and out of the trail."""

import datetime as dt
from functools import partial

from django.core.exceptions import ValidationError
from django.db import transaction

from campaigns import duties
from campaigns.enums import DutyKind
from metrostd.accounts.models import Membership
from metrostd.common import act_dates, audit, clock, sealing
from metrostd.common.actors import Actor
from metrostd.common.policies import YES, Verdict, not_now
from metrostd.common.roles import Role
from metrostd.common.templatetags.formats import local_day
from metrostd.common.transitions import Transition, check_state
from metrostd.registry.models import Authority

from . import limits, notifications, wording
from .enums import ComplaintKind
from .enums import ComplaintState as State
from .models import Complaint

ACCEPT = Transition("complaint.accept", "受理", frozenset({State.RECEIVED}), State.ACCEPTED)
DECLINE = Transition(
    "complaint.decline", "不予受理", frozenset({State.RECEIVED}), State.NOT_ACCEPTED
)
START = Transition("complaint.start", "开始办理", frozenset({State.ACCEPTED}), State.HANDLING)
ANSWER = Transition("complaint.answer", "答复", frozenset({State.HANDLING}), State.ANSWERED)
CLOSE = Transition("complaint.close", "办结", frozenset({State.ANSWERED}), State.CLOSED)
REOPEN = Transition(
    "complaint.reopen",
    "重新办理",
    frozenset({State.ANSWERED}),
    State.HANDLING,
    needs_note=True,
)
MOVES = (ACCEPT, DECLINE, START, ANSWER, CLOSE, REOPEN)
#: All that can be owed about one.
DUTIES = (DutyKind.COMPLAINT_DECISION, DutyKind.COMPLAINT_NOTICE, DutyKind.COMPLAINT_ANSWER)


def owe(row: Complaint, kind: DutyKind, due_on: dt.date) -> None:
    """The handling office owes it; of what 纪检监督 handles, each of its people, and nobody else sees it.

    It belongs to no campaign: whoever closes one does not take it back.
    """
    assign = partial(
        duties.assign,
        None,
        kind=kind,
        title=f"{kind.label}：{row.number}",
        due_on=due_on,
        target=row,
    )
    if not row.by_discipline:
        assign(authority=row.authority)
        return
    for member in Membership.objects.of_authority(row.authority).filter(role=Role.DISCIPLINE):
        assign(membership=member)


def held(row: Complaint) -> Complaint:
    """The row as it is now, locked until the transaction ends."""
    return (
        Complaint.objects.select_for_update(of=("self",)).select_related("authority").get(pk=row.pk)
    )


@transaction.atomic
def accept(row: Complaint, *, reason: str, actor: Actor) -> None:
    """Take it up; the answer is owed from here, and a named informant is to be told."""
    _decide(row, ACCEPT, reason, actor=actor)
    owe(row, DutyKind.COMPLAINT_ANSWER, limits.answer_by(clock.today()))


@transaction.atomic
def decline(row: Complaint, *, reason: str, actor: Actor) -> None:
    """Do not take it up, with the reason that whoever brought it reads."""
    if not reason.strip():
        raise ValidationError({"reason": "请写明不予受理的理由，反映人凭查询码可以看到。"})
    _decide(row, DECLINE, reason, actor=actor)
    erase_if_asked(row)


def _decide(row: Complaint, move: Transition, reason: str, *, actor: Actor) -> None:
    held(row)
    now = clock.now()
    move.apply(
        row,
        actor=actor,
        note="理由已告知反映人，内容加密保存。" if reason.strip() else "",
        decided_at=now,
        accepted_at=now if move is ACCEPT else None,
        sealed_reason=sealing.seal(reason.strip()),
    )
    duties.fulfil(row, kind=DutyKind.COMPLAINT_DECISION)
    if tellable(row):
        owe(row, DutyKind.COMPLAINT_NOTICE, limits.tell_by(clock.today()))


def extensible(row: Complaint) -> Verdict:
    """Only the decision about a tip-off, once."""
    if row.state != State.RECEIVED or row.kind != ComplaintKind.TIP_OFF:
        return not_now("只有尚未决定是否受理的举报可以延长核查期限。")
    return not_now("核查期限已经延长过一次。") if row.extended_at else YES


@transaction.atomic
def extend(row: Complaint, *, note: str, actor: Actor) -> None:
    """Fifteen work days more to look into a lead, once, with a reason."""
    if not note.strip():
        raise ValidationError({"note": "请说明延长的理由。"})
    wording.require_discreet(row, note=note)
    check_state(extensible(held(row)), obj=row)
    row.extended_at = clock.now()
    row.save(update_fields=["extended_at"])
    due_on = limits.decide_by(row.kind, row.received_on, extended=True)
    duties.reschedule(row, kind=DutyKind.COMPLAINT_DECISION, due_on=due_on)
    audit.record(
        row,
        actor=actor,
        action="complaint.extend",
        label="延长核查期限",
        after={"due_on": due_on.isoformat()},
        note=note.strip(),
    )


def tellable(row: Complaint) -> Verdict:
    """A named informant is told once whether it was taken up."""
    owed = row.kind == ComplaintKind.TIP_OFF and row.real_name and row.decided_at is not None
    if not owed:
        return not_now("决定是否受理以后，实名举报才需要告知举报人。")
    if row.forgotten_at:
        return not_now("反映人已要求删除联系方式，凭查询码自行查看。")
    return not_now("已经登记过告知。") if row.told_on else YES


@transaction.atomic
def tell_informant(
    row: Complaint, *, told_on: dt.date, told_how: str, actor: Actor, late_reason: str = ""
) -> None:
    """Put on record that the informant was told of the decision (第三十一条)."""
    check_state(tellable(held(row)), obj=row)
    act_dates.check(
        told_on,
        field="told_on",
        what="告知日期",
        reason=late_reason,
        after=local_day(row.decided_at) if row.decided_at else None,
        follows="决定日期",
    )
    if not told_how.strip():
        raise ValidationError({"told_how": "请填写以什么方式告知。"})
    wording.require_discreet(row, told_how=told_how, late_reason=late_reason)
    row.told_on, row.told_how = told_on, told_how.strip()
    row.save(update_fields=["told_on", "told_how"])
    duties.fulfil(row, kind=DutyKind.COMPLAINT_NOTICE)
    audit.record(
        row,
        actor=actor,
        action="complaint.tell",
        label="告知举报人",
        after={"told_on": told_on.isoformat(), "how": row.told_how},
        note=act_dates.noted("", late_reason),
    )


def start(row: Complaint, *, actor: Actor) -> None:
    START.apply(row, actor=actor)


@transaction.atomic
def answer(row: Complaint, *, answer: str, actor: Actor) -> None:
    """Answer in writing; whoever brought it reads the answer with the code."""
    if not answer.strip():
        raise ValidationError({"answer": "请填写答复内容。"})
    held(row)
    ANSWER.apply(
        row,
        actor=actor,
        note="答复内容加密保存，反映人凭查询码查看。",
        sealed_answer=sealing.seal(answer.strip()),
        answered_at=clock.now(),
    )
    duties.fulfil(row, kind=DutyKind.COMPLAINT_ANSWER)


@transaction.atomic
def close(row: Complaint, *, actor: Actor) -> None:
    """Close it; whatever was to be forgotten is erased now."""
    held(row)
    CLOSE.apply(row, actor=actor, closed_at=clock.now())
    erase_if_asked(row)


@transaction.atomic
def reopen(row: Complaint, *, note: str, actor: Actor) -> None:
    """Go on with what was answered too soon; what is closed stays closed and is counted so."""
    wording.require_discreet(row, note=note)
    held(row)
    REOPEN.apply(row, actor=actor, note=note, answered_at=None)
    owe(row, DutyKind.COMPLAINT_ANSWER, limits.answer_by(clock.today()))


@transaction.atomic
def pass_on(row: Complaint, office: Authority, *, note: str, actor: Actor) -> None:
    """To the office that has to handle it; the days count on from when it came.

    ValidationError when it is that office itself, or the office the matter is about.
    """
    if not note.strip():
        raise ValidationError({"note": "请说明转交的理由。"})
    wording.require_discreet(row, note=note)
    check_state(ACCEPT.verdict(held(row)), obj=row)
    if office.pk == row.authority_id:
        raise ValidationError({"office": "已经由这个部门办理。"})
    if office.pk == row.about_office_id:
        raise ValidationError({"office": f"反映的就是{office}，不能转给它自己办理。"})
    before = str(row.authority)
    row.authority, row.by_discipline = office, False
    row.save(update_fields=["authority", "by_discipline"])
    for kind in DUTIES:
        duties.cancel(row, kind=kind)
    due_on = limits.decide_by(row.kind, row.received_on, extended=bool(row.extended_at))
    owe(row, DutyKind.COMPLAINT_DECISION, due_on)
    audit.record(
        row,
        actor=actor,
        action="complaint.pass_on",
        label="转交",
        before={"authority": before},
        after={"authority": str(office)},
        note=note.strip(),
    )
    notifications.tell_arrived(row, sender=actor)


@transaction.atomic
def forget(row: Complaint, *, actor: Actor | None, note: str) -> None:
    """Erase who said it, at once; what was said and its attachments as soon as the matter is closed.

    For whoever holds the code (``actor`` None), or the office on their word. Number, days and decisions stay.
    """
    row = held(row)
    had = row.has_identity
    row.sealed_name = row.sealed_contact = ""
    row.forgotten_at = row.forgotten_at or clock.now()
    row.save(update_fields=["sealed_name", "sealed_contact", "forgotten_at"])
    duties.cancel(row, kind=DutyKind.COMPLAINT_NOTICE)
    audit.record(
        row,
        actor=actor,
        action="complaint.forget",
        label="删除反映人信息",
        after={"identity": "已删除" if had else "本来没有"},
        note=note.strip(),
    )
    erase_if_asked(row)


def forget_on_word(row: Complaint, *, note: str, actor: Actor) -> None:
    """The same by the office, which says when and how whoever complained asked for it."""
    if not note.strip():
        raise ValidationError({"note": "请写明反映人何时、以何种方式提出。"})
    wording.require_discreet(row, note=note)
    forget(row, actor=actor, note=note)


def erase_if_asked(row: Complaint) -> None:
    """What was written and attached goes when the matter is settled and whoever wrote it asked for that."""
    row = held(row)
    if row.forgotten_at is None or row.state not in State.settled:
        return
    for file in list(row.files.all()):
        transaction.on_commit(partial(file.content.storage.delete, str(file.content.name)))
    row.files.all().delete()
    row.sealed_content = ""
    row.save(update_fields=["sealed_content"])
    audit.record(row, actor=None, action="complaint.erase", label="按要求删除反映内容和材料")
