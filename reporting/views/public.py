"""The public pages of bulletins: what is published today, without an account and without a way inside."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from metrostd.common import clock
from metrostd.common.http import page_of
from reporting.models import Bulletin
from reporting.narrative import screen
from reporting.narrative.paper import from_plain


@login_not_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    rows = Bulletin.objects.public_on(clock.today()).select_related("campaign__organiser")
    page = page_of(request, rows.order_by("-visible_from", "-pk"), size=20)
    return render(request, "reporting/public/index.html", {"page": page})


@login_not_required
@require_safe
def bulletin(request: HttpRequest, pk: int) -> HttpResponse:
    """One bulletin as it was published; before, after and once withdrawn there is none."""
    rows = Bulletin.objects.public_on(clock.today()).select_related("campaign__organiser")
    row = get_object_or_404(rows, pk=pk)
    told = from_plain(row.published)
    context = {
        "bulletin": row,
        "paper": told,
        "paragraphs": screen.paragraphs(told.blocks, lambda _: ""),
    }
    return render(request, "reporting/public/bulletin.html", context)
