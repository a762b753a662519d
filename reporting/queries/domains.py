"""Which standards were of which priority domain at the cut-off (通知一): what block VI counts among."""

from django.db import connection
from django.db.models import Exists, OuterRef, QuerySet

from metrostd.registry.models import EarlierDomain, StandardDomain

from .scope import Scope


def domains_then(scope: Scope) -> list[QuerySet]:
    """Rows of standard and domain, in one query or two that have nothing in common."""
    standing = StandardDomain.objects.order_by()
    if not scope.past.redomained:
        return [standing]
    later = EarlierDomain.objects.filter(until__gt=scope.as_of).order_by()
    same = {"standard": OuterRef("standard"), "domain": OuterRef("domain")}
    earliest = later.filter(~Exists(later.filter(pk__lt=OuterRef("pk"), **same)))
    return [standing.filter(~Exists(later.filter(**same))), earliest.filter(was=True)]


def domain_table(scope: Scope) -> tuple[str, tuple]:
    """The statement that reads them, with its parameters."""
    parts, parameters = [], ()
    for rows in domains_then(scope):
        compiler = rows.values("standard_id", "domain").query.get_compiler(connection.alias)
        sql, given = compiler.as_sql()
        parts.append(sql)
        parameters += tuple(given)
    return " UNION ALL ".join(parts), parameters
