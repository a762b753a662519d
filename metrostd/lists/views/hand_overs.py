"""名单签收: what a district does with the rows of a list that are its own."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from metrostd.common import clock
from metrostd.common.attempts import attempt
from metrostd.common.exports import Export, exported
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go, page_of
from metrostd.common.keyed import CHUNK, in_parts
from metrostd.common.models import AuditEntry
from metrostd.common.outside import is_key
from metrostd.common.policies import require
from metrostd.common.templatetags.lists import query_string
from metrostd.lists import documents, queries
from metrostd.lists.forms.hand_overs import ReturnForm
from metrostd.lists.hand_over_lines import lines_of
from metrostd.lists.policies import hand_overs as policies
from metrostd.lists.services import hand_overs, returns
from metrostd.registry.enums import HandOverState, ReturnState, RowChange
from metrostd.registry.models import HandOver, HandOverReturn, ImportBatch, ImportRow

_ROWS = 50
_TRAIL = 20
#: Tabs of a hand-over: address value, label.
_TABS = (("", "全部"), ("new", "台账新增"), ("unconfirmed", "待确认"), ("returned", "退回"))


@require_safe
def index(request: PortalRequest) -> HttpResponse:
    """A district: its lists, those to acknowledge first. The municipal office: all lists."""
    user = request.user
    require(policies.may_see_hand_overs(user))
    returned = HandOverReturn.objects.visible_to(user).for_list()
    if user.scope.register.everything:
        return _overview(request, returned.open().order_by("pk"))
    rows = HandOver.objects.visible_to(user).with_counts().for_list()
    context = {
        "waiting": list(rows.sent().order_by("due_on", "pk")),
        "page": page_of(request, rows.exclude(state=HandOverState.SENT).order_by("-pk"), size=20),
        "answered": list(returned.filter(state=ReturnState.ANSWERED).order_by("pk")[:_ROWS]),
        "today": clock.today(),
        "may_receive": bool(policies.may_receive(user)),
    }
    return render(request, "lists/hand_overs.html", context)


def _overview(request: PortalRequest, returned: QuerySet) -> HttpResponse:
    handed = HandOver.objects.standing().values("batch")
    homeless = ImportRow.objects.without_district().values("batch")
    batches = ImportBatch.objects.visible_to(request.user).for_list()
    both = batches.filter(pk__in=handed) | batches.filter(pk__in=homeless)
    page = page_of(request, both, size=20)
    today = clock.today()
    context = {
        "page": page,
        "lists": queries.progress_of(page, on=today),
        "returned": page_of(request, returned, size=_ROWS),
        "today": today,
    }
    return render(request, "lists/hand_over_lists.html", context)


@require_safe
def detail(request: PortalRequest, pk: int) -> HttpResponse:
    """The rows of one list in one district: look through, mark, acknowledge."""
    hand_over = _hand_over(request, pk)
    return _page(request, hand_over, ReturnForm(hand_over=hand_over))


def _page(
    request: PortalRequest, hand_over: HandOver, form: ReturnForm, *, status: int = 200
) -> HttpResponse:
    user = request.user
    show = request.GET.get("show", "")
    page = page_of(request, _rows(request, hand_over, show), size=_ROWS)
    visible = HandOverReturn.objects.visible_to(user).filter(hand_over=hand_over)
    returned = list(visible.exclude(state=ReturnState.WITHDRAWN).for_list())
    accepted = hand_over.row_count - hand_over.draft_count
    context = {
        "hand_over": hand_over,
        "batch": hand_over.batch,
        "page": page,
        "lines": lines_of(hand_over, page.object_list, viewer=user),
        "show": show,
        "tabs": _tabs(request, hand_over, show),
        "form": form,
        "ticked": set(map(int, form.cleaned_data.get("rows", ()))) if form.is_bound else set(),
        "returned": returned,
        "accepted": accepted,
        "acknowledge_label": _label(accepted, hand_over.draft_count),
        "acknowledge_verdict": policies.can_acknowledge(user, hand_over),
        "return_verdict": policies.can_return(user, hand_over),
        "may_receive": bool(policies.may_receive(user)),
        "entries": AuditEntry.objects.about(hand_over, *returned)[:_TRAIL],
        "today": clock.today(),
    }
    return render(request, "lists/hand_over.html", context, status=status)


def _label(accepted: int, returned: int) -> str:
    return f"签收 {accepted} 行" + (f"，退回 {returned} 行" if returned else "")


def _rows(request: PortalRequest, hand_over: HandOver, show: str) -> QuerySet:
    rows = hand_over.rows.all()
    if show == "new":
        rows = rows.filter(change=RowChange.NEW)
    if show == "unconfirmed":
        rows = rows.unconfirmed()
    if show == "returned":
        rows = rows.filter(pk__in=hand_over.returns.pending().values("row"))
    if words := request.GET.get("q", "").strip():
        rows = rows.search(words)
    return rows.for_district()


def _tabs(request: PortalRequest, hand_over: HandOver, show: str) -> list[dict[str, object]]:
    pending = hand_over.draft_count + hand_over.open_count + hand_over.answered_count
    counts = {
        "": hand_over.row_count,
        "new": hand_over.new_count,
        "unconfirmed": hand_over.unconfirmed_count,
        "returned": pending,
    }
    return [
        {
            "label": label,
            "count": counts[value],
            "current": value == show,
            "url": query_string(request, show=value, page=None),
        }
        for value, label in _TABS
        if counts[value] or value in ("", show)
    ]


@require_POST
def send_back(request: PortalRequest, pk: int) -> HttpResponse:
    """Mark the ticked rows as not ours; they go with the acknowledgement, or at once after it."""
    hand_over = _hand_over(request, pk)
    require(policies.may_receive(request.user))
    form = ReturnForm(request.POST, hand_over=hand_over)
    tried = attempt(
        request,
        form,
        lambda: returns.return_rows(
            hand_over,
            form.cleaned_data["rows"],
            reason=form.cleaned_data["reason"],
            words=form.cleaned_data["words"],
            district=form.cleaned_data["district"],
            actor=request.user,
        ),
    )
    if tried.done:
        count, later = tried.made, hand_over.state == HandOverState.SENT
        messages.success(
            request,
            f"已标记退回 {count} 行，签收时一并退回。" if later else f"已退回 {count} 行。",
        )
        return _back(request, hand_over)
    return _page(request, hand_over, form, status=tried.status)


@require_POST
def confirm(request: PortalRequest, pk: int) -> HttpResponse:
    """Confirm institutions' rows: the ticked ones, or all that are left."""
    hand_over = _hand_over(request, pk)
    require(policies.may_receive(request.user))
    chosen = [int(pk) for pk in request.POST.getlist("rows") if is_key(pk)]
    wanted = None if "all" in request.POST else chosen
    count = hand_overs.confirm_rows(hand_over, wanted, actor=request.user)
    if count:
        messages.success(request, f"已确认 {count} 行。")
    else:
        messages.warning(request, "没有勾选待确认的行。")
    return _back(request, hand_over)


@require_POST
def acknowledge(request: PortalRequest, pk: int) -> HttpResponse:
    """签收: what is marked goes back, the rest is taken."""
    hand_over = _hand_over(request, pk)
    require(policies.may_receive(request.user))
    accepted, returned = (
        int(text) if is_key(text := request.POST.get(name, "")) else -1
        for name in ("accepted", "returned")
    )
    hand_overs.acknowledge(hand_over, accepted=accepted, returned=returned, actor=request.user)
    messages.success(request, f"已{_label(accepted, returned)}，可以打印签收回执。")
    return go(request, hand_over)


@require_safe
@exported
def receipt(request: PortalRequest, pk: int) -> Export:
    """The receipt as it was on the day, to print and file."""
    hand_over = _hand_over(request, pk)
    require(policies.can_print(hand_over))
    return Export(
        what=f"名单签收回执 {hand_over.receipt_no}",
        filename=f"{hand_over.receipt_no}.pdf",
        count=lambda: documents.lines_of_receipt(hand_over),
        paper=lambda: documents.hand_over_receipt(hand_over),
    )


@require_POST
@exported
def export(request: PortalRequest, pk: int) -> Export:
    """The rows under the page's filter, as a workbook."""
    hand_over = _hand_over(request, pk)
    rows = _rows(request, hand_over, request.GET.get("show", ""))
    lines = (line for part in in_parts(rows.iterator(CHUNK)) for line in lines_of(hand_over, part))
    return Export(
        what=f"移交名单 {hand_over}",
        filename=f"{hand_over.authority.region_name}移交名单{clock.today():%Y%m%d}.xlsx",
        count=rows.count,
        sheets=lambda: [documents.hand_over_rows(hand_over, lines)],
    )


def _back(request: PortalRequest, hand_over: HandOver) -> HttpResponse:
    """To the same tab and page of the list."""
    query = request.GET.urlencode()
    return go(request, hand_over.get_absolute_url() + (f"?{query}" if query else ""))


def _hand_over(request: PortalRequest, pk: int) -> HandOver:
    rows = HandOver.objects.visible_to(request.user).with_counts()
    return get_object_or_404(
        rows.select_related("batch__issuing_authority", "batch__file", "authority"), pk=pk
    )
