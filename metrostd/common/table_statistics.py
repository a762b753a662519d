"""What the database knows about its own tables stays true after everything that fills them.

Both engines choose between ways through a query by statistics: SQLite never gathers any by itself, and
PostgreSQL's own gathering comes minutes after a campaign was opened. Without them Annex 3 took 84 s
where it takes 3 s with them. PostgreSQL also has to be told which pages everybody may see: before that an index does
not answer alone, and counting the findings of a campaign costs twice as much.
"""

from celery import shared_task
from django.db import connection, transaction

#: Entries of an index SQLite looks at: enough to tell a key that names one row from one that names half
#: the table. It writes while it looks, so a whole look would make everybody wait.
LOOKED_AT = 2000
#: Rows made in one go from which what was known of their tables misleads.
MANY = 1000


def refresh() -> None:
    """Gather them now: some hundred milliseconds on SQLite, on PostgreSQL as long as what was written since takes."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(f"PRAGMA analysis_limit = {LOOKED_AT:d}")
            cursor.execute("ANALYZE")
        else:
            # Within a transaction the pages cannot be looked after; nobody waits for that either way.
            cursor.execute("ANALYZE" if connection.in_atomic_block else "VACUUM (ANALYZE)")


def refresh_after(rows: int) -> None:
    """Gather them now if so many were made that the next step cannot wait for a worker: it looks through all of them."""
    if rows >= MANY:
        refresh()


@shared_task(name="common.refresh_statistics", ignore_result=True)
def refresh_statistics() -> None:
    """Every night, and after everything that writes rows by the thousand."""
    refresh()


def refresh_soon() -> None:
    """Have a worker gather them once the surrounding transaction is there for everybody to see.

    A broker that is down is no reason to refuse what was written; the night gathers them anyway.
    """
    transaction.on_commit(lambda: refresh_statistics.delay(), robust=True)
