"""The component gallery (debug only)."""

from django.http import HttpRequest, HttpResponse


def gallery(request: HttpRequest) -> HttpResponse:
    return HttpResponse("")
