"""An order: issued by the office, then it follows its findings, and its duties with it."""

import datetime as dt
from collections.abc import Iterable, Mapping

from django.core.exceptions import ValidationError
from django.db import transaction

from campaigns import duties
from campaigns.enums import DutyKind
from inspections.enums import FindingState
from inspections.models import Finding, InspectionTask
from inspections.moves import finding as finding_moves
from inspections.moves.result import open_for_orders
from inspections.stop_papers import lacking
from metrostd.common import act_dates, audit, clock
from metrostd.common.actors import Actor
from metrostd.common.by_now import kept_by_clock
from metrostd.common.calendar import add_workdays, read_once
from metrostd.common.transitions import Transition, bulk_apply, check_state
from metrostd.registry.paper_numbers import paper_number
from rectification import drafts, lapsing, notifications, papers, report_duty, wording
from rectification.deadlines import ANSWER_DAYS
from rectification.enums import OrderKind
from rectification.enums import OrderState as State
from rectification.models import OrderItem, RectificationOrder

from .withdrawal import WITHDRAW, take_over

SUBMIT = Transition(
    "rectification.submit",
    "报送整改情况",
    frozenset({State.PENDING, State.PARTIALLY_VERIFIED}),
    State.SUBMITTED,
)
SEND_BACK = Transition(
    "rectification.send_back", "退回整改", frozenset({State.SUBMITTED}), State.PENDING
)
VERIFY_PART = Transition(
    "rectification.verify_part",
    "部分确认合格",
    frozenset({State.SUBMITTED}),
    State.PARTIALLY_VERIFIED,
)
VERIFY = Transition(
    "rectification.verify", "全部确认合格", frozenset({State.SUBMITTED}), State.VERIFIED
)
FAIL = Transition("rectification.fail", "整改不合格", frozenset(State.open), State.FAILED)


MOVES = (SUBMIT, SEND_BACK, VERIFY_PART, VERIFY, FAIL, WITHDRAW)

_BY_TARGET = {
    State.PENDING: SEND_BACK,
    State.SUBMITTED: SUBMIT,
    State.PARTIALLY_VERIFIED: VERIFY_PART,
    State.VERIFIED: VERIFY,
    State.FAILED: FAIL,
}

OVERDUE_NOTE = "逾期未报送整改情况，未获准延期，视为整改不合格。"


@transaction.atomic
def issue_order(
    task: InspectionTask,
    *,
    findings: Iterable[Finding],
    kind: str,
    due_on: dt.date,
    requirement: str,
    actor: Actor | None,
    requirements: Mapping[int, str] | None = None,
    waiver: str = "",
) -> RectificationOrder:
    """Order the unit to rectify confirmed findings of a reviewed task (通知二(三)).

    ``requirements`` maps findings (primary keys) to what exactly has to be done. An order waits
    until the unit can object no more, and until everybody it names is on record; earlier it says why:
    the unit's ``waiver`` as the office puts it on the record of each finding concerned, in the paper
    and in what the unit is told. Numbers the order, moves the findings, makes it the unit's duty,
    tells the unit and queues the paper.
    Raises ValidationError for bad input, TransitionError when the task or a finding has moved.
    """
    chosen = list(findings)
    on = clock.today()
    check_state(open_for_orders(task), obj=task)
    if missing := lacking(task.of_unit, task.authority, actor):
        raise ValidationError([each.sentence for each in missing])
    if waiver.strip():
        _record_waiver(chosen, waiver, actor=actor)
    _check_order(task, chosen, due_on=due_on, requirement=requirement)
    order_kind = OrderKind(kind)
    wording.laws(on=on)  # refuses while a law it names has ended and nothing has taken its place
    number = paper_number(
        task.authority, order_kind.mark, kind=f"order:{order_kind.value}", year=on.year
    )
    for finding in chosen:
        finding_moves.order(finding, actor=actor, due_on=due_on, note=number)
    order = RectificationOrder(
        task=task,
        kind=order_kind,
        number=number,
        issued_on=on,
        due_on=due_on,
        requirement=requirement.strip(),
        issued_by=actor,
    )
    order.save(force_insert=True)
    _list_findings(order, chosen, requirements or {})
    drafts.begin_reports(chosen)
    _tell_trail(order, chosen, replaced=take_over(order, chosen))
    follow(order, actor=actor)
    notifications.tell_ordered(order, findings=len(chosen), waiver=waiver.strip(), actor=actor)
    papers.render_order(order, actor=actor)
    return order


def _list_findings(
    order: RectificationOrder, findings: list[Finding], requirements: Mapping[int, str]
) -> None:
    OrderItem.objects.bulk_create(
        OrderItem(
            order=order,
            finding=finding,
            requirement=requirements.get(finding.pk, "").strip()[:300],
        )
        for finding in findings
    )


def _tell_trail(order: RectificationOrder, findings: list[Finding], *, replaced: list[str]) -> None:
    """What the order names, which papers it takes the place of, what the unit waived for it."""
    audit.record(
        order,
        actor=order.issued_by,
        action="rectification.issue",
        label=f"下达{order.get_kind_display()}",
        after={
            "state": order.state,
            "state_label": order.get_state_display(),
            "number": order.number,
            "due_on": order.due_on.isoformat(),
            "findings": [finding.pk for finding in findings],
            "replaces": replaced,
            "waived": {f.item.code: f.objection_waiver for f in findings if f.objection_waiver},
        },
        note=order.requirement,
    )


def waits_for_objections(findings: Iterable[Finding]) -> dt.date | None:
    """The last day on which the unit may still object to any of these; None when none is waited for."""
    with read_once():
        days = [
            last
            for finding in findings
            if finding_moves.still_objectable(finding)
            and (last := finding_moves.objection_deadline(finding))
        ]
    return max(days, default=None)


def _record_waiver(chosen: list[Finding], statement: str, *, actor: Actor | None) -> None:
    for finding in chosen:
        if finding_moves.still_objectable(finding):
            finding_moves.waive_objection(finding, actor=actor, statement=statement)


def settled_state(states: Iterable[str]) -> State:
    """The state of an order whose findings are in these states.

    One failed finding fails the unit for good; otherwise what waits for the office comes before
    what waits for the unit.
    """
    found = set(states)
    if found & FindingState.rectification_failed:
        return State.FAILED
    if FindingState.SUBMITTED in found:
        return State.SUBMITTED
    if found & FindingState.owed_by_unit:
        return State.PARTIALLY_VERIFIED if FindingState.VERIFIED in found else State.PENDING
    return State.VERIFIED


def follow(order: RectificationOrder, *, actor: Actor | None, note: str = "") -> None:
    """Let state, duties and papers of an order follow its findings; running twice does no harm.

    Raises TransitionError when somebody else moved the order.
    """
    rows = list(order.items.values_list("finding__state", "finding__due_on"))
    target = settled_state(state for state, _ in rows)
    # A failed unit stays failed, also when the finding that failed has been handled since.
    if order.state not in (target, State.FAILED):
        _BY_TARGET[target].apply(order, actor=actor, note=note)
        if target == State.VERIFIED:
            papers.render_confirmation(order, actor=actor)
    _owe_report(order, rows)
    _owe_review(order, rows)


def _owe_report(order: RectificationOrder, rows: list[tuple[str, dt.date | None]]) -> None:
    """The unit owes a report by the earliest due day of what is with it."""
    due_on = report_duty.owed_by(rows)
    if due_on is None:
        end = duties.fulfil if report_duty.is_done(rows) else duties.cancel
        end(order, kind=DutyKind.RECTIFICATION)
    elif not duties.reschedule(order, kind=DutyKind.RECTIFICATION, due_on=due_on):
        with_unit = sum(state in FindingState.owed_by_unit for state, _ in rows)
        duties.assign(
            order.task.campaign,
            kind=DutyKind.RECTIFICATION,
            title=f"报送整改情况：{order.number}",
            detail=f"{order.task.authority} · {with_unit} 项问题",
            due_on=due_on,
            target=order,
            unit=order.task.unit,
        )


def _owe_review(order: RectificationOrder, rows: list[tuple[str, dt.date | None]]) -> None:
    """The office owes its confirmation within ten work days while anything has been submitted."""
    if not any(state == FindingState.SUBMITTED for state, _ in rows):
        duties.fulfil(order, kind=DutyKind.RECTIFICATION_REVIEW)
    elif not duties.is_owed(order, kind=DutyKind.RECTIFICATION_REVIEW):
        duties.assign(
            order.task.campaign,
            kind=DutyKind.RECTIFICATION_REVIEW,
            title=f"确认整改情况：{order.task.unit}",
            detail=order.number,
            due_on=add_workdays(clock.today(), ANSWER_DAYS),
            target=order,
            authority=order.task.authority,
        )


@transaction.atomic
def fail_overdue(on: dt.date, *, only: Finding | None = None) -> int:
    """By the clock: what ``lapsing`` says of all findings, or of one; returns how many."""
    passed = Finding.objects.filter(lapsing.lapsed(on))
    if only is not None:
        passed = passed.filter(pk=only.pk)
    # Orders first, as everybody who moves their findings does: a report sent in meanwhile counts.
    concerned = OrderItem.objects.filter(finding__in=passed).values("order")
    orders = list(
        RectificationOrder.objects.select_for_update(of=("self",))
        .filter(pk__in=concerned)
        .select_related("task__unit", "task__authority", "task__campaign")
        .order_by("pk")
    )
    late = list(
        passed.filter(order_item__order__in=orders)
        .select_related("item")
        .prefetch_related("extensions")
    )
    # Failed when the day was over, not when this was written down: tables of days between count it.
    since: dict[dt.datetime, list[Finding]] = {}
    for finding in late:
        since.setdefault(lapsing.lapsed_since(finding), []).append(finding)
    failed = sum(
        bulk_apply(
            finding_moves.FAIL,
            rows,
            actor=None,
            note=OVERDUE_NOTE,
            decision=OVERDUE_NOTE,
            failed_at=moment,
        )
        for moment, rows in since.items()
    )
    per_order: dict[int, int] = {}
    for order_id in Finding.objects.filter(
        pk__in=[finding.pk for finding in late], state=FindingState.FAILED
    ).values_list("order_item__order", flat=True):
        per_order[order_id] = per_order.get(order_id, 0) + 1
    for order in orders:
        if order.pk not in per_order:
            continue
        follow(order, actor=None, note=OVERDUE_NOTE)
        notifications.tell_overdue(order, findings=per_order[order.pk])
    return failed


def _check_order(
    task: InspectionTask, chosen: list[Finding], *, due_on: dt.date, requirement: str
) -> None:
    last = task.campaign.summary_due
    if not chosen:
        raise ValidationError({"findings": "请至少选择一项问题。"})
    if any(finding.task_id != task.pk for finding in chosen):
        raise ValidationError({"findings": "所选问题不属于本次检查。"})
    for finding in chosen:
        finding_moves.ORDER.check(finding, beside="waiver")
    if not requirement.strip():
        raise ValidationError({"requirement": "请写明整改要求。"})
    act_dates.check_due(
        due_on, field="due_on", what="整改期限", last=last, because="总结报告报送期限"
    )


kept_by_clock(
    Finding,
    state=lapsing.overdue_by_now,
    settle=lambda row: fail_overdue(clock.today(), only=row),
    reads=("extensions",),
)
