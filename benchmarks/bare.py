"""The floor of a save: Django's session, one row updated by its key, and nothing of the portal's."""

from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponse
from django.urls import path

from inspections.models import ChecklistAnswer

MIDDLEWARE = [f"{SessionMiddleware.__module__}.{SessionMiddleware.__qualname__}"]


def save(request: HttpRequest) -> HttpResponse:
    rows = ChecklistAnswer.objects.filter(pk=request.POST["pk"])
    who = request.session["_auth_user_id"]
    return HttpResponse(str(rows.update(note=request.POST["note"], answered_by=who)))


urlpatterns = [path("bare/", save)]
