"""What a request may send, settled before anything of it is parsed: how much, how slowly, in which letters."""

from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

from django.conf import settings
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import resolve

from . import clock, sealing
from .middleware import client_address
from .refusals import refused

Handler = Callable[[HttpRequest], HttpResponse]
_V = TypeVar("_V", bound=Callable[..., HttpResponse])

#: What a page without signing in sends: a name, a password, a token.
ANONYMOUS_BYTES = 64 * 1024
#: Requests up to this size are not counted: typing is no burden.
COUNTED_FROM = 256 * 1024
#: What all visitors at one address may send in a day to the pages that take files from anybody.
VISITORS_BYTES = 512 * 1024 * 1024
#: Letters in which browsers send forms.
_CHARSETS = frozenset({"utf-8", "utf8"})


def takes_files_of_anybody(megabytes: int) -> Callable[[_V], _V]:
    """Mark a view to which people without an account may send files, so much at once."""

    def mark(view: _V) -> _V:
        view.anonymous_bytes = megabytes << 20  # type: ignore[attr-defined]
        return view

    return mark


class BodyLimitMiddleware:
    """Refuses what is too large, too much for one day, or written in letters no form uses.

    Stands behind authentication, which reads no body, and before everything that does.
    """

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return _refusal(request) or self.get_response(request)


def _refusal(request: HttpRequest) -> HttpResponse | None:
    charset = (request.content_params or {}).get("charset", "utf-8").strip("\"' ").lower()
    if charset not in _CHARSETS:
        return refused(request, 400, [f"表单的字符编码“{charset[:20]}”不能使用，请以 UTF-8 提交。"])
    size = _announced(request)
    if size > settings.BODY_MAX_BYTES:
        most = settings.BODY_MAX_BYTES >> 20
        return refused(
            request, 413, [f"一次提交的内容超过 {most} MB。请减少文件个数或压缩后分次提交。"]
        )
    if not request.user.is_authenticated:
        return _of_a_visitor(request, size) if size > ANONYMOUS_BYTES else None
    key = f"sent-{request.user.pk}"
    if size > COUNTED_FROM and not _within_the_day(key, size, most=settings.DAILY_UPLOAD_BYTES):
        most = settings.DAILY_UPLOAD_BYTES >> 30
        return refused(
            request,
            429,
            [f"您今天提交的文件已达 {most} GB 的上限。请明天再传，或联系系统管理员。"],
        )
    return None


def _of_a_visitor(request: HttpRequest, size: int) -> HttpResponse | None:
    """Only some pages take more than a few words from people without an account."""
    try:
        most = getattr(resolve(request.path_info).func, "anonymous_bytes", 0)
    except Http404:
        most = 0
    if not most:
        return refused(request, 413, ["未登录时不能提交这么多内容。请登录后再试。"])
    if size > most:
        return refused(
            request,
            413,
            [
                f"这次提交的文件合计超过 {most >> 20} MB，没有收到。请返回上一页，去掉或压缩视频等大文件后再提交；"
                "您填写的文字还在。"
            ],
        )
    # A digest: who complains is not to be found by an address.
    key = f"visitor-{sealing.fingerprint('visitor-bytes', client_address(request) or '')}"
    if not _within_the_day(key, size, most=VISITORS_BYTES):
        return refused(
            request, 429, ["今天从您所在的网络提交的文件太多。请明天再传，或者先不带文件提交。"]
        )
    return None


def _announced(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _within_the_day(name: str, size: int, *, most: int) -> bool:
    """Count what somebody sends in a day; an approximate sum is enough to stop a flood."""
    key = f"{name}-{clock.today().isoformat()}"
    sent = cache.get(key, 0)
    if sent + size > most:
        return False
    cache.set(key, sent + size, timedelta(days=1).total_seconds())
    return True
