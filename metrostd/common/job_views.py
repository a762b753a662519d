"""Watching long work: leave the page and come back, see why it failed, run it again."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe
from django_htmx.http import HttpResponseClientRedirect

from .enums import JobState
from .http import go
from .jobs import retry, with_progress
from .models import Job


@require_safe
def job(request: HttpRequest, pk: int) -> HttpResponse:
    """Progress of one's own job; a finished one sends the browser on."""
    row = get_object_or_404(Job.objects.visible_to(request.user), pk=pk)
    if request.htmx and row.state == JobState.DONE and row.next_url:  # type: ignore[attr-defined]
        return HttpResponseClientRedirect(row.next_url)
    page = "common/job.html"
    template = f"{page}#progress" if request.htmx else page  # type: ignore[attr-defined]
    return render(request, template, {"job": with_progress(row)})


@require_POST
def retry_job(request: HttpRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(Job.objects.visible_to(request.user), pk=pk)
    retry(row)
    return go(request, request.path.removesuffix("retry/"))
