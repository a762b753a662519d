"""Triggers by which the database itself refuses to change or delete a row of the trail, on both engines."""

from collections.abc import Iterator

from django.db import connection
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.operations.base import Operation
from django.db.migrations.state import ProjectState

#: Tables of the trail and of its seal.
TABLES = ("common_auditentry", "common_accessentry", "trail_trailblock", "trail_sealedrow")
_REFUSES = "trail rows are never changed"
#: What the function of PostgreSQL does, and nothing else.
_BODY = f"BEGIN RAISE EXCEPTION '{_REFUSES}'; END"


def names(table: str) -> tuple[str, ...]:
    """The triggers of a table on the engine in use."""
    if connection.vendor == "postgresql":
        return f"{table}_kept", f"{table}_not_emptied"
    return f"{table}_not_changed", f"{table}_not_deleted", f"{table}_not_replaced"


def _create(table: str) -> Iterator[str]:
    if connection.vendor == "postgresql":
        kept, emptied = names(table)
        for name, what, each in ((kept, "UPDATE OR DELETE", "ROW"), (emptied, "TRUNCATE", "STATEMENT")):  # fmt: skip
            yield f"CREATE TRIGGER {name} BEFORE {what} ON {table} FOR EACH {each} EXECUTE FUNCTION trail_refuses()"
            # Not even a session that plays a replica gets by.
            yield f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}"
        return
    changed, deleted, replaced = names(table)
    refusal = f"BEGIN SELECT RAISE(ABORT, '{_REFUSES}'); END"
    yield f"CREATE TRIGGER {changed} BEFORE UPDATE ON {table} {refusal}"
    yield f"CREATE TRIGGER {deleted} BEFORE DELETE ON {table} {refusal}"
    # INSERT OR REPLACE deletes without asking the trigger of deletions.
    there = f"WHEN NEW.id IN (SELECT id FROM {table} WHERE id = NEW.id)"  # noqa: S608 -- TABLES above
    yield f"CREATE TRIGGER {replaced} BEFORE INSERT ON {table} {there} {refusal}"


def install() -> None:
    """Make the triggers; those that are there are made anew."""
    remove()
    statements = [statement for table in TABLES for statement in _create(table)]
    if connection.vendor == "postgresql":
        statements.insert(
            0,
            f"CREATE OR REPLACE FUNCTION trail_refuses() RETURNS trigger LANGUAGE plpgsql AS $$ {_BODY} $$",
        )
    _run(statements)


def remove() -> None:
    """Take the triggers away: a migration backwards, or a test that is over."""
    on = " ON {}" if connection.vendor == "postgresql" else ""
    _run(f"DROP TRIGGER IF EXISTS {name}{on.format(table)}" for table in TABLES for name in names(table))  # fmt: skip


def _run(statements: Iterator[str] | list[str]) -> None:
    if connection.vendor == "postgresql":
        # What the transaction wrote before has checks that wait for its end; no table with such is altered.
        connection.check_constraints()
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def missing() -> list[str]:
    """Names of triggers that are gone, switched off, or do something else than refuse."""
    postgres = connection.vendor == "postgresql"
    with connection.cursor() as cursor:
        cursor.execute(_THERE_POSTGRES if postgres else _THERE_SQLITE)
        there = {tuple(row) for row in cursor.fetchall()}
    wanted = _wanted_postgres() if postgres else _wanted_sqlite()
    return [str(row[0]) for row in wanted if row not in there]


_THERE_SQLITE = "SELECT name, tbl_name, sql FROM sqlite_master WHERE type = 'trigger'"
_THERE_POSTGRES = """
    SELECT t.tgname, c.relname, t.tgtype, btrim(p.prosrc)
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE t.tgenabled = 'A' AND t.tgqual IS NULL AND t.tgnargs = 0 AND t.tgattr = ''::int2vector
"""
#: How PostgreSQL writes "before, each row, update or delete" and "before, each statement, truncate".
_EACH_ROW, _EMPTYING = 1 + 2 + 8 + 16, 2 + 32


def _wanted_sqlite() -> Iterator[tuple[str, ...]]:
    for table in TABLES:
        for name, statement in zip(names(table), _create(table), strict=True):
            yield name, table, statement


def _wanted_postgres() -> Iterator[tuple[object, ...]]:
    for table in TABLES:
        for name, kind in zip(names(table), (_EACH_ROW, _EMPTYING), strict=True):
            yield name, table, kind, _BODY


class Protected(Operation):
    """The migration that installs the triggers, and backwards takes them away."""

    reversible = True

    def state_forwards(self, app_label: str, state: ProjectState) -> None:
        """Models know nothing of it."""

    def database_forwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        install()

    def database_backwards(
        self,
        app_label: str,
        schema_editor: BaseDatabaseSchemaEditor,
        from_state: ProjectState,
        to_state: ProjectState,
    ) -> None:
        remove()

    def describe(self) -> str:
        return "Triggers that keep the trail"
