"""A follow-up that was not performed either goes to the office that organises the campaign, which says what is to be done."""

from django.core.exceptions import ValidationError
from django.db import transaction

from campaigns import duties
from campaigns.enums import DutyKind
from metrostd.common import audit, clock
from metrostd.common.actors import Actor
from metrostd.common.transitions import TransitionError

from . import notifications
from .models import NotPerformedRecord


def escalate(record: NotPerformedRecord, *, actor: Actor | None) -> None:
    """Report a second failure above: told at once, and owed a decision by the day of the follow-up."""
    task = record.task
    notifications.tell_organiser(
        task,
        subject=f"后续检查仍未能实施：{task.subject}",
        body=f"{task.authority}第二次未能实施检查（{record.get_reason_display()}），请研究处理。",
        sender=actor,
    )
    above = task.campaign.organiser
    if above.pk == task.authority_id:
        return  # its own visit: there is nobody above to ask
    record.escalated_to = above
    record.save(update_fields=["escalated_to"])
    audit.record(
        record, actor=actor, action="task.escalate", label="上报", after={"to": str(above)}
    )
    if record.follow_up_due is None:
        return
    owner = f"后续责任人：{record.follow_up_owner.user}" if record.follow_up_owner else ""
    duties.assign(
        task.campaign,
        kind=DutyKind.FOLLOW_UP,
        title=f"两次未能实施检查，研究处理：{task.subject}",
        due_on=record.follow_up_due,
        target=task,
        authority=above,
        detail=owner,
    )


@transaction.atomic
def settle(record: NotPerformedRecord, *, actor: Actor | None, outcome: str) -> None:
    """Say what is to be done about a visit that failed twice; its office acts on it.

    Raises ValidationError without words, TransitionError when it was not reported or has been settled already.
    """
    if not outcome.strip():
        raise ValidationError({"note": "请写明处理意见。"})
    rows = NotPerformedRecord.objects.filter(pk=record.pk, outcome_at=None)
    now = clock.now()
    settled = rows.exclude(escalated_to=None).update(
        outcome=outcome.strip()[:300], outcome_by=actor, outcome_at=now
    )
    if not settled:
        raise TransitionError("没有上报，或者已经提出处理意见。", obj=record.task)
    record.refresh_from_db()
    audit.record(
        record, actor=actor, action="task.settle_escalated", label="提出处理意见", note=outcome
    )
    duties.fulfil(record.task, kind=DutyKind.FOLLOW_UP, authority=record.escalated_to)
    notifications.tell_office(
        record.task,
        subject=f"处理意见：{record.task.subject}两次未能实施检查",
        body=record.outcome,
        sender=actor,
    )
