"""Which rows of a list somebody means: those ticked, or all that its conditions find."""

from typing import TypeVar

from django.db.models import QuerySet

from .http import PortalRequest
from .outside import is_key

_R = TypeVar("_R", bound=QuerySet)


def picked(request: PortalRequest, rows: _R) -> _R:
    """The rows that were ticked, or all that the list's conditions found."""
    if request.POST.get("all"):
        return rows
    return rows.filter(pk__in=[key for key in request.POST.getlist("row") if is_key(key)])
