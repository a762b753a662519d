"""A refusal leaves a row: who was turned away from what (scenario 11: somebody reads what is not theirs).

403 with its reason, and 404 where the object exists outside the person's scope. An address that leads to
nothing leaves none, nor does a visitor who has not signed in: neither names a thing somebody may not see.
Rows are written after the refusal, so that no answer that is given costs more.
"""

import logging

from django.core.cache import caches
from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.db.models import Model
from django.http import Http404, HttpRequest

from . import audit, clock
from .found import BeyondScopeError, last_found

log = logging.getLogger(__name__)

NOT_PERMITTED, OUT_OF_SCOPE = "无权（403）", "范围外（404）"
KINDS = (NOT_PERMITTED, OUT_OF_SCOPE)

#: In one hour so many refusals of one person are written each; after that the 30th, 50th, 100th, 200th, 500th…
#: with their number: whoever tries every number in turn fills no table, and the row says how often.
EACH = 20
_HOUR = 3600


def note_refusal(request: HttpRequest, error: Exception) -> None:
    """Write down that somebody signed in was refused; anything else is no refusal and passes."""
    if not isinstance(error, PermissionDenied | BeyondScopeError):
        return
    person = request.user
    if not person.is_authenticated:
        return
    count = _counted(person.pk)
    if not _is_written(count):
        return
    said = [f"{request.method} {request.path}", _named(error)]
    if not isinstance(error, Http404):
        said.append(str(error))
    if count > EACH:
        said.insert(0, f"本小时第{count}次被拒绝")
    kind = OUT_OF_SCOPE if isinstance(error, Http404) else NOT_PERMITTED
    try:
        audit.record_access(actor=person, kind=kind, what=" ".join(filter(None, said)))
    except DatabaseError:  # the refusal stands whether it can be written down or not
        log.exception("%s: a refusal is not on record", request.path)


def _named(error: Exception) -> str:
    thing: Model | None = error.obj if isinstance(error, BeyondScopeError) else last_found.get()
    return f"{thing._meta.verbose_name}“{thing}”" if thing is not None else ""


def _counted(person: int) -> int:
    """How often this person has been refused in the hour of the clock, this time included.

    Counted beside the leases: the other cache throws away what it likes once it is full.
    """
    kept = caches["leases"]
    key = f"refused:{person}:{clock.now():%Y%m%d%H}"
    if kept.add(key, 1, _HOUR):
        return 1
    try:
        return kept.incr(key)
    except ValueError:  # expired in between
        return 1


def _is_written(count: int) -> bool:
    """Each of the first, then ever fewer: 30, 50, 100, 200, 300, 500, 1000…"""
    if count <= EACH:
        return True
    digits = str(count)
    return digits[0] in "1235" and not digits[1:].strip("0")
