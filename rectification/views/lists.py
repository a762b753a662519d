"""Lists: findings under rectification, dispositions, referrals; the unit sees its orders as cards."""

import datetime as dt
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.core.paginator import Page
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from campaigns import chasing
from campaigns import policies as campaign_policies
from campaigns.chase_answers import answer
from campaigns.current import Elsewhere, current_campaign, elsewhere, listed_campaigns
from campaigns.enums import DutyKind
from campaigns.models import Campaign
from inspections.enums import FindingState, Severity
from inspections.models import Finding
from inspections.moves import finding as finding_moves
from metrostd.common import clock
from metrostd.common.addresses import address
from metrostd.common.by_now import show_all_by_now, show_by_now, show_in
from metrostd.common.calendar import read_once
from metrostd.common.exports import Export, exported
from metrostd.common.http import PortalRequest, page_of
from metrostd.common.picking import picked
from metrostd.common.policies import Verdict
from metrostd.common.roles import Role
from metrostd.common.shapes import CellValue
from metrostd.common.spreadsheet import Column, Sheet
from rectification import lapsing, policies, queries, selection
from rectification.enums import DispositionState, ReferralState
from rectification.models import CaseReferral, CertificateDisposition, RectificationOrder

_NEXT = {
    FindingState.DISPUTED: "答复异议",
    FindingState.SUBMITTED: "确认",
    FindingState.FAILED: "处理",
}
_COLUMNS = (
    Column("单位", 28),
    Column("组织检查的部门", 16),
    Column("计量标准", 28),
    Column("检查项", 8),
    Column("问题", 48),
    Column("程度", 10),
    Column("文书编号", 26),
    Column("整改期限", 13),
    Column("逾期天数", 10),
    Column("状态", 14),
)


@dataclass(frozen=True, slots=True)
class BeforeOrder:
    """A finding no order speaks of yet, and until when the unit may object to it."""

    finding: Finding
    verdict: Verdict
    last_day: dt.date | None


@require_safe
def index(request: PortalRequest) -> HttpResponse:
    """The findings of the chosen campaign; a unit's own orders when a unit asks."""
    if request.user.acting and request.user.acting.role == Role.UNIT_USER:
        return _unit_index(request)
    campaigns, on = listed_campaigns(request), clock.today()
    rows = selection.base(request.user, campaigns)
    figures = selection.figures(rows, on=on)
    chosen = selection.chosen(rows, request.GET.dict(), on=on, total=figures.total)
    page = page_of(request, chosen)
    show_all_by_now(list(page.object_list))
    for finding in page:
        finding.paper = _paper(finding)
        finding.next_label, finding.next_url = _next_step(request, finding)
    context = {
        "campaign": current_campaign(request),
        "several": len(campaigns) > 1,
        "page": page,
        "elsewhere": _elsewhere(request, page, selection.base(request.user, None), campaigns),
        "figures": figures,
        "today": on,
        "states": selection.STATE_CHOICES,
        "severities": Severity.choices,
        "overdues": selection.OVERDUE_CHOICES,
        "districts": selection.districts(request.user, campaigns),
        "query": request.GET.urlencode(),
        "chase": campaign_policies.may_chase(request.user),
        "filtered": any(
            request.GET.get(k) for k in ("q", "state", "severity", "district", "overdue")
        ),
        "is_office": request.user.acting and request.user.acting.role in Role.offices,
        "tab": "findings",
    }
    return render(request, "rectification/index.html", context)


@require_POST
def chase(request: PortalRequest) -> HttpResponse:
    """催办 of what units have still to report: the findings ticked, or all that the conditions found."""
    campaigns, on = listed_campaigns(request), clock.today()
    rows = selection.narrowed(selection.base(request.user, campaigns), request.GET.dict(), on=on)
    orders = RectificationOrder.objects.filter(
        items__finding__in=picked(request, rows).order_by().values("pk")
    )
    owed = chasing.about(orders, DutyKind.RECTIFICATION)
    return answer(request, owed, back=reverse("rectification:index"))


@require_POST
@exported
def export(request: PortalRequest) -> Export:
    """Exactly the rows shown, all pages of them; leaves a record of who took them out."""
    campaigns, on = listed_campaigns(request), clock.today()
    rows = selection.chosen(selection.base(request.user, campaigns), request.GET.dict(), on=on)
    title = f"{'、'.join(map(str, campaigns)) or '专项行动'} 发现问题及整改情况"
    return Export(
        restricted=True,
        what=title,
        filename=f"整改情况-{on:%Y%m%d}.xlsx",
        count=rows.count,
        sheets=lambda: [Sheet("整改", title, _COLUMNS, _export_rows(iter(rows), on))],
    )


@require_safe
def dispositions(request: PortalRequest) -> HttpResponse:
    """Proposals on certificates: to decide for the issuing authority, to follow for the proposing."""
    campaigns = listed_campaigns(request)
    everywhere = CertificateDisposition.objects.visible_to(request.user)
    rows = everywhere.filter(finding__task__campaign__in=campaigns)
    state = request.GET.get("state", "")
    if state in DispositionState.values:
        rows = rows.filter(state=state)
    page = page_of(request, rows.for_list())
    context = {
        "page": page,
        "elsewhere": _elsewhere(request, page, everywhere, campaigns, "finding__task__campaign"),
        "states": DispositionState.choices,
        "filtered": bool(state),
        "mine": request.user.acting.authority_id if request.user.acting else None,
        "tab": "dispositions",
    }
    return render(request, "rectification/dispositions.html", context)


@require_safe
def referrals(request: PortalRequest) -> HttpResponse:
    """Cases handed to enforcement; for the liaison of the corps, those addressed to it."""
    campaigns = listed_campaigns(request)
    everywhere = CaseReferral.objects.visible_to(request.user)
    rows = everywhere.filter(task__campaign__in=campaigns)
    state = request.GET.get("state", "")
    if state in ReferralState.values:
        rows = rows.filter(state=state)
    page = page_of(request, rows.for_list())
    context = {
        "page": page,
        "elsewhere": _elsewhere(request, page, everywhere, campaigns, "task__campaign"),
        "states": ReferralState.choices,
        "filtered": bool(state),
        "addressed": request.user.scope.role == Role.ENFORCEMENT_LIAISON,
        "tab": "referrals",
    }
    return render(request, "rectification/referrals.html", context)


def _unit_index(request: PortalRequest) -> HttpResponse:
    """The unit's orders with their findings, and what was found before any order."""
    campaigns, on = listed_campaigns(request), clock.today()
    orders = RectificationOrder.objects.visible_to(request.user)
    page = page_of(request, orders.filter(task__campaign__in=campaigns).for_list(), size=10)
    shown = {order.pk: order for order in page}
    mine = selection.base(request.user, campaigns)
    found = list(selection.by_day(mine))
    show_all_by_now(found)
    pks = [finding.pk for finding in found]
    reports, files = queries.latest_rounds(pks), queries.files_by_finding(pks)
    for order in page:
        order.lines = []
    for finding in found:
        item = getattr(finding, "order_item", None)
        if item is None or item.order_id not in shown:
            continue
        missing = queries.missing_parts(reports.get(finding.pk), len(files.get(finding.pk, [])))
        owed = finding.state in FindingState.owed_by_unit
        shown[item.order_id].lines.append({"finding": finding, "missing": missing if owed else []})
    for order in page:
        show_in(order, lapsing.order_by_now(order, [line["finding"] for line in order.lines]))
        waiting = [li for li in order.lines if li["finding"].state in FindingState.owed_by_unit]
        order.waiting = len(waiting)
        order.ready = sum(not line["missing"] for line in waiting)
        order.next_due = min((li["finding"].due_on for li in waiting), default=None)
        order.done = sum(li["finding"].state in FindingState.terminal for li in order.lines)
    with read_once():
        loose = [
            BeforeOrder(
                finding,
                verdict=policies.can_dispute(request.user, finding),
                last_day=finding_moves.objection_deadline(finding),
            )
            for finding in found
            if not hasattr(finding, "order_item")
        ]
    context = {
        "subtitle": campaigns[0].title if len(campaigns) == 1 else "",
        "several": len(campaigns) > 1,
        "page": page,
        "loose": loose,
        "today": on,
        "elsewhere": [] if loose else _elsewhere(request, page, orders, campaigns),
    }
    return render(request, "rectification/unit_index.html", context)


def _elsewhere(
    request: PortalRequest,
    page: Page,
    rows: QuerySet,
    campaigns: list[Campaign],
    field: str = "task__campaign",
) -> list[Elsewhere]:
    """Where the rows are when there are none here; nothing is asked otherwise."""
    return [] if page.object_list else elsewhere(request, rows, campaigns, field=field)


def _next_step(request: PortalRequest, finding: Finding) -> tuple[str, str]:
    """What the office does next with a finding, and where."""
    if finding.state == FindingState.RAISED and policies.can_issue(request.user, finding.task):
        return "下达整改", address("rectification:issue", finding.task_id)
    if policies.is_office(request.user, finding.task) and finding.state in _NEXT:
        return _NEXT[FindingState(finding.state)], finding.get_absolute_url()
    return "查看", finding.get_absolute_url()


def _paper(finding: Finding) -> RectificationOrder | None:
    """The order a finding is under."""
    item = getattr(finding, "order_item", None)
    return item.order if item else None


def _export_rows(rows: Iterable[Finding], on: dt.date) -> Iterator[tuple[CellValue, ...]]:
    for finding in rows:
        show_by_now(finding)
        order = _paper(finding)
        late = (
            (on - finding.due_on).days
            if finding.state in FindingState.owed_by_unit and finding.due_on and finding.due_on < on
            else ""
        )
        yield (
            finding.task.of_unit.name,
            finding.task.authority.short_name,
            finding.standard.name if finding.standard else "单位层面",
            finding.item.code,
            finding.fact,
            finding.severity_word,
            order.number if order else "",
            finding.due_on,
            late,
            finding.get_state_display(),
        )
