"""A refusal in the form that was asked for: a page, a fragment, or JSON for the page's own script."""

import sys

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views import defaults
from django.views.decorators.csrf import requires_csrf_token

from .mishaps import Mishap, explained
from .policies import NotNowError

#: Titles of refusals that have no page of their own.
_TITLES = {
    400: "提交的内容无法识别",
    404: "找不到文件",
    408: "提交没有完成",
    413: "提交的内容太大",
    429: "已达到上限",
    503: "暂时无法保存",
    507: "存储空间不足",
}


def wants_json(request: HttpRequest) -> bool:
    """Whether the page's own script asked (autosave, uploads) and expects JSON."""
    return request.headers.get("X-Requested-With") == "autosave"


def refused(
    request: HttpRequest,
    status: int,
    reasons: list[str],
    *,
    url: str = "",
    payload: dict | None = None,
) -> HttpResponse:
    """The answer to a request that is not carried out, with the reasons a person reads."""
    if wants_json(request):
        return JsonResponse(payload or {"errors": {"__all__": reasons}}, status=status)
    if status in _TITLES and not url:
        context = {"code": str(status), "title": _TITLES[status], "reasons": reasons}
        return render(request, "refused.html", context, status=status)
    context = {"reasons": reasons, "current_url": url}
    return render(request, f"{status}.html", context, status=status)


def told(request: HttpRequest, mishap: Mishap) -> HttpResponse:
    """The answer when something outside the rules went wrong and there is something to do about it."""
    answer = refused(request, mishap.status, [mishap.sentence])
    if mishap.status == 503:
        answer["Retry-After"] = "10"
    return answer


@requires_csrf_token
def server_error(request: HttpRequest) -> HttpResponse:
    """The last resort: what failed outside a view may still have a sentence of its own."""
    error = sys.exc_info()[1]
    if error is not None and (mishap := explained(error)):
        try:
            return told(request, mishap)
        except Exception:  # the page itself needs what is away
            return HttpResponse(
                mishap.sentence, status=mishap.status, content_type="text/plain; charset=utf-8"
            )
    return defaults.server_error(request)


@requires_csrf_token
def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """400: what was too much for one request has a sentence; the page's own script gets one always."""
    if mishap := explained(exception):
        return told(request, mishap)
    if wants_json(request):
        return refused(request, 400, ["提交的内容无法识别，系统没有做任何改动。请刷新页面后再试。"])
    return defaults.bad_request(request, exception)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """403: the reason, whether it is the state of the thing or who asks, and where it can be mended."""
    context = {
        "exception": str(exception),
        "by_state": isinstance(exception, NotNowError),
        "lead": getattr(exception, "lead", None),
    }
    return render(request, "403.html", context, status=403)
