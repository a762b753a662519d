"""What a proxy, a container or an operator asks of a running portal: is it alive, is it ready.

``/healthz`` says that the process answers; ``/readyz`` that it can do its work: the database is there with
all migrations, the cache keeps what it is given, files can be written, and the clock has ticked. Both are
answered before anything else, so that a question from the machine itself needs neither a host name nor
HTTPS, and say nothing an outsider could use.
"""

import logging
import time
import uuid
from collections.abc import Callable

from django.core.cache import cache
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.http import HttpRequest, HttpResponse, JsonResponse

log = logging.getLogger(__name__)

ALIVE, READY = "/healthz", "/readyz"
#: The clock ticks every minute; three missed ticks are a clock that has stopped.
CLOCK_STOPPED_AFTER = 180
#: What one look at files and migrations found is believed for so many seconds.
BELIEVED_FOR = 10
_TICK = "clock-tick"

Handler = Callable[[HttpRequest], HttpResponse]


def tick() -> None:
    """The clock says that it runs (called by its job of every minute)."""
    cache.set(_TICK, time.time(), timeout=24 * 3600)


def clock_runs() -> bool:
    """Whether the clock has ticked lately: beat sent its job and a worker did it."""
    return time.time() - cache.get(_TICK, 0.0) < CLOCK_STOPPED_AFTER


def _database() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def _cache() -> bool:
    given = uuid.uuid4().hex
    cache.set("ready-probe", given, timeout=30)
    return cache.get("ready-probe") == given


def _files() -> bool:
    name = default_storage.save(f"ready-{uuid.uuid4().hex}", ContentFile(b"ready"))
    default_storage.delete(name)
    return True


#: What has to work before the portal takes people in. A clock that stands still is told, too, but keeps
#: nobody out: pages work without it.
NEEDED: dict[str, Callable[[], bool]] = {"database": _database, "cache": _cache, "files": _files}


def readiness() -> dict[str, bool]:
    """Each part of the portal and whether it works now; what fails is in the log."""
    found = {}
    for name, works in NEEDED.items():
        try:
            found[name] = works()
        except (DatabaseError, OSError, ValueError, RuntimeError) as error:
            log.warning("not ready: %s: %s", name, error)
            found[name] = False
    return found | {"clock": found["cache"] and clock_runs()}


class HealthMiddleware:
    """Answers the two questions; everything else goes on."""

    def __init__(self, get_response: Handler) -> None:
        self.get_response = get_response
        self._found: dict[str, bool] = {}
        self._looked = 0.0

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.path not in (ALIVE, READY) or request.method not in ("GET", "HEAD"):
            return self.get_response(request)
        if request.path == ALIVE:
            response: HttpResponse = HttpResponse("ok\n", content_type="text/plain")
        else:
            found = self._readiness()
            is_ready = all(found[name] for name in NEEDED)
            response = JsonResponse({"ready": is_ready} | found, status=200 if is_ready else 503)
        response.headers["Cache-Control"] = "no-store"
        return response

    def _readiness(self) -> dict[str, bool]:
        """Looked at again after a while: whoever asks a thousand times a second costs nothing."""
        now = time.monotonic()
        if not self._found or now - self._looked >= BELIEVED_FOR:
            self._found, self._looked = readiness(), now
        return self._found
