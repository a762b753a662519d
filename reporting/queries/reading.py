"""Rows behind the figures, read by a statement compiled once for every campaign, office and cut-off like it."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.db.models import QuerySet

from metrostd.common.prepared import Reader, Statement, compiled

from .scope import KEYS, AnyScope, Scope

_compiled: dict[tuple, tuple[Statement, Reader]] = {}


# Any: the tuples of a values_list, as the caller wrote it
def read(scope: Scope, kind: tuple[str, ...], build: Callable[[Scope], QuerySet]) -> list[Any]:
    """The rows of a ``values_list`` that ``build`` writes for a scope; ``kind`` says what it depends on besides.

    A day before merges of units is read by a statement of its own, as in ``tally``.
    """
    if scope.past.units:
        return list(build(scope))
    key = (connection.vendor, kind, scope.authority_id is None, scope.as_one, scope.past.changed)
    found = _compiled.get(key)
    if found is None:
        keys = {number: name for name, number in KEYS.items()}
        found = _compiled[key] = compiled(build(AnyScope.like(scope)), keys)
    statement, rows = found
    with connection.cursor() as cursor:
        cursor.execute(statement.sql, statement.filled(scope.values))
        return rows(cursor.fetchall())
