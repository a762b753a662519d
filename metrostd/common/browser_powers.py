"""What a page may ask of the device it is shown on: nothing, but where a view says so."""

from collections.abc import Callable
from functools import wraps
from typing import TypeVar

from django.http import HttpRequest, HttpResponse

_V = TypeVar("_V", bound=Callable[..., HttpResponse])
_Handler = Callable[[HttpRequest], HttpResponse]

#: Photographs and films come through the device's own camera app, which asks by itself.
POWERS = ("camera", "display-capture", "geolocation", "microphone", "payment", "usb")
HEADER = "Permissions-Policy"


def header(*allowed: str) -> str:
    """The value of the header: each power for nobody, or for the portal's own pages."""
    return ", ".join(f"{power}=({'self' if power in allowed else ''})" for power in POWERS)


def may_use(*allowed: str) -> Callable[[_V], _V]:
    """A view whose page may ask the person for these powers."""

    def decorated(view: _V) -> _V:
        @wraps(view)
        def shown(request: HttpRequest, *args: object, **given: object) -> HttpResponse:
            response = view(request, *args, **given)
            response.headers[HEADER] = header(*allowed)
            return response

        return shown  # type: ignore[return-value]  # the same signature

    return decorated


class BrowserPowersMiddleware:
    """Every answer says what its page may ask for; one that says nothing may ask for nothing."""

    def __init__(self, get_response: _Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        response.headers.setdefault(HEADER, header())
        return response
