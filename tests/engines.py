"""What the two engines know about their own tables, asked in one way."""

from django.db import connection
from django.db.models import Model


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
