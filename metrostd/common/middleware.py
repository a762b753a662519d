"""Where requests come from, and how domain errors are answered."""

import ipaddress
import logging
from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest, PermissionDenied, ValidationError
from django.http import HttpRequest, HttpResponse, UnreadablePostError
from django.http.response import HttpResponseBase
from django.middleware.gzip import GZipMiddleware
from django.utils.cache import patch_cache_control

from . import audit
from .found import last_found
from .http import StaleError
from .mishaps import explained
from .refusals import refused, told, wants_json
from .refused_access import note_refusal
from .transitions import TransitionError

log = logging.getLogger(__name__)

Handler = Callable[[HttpRequest], HttpResponse]


class RequestOriginMiddleware:
    """Lets the trail know the address of the request being served."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        token = audit.origin.set(client_address(request))
        last_found.set(None)
        try:
            return self.get_response(request)
        finally:
            audit.origin.reset(token)


def client_address(request: HttpRequest) -> str | None:
    """Where the person sits: the peer, or what the outermost of our own proxies wrote down.

    ``TRUSTED_PROXIES`` says how many proxies of ours stand in front; entries before theirs come
    from the client and prove nothing.
    """
    hops = settings.TRUSTED_PROXIES
    chain = request.headers.get("X-Forwarded-For", "").split(",")
    if hops and len(chain) >= hops:
        candidate = chain[-hops].strip()
    else:
        candidate = request.META.get("REMOTE_ADDR", "")
    try:
        found = ipaddress.ip_address(candidate)
    except ValueError:
        return None
    # A socket of both kinds writes one of IPv4 as ::ffff:192.0.2.9: it is the same address.
    return str(getattr(found, "ipv4_mapped", None) or found)


class NulMiddleware:
    """Text with a NUL is refused: no keyboard writes one, and PostgreSQL fails on it."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, *args: object) -> HttpResponse | None:
        try:
            sent = request.POST
        except UnreadablePostError:
            return refused(request, 408, ["提交的内容没有传完（网络太慢或已中断），请重新提交。"])
        for given in (request.GET, sent):
            if any("\0" in text for name in given for text in (name, *given.getlist(name))):
                raise BadRequest
        return None


class FreshPagesMiddleware:
    """Nothing the portal answers is kept by the browser: no page, no evidence, no export.

    The way back would show answers from before the last save, and after signing out on a shared
    tablet the last person's pages and files. What has a rule of its own is left alone.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if not response.has_header("Cache-Control"):
            patch_cache_control(response, private=True, no_store=True)
        return response


class CompressMiddleware(GZipMiddleware):
    """Pages, fragments and tables of text travel compressed; files that are packed already do not.

    A page holds a secret (the token against forged posts) beside words somebody else may have chosen, which
    is what BREACH reads from lengths. The token is masked anew in every answer, and Django pads each
    compressed answer by a random length; scripts and styles hold no secret and are compressed once, when
    they are collected.
    """

    WORDY = ("text/", "application/json", "image/svg+xml")

    def process_response(
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        if not response.headers.get("Content-Type", "").startswith(self.WORDY):
            return response
        return super().process_response(request, response)


class DomainErrorMiddleware:
    """Wrong state or stale version is 409, a rule broken outside a form is 422."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        note_refusal(request, error)
        if isinstance(error, (TransitionError, StaleError)):
            obj = getattr(error, "obj", None)
            url = (
                obj.get_absolute_url()
                if obj is not None and hasattr(obj, "get_absolute_url")
                else ""
            )
            payload = getattr(error, "payload", {})
            return refused(request, 409, [str(error)], url=url, payload=payload)
        if isinstance(error, ValidationError):
            return refused(request, 422, error.messages)
        if isinstance(error, PermissionDenied) and wants_json(request):
            return refused(request, 403, [str(error)])
        if mishap := explained(error):
            log.error("%s: %s", request.path, mishap.sentence, exc_info=error)
            return told(request, mishap)
        return None
