"""What the portal's own account may do with the trail on PostgreSQL: read and add, and nothing else.

Triggers refuse everybody, but whoever owns a table can take its triggers away. So the portal works under an account
that owns no table; the owner makes migrations, gives these rights after them, and takes out what is past its time.
SQLite knows no accounts: there the triggers are what there is, and the seal tells when they were gone.
"""

from django.db import connection, transaction

from .protection import TABLES

_CHANGEABLE = """
    SELECT c.relname FROM pg_class c
    WHERE c.oid = ANY(%s::regclass[]) AND (
        has_table_privilege(%s, c.oid, 'UPDATE') OR has_table_privilege(%s, c.oid, 'DELETE')
        OR has_table_privilege(%s, c.oid, 'TRUNCATE') OR pg_has_role(%s, c.relowner, 'USAGE')
    )
    ORDER BY c.relname
"""


def changeable(role: str = "") -> list[str]:
    """Tables of the trail an account could change if there were no triggers; without a name this connection's."""
    if connection.vendor != "postgresql":
        return []
    with connection.cursor() as cursor:
        if not role:
            cursor.execute("SELECT current_user")
            (role,) = cursor.fetchone()
        cursor.execute(_CHANGEABLE, [list(TABLES), role, role, role, role])
        return [name for (name,) in cursor.fetchall()]


@transaction.atomic
def give(role: str) -> None:
    """Everything the portal needs, to an account that is there, and of the trail reading and adding alone.

    Tables that migrations of this account make later are covered, too. Raises LookupError for an account there is not.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_schema(), count(*) FROM pg_roles WHERE rolname = %s", [role])
        schema, there = cursor.fetchone()
        if not there:
            raise LookupError(role)
        to, inside = connection.ops.quote_name(role), connection.ops.quote_name(schema)
        rows, numbers = "SELECT, INSERT, UPDATE, DELETE ON", "USAGE, SELECT ON"
        ahead = f"ALTER DEFAULT PRIVILEGES IN SCHEMA {inside} GRANT"
        for statement in (
            f"GRANT USAGE ON SCHEMA {inside} TO {to}",
            f"GRANT {rows} ALL TABLES IN SCHEMA {inside} TO {to}",
            f"GRANT {numbers} ALL SEQUENCES IN SCHEMA {inside} TO {to}",
            f"{ahead} {rows} TABLES TO {to}",
            f"{ahead} {numbers} SEQUENCES TO {to}",
            f"REVOKE UPDATE, DELETE, TRUNCATE ON {', '.join(TABLES)} FROM PUBLIC, {to}",
        ):
            cursor.execute(statement)
