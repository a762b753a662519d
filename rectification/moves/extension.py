"""Extensions: a unit asks once for a later day for one finding; the office grants or refuses."""

import datetime as dt
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from campaigns import duties
from campaigns.enums import DutyKind
from inspections.enums import FindingState
from inspections.models import Finding
from inspections.moves import finding as finding_moves
from metrostd.common import audit, clock
from metrostd.common.calendar import add_workdays
from metrostd.common.saves import only_once
from metrostd.common.templatetags.formats import cn_date, local_day
from metrostd.common.transitions import Transition, TransitionError
from rectification import notifications
from rectification.deadlines import ANSWER_DAYS
from rectification.enums import ExtensionState as State
from rectification.models import ExtensionRequest

from . import order as order_moves

GRANT = Transition("extension.grant", "同意延期", frozenset({State.ASKED}), State.GRANTED)
REFUSE = Transition(
    "extension.refuse", "不同意延期", frozenset({State.ASKED}), State.REFUSED, needs_note=True
)

MOVES = (GRANT, REFUSE)


@transaction.atomic
def ask_extension(
    finding: Finding, *, wanted_on: dt.date, reason: str, actor: Any
) -> ExtensionRequest:
    """The unit asks for a later day, once, before the due day has passed; the office owes an answer.

    Raises ValidationError naming the rule that stands against it, TransitionError when the
    finding does not wait for the unit.
    """
    _check_open(finding)
    last = finding.task.campaign.summary_due
    due = finding.due_on
    if due is None or clock.today() > due:
        raise ValidationError({"wanted_on": "整改期限已过，不能再申请延期。"})
    if wanted_on <= due:
        raise ValidationError({"wanted_on": "申请的期限应晚于现在的整改期限。"})
    if wanted_on > last:
        raise ValidationError({"wanted_on": f"延期不能超过{cn_date(last)}（总结报告报送期限）。"})
    if not reason.strip():
        raise ValidationError({"reason": "请写明延期理由。"})
    request = ExtensionRequest(
        finding=finding, wanted_on=wanted_on, reason=reason.strip(), asked_by=actor
    )
    with only_once("这个问题已经申请过延期。"):
        request.save(force_insert=True)
    audit.record(
        finding,
        actor=actor,
        action="extension.ask",
        label="申请延期",
        after={"wanted_on": wanted_on.isoformat()},
        note=f"申请延至{cn_date(wanted_on)}：{reason.strip()}",
    )
    duties.assign(
        finding.task.campaign,
        kind=DutyKind.EXTENSION,
        title=f"审批延期申请：{finding.task.unit}",
        detail=str(finding)[:200],
        due_on=add_workdays(clock.today(), ANSWER_DAYS),
        target=finding,
        authority=finding.task.authority,
    )
    notifications.tell_extension_asked(finding, actor=actor)
    return request


@transaction.atomic
def extend(finding: Finding, *, due_on: dt.date, reason: str, actor: Any) -> ExtensionRequest:
    """Grant a later day, on the unit's request or of the office's own accord.

    A request made in time may be granted after the old day; without one today has to be in time.
    Raises ValidationError naming the rule that stands against it.
    """
    order = order_moves.held(finding.order_item.order)
    finding.refresh_from_db(fields=["state", "due_on", "extended_from"])
    request = finding.extensions.filter(state=State.ASKED).first()
    asked_on = local_day(request.created_at) if request else clock.today()
    finding_moves.extend(finding, actor=actor, due_on=due_on, note=reason, asked_on=asked_on)
    if request is None:
        request = ExtensionRequest.objects.create(
            finding=finding, wanted_on=due_on, reason=reason.strip()
        )
    GRANT.apply(request, actor=actor, note=reason, due_on=due_on, opinion=reason.strip())
    duties.fulfil(finding, kind=DutyKind.EXTENSION)
    order_moves.follow(order, actor=actor)
    notifications.tell_extension_decided(
        finding, subject=f"同意延期至{cn_date(due_on)}", body=reason, actor=actor
    )
    return request


@transaction.atomic
def refuse_extension(request: ExtensionRequest, *, opinion: str, actor: Any) -> None:
    """Refuse a request, with the reason; the old day stands."""
    REFUSE.apply(request, actor=actor, note=opinion, opinion=opinion.strip())
    duties.fulfil(request.finding, kind=DutyKind.EXTENSION)
    notifications.tell_extension_decided(
        request.finding, subject="不同意延期", body=opinion, actor=actor
    )


def _check_open(finding: Finding) -> None:
    if finding.state != FindingState.ORDERED:
        raise TransitionError(
            f"“{finding}”目前是“{finding.get_state_display()}”，不能申请延期。", obj=finding
        )
