"""What a request may send, settled before anything of it is parsed: how much, how slowly, in which letters."""

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

from . import clock
from .refusals import refused

Handler = Callable[[HttpRequest], HttpResponse]

#: What a page without signing in sends: a name, a password, a token.
ANONYMOUS_BYTES = 64 * 1024
#: Requests up to this size are not counted: typing is no burden.
COUNTED_FROM = 256 * 1024
#: Letters in which browsers send forms.
_CHARSETS = frozenset({"utf-8", "utf8"})


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
    if size > ANONYMOUS_BYTES and not request.user.is_authenticated:
        return refused(request, 413, ["未登录时不能提交这么多内容。请登录后再试。"])
    if size > COUNTED_FROM and not _within_the_day(request.user.pk, size):
        most = settings.DAILY_UPLOAD_BYTES >> 30
        return refused(
            request,
            429,
            [f"您今天提交的文件已达 {most} GB 的上限。请明天再传，或联系系统管理员。"],
        )
    return None


def _announced(request: HttpRequest) -> int:
    try:
        return int(request.META.get("CONTENT_LENGTH") or 0)
    except ValueError:
        return 0


def _within_the_day(person: int | None, size: int) -> bool:
    """Count what a person sends in a day; an approximate sum is enough to stop a flood."""
    key = f"sent-{person}-{clock.today().isoformat()}"
    sent = cache.get(key, 0)
    if sent + size > settings.DAILY_UPLOAD_BYTES:
        return False
    cache.set(key, sent + size, timedelta(days=1).total_seconds())
    return True
