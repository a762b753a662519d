"""Every move of a warning: given to somebody by a day, handled, closed with what was done."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from campaigns import duties
from campaigns.enums import DutyKind
from metrostd.accounts.models import Membership
from metrostd.common import act_dates, audit, clock
from metrostd.common.actors import Actor
from metrostd.common.calendar import add_workdays
from metrostd.common.roles import Role
from metrostd.common.templatetags.formats import cn_date
from metrostd.common.transitions import Transition
from metrostd.notifications.services import tell
from metrostd.registry.models import MeasurementStandard
from metrostd.registry.querysets import StandardQuerySet
from metrostd.registry.warnings import OpenWarning, open_warnings

from .enums import WarningState as State
from .models import RiskWarning

ASSIGN = Transition(
    "risk_warning.assign", "交办", frozenset({State.RAISED, State.ASSIGNED}), State.ASSIGNED
)
HANDLE = Transition("risk_warning.handle", "处置", frozenset({State.ASSIGNED}), State.HANDLED)
SEND_BACK = Transition(
    "risk_warning.send_back", "退回", frozenset({State.HANDLED}), State.ASSIGNED, needs_note=True
)
CLOSE = Transition("risk_warning.close", "办结", frozenset({State.HANDLED}), State.CLOSED)
LAPSE = Transition("risk_warning.lapse", "自行消除", frozenset({State.RAISED}), State.LAPSED)
MOVES = (ASSIGN, HANDLE, SEND_BACK, CLOSE, LAPSE)
_KIND = DutyKind.RISK_WARNING
#: Given back, it is owed again within so many work days.
_AGAIN = 5


def cause_now(row: RiskWarning) -> list[OpenWarning]:
    """What the register says today of the cause; nothing when it is gone."""
    asked: StandardQuerySet = MeasurementStandard.objects.filter(pk=row.standard_id)
    return open_warnings(asked, on=clock.today(), only={row.kind})


def _held(row: RiskWarning) -> None:
    RiskWarning.objects.select_for_update().get(pk=row.pk)


@transaction.atomic
def give_out(row: RiskWarning, *, member: Membership, due_on: dt.date, actor: Actor | None) -> None:
    """Give it to one person of the office by a day; whoever had it before owes it no more."""
    _held(row)
    act_dates.check_due(due_on, field="due_on", what="处置期限")
    if member.authority_id != row.authority_id or member.role not in Role.warned:
        raise ValidationError({"member": f"请选择{row.authority}的人员。"})
    ASSIGN.apply(
        row, actor=actor, assigned_to=member, due_on=due_on,
        note=f"交办给{member.user}，{cn_date(due_on)}前处置",
    )  # fmt: skip
    _owe(row)
    tell(
        [member],
        subject=f"请处置风险预警：{row}",
        body=f"{row.sentence}。请于{cn_date(due_on)}前处置。",
        url=row.get_absolute_url(),
        sender=actor,
    )


def _owe(row: RiskWarning) -> None:
    if row.due_on is None:
        raise ValueError(f"warning {row.pk} has no day")
    duties.cancel(row, kind=_KIND)
    duties.assign(
        None,
        kind=_KIND,
        title=f"处置风险预警：{row}",
        detail=str(row.standard.unit),
        due_on=row.due_on,
        target=row,
        membership=row.assigned_to,
    )


def of_person(member: Membership) -> QuerySet[RiskWarning]:
    """What somebody still has to deal with."""
    return RiskWarning.objects.filter(assigned_to=member, state=State.ASSIGNED)


def pass_on(leaving: Membership, taking: Membership, *, actor: Actor | None) -> int:
    """Whoever takes over deals with it from now on; the duty goes with all others. Returns how many."""
    rows = list(of_person(leaving).select_related("standard"))
    audit.record_many(
        rows, actor=actor, action="risk_warning.pass_on", label="移交风险预警",
        note=f"{leaving.user}离任，由{taking.user}接任",
    )  # fmt: skip
    return RiskWarning.objects.filter(pk__in=[row.pk for row in rows]).update(assigned_to=taking)


@transaction.atomic
def handle(row: RiskWarning, *, measure: str, actor: Actor | None) -> None:
    """Say what was done about it."""
    if not measure.strip():
        raise ValidationError({"measure": "请写明采取了什么措施、效果如何。"})
    _held(row)
    HANDLE.apply(
        row, actor=actor, measure=measure.strip(), handled_at=clock.now(), note=measure.strip()
    )
    duties.fulfil(row, kind=_KIND)


@transaction.atomic
def send_back(row: RiskWarning, *, note: str, actor: Actor | None) -> None:
    """What was done is not enough: it is owed again by the same person."""
    _held(row)
    due_on = add_workdays(clock.today(), _AGAIN)
    SEND_BACK.apply(row, actor=actor, note=note, due_on=due_on)
    _owe(row)
    if row.assigned_to:
        tell(
            [row.assigned_to], subject=f"风险预警处置已退回：{row}", body=note.strip(),
            url=row.get_absolute_url(), sender=actor,
        )  # fmt: skip


@transaction.atomic
def close(row: RiskWarning, *, again_on: dt.date | None, note: str, actor: Actor | None) -> None:
    """Close it with what was done. As long as the register shows the cause, a day to look again is named."""
    _held(row)
    CLOSE.check(row)
    if cause_now(row):
        if again_on is None:
            raise ValidationError(
                {"again_on": "台账中原因尚未消除，请填写再次核查的日期，到期仍未消除的重新预警。"}
            )
        act_dates.check_due(again_on, field="again_on", what="再次核查日期")
    else:
        again_on = None
    CLOSE.apply(row, actor=actor, closed_at=clock.now(), again_on=again_on, note=note)
