"""Sets the acting membership of each request from the session, refuses another one's work, ends old sessions."""

from collections.abc import Callable

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from metrostd.common.refusals import wants_json

from . import authorship, gates, sessions
from .authorship import SESSION_KEY
from .whose import membership_of


class ActingMembershipMiddleware:
    """Exactly one membership acts; a session naming one that has ended falls back to asking."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., HttpResponse], *args: object
    ) -> HttpResponse | None:
        """Runs after authentication, so anonymous pages never touch the session."""
        if not request.user.is_authenticated:
            return None
        if reason := sessions.expired(request):
            return self._let_go(request, view, reason)
        chosen = request.session.get(SESSION_KEY)
        if chosen is not None:
            request.user.act_as(membership_of(request.user, chosen))
        if (before := gates.gate(request.user, request)) is None:
            return None
        if wants_json(request) or request.method not in ("GET", "HEAD"):
            raise PermissionDenied(before.sentence)
        messages.warning(request, before.sentence)
        return redirect(before.name)

    @staticmethod
    def _let_go(
        request: HttpRequest, view: Callable[..., HttpResponse], reason: str
    ) -> HttpResponse | None:
        """The session is over: sign in again and come back to the same page."""
        sessions.ended(request)
        logout(request)
        messages.info(request, reason)
        if not getattr(view, "login_required", True):
            return None
        wanted = request.get_full_path() if request.method == "GET" else ""
        return redirect_to_login(wanted or "/", reverse("accounts:sign_in"))


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
