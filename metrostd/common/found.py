"""Fetching one object within scope: what is there and lies outside it is told from what does not exist.

The person reads the same 404 for both; the trail keeps the first (``refused_access.py``).
"""

from contextvars import ContextVar
from typing import TypeVar

from django.db.models import Manager, Model, QuerySet
from django.http import Http404

_M = TypeVar("_M", bound=Model)

#: What the request being served has fetched last: a refusal that follows is about it.
last_found: ContextVar[Model | None] = ContextVar("last_found", default=None)


class BeyondScopeError(Http404):
    """The object is there, and not among those the person sees; answered like one that is not."""

    def __init__(self, obj: Model) -> None:
        super().__init__()
        self.obj = obj


def get_object_or_404(rows: "type[_M] | Manager[_M] | QuerySet[_M]", **wanted: object) -> _M:
    """The one row of those a person sees that has these values.

    Raises BeyondScopeError where the key exists outside of ``rows``, otherwise Http404.
    """
    seen = rows._default_manager.all() if isinstance(rows, type) else rows.all()
    try:
        found = seen.get(**wanted)
    except seen.model.DoesNotExist as error:  # type: ignore[attr-defined]  # of every model
        raise beyond(seen.model, wanted.get("pk")) from error
    last_found.set(found)
    return found


def beyond(model: type[Model], key: object) -> Http404:
    """What to raise when a person does not see the row of this key."""
    if key is not None:
        there = model._base_manager.filter(pk=key).first()
        if there is not None:
            return BeyondScopeError(there)
    return Http404()
