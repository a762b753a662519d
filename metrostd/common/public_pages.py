"""Pages for anybody that are the same for everybody: made without a session, kept for a moment, shared by caches.

A view says so with ``for_anybody``. Such a page is answered before session, account and membership are looked
at, so that a crowd outside costs those inside next to nothing. What is withdrawn is forgotten at once by
this process and after ``PUBLIC_PAGES_SECONDS`` by the others; caches outside are told to ask again after that.
"""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import resolve
from django.utils.cache import patch_cache_control

from . import clock

_V = TypeVar("_V", bound=Callable[..., HttpResponseBase])
#: Pages kept at a time; another address asked for pushes the oldest out.
_KEPT = 512
#: A longer page is made anew.
_LONGEST = 1_000_000


def for_anybody(view: _V) -> _V:
    """A view that reads nothing of who asks."""
    view.for_anybody = True  # type: ignore[attr-defined]
    return view


@dataclass(frozen=True, slots=True)
class _Page:
    until: float
    content: bytes
    headers: tuple[tuple[str, str], ...]


_pages: OrderedDict[str, _Page] = OrderedDict()
_lock = threading.Lock()


def forget() -> None:
    """Something public has changed."""
    with _lock:
        _pages.clear()


class PublicPagesMiddleware:
    """Stands before everything that looks at who asks."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if request.method != "GET" or "%00" in request.META.get("QUERY_STRING", ""):
            return self.get_response(request)
        key = f"{clock.today()} {request.get_full_path()}"
        if page := _found(key):
            return _answer(page)
        made = self._made(request)
        if made is None:
            return self.get_response(request)
        made["X-Frame-Options"] = "DENY"
        patch_cache_control(made, public=True, max_age=settings.PUBLIC_PAGES_SECONDS)
        if isinstance(made, HttpResponse) and len(made.content) <= _LONGEST:
            _keep(key, made)
        return made

    @staticmethod
    def _made(request: HttpRequest) -> HttpResponseBase | None:
        """The page of a view for anybody; whatever else, refusals too, goes the ordinary way."""
        try:
            view, args, given = resolve(request.path_info)
            if not getattr(view, "for_anybody", False):
                return None
            request.user = AnonymousUser()  # type: ignore[assignment]  # nobody is looked up
            made: HttpResponseBase = view(request, *args, **given)
        except Http404:
            return None
        return made if made.status_code == 200 else None


def _found(key: str) -> _Page | None:
    with _lock:
        page = _pages.get(key)
    return page if page and page.until > time.monotonic() else None


def _keep(key: str, made: HttpResponse) -> None:
    until = time.monotonic() + settings.PUBLIC_PAGES_SECONDS
    page = _Page(until, made.content, tuple(made.headers.items()))
    with _lock:
        _pages[key] = page
        _pages.move_to_end(key)
        while len(_pages) > _KEPT:
            _pages.popitem(last=False)


def _answer(page: _Page) -> HttpResponse:
    """Whoever keeps it in turn keeps it for what is left of its time."""
    answer = HttpResponse(page.content)
    for name, value in page.headers:
        answer[name] = value
    left = max(0, math.floor(page.until - time.monotonic()))
    patch_cache_control(answer, public=True, max_age=left)
    return answer
