"""Triggers by which the database itself notes which standards have changed, on both engines.

What was counted beforehand (``counting``) is wrong from the first change of what it was counted from, whoever wrote
that: a form, an import of thousands of rows, a script. So no code has to remember to say so. A trigger names the
row of its own table only; which unit that belongs to is looked up when somebody asks.

A mark carries a stamp, a counting a horizon: marks from the horizon on may be of changes it has not seen. SQLite has
one writer, so the horizon is a number that every counting raises before it reads. On PostgreSQL transactions commit in
any order; there a stamp is the transaction's number and the horizon the oldest transaction still under way.
"""

from collections.abc import Iterator
from itertools import chain

from django.db import connection

from .enums import Touch

#: What the register's indicators look at, and by what they are kept: table, column that is noted, what it names.
_WATCHED = (
    ("registry_unit", "id", Touch.UNIT),
    ("registry_measurementstandard", "unit_id", Touch.UNIT),
    ("registry_standardcertificate", "standard_id", Touch.STANDARD),
    ("registry_standardinstrument", "standard_id", Touch.STANDARD),
    ("registry_standardperson", "standard_id", Touch.STANDARD),
    ("registry_capabilitytest", "standard_id", Touch.STANDARD),
    ("registry_publicstandardcertificate", "standard_id", Touch.STANDARD),
    ("registry_standarddomain", "standard_id", Touch.STANDARD),
    ("registry_tracerecord", "instrument_id", Touch.INSTRUMENT),
)
#: Which states of the row an event has: before it, after it.
_EVENTS = {"INSERT": ("NEW",), "UPDATE": ("OLD", "NEW"), "DELETE": ("OLD",)}

_FUNCTION = """
CREATE OR REPLACE FUNCTION risk_touch() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    gone_or_fresh text;
BEGIN
    FOREACH gone_or_fresh IN ARRAY CASE TG_OP
        WHEN 'INSERT' THEN ARRAY['fresh'] WHEN 'DELETE' THEN ARRAY['gone'] ELSE ARRAY['gone', 'fresh'] END
    LOOP
        EXECUTE format(
            'INSERT INTO risk_touched (kind, key, stamp)
             SELECT DISTINCT %s::smallint, %I, pg_current_xact_id()::text::bigint FROM %I
             ON CONFLICT DO NOTHING', TG_ARGV[0], TG_ARGV[1], gone_or_fresh);
    END LOOP;
    RETURN NULL;
END $$
"""


def names() -> list[str]:
    """The triggers there ought to be."""
    return [_name(table, event) for table, _, _ in _WATCHED for event in _EVENTS]


def _name(table: str, event: str) -> str:
    return f"risk_touch_{table.removeprefix('registry_')}_{event.lower()}"


def _create() -> Iterator[str]:
    on_postgres = connection.vendor == "postgresql"
    if on_postgres:
        yield _FUNCTION
    for table, column, kind in _WATCHED:
        for event, rows in _EVENTS.items():
            name = _name(table, event)
            if on_postgres:
                yield from _by_statement(name, table, event, rows, f"{kind:d}, '{column}'")
            else:
                yield _by_row(name, table, event, rows, column, kind)


def _by_statement(
    name: str, table: str, event: str, rows: tuple[str, ...], given: str
) -> Iterator[str]:
    """One mark an object and transaction, however many rows a statement writes."""
    called = {"OLD": "gone", "NEW": "fresh"}
    seen = " ".join(f"{row} TABLE AS {called[row]}" for row in rows)
    yield (
        f"CREATE TRIGGER {name} AFTER {event} ON {table} REFERENCING {seen} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION risk_touch({given})"
    )
    # Not even a session that plays a replica gets by.
    yield f"ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name}"


def _by_row(
    name: str, table: str, event: str, rows: tuple[str, ...], column: str, kind: Touch
) -> str:
    """One mark an object and counting; what is noted already is not noted again."""
    body = " ".join(
        f"INSERT INTO risk_touched (kind, key, stamp) SELECT {kind:d}, {row}.{column}, latest.horizon "  # noqa: S608 -- names above
        "FROM (SELECT COALESCE(MAX(horizon), 0) AS horizon FROM risk_counting) AS latest "
        f"WHERE NOT EXISTS (SELECT 1 FROM risk_touched WHERE kind = {kind:d} AND key = {row}.{column} "
        "AND stamp = latest.horizon);"
        for row in rows
    )
    return f"CREATE TRIGGER {name} AFTER {event} ON {table} FOR EACH ROW BEGIN {body} END"


def in_place() -> bool:
    """Whether every trigger is there; without one of them nothing counted beforehand may be believed."""
    asked = (
        "SELECT tgname FROM pg_trigger WHERE tgenabled = 'A' AND tgname LIKE 'risk_touch_%%'"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'risk_touch_%%'"
    )
    with connection.cursor() as cursor:
        cursor.execute(asked, [])
        return {name for (name,) in cursor.fetchall()} >= set(names())


def install() -> None:
    """Make the triggers; those that are there are made anew."""
    remove()
    if connection.vendor == "postgresql":
        # What the transaction wrote before has checks that wait for its end; no table with such is altered.
        connection.check_constraints()
    _run(_create())


def remove() -> None:
    """Take the triggers away: before the tables they write to go."""
    on_postgres = connection.vendor == "postgresql"
    _run(
        f"DROP TRIGGER IF EXISTS {_name(table, event)}" + (f" ON {table}" if on_postgres else "")
        for table, event in chain.from_iterable(
            ((table, event) for event in _EVENTS) for table, _, _ in _WATCHED
        )
    )


def _run(statements: Iterator[str]) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def oldest_under_way() -> int:
    """PostgreSQL: every transaction below this number is over and seen by whoever reads from now on."""
    return int(_one("SELECT pg_snapshot_xmin(pg_current_snapshot())::text"))


def here() -> str:
    """Which server the numbers of transactions are of: a copy elsewhere begins with others."""
    if connection.vendor != "postgresql":
        return ""
    return _one("SELECT system_identifier::text FROM pg_control_system()")


def _one(asked: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(asked)
        return str(cursor.fetchone()[0])
