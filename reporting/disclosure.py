"""依申请公开: a request is logged, answered within its days, and what was decided stands."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction

from campaigns import duties
from campaigns.enums import DutyKind
from campaigns.models import Campaign
from metrostd.common import act_dates, audit, clock, sealing
from metrostd.common.actors import Actor
from metrostd.common.calendar import CountedDay, add_workdays
from metrostd.common.transitions import Transition
from metrostd.registry.models import Authority

from .enums import RequestDecision, RequestState
from .models import RecordRequest

DECIDE = Transition(
    "record_request.decide", "答复", frozenset({RequestState.RECEIVED}), RequestState.DECIDED
)
MOVES = (DECIDE,)
#: 政府信息公开条例第三十三条.
WORKDAYS = 20


def answer_by(received_on: dt.date) -> CountedDay:
    return add_workdays(received_on, WORKDAYS)


@transaction.atomic
def log(
    *,
    office: Authority,
    campaign: Campaign | None,
    received_on: dt.date,
    applicant: str,
    contact: str,
    wanted: str,
    actor: Actor | None,
) -> RecordRequest:
    """Take a request down; the office owes an answer within 20 work days."""
    act_dates.check_fact(received_on, field="received_on", what="收到日期")
    row = RecordRequest.objects.create(
        authority=office,
        campaign=campaign,
        received_on=received_on,
        sealed_applicant=sealing.seal(applicant.strip()),
        sealed_contact=sealing.seal(contact.strip()),
        wanted=wanted.strip(),
    )
    audit.record(
        row, actor=actor, action="record_request.log", label="登记依申请公开",
        after={"received_on": str(received_on), "wanted": row.wanted},
    )  # fmt: skip
    duties.assign(
        None,
        kind=DutyKind.RECORD_REQUEST,
        title=f"答复{row}",
        detail=row.wanted,
        due_on=answer_by(received_on),
        target=row,
        authority=office,
    )
    return row


@transaction.atomic
def decide(
    row: RecordRequest, *, decision: str, reason: str, given: str, actor: Actor | None
) -> None:
    """Answer it: what is given, or why not."""
    RecordRequest.objects.select_for_update().get(pk=row.pk)
    if decision in RequestDecision.with_reason and not reason.strip():
        raise ValidationError({"reason": "请写明理由和依据，告知申请人。"})
    if decision in (RequestDecision.GRANTED, RequestDecision.PARTLY) and not given.strip():
        raise ValidationError({"given": "请写明提供了哪些记录、以什么方式提供。"})
    DECIDE.apply(
        row,
        actor=actor,
        note=f"{RequestDecision(decision).label}。{reason.strip()}",
        decision=decision,
        reason=reason.strip(),
        given=given.strip(),
        decided_at=clock.now(),
        decided_by=actor,
    )
    duties.fulfil(row, kind=DutyKind.RECORD_REQUEST)
