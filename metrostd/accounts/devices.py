"""A browser is recognised by a random cookie; it proves nothing about who sits in front of it."""

import secrets

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from .lockout import DEVICE_MEMORY

COOKIE = "device"


def device_of(request: HttpRequest) -> str:
    """What this browser was given when somebody first signed in on it; empty before."""
    return request.COOKIES.get(COOKIE, "")[:100]


def give_name(request: HttpRequest, response: HttpResponse) -> str:
    """The browser's name, made on first use; the answer keeps it there."""
    device = device_of(request) or secrets.token_urlsafe(24)
    response.set_cookie(
        COOKIE,
        device,
        max_age=int(DEVICE_MEMORY.total_seconds()),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
    return device
