"""依申请公开 at the desk of an office: logged, answered within its days."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from campaigns.current import current_campaign
from metrostd.common import clock
from metrostd.common.attempts import attempt
from metrostd.common.confidential import confidential
from metrostd.common.found import get_object_or_404
from metrostd.common.http import PortalRequest, go, page_of
from metrostd.common.models import AuditEntry
from metrostd.common.policies import require
from reporting import disclosure, policies
from reporting.forms import DecisionForm, RequestForm
from reporting.models import RecordRequest


def _fetch(request: PortalRequest, pk: int) -> RecordRequest:
    rows = RecordRequest.objects.visible_to(request.user)
    return get_object_or_404(rows.select_related("authority", "campaign", "decided_by"), pk=pk)


@require_safe
def index(request: PortalRequest) -> HttpResponse:
    """The register; who asked stands on the page of each."""
    require(policies.may_answer_requests(request.user))
    rows = RecordRequest.objects.visible_to(request.user).select_related("authority")
    page = page_of(request, rows)
    context = {
        "page": page,
        "rows": [(row, disclosure.answer_by(row.received_on)) for row in page],
        "today": clock.today(),
    }
    return render(request, "reporting/requests/index.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def create(request: PortalRequest) -> HttpResponse:
    require(policies.may_answer_requests(request.user))
    form = RequestForm(request.POST or None, initial={"received_on": clock.today()})

    def log() -> RecordRequest:
        office = request.user.acting.authority if request.user.acting else None
        if office is None:
            raise ValueError("an office acts for an authority")
        return disclosure.log(
            office=office,
            campaign=current_campaign(request),
            actor=request.user,
            **form.cleaned_data,
        )

    tried = attempt(request, form, log)
    if tried.done:
        messages.success(request, "已登记，答复期限在应办事项中。")
        return go(request, tried.made)
    return render(request, "reporting/requests/form.html", {"form": form}, status=tried.status)


@require_safe
@confidential(lambda row: row.authority)
def detail(request: PortalRequest, pk: int) -> HttpResponse:
    return _page(request, _fetch(request, pk), DecisionForm())


def _page(
    request: PortalRequest, row: RecordRequest, form: DecisionForm, *, status: int = 200
) -> HttpResponse:
    may = policies.can_answer_request(request.user, row)
    context = {
        "request_row": row,
        "due_on": disclosure.answer_by(row.received_on),
        "today": clock.today(),
        "form": form if may else None,
        "names": bool(policies.is_answering(request.user, row)),
        "entries": list(AuditEntry.objects.about(row)[:40]),
    }
    return render(request, "reporting/requests/detail.html", context, status=status)


@require_POST
def decide(request: PortalRequest, pk: int) -> HttpResponse:
    row = _fetch(request, pk)
    require(policies.is_answering(request.user, row))
    form = DecisionForm(request.POST)
    tried = attempt(
        request,
        form,
        lambda: disclosure.decide(row, actor=request.user, **form.cleaned_data),
    )
    if not tried.done:
        return _page(request, row, form, status=tried.status)
    messages.success(request, "已登记答复。")
    return go(request, row)
