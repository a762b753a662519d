"""Issuing an order, and the papers that belong to it."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from inspections import finding_moves
from inspections.enums import FindingState, TaskState
from inspections.models import Finding, InspectionTask
from metrostd.common import audit, clock
from metrostd.common.jobs import start_job
from metrostd.common.models import Job, StoredFile
from metrostd.common.numbering import take_number
from metrostd.common.templatetags.formats import cn_date
from metrostd.common.transitions import TransitionError
from metrostd.common.uploads import PDF, store_bytes
from metrostd.registry.models import Authority
from rectification import documents, notifications, queries
from rectification.enums import OrderKind
from rectification.models import OrderItem, Rectification, RectificationOrder

from . import owed


@transaction.atomic
def issue_order(
    task: InspectionTask,
    *,
    findings: Iterable[Finding],
    kind: str,
    due_on: dt.date,
    requirement: str,
    actor: Any,
    requirements: Mapping[int, str] | None = None,
) -> RectificationOrder:
    """Order the unit to rectify confirmed findings of a reviewed task (通知二(三)).

    ``requirements`` maps findings (primary keys) to what exactly has to be done. Numbers the
    order, moves the findings, makes it the unit's duty, tells the unit and queues the paper.
    Raises ValidationError for bad input, TransitionError when the task or a finding has moved.
    """
    chosen = list(findings)
    on = clock.today()
    if task.state != TaskState.REVIEWED:
        raise TransitionError(f"“{task}”还没有审核或者已经办结，不能下达整改文书。", obj=task)
    _check_order(task, chosen, due_on=due_on, requirement=requirement, on=on)
    number = _take_number(task.authority, OrderKind(kind), on.year)
    for finding in chosen:
        finding_moves.order(finding, actor=actor, due_on=due_on, note=number)
    order = RectificationOrder(
        task=task,
        kind=OrderKind(kind),
        number=number,
        issued_on=on,
        due_on=due_on,
        requirement=requirement.strip(),
        issued_by=actor,
    )
    order.save(force_insert=True)
    own = requirements or {}
    OrderItem.objects.bulk_create(
        OrderItem(order=order, finding=finding, requirement=own.get(finding.pk, "").strip()[:300])
        for finding in chosen
    )
    Rectification.objects.bulk_create(Rectification(finding=finding) for finding in chosen)
    audit.record(
        order,
        actor=actor,
        action="rectification.issue",
        label=f"下达{order.get_kind_display()}",
        after={
            "state": order.state,
            "state_label": order.get_state_display(),
            "number": order.number,
            "due_on": due_on.isoformat(),
            "findings": [finding.pk for finding in chosen],
        },
        note=order.requirement,
    )
    owed.sync(order)
    notifications.tell_ordered(order, findings=len(chosen), actor=actor)
    render_order(order, actor=actor)
    return order


def render_order(order: RectificationOrder, *, actor: Any) -> Job:
    """Queue the rendering of the order's paper; rendered once, it stays as it is."""
    return start_job("rectification.order_pdf", title=f"生成{order}", owner=actor, order=order.pk)


def render_confirmation(order: RectificationOrder, *, actor: Any) -> Job:
    """Queue the rendering of 整改情况确认单."""
    return start_job(
        "rectification.confirmation_pdf", title=f"生成{order}的确认单", owner=actor, order=order.pk
    )


def store_order_paper(order: RectificationOrder) -> StoredFile:
    """Render and keep the paper of an order; a paper once kept is not replaced."""
    if order.document is not None:
        return order.document
    items = _items(order)
    certificates = queries.certificate_numbers(item.finding.standard_id for item in items)
    paper = documents.order_paper(order, items, certificates=certificates)
    stored = store_bytes(documents.order_pdf(paper), media_type=PDF)
    RectificationOrder.objects.filter(pk=order.pk, document=None).update(document=stored)
    return stored


def store_confirmation_paper(order: RectificationOrder) -> StoredFile:
    """Render and keep the confirmation of an order whose findings have all been verified."""
    if order.confirmation is not None:
        return order.confirmation
    items = _items(order)
    reports = {
        report.finding_id: report
        for report in Rectification.objects.filter(
            finding__order_item__order=order, review__result="passed"
        ).select_related("review__reviewed_by")
    }
    paper = documents.confirmation_paper(
        order,
        [(item, reports[item.finding_id]) for item in items if item.finding_id in reports],
        certificates=queries.certificate_numbers(item.finding.standard_id for item in items),
        files={
            pk: len(rows)
            for pk, rows in queries.files_by_finding(item.finding_id for item in items).items()
        },
    )
    stored = store_bytes(documents.confirmation_pdf(paper), media_type=PDF)
    RectificationOrder.objects.filter(pk=order.pk, confirmation=None).update(confirmation=stored)
    return stored


def _items(order: RectificationOrder) -> list[OrderItem]:
    return list(order.items.select_related("finding__standard", "finding__item").order_by("pk"))


def _take_number(authority: Authority, kind: OrderKind, year: int) -> str:
    """津西青市监责改〔2021〕3号: one sequence per authority, kind and year, not zero-padded."""
    serial = take_number(f"order:{kind.value}:{authority.code}:{year}")
    prefix = (
        f"{authority.document_prefix}市监" if authority.document_prefix else authority.short_name
    )
    return f"{prefix}{kind.mark}〔{year}〕{serial}号"


def _check_order(
    task: InspectionTask, chosen: list[Finding], *, due_on: dt.date, requirement: str, on: dt.date
) -> None:
    last = task.campaign.summary_due
    if not chosen:
        raise ValidationError({"findings": "请至少选择一项问题。"})
    if any(finding.task_id != task.pk for finding in chosen):
        raise ValidationError({"findings": "所选问题不属于本次检查。"})
    for finding in chosen:
        if finding.state != FindingState.RAISED:
            raise TransitionError(
                f"“{finding}”目前是“{finding.get_state_display()}”，不能列入整改文书。", obj=finding
            )
    if not requirement.strip():
        raise ValidationError({"requirement": "请写明整改要求。"})
    if due_on < on:
        raise ValidationError({"due_on": "整改期限不能早于今天。"})
    if due_on > last:
        raise ValidationError({"due_on": f"整改期限不能晚于{cn_date(last)}（总结报告报送期限）。"})
