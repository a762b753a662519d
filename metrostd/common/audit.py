"""Writing the trail. Every change leaves an AuditEntry in its own transaction; bulk writes too."""

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import TypedDict

from django.contrib.contenttypes.models import ContentType
from django.db import connection, models
from django.db.models import Expression, F, Value
from django.db.models.functions import Substr

from metrostd.common.actors import Actor

from . import clock
from .models import AccessEntry, AuditEntry
from .prepared import insert

#: The address of the request being served, set by middleware; None for the clock and commands.
origin: ContextVar[str | None] = ContextVar("request_origin", default=None)


#: Reading the same thing again within this time is one reading.
READING = dt.timedelta(hours=1)


@contextmanager
def without_origin() -> Iterator[None]:
    """Within, the trail keeps no address: of somebody who must not be found by where they sat."""
    token = origin.set(None)
    try:
        yield
    finally:
        origin.reset(token)


class _Who(TypedDict):
    actor: Actor | None
    acting_as: str
    address: str | None


def _who(actor: Actor | None) -> _Who:
    return {
        "actor": actor,
        "acting_as": getattr(actor, "acting_label", "") if actor else "",
        "address": origin.get(),
    }


def entry(
    target: models.Model,
    *,
    actor: Actor | None,
    action: str,
    label: str,
    before: object = None,
    after: object = None,
    note: str = "",
) -> AuditEntry:
    """An unsaved trail row; use ``record`` unless rows are written in bulk."""
    return AuditEntry(
        **_who(actor),
        action=action,
        action_label=label,
        target_type=ContentType.objects.get_for_model(target),
        target_id=target.pk,
        target_label=str(target)[:300],
        before=before,
        after=after,
        note=note,
    )


def record(
    target: models.Model,
    *,
    actor: Actor | None,
    action: str,
    label: str,
    before: object = None,
    after: object = None,
    note: str = "",
) -> AuditEntry:
    """Write one trail row. ``actor`` None means the clock did it; before/after are JSON values."""
    row = entry(
        target, actor=actor, action=action, label=label, before=before, after=after, note=note
    )
    insert(row)
    return row


def record_many(
    targets: Iterable[models.Model],
    *,
    actor: Actor | None,
    action: str,
    label: str,
    note: str = "",
    after: Mapping[int, object] | None = None,
) -> None:
    """Write one trail row per object of a bulk write; ``after`` maps primary keys to values."""
    values = after or {}
    AuditEntry.objects.bulk_create(
        (
            entry(t, actor=actor, action=action, label=label, note=note, after=values.get(t.pk))
            for t in targets
        ),
        batch_size=1000,
    )


def record_created(
    rows: models.QuerySet,
    *,
    name: str,
    actor: Actor | None,
    action: str,
    label: str,
    note: str = "",
    after: Expression | None = None,
) -> None:
    """Write one trail row per row of a queryset, inside the database: for very many new rows.

    ``name`` is the column that names a row; ``after`` gives the new values as JSON.
    """
    who = _who(actor)
    nothing = models.JSONField(null=True)
    values: dict[str, Expression | F] = {
        "at": Value(clock.now(), models.DateTimeField()),
        "actor_id": Value(actor.pk if actor else None, models.BigIntegerField(null=True)),
        "acting_as": Value(who["acting_as"], models.TextField()),
        "address": Value(who["address"], models.GenericIPAddressField(null=True)),
        "action": Value(action, models.TextField()),
        "action_label": Value(label, models.TextField()),
        "target_type_id": Value(
            ContentType.objects.get_for_model(rows.model).pk, models.BigIntegerField()
        ),
        "target_id": F("pk"),
        "target_label": Substr(name, 1, 300),
        "before": Value(None, nothing),
        "after": after if after is not None else Value(None, nothing),
        "note": Value(note, models.TextField()),
    }
    chosen = rows.order_by("pk").values_list(*values.values())
    sql, params = chosen.query.sql_with_params()
    quote = connection.ops.quote_name
    columns = ", ".join(quote(column) for column in values)
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {quote(AuditEntry._meta.db_table)} ({columns}) {sql}",
            params,
        )


def record_access(*, actor: Actor | None, kind: str, what: str, purpose: str = "") -> None:
    """Note that somebody exported or opened confidential material, and what for (通知三(三) 保密要求)."""
    AccessEntry.objects.create(
        **_who(actor), kind=kind, what=what[:300], purpose=purpose[:120] or None
    )


def note_reading(*, actor: Actor, kind: str, what: str) -> None:
    """Note that somebody read something confidential; the same again within the hour is not noted twice.

    A page is opened again after every step on it, and shows its pictures one by one.
    """
    within = clock.now() - READING
    known = AccessEntry.objects.filter(actor=actor, at__gt=within, kind=kind, what=what[:300])
    if not known.filter(acting_as=actor.acting_label).exists():
        record_access(actor=actor, kind=kind, what=what)
