"""应办事项: everything owed in the campaigns that run, within the person's scope."""

import datetime as dt
from collections import defaultdict

from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from campaigns import documents, policies
from campaigns.chase_answers import answer
from campaigns.current import elsewhere, visible_campaigns
from campaigns.enums import DutyKind
from campaigns.models import Campaign, Duty
from campaigns.querysets import DutyQuerySet
from metrostd.common import clock
from metrostd.common.exports import Export, exported
from metrostd.common.http import PortalRequest, page_of
from metrostd.common.keyed import Chained, KeyedRows
from metrostd.common.outside import is_key
from metrostd.common.picking import picked
from metrostd.common.shapes import Context
from metrostd.notifications.chasing import last_days
from metrostd.registry.models import Authority

from .chosen import chosen_campaigns

#: What the register asks for belongs to no campaign.
LOOSE = "none"
STATES = (("running", "未到期"), ("overdue", "逾期"), ("done", "已完成"), ("cancelled", "已取消"))
_TONES = {"未到期": "info", "逾期": "bad", "已完成": "ok", "已取消": "muted"}
_SORTS = {
    "due": ("due_on", "pk"),
    "kind": ("kind", "due_on", "pk"),
    "done": ("fulfilled_at", "due_on", "pk"),
}


@require_safe
def index(request: PortalRequest) -> HttpResponse:
    campaigns = _campaigns(request)
    today = clock.today()
    page = page_of(request, _rows(request, campaigns))
    known = [(c.pk, c.title) for c in visible_campaigns(request)]
    context: Context = {
        "several": len(campaigns) > 1,
        "campaigns": [*known, (LOOSE, "不属于专项行动")],
        "elsewhere": []
        if page.object_list
        else elsewhere(request, Duty.objects.visible_to(request.user), campaigns),
        "today": today,
        "page": page,
        "rows": _shown_rows(list(page), today),
        "chase": policies.may_chase(request.user),
        "kinds": DutyKind.choices,
        "states": STATES,
        "authorities": [(a.pk, a.short_name) for a in _authorities(request)],
        "query": request.GET.urlencode(),
    }
    return render(request, "campaigns/duties.html", context)


@require_safe
@exported
def export(request: PortalRequest) -> Export:
    """Exactly the rows shown, all pages of them; leaves a record of who took them out."""
    campaigns = _campaigns(request)
    rows = _rows(request, campaigns)
    title = f"{'、'.join(map(str, campaigns)) or '专项行动'} 应办事项"
    on = clock.today()
    return Export(
        what=title,
        filename=f"应办事项-{on:%Y%m%d}.xlsx",
        count=rows.count,
        sheets=lambda: [documents.duty_sheet(iter(rows), title=title, on=on)],
    )


@require_POST
def chase(request: PortalRequest) -> HttpResponse:
    """催办 of the rows ticked, or of all that the conditions found."""
    rows = picked(request, _found(request, _campaigns(request)))
    return answer(request, rows, back=reverse("campaigns:duties"))


def _rows(request: PortalRequest, campaigns: list[Campaign]) -> KeyedRows:
    """The duties the address asks for, in the order it asks for."""
    rows = _found(request, campaigns)
    order = request.GET.get("sort", "")
    return KeyedRows(_keys(rows, order), rows.same_day().for_table(), counted=rows)


def _found(request: PortalRequest, campaigns: list[Campaign]) -> DutyQuerySet:
    asked = request.GET
    about = {"campaign": None} if asked.get("campaign") == LOOSE else {"campaign__in": campaigns}
    on = clock.today()
    rows = Duty.objects.by_now(on).within(**about).visible_to(request.user).order_by()
    if asked.get("kind") in DutyKind.values:
        rows = rows.filter(kind=asked["kind"])
    if is_key(asked.get("authority", "")):
        rows = rows.of_authority(int(asked["authority"]))
    match asked.get("state"):
        case "running":
            rows = rows.running(on)
        case "overdue":
            rows = rows.overdue(on)
        case "done":
            rows = rows.done()
        case "cancelled":
            rows = rows.cancelled()
    if words := asked.get("q", "").strip():
        rows = rows.filter(Q(title__icontains=words) | Q(unit__name__icontains=words))
    return rows


def _keys(rows: DutyQuerySet, wanted: str) -> QuerySet | Chained:
    """What is still open comes first, by its day, unless the address says otherwise."""
    if order := _SORTS.get(wanted.removeprefix("-")):
        columns = (f"-{c}" if wanted.startswith("-") else c for c in order)
        return rows.in_order(*columns).values_list("pk", flat=True)
    return Chained(
        [
            part.in_order("due_on", "pk").values_list("pk", flat=True)
            for part in (rows.open(), rows.settled())
        ]
    )


def _campaigns(request: PortalRequest) -> list[Campaign]:
    return [] if request.GET.get("campaign") == LOOSE else chosen_campaigns(request)


def _authorities(request: PortalRequest) -> QuerySet[Authority]:
    """Authorities the person may ask for: an office its own, the municipal office all."""
    reach = request.user.scope.casework
    return Authority.objects.filter(reach.as_q(authority="pk")).order_by("code")


def _shown_rows(duties: list[Duty], today: dt.date) -> list[Context]:
    """Each with when it was asked about last; one query for each kind of thing."""
    keys: dict[int, list[int]] = defaultdict(list)
    for duty in duties:
        keys[duty.target_type_id].append(duty.target_id)
    asked = {
        (kind, key): day
        for kind, found in keys.items()
        for key, day in last_days(kind, found).items()
    }
    return [
        _shown(duty, today) | {"asked": asked.get((duty.target_type_id, duty.target_id))}
        for duty in duties
    ]


def _shown(duty: Duty, today: dt.date) -> Context:
    status = documents.duty_status(duty, on=today)
    return {
        "duty": duty,
        "owner": documents.duty_owner(duty),
        "status": status,
        "tone": _TONES[status],
    }
