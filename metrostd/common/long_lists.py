"""``in`` with more keys than a statement takes parameters: on SQLite they travel as one, as JSON.

SQLite is built with a limit of parameters (32,766 by default, 250,000 in Debian), and a list of units, a prefetch of a
long list's rows or ``in_bulk`` may have more. PostgreSQL gets its values in the text of the statement and has no limit.
"""

import json

from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.fields.related import ForeignObject
from django.db.models.fields.related_lookups import RelatedIn
from django.db.models.lookups import In
from django.db.models.sql.compiler import SQLCompiler

#: From so many on; what Django itself takes for SQLite's limit.
MANY = 999
_LARGEST = 2**63


class OneParameter(In):
    """Numbers and texts known beforehand become one parameter on SQLite when there are many of them."""

    def process_rhs(
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, tuple[str | int, ...]]:
        sql, values = super().process_rhs(compiler, connection)
        plain = self.rhs_is_direct_value() and len(values) > MANY
        if not plain or connection.vendor != "sqlite" or not all(map(_is_plain, values)):
            return sql, values
        return "(SELECT value FROM json_each(%s))", (json.dumps(list(values)),)


class RelatedOneParameter(OneParameter, RelatedIn):
    """The same for relations, with which rows are prefetched."""


def _is_plain(value: object) -> bool:
    """What JSON gives back as SQLite would have got it."""
    if type(value) is int:
        return -_LARGEST <= value < _LARGEST
    return type(value) is str and "\0" not in value


def take_long_lists() -> None:
    models.Field.register_lookup(OneParameter)
    ForeignObject.register_lookup(RelatedOneParameter)
