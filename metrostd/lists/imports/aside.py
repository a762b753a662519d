"""New rows of a long list made beside the register, for SQLite, which lets one connection write at a time.

What a list creates is written to temporary tables that carry the names of the real ones: the same code
fills them, nobody waits meanwhile, and a worker that dies leaves nothing. Their keys are reserved first.
Moving them in is a few statements in the transaction that commits the list. If the register has moved on in
what the list is about, they are thrown away and the list is committed in one piece.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from django.contrib.contenttypes.models import ContentType
from django.db import connection, models, transaction
from django.db.models import Max, Q, QuerySet

from metrostd.common import turns
from metrostd.common.models import AuditEntry
from metrostd.registry.models import (
    FormerName,
    ImportBatch,
    MeasurementStandard,
    StandardCertificate,
    Unit,
)

from .plans import Plan

_TABLES: tuple[type[models.Model], ...] = (
    Unit,
    MeasurementStandard,
    StandardCertificate,
    AuditEntry,
)


def is_needed() -> bool:
    """Whether others would have to wait for a long transaction of ours, and may be spared it."""
    return connection.vendor == "sqlite" and not connection.in_atomic_block


def last_entry() -> int:
    """The newest row of the trail: whatever is written to the register later leaves a newer one."""
    return AuditEntry.objects.aggregate(last=Max("pk"))["last"] or 0


@contextmanager
def tables(wanted: Mapping[type[models.Model], int]) -> Iterator[range]:
    """Within the block new rows go aside; ``wanted`` says how many of each kind at most.

    Gives the keys of the trail's rows made here.
    """
    first = _reserve(wanted)
    own = first[AuditEntry] + 1
    try:
        with connection.cursor() as cursor:
            for model, key in first.items():
                _create(cursor, model, key)
        yield range(own, own + wanted[AuditEntry])
    finally:
        drop()


@contextmanager
def rows_beside(
    model: type[models.Model], columns: Sequence[str], rows: Iterable[Sequence[object]]
) -> Iterator[Callable[..., None]]:
    """Rows given as plain values kept beside their table, which they come into by one statement.

    The function given does that; it may be told values of columns that were not known before.
    """
    quote = connection.ops.quote_name
    marks, named = ", ".join(["%s"] * len(columns)), ", ".join(map(quote, columns))
    table = quote(model._meta.db_table)

    def move(**known: object) -> None:
        shown = ", ".join("%s" if name in known else quote(name) for name in columns)
        given = [known[name] for name in columns if name in known]
        with connection.cursor() as cursor:
            cursor.execute(
                f"INSERT INTO main.{table} ({named}) SELECT {shown} FROM temp.rows_beside ORDER BY rowid",  # noqa: S608 -- names of our own columns
                given,  # type: ignore[arg-type]  # values of columns
            )

    try:
        with turns.only_reading(), connection.cursor() as cursor:
            cursor.execute(f"CREATE TEMP TABLE rows_beside ({named})")
            cursor.executemany(f"INSERT INTO temp.rows_beside VALUES ({marks})", rows)  # type: ignore[arg-type]  # noqa: S608 -- marks alone
        yield move
    finally:
        with connection.cursor() as cursor:
            cursor.execute("DROP TABLE IF EXISTS temp.rows_beside")


def move_in() -> None:
    """Put the rows made aside into the register; from here on the names mean the real tables again."""
    with connection.cursor() as cursor:
        for model in _TABLES:
            table, columns = _names(model)
            cursor.execute(
                f"INSERT INTO main.{table} ({columns}) SELECT {columns} FROM temp.{table} ORDER BY 1"  # noqa: S608 -- names of our own tables
            )
    drop()


def drop() -> None:
    with connection.cursor() as cursor:
        for model in _TABLES:
            cursor.execute(f"DROP TABLE IF EXISTS temp.{_names(model)[0]}")


def has_moved_on(plan: Plan, batch: ImportBatch, *, since: int, own: range) -> bool:
    """Whether anything the list is about was written after ``since`` by somebody else."""
    entries = AuditEntry.objects.filter(pk__gt=since).exclude(pk__range=(own.start, own.stop - 1))
    if _touched(entries, ImportBatch).filter(pk=batch.pk).exists():
        return True
    units, certificates = _touched(entries, Unit), _touched(entries, StandardCertificate)
    standards = _touched(entries, MeasurementStandard)
    matched = {p.pk for p in plan.units if p.pk is not None}
    codes = {p.code for p in plan.units if p.code}
    names = {line.unit_key for p in plan.units for line in p.lines}
    former = FormerName.objects.filter(unit__in=units)
    touched = entries.filter(target_type=_kind(Unit)).values_list("target_id", flat=True)
    numbers = {p.line.identity for p in plan.standards if p.line.identity}
    held = StandardCertificate.objects.filter(Q(pk__in=certificates) | Q(standard__in=standards))
    return (
        not matched.isdisjoint(touched)
        or any(
            code in codes or name in names for code, name in units.values_list("uscc", "name_key")
        )
        or not names.isdisjoint(former.values_list("name_key", flat=True))
        or not matched.isdisjoint(standards.values_list("unit", flat=True))
        or any(
            number in numbers or unit in matched
            for number, unit in held.values_list("identity", "standard__unit")
        )
    )


def _touched(entries: QuerySet, model: type[models.Model]) -> QuerySet:
    return model._base_manager.filter(
        pk__in=entries.filter(target_type=_kind(model)).values("target_id")
    )


def _kind(model: type[models.Model]) -> ContentType:
    return ContentType.objects.get_for_model(model)


def _reserve(wanted: Mapping[type[models.Model], int]) -> dict[type[models.Model], int]:
    """Keys nobody else will be given: the last one that was before them, for each model."""
    first = {}
    with transaction.atomic(), connection.cursor() as cursor:
        for model in _TABLES:
            name = model._meta.db_table
            cursor.execute("SELECT seq FROM main.sqlite_sequence WHERE name = %s", [name])
            row = cursor.fetchone()
            first[model] = row[0] if row else 0
            seq = first[model] + wanted.get(model, 0)
            if row:
                cursor.execute(
                    "UPDATE main.sqlite_sequence SET seq = %s WHERE name = %s", [seq, name]
                )
            else:
                cursor.execute(
                    "INSERT INTO main.sqlite_sequence (name, seq) VALUES (%s, %s)", [name, seq]
                )
    return first


def _create(cursor: object, model: type[models.Model], key: int) -> None:
    """A bare table of the same columns: what must hold of its rows is asked when they move in."""
    quote = connection.ops.quote_name
    fields = [f for f in model._meta.local_concrete_fields if not f.primary_key]
    columns = [f"{quote(f.column or '')} {f.db_type(connection)}" for f in fields]
    pk = quote(model._meta.pk.column or "")
    parts = ", ".join([f"{pk} integer PRIMARY KEY AUTOINCREMENT", *columns])
    cursor.execute(f"CREATE TEMP TABLE {quote(model._meta.db_table)} ({parts})")  # type: ignore[attr-defined]
    for field in (f for f in fields if f.related_model in _TABLES):
        column = quote(field.column or "")
        cursor.execute(  # type: ignore[attr-defined]
            f"CREATE INDEX temp.by_{field.name} ON {quote(model._meta.db_table)} ({column})"
        )
    cursor.execute(  # type: ignore[attr-defined]
        "INSERT INTO temp.sqlite_sequence (name, seq) VALUES (%s, %s)", [model._meta.db_table, key]
    )


def _names(model: type[models.Model]) -> tuple[str, str]:
    quote = connection.ops.quote_name
    fields = model._meta.local_concrete_fields
    columns = [f.column or "" for f in sorted(fields, key=lambda f: not f.primary_key)]
    return quote(model._meta.db_table), ", ".join(map(quote, columns))
