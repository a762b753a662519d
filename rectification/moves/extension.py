"""Extensions: a unit asks once for a later day for one finding; the office grants or refuses."""

import datetime as dt
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction

from campaigns import duties
from campaigns.enums import DutyKind
from inspections.enums import FindingState
from inspections.models import Finding
from inspections.moves import finding as finding_moves
from metrostd.common import audit, clock
from metrostd.common.actors import Actor
from metrostd.common.calendar import add_workdays
from metrostd.common.policies import Verdict, not_now
from metrostd.common.saves import only_once
from metrostd.common.templatetags.formats import cn_date, local_day
from metrostd.common.transitions import Transition
from rectification import notifications
from rectification.deadlines import ANSWER_DAYS
from rectification.enums import ExtensionState as State
from rectification.models import ExtensionRequest

from . import order as order_moves
from .held import held
from .withdrawal import LAPSE

GRANT = Transition("extension.grant", "同意延期", frozenset({State.ASKED}), State.GRANTED)
REFUSE = Transition(
    "extension.refuse", "不同意延期", frozenset({State.ASKED}), State.REFUSED, needs_note=True
)

MOVES = (GRANT, REFUSE, LAPSE)

_ASKED = "延期申请已提交，等待批准。"


def open_to_ask(finding: Finding, requests: Iterable[ExtensionRequest]) -> Verdict:
    """A unit asks once, while the finding waits for it and before the due day has passed."""
    asked = any(request.state == State.ASKED for request in requests)
    late = finding_moves.too_late_to_extend(finding, clock.today())
    may = finding_moves.extension_of(finding).verdict(finding)
    return not_now(late) and may and not_now(_ASKED if asked else "")


def open_to_grant(finding: Finding, requests: Iterable[ExtensionRequest]) -> Verdict:
    """An office grants a later day in time, or later on a request that was made in time."""
    late = finding_moves.too_late_to_extend(finding, _asked_on(requests))
    return not_now(late) and finding_moves.extension_of(finding).verdict(finding)


def _asked_on(requests: Iterable[ExtensionRequest]) -> dt.date:
    """The day of the request that waits for its answer; today when the office acts of itself."""
    asked = next((request for request in requests if request.state == State.ASKED), None)
    return local_day(asked.created_at) if asked else clock.today()


@transaction.atomic
def ask_extension(
    finding: Finding, *, wanted_on: dt.date, reason: str, actor: Actor | None
) -> ExtensionRequest:
    """The unit asks for a later day, once, before the due day has passed; the office owes an answer.

    Raises ValidationError naming the rule that stands against it, TransitionError when the
    finding does not wait for the unit.
    """
    late = finding_moves.too_late_to_extend(finding, clock.today())
    if late and finding.state in FindingState.owed_by_unit:
        raise ValidationError({"wanted_on": late})
    finding_moves.extension_of(finding).check(finding, beside="wanted_on")
    verdict = open_to_ask(finding, finding.extensions.all())
    if against := verdict.reason or finding_moves.no_later_day(finding, wanted_on):
        raise ValidationError({"wanted_on": against})
    if not reason.strip():
        raise ValidationError({"reason": "请写明延期理由。"})
    request = ExtensionRequest(
        finding=finding, wanted_on=wanted_on, reason=reason.strip(), asked_by=actor
    )
    with only_once(_ASKED):
        request.save(force_insert=True)
    audit.record(
        finding,
        actor=actor,
        action="extension.ask",
        label="申请延期",
        after={"wanted_on": wanted_on.isoformat()},
        note=f"申请延至{cn_date(wanted_on)}：{reason.strip()}",
    )
    _owe_answer(finding)
    notifications.tell_extension_asked(finding, actor=actor)
    return request


def _owe_answer(finding: Finding) -> None:
    duties.assign(
        finding.task.campaign,
        kind=DutyKind.EXTENSION,
        title=f"审批延期申请：{finding.task.unit}",
        detail=str(finding)[:200],
        due_on=add_workdays(clock.today(), ANSWER_DAYS),
        target=finding,
        authority=finding.task.authority,
    )


def owe_answer_again(finding: Finding) -> None:
    """Reported while its request waited, and sent back: the request is to be answered after all."""
    if finding.extensions.filter(state=State.ASKED).exists():
        _owe_answer(finding)


@transaction.atomic
def extend(
    finding: Finding, *, due_on: dt.date, reason: str, actor: Actor | None
) -> ExtensionRequest:
    """Grant a later day, on the unit's request or of the office's own accord.

    A request made in time may be granted after the old day; without one today has to be in time.
    Raises ValidationError naming the rule that stands against it.
    """
    order = held(finding.order_item.order)
    finding.refresh_from_db(fields=["state", "due_on", "extended_from"])
    request = finding.extensions.filter(state=State.ASKED).first()
    asked_on = _asked_on([request] if request else [])
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
def refuse_extension(request: ExtensionRequest, *, opinion: str, actor: Actor | None) -> None:
    """Refuse a request, with the reason; the old day stands."""
    REFUSE.apply(request, actor=actor, note=opinion, opinion=opinion.strip())
    duties.fulfil(request.finding, kind=DutyKind.EXTENSION)
    notifications.tell_extension_decided(
        request.finding, subject="不同意延期", body=opinion, actor=actor
    )
