"""What the two engines know about their own tables, asked in one way."""

from django.apps import apps
from django.db import connection
from django.db.models import AutoField, CharField, Field, IntegerField, Model, TextField


def known_rows(model: type[Model]) -> int:
    """How many rows the database believes the table has; 0 if nothing was ever gathered."""
    table = model._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [table])
            return max(0, int(cursor.fetchone()[0]))
        cursor.execute("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_stat1'")
        if cursor.fetchone() is None:
            return 0
        cursor.execute(
            "SELECT stat FROM sqlite_stat1 WHERE tbl = %s AND idx IS NOT NULL LIMIT 1", [table]
        )
        row = cursor.fetchone()
        return int(row[0].split()[0]) if row else 0


#: Numbers the columns of PostgreSQL hold.
_LARGEST = {"Small": 2**15 - 1, "Big": 2**63 - 1, "": 2**31 - 1}


def _refused(field: Field) -> list[str]:
    """What PostgreSQL does not take into a column, as SQLite says it."""
    value = f'NEW."{field.column}"'
    if isinstance(field, CharField | TextField):
        over = [f"length({value}) > {field.max_length}"] if isinstance(field, CharField) else []
        return [f"instr({value}, char(0))", *over]
    if isinstance(field, IntegerField) and not isinstance(field, AutoField):
        kind = field.get_internal_type()
        largest = next(most for name, most in _LARGEST.items() if name in kind)
        return [f"abs({value}) > {largest}"] if largest < 2**63 - 1 else []
    return []


def as_strict_as_postgresql() -> None:
    """SQLite refuses from now on values PostgreSQL refuses: too long or too large, and a zero byte."""
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            table = model._meta.db_table
            faults = [
                said for field in model._meta.local_concrete_fields for said in _refused(field)
            ]
            if not faults or not model._meta.managed:
                continue
            for moment in ("INSERT", "UPDATE"):
                cursor.execute(
                    f'CREATE TRIGGER "strict_{table}_{moment}" BEFORE {moment} ON "{table}" '
                    f"WHEN {' OR '.join(faults)} "
                    f"BEGIN SELECT RAISE(ABORT, 'PostgreSQL would not take it: {table}'); END"
                )
