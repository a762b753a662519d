"""The public archive: what is published today, found by any word, without an account and without a way inside."""

import json

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from metrostd.common import clock
from metrostd.common.found import get_object_or_404
from metrostd.common.http import file_answer, page_of
from metrostd.common.public_pages import for_anybody
from reporting.enums import BulletinKind
from reporting.models import Bulletin
from reporting.narrative import bulletins, screen

#: No name of a unit is longer.
_LONGEST = 120


@for_anybody
@login_not_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The newest first; narrowed by words and by kind."""
    rows = Bulletin.objects.public_on(clock.today()).select_related("campaign__organiser")
    words = request.GET.get("q", "").strip()[:_LONGEST]
    kind = request.GET.get("kind", "")
    if words:
        rows = rows.search(words)
    if kind in BulletinKind.values:
        rows = rows.filter(kind=kind)
    rows = rows.defer("published", "record", "visits", "searched", "text")
    context = {
        "page": page_of(request, rows.order_by("-visible_from", "-pk"), size=20),
        "kinds": BulletinKind.choices,
        "words": words,
        "kind": kind,
    }
    return render(request, "reporting/public/index.html", context)


def _fetch(pk: int) -> Bulletin:
    """One that is public now; before, after and once withdrawn there is none."""
    rows = Bulletin.objects.public_on(clock.today()).select_related("campaign__organiser")
    return get_object_or_404(rows, pk=pk)


@for_anybody
@login_not_required
@require_safe
def bulletin(request: HttpRequest, pk: int) -> HttpResponse:
    """One bulletin as it was published."""
    row = _fetch(pk)
    told = bulletins.published(row)
    context = {
        "bulletin": row,
        "paper": told,
        "paragraphs": screen.paragraphs(told.blocks, lambda _: ""),
        "is_made": bulletins.made_file(row) is not None,
    }
    return render(request, "reporting/public/bulletin.html", context)


@for_anybody
@login_not_required
@require_safe
def record(request: HttpRequest, pk: int) -> HttpResponse:
    """What the draw is computed again with; nobody's name is in it."""
    row = _fetch(pk)
    if not row.record:
        raise Http404
    made = json.dumps(row.record, ensure_ascii=False, indent=1)
    answer = HttpResponse(made, content_type="application/json")
    name = f"抽取记录-{row.pk}.json"
    answer["Content-Disposition"] = content_disposition_header(True, name) or ""
    return answer


@for_anybody
@login_not_required
@require_safe
def verifier(request: HttpRequest) -> HttpResponse:
    """The program that does it, as it stands beside the documentation."""
    code = (settings.BASE_DIR / "docs" / "verify_draw.py").read_bytes()
    answer = HttpResponse(code, content_type="text/x-python; charset=utf-8")
    answer["Content-Disposition"] = 'attachment; filename="verify_draw.py"'
    return answer


@login_not_required
@require_safe
def pdf(request: HttpRequest, pk: int) -> FileResponse:
    """The same on paper, from when it has been made."""
    row = _fetch(pk)
    file = bulletins.made_file(row)
    if file is None:
        raise Http404
    return file_answer(file, filename=f"{row.title}.pdf")
