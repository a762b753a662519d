"""Without an account: where to turn to, saying it, and what became of it, with the code of the receipt."""

import segno
from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from metrostd.common import audit, clock
from metrostd.common.attempts import attempt
from metrostd.common.bodies import takes_files_of_anybody
from metrostd.common.found import get_object_or_404
from metrostd.common.middleware import client_address
from metrostd.complaints import codes, desks, flood, moves, services
from metrostd.complaints.forms import CodeForm, StatementForm
from metrostd.complaints.models import Complaint
from metrostd.registry.models import Authority

#: What a form with all its attachments weighs at most.
_MEGABYTES = services.MOST_MEGABYTES + 4


@login_not_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """Where people can turn to, office by office."""
    return render(request, "complaints/public/index.html", {"desks": desks.published()})


@login_not_required
@require_safe
def poster(request: HttpRequest, code: str) -> HttpResponse:
    """A page to print and to hang up: the QR code that leads to the form, and the office's own words."""
    office = get_object_or_404(Authority, code=code)
    address = f"{settings.PORTAL_URL}{reverse('complaints_public:create')}?to={office.code}"
    context = {
        "office": office,
        "desk": desks.published().filter(authority=office).first(),
        "address": address,
        "picture": segno.make(address, error="m").svg_data_uri(scale=8, border=2),
    }
    return render(request, "complaints/public/poster.html", context)


@takes_files_of_anybody(_MEGABYTES)
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def create(request: HttpRequest) -> HttpResponse:
    """Say it; the answer to the form is the receipt, and to the same form again the same receipt."""
    chosen = Authority.objects.filter(code=request.GET.get("to", "")[:12]).first()
    form = StatementForm(
        request.POST or None, request.FILES or None, initial={"office": chosen} if chosen else {}
    )
    try:
        with audit.without_origin():
            tried = attempt(request, form, lambda: _take(request, form))
    except flood.TooOftenError as error:
        form.add_error(None, str(error))
        return _page(request, form, status=429)
    if not tried.done:
        return _page(request, form, status=tried.status)
    row, code = tried.made
    return render(request, "complaints/public/receipt.html", _receipt(row, code))


def _take(request: HttpRequest, form: StatementForm) -> tuple[Complaint, str]:
    given = dict(form.cleaned_data)
    sent = given.pop("sent")
    if (known := services.by_code(code := codes.code_of(sent))) is not None:
        return known, code
    flood.SENDING.count(client_address(request))
    return services.receive(services.Statement(**given), sent=sent, actor=None)


def _page(request: HttpRequest, form: StatementForm, *, status: int) -> HttpResponse:
    context = {"form": form, "desks": desks.published()}
    return render(request, "complaints/public/form.html", context, status=status)


def _receipt(row: Complaint, code: str) -> dict[str, object]:
    return {"complaint": row, "code": codes.shown(code), "on": clock.today()}


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest) -> HttpResponse:
    """State, decision and answer, for whoever has the code; the code never stands in an address."""
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        row = _found(request, form)
        if row is not None:
            context = {"complaint": row, "code": form.cleaned_data["code"], "today": clock.today()}
            return render(request, "complaints/public/state.html", context)
    limited = any("次数太多" in str(error) for error in form.non_field_errors())
    status = 429 if limited else 422 if form.is_bound else 200
    return render(request, "complaints/public/follow.html", {"form": form}, status=status)


@login_not_required
@require_POST
def forget(request: HttpRequest) -> HttpResponse:
    """Whoever has the code has name and contact erased, and what they wrote once the matter is closed."""
    form = CodeForm(request.POST)
    row = _found(request, form) if form.is_valid() else None
    if row is None:
        return render(request, "complaints/public/follow.html", {"form": form}, status=422)
    with audit.without_origin():
        moves.forget(row, actor=None, note="凭查询码提出。")
    row.refresh_from_db()
    context = {"complaint": row, "code": form.cleaned_data["code"], "today": clock.today()}
    return render(request, "complaints/public/state.html", {**context, "erased": True})


def _found(request: HttpRequest, form: CodeForm) -> Complaint | None:
    """The matter of a code; a wrong one counts, and says no more than that it is wrong."""
    address = client_address(request)
    try:
        flood.ASKING.count(address)
    except flood.TooOftenError as error:
        form.add_error(None, str(error))
        return None
    row = services.by_code(form.cleaned_data["code"])
    if row is None:
        form.add_error("code", "查询码不正确，请对照回执重新输入。")
        return None
    flood.ASKING.forgive(address)
    return row
