"""风险预警: the list with its counts, one warning from the register to its closing."""

from collections.abc import Mapping

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from metrostd.accounts.models import Membership
from metrostd.common import clock
from metrostd.common.actions import Action
from metrostd.common.attempts import attempt
from metrostd.common.confidential import confidential
from metrostd.common.exports import Export, exported
from metrostd.common.forms import LaidForm
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go, page_of
from metrostd.common.models import AuditEntry
from metrostd.common.outside import is_key
from metrostd.common.policies import require
from metrostd.common.roles import Role
from metrostd.common.shapes import CellValue, Context
from metrostd.common.spreadsheet import Column, Sheet
from metrostd.registry.models import Authority
from metrostd.risk import forms, moves, policies
from metrostd.risk.enums import WarningState
from metrostd.risk.models import RiskWarning
from metrostd.risk.querysets import RiskWarningQuerySet

_COLUMNS = (
    Column("预警类别", 26), Column("内容", 56), Column("计量标准", 30), Column("建标单位", 34),
    Column("负责部门", 14), Column("发出日期", 14), Column("承办人", 12), Column("处置期限", 14),
    Column("处置情况", 40), Column("状态", 12),
)  # fmt: skip


#: Asked for beside the states.
_LATE = "late"


def _fetch(request: PortalRequest, pk: int) -> RiskWarning:
    rows = RiskWarning.objects.visible_to(request.user).for_list()
    return get_object_or_404(rows.select_related("authority__parent"), pk=pk)


def _rows(request: PortalRequest) -> RiskWarningQuerySet:
    """What the address asks for; without a state, what is not over."""
    rows = RiskWarning.objects.visible_to(request.user)
    asked = request.GET
    state = asked.get("state", "")
    if state in WarningState.values:
        rows = rows.filter(state=state)
    elif state == _LATE:
        rows = rows.overdue(clock.today())
    elif state != "all":
        rows = rows.open()
    if asked.get("kind"):
        rows = rows.filter(kind=asked["kind"])
    if is_key(office := asked.get("district", "")):
        rows = rows.filter(authority=office)
    if words := asked.get("q", "").strip():
        rows = rows.filter(standard__unit__name__icontains=words)
    return rows


@require_safe
def index(request: PortalRequest) -> HttpResponse:
    require(policies.may_see_warnings(request.user))
    mine = RiskWarning.objects.visible_to(request.user)
    counts = mine.count_by_state()
    raised = sum(n for state, n in counts.items() if state != WarningState.LAPSED)
    kinds = mine.order_by("kind").values_list("kind", "kind_label").distinct()
    context = {
        "page": page_of(request, _rows(request).for_list().order_by("due_on", "-raised_on", "pk")),
        "counts": [
            (state.label, state.value, counts.get(state.value, 0))
            for state in WarningState
            if state in WarningState.open
        ],
        "overdue": mine.overdue(clock.today()).count(),
        "closed": counts.get(WarningState.CLOSED, 0),
        "raised": raised,
        "states": [("all", "全部"), (_LATE, "逾期未处置"), *WarningState.choices],
        "kinds": list(kinds),
        "districts": _offices(request),
        "today": clock.today(),
        "query": request.GET.urlencode(),
    }
    return render(request, "risk/warnings.html", context)


def _offices(request: PortalRequest) -> list[tuple[int, str]]:
    if not request.user.scope.casework.everything:
        return []
    return list(Authority.objects.order_by("code").values_list("pk", "short_name"))


@require_POST
@exported
def export(request: PortalRequest) -> Export:
    """The register of warnings (预警记录)."""
    require(policies.may_see_warnings(request.user))
    rows = _rows(request).for_list()
    return Export(
        what="风险预警记录",
        filename=f"风险预警记录{clock.today():%Y%m%d}.xlsx",
        count=rows.count,
        sheets=lambda: [
            Sheet("预警记录", "风险预警记录", _COLUMNS, (_cells(r) for r in rows.iterator(500)))
        ],
    )


def _cells(row: RiskWarning) -> list[CellValue]:
    return [
        row.kind_label, row.sentence, row.standard.name, row.standard.unit.name,
        str(row.authority), row.raised_on, row.holder,
        row.due_on, row.measure, row.get_state_display(),
    ]  # fmt: skip


@require_safe
@confidential(lambda row: row.standard.unit)
def detail(request: PortalRequest, pk: int) -> HttpResponse:
    return _page(request, _fetch(request, pk))


def _people(row: RiskWarning) -> QuerySet[Membership]:
    rows = Membership.objects.of_authority(row.authority).filter(role__in=Role.warned)
    return rows.select_related("user").order_by("role", "pk")


def _page(
    request: PortalRequest,
    row: RiskWarning,
    *,
    status: int = 200,
    bound: Mapping[str, LaidForm] | None = None,
) -> HttpResponse:
    """One warning with the forms of what can be done next."""
    who = request.user
    made: dict[str, LaidForm] = {}
    if policies.can_assign(who, row):
        made["assign"] = forms.AssignForm(people=_people(row))
    if policies.can_handle(who, row):
        made["handle"] = forms.HandleForm()
    close = policies.can_close(who, row)
    if close:
        made["close"] = forms.CloseForm()
    titles = {"assign": "交办", "handle": "处置", "close": "办结"}
    shown = made | dict(bound or {})
    context: Context = {
        "warning": row,
        "cause": moves.cause_now(row),
        "today": clock.today(),
        "steps": [
            (titles[name], reverse(f"risk:{name}", args=[row.pk]), form)
            for name, form in shown.items()
        ],
        "close": close if row.state == WarningState.HANDLED else None,
        "actions": _actions(request, row),
        "entries": list(AuditEntry.objects.about(row)[:40]),
    }
    return render(request, "risk/warning.html", context, status=status)


def _actions(request: PortalRequest, row: RiskWarning) -> list[Action]:
    back = policies.can_send_back(request.user, row)
    if row.state != WarningState.HANDLED or not policies.is_office(request.user, row):
        return []
    url = reverse("risk:send_back", args=[row.pk])
    return [Action("退回", url, back, "note", note_label="退回理由")]


@require_POST
def assign(request: PortalRequest, pk: int) -> HttpResponse:
    row = _fetch(request, pk)
    require(policies.is_office(request.user, row))
    form = forms.AssignForm(request.POST, people=_people(row))
    tried = attempt(
        request, form, lambda: moves.give_out(row, actor=request.user, **form.cleaned_data)
    )
    if not tried.done:
        return _page(request, row, status=tried.status, bound={"assign": form})
    messages.success(request, "已交办，承办人已收到消息。")
    return go(request, row)


@require_POST
def handle(request: PortalRequest, pk: int) -> HttpResponse:
    row = _fetch(request, pk)
    require(policies.may_handle(request.user, row))
    form = forms.HandleForm(request.POST)
    tried = attempt(
        request, form, lambda: moves.handle(row, actor=request.user, **form.cleaned_data)
    )
    if not tried.done:
        return _page(request, row, status=tried.status, bound={"handle": form})
    messages.success(request, "已登记处置情况，由本部门其他人员办结。")
    return go(request, row)


@require_POST
def send_back(request: PortalRequest, pk: int) -> HttpResponse:
    row = _fetch(request, pk)
    require(policies.is_office(request.user, row))
    moves.send_back(row, note=request.POST.get("note", ""), actor=request.user)
    messages.success(request, "已退回承办人。")
    return go(request, row)


@require_POST
def close(request: PortalRequest, pk: int) -> HttpResponse:
    row = _fetch(request, pk)
    require(policies.may_close(request.user, row))
    form = forms.CloseForm(request.POST)
    tried = attempt(
        request, form, lambda: moves.close(row, actor=request.user, **form.cleaned_data)
    )
    if not tried.done:
        return _page(request, row, status=tried.status, bound={"close": form})
    messages.success(request, "已办结。")
    return go(request, row)
