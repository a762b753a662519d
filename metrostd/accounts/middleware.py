"""Sets the acting membership of each request from the session, and refuses another one's work."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render

from metrostd.common.refusals import wants_json

from . import authorship
from .authorship import SESSION_KEY
from .whose import membership_of


class ActingMembershipMiddleware:
    """Exactly one membership acts; a session naming one that has ended falls back to asking."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *args: object) -> None:
        """Runs after authentication, so anonymous pages never touch the session."""
        if not request.user.is_authenticated:
            return
        chosen = request.session.get(SESSION_KEY)
        if chosen is None:
            return
        request.user.act_as(membership_of(request.user, chosen))


class AuthorshipMiddleware:
    """What a page sends for one person is never recorded under another, nor under another membership.

    It looks before the check against forged posts: who signs in gets a new token, and its refusal would
    not tell what happened.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        now = authorship.written_for(request)
        if request.COOKIES.get(authorship.COOKIE, "") != now:
            response.set_cookie(
                authorship.COOKIE, now, secure=settings.SESSION_COOKIE_SECURE, samesite="Lax"
            )
        return response

    def process_view(self, request: HttpRequest, *args: object) -> HttpResponse | None:
        found = authorship.stranger(request)
        if found is None:
            return None
        if wants_json(request):
            payload = {"stranger": found.now, "errors": {"__all__": [found.sentence]}}
            return JsonResponse(payload, status=409)
        return render(request, "409_person.html", {"stranger": found}, status=409)
