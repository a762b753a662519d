"""What opens without a network: the empty shell at /onsite/ and the worker that keeps it.

Both are for anybody, as they hold nothing of anybody: a page that needs a sign-in would be kept as the way to it.
"""

import hashlib
import json
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_safe

from metrostd.accounts.authorship import written_for
from metrostd.common import clock
from metrostd.common.browser_powers import may_use

WORKER = "vendor/onsite-worker.min.js"
#: What the shell needs to be drawn and to work; the page itself comes on top.
FILES = (
    *("vendor/tabler.min.css", "vendor/tabler-icons.min.css", "vendor/fonts/tabler-icons.woff2"),
    *("css/app.css", "css/controls.css", "css/parts.css", "css/lists.css", "css/work.css"),
    *("css/inspections.css", "img/favicon.svg", "onsite.webmanifest"),
    *("vendor/tabler.min.js", "js/app.js", "vendor/signature_pad.umd.min.js", "js/signature.js"),
    *("js/taking.js", "js/annotate.js", "js/recording.js"),
    "vendor/onsite-app.min.js",
)


@require_safe
@login_not_required
@may_use("geolocation", "microphone")
def shell(request: HttpRequest) -> HttpResponse:
    """The page without data; its script opens what this device has taken along."""
    return HttpResponse(_page())


def _page() -> str:
    # Without the request: nothing of whoever is signed in gets into what the worker keeps.
    return render_to_string("inspections/onsite.html")


@require_safe
@login_not_required
def worker(request: HttpRequest) -> HttpResponse:
    """The worker with the list of what it keeps; asked for anew every time, sent from the root (its reach)."""
    script = _worker() if not settings.DEBUG else _worker.__wrapped__()
    if not script:
        raise Http404
    headers = {"Cache-Control": "no-cache", "Service-Worker-Allowed": "/onsite/"}
    return HttpResponse(script, content_type="text/javascript; charset=utf-8", headers=headers)


@lru_cache(maxsize=1)
def _worker() -> str:
    own = _bytes_of(WORKER)
    if own is None:
        return ""
    kept = [{"url": "/onsite/", "revision": _revision(_page().encode())}]
    files = ((name, _bytes_of(name)) for name in FILES)
    kept += [
        {"url": static(name), "revision": _revision(data)}
        for name, data in files
        if data is not None
    ]
    return f"self.__SHELL={json.dumps(kept)};\n{own.decode()}"


def _bytes_of(name: str) -> bytes | None:
    """A static file as it is served, or as it stands where nothing has been collected."""
    try:
        with staticfiles_storage.open(staticfiles_storage.stored_name(name)) as file:  # type: ignore[attr-defined]
            return bytes(file.read())
    except (AttributeError, FileNotFoundError, ValueError):
        found = finders.find(name)
    return Path(str(found)).read_bytes() if found else None


def _revision(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]


@require_safe
@login_not_required
@ensure_csrf_cookie
def who(request: HttpRequest) -> JsonResponse:
    """Whether there is a network, who is signed in, and what time it is; asked before anything is sent."""
    return JsonResponse(
        {
            "written_for": written_for(request),
            "name": str(request.user) if request.user.is_authenticated else "",
            "now": int(clock.now().timestamp() * 1000),
        }
    )
