"""The notice without an account: as it was issued, to be printed, with its annexes; nothing else of the campaign."""

from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from metrostd.common.found import get_object_or_404
from metrostd.common.http import file_answer, page_of
from metrostd.common.public_pages import for_anybody
from metrostd.notices.models import Notice, NoticeAnnex


@for_anybody
@login_not_required
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    rows = Notice.objects.public().select_related("campaign__organiser")
    return render(request, "notices/public/index.html", {"page": page_of(request, rows, size=20)})


@for_anybody
@login_not_required
@require_safe
def notice(request: HttpRequest, pk: int) -> HttpResponse:
    rows = Notice.objects.public().select_related("campaign__organiser")
    row = get_object_or_404(rows.prefetch_related("annexes"), pk=pk)
    context = {
        "notice": row,
        "annexes": [
            {
                "place": each.place,
                "name": each.title,
                "url": reverse("notices_public:annex", args=[each.pk]),
            }
            for each in row.annexes.all()
        ],
        "basis": row.basis_documents,
    }
    return render(request, "notices/public/notice.html", context)


@login_not_required
@require_safe
def file(request: HttpRequest, pk: int) -> FileResponse:
    row = get_object_or_404(Notice.objects.public().select_related("file"), pk=pk)
    if row.file is None:
        raise Http404
    return file_answer(row.file, filename=row.title)


@login_not_required
@require_safe
def annex(request: HttpRequest, pk: int) -> FileResponse:
    rows = NoticeAnnex.objects.filter(notice__in=Notice.objects.public()).select_related("file")
    row = get_object_or_404(rows, pk=pk)
    return file_answer(row.file, filename=str(row))
