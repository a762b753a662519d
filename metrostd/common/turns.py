"""Long writing in slices: where one connection writes at a time, nobody waits for the whole of it."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

#: Between two slices others have their turn; who waits on SQLite looks every tenth of a second.
PAUSE = 0.05


@contextmanager
def turn() -> Iterator[None]:
    """One slice in a transaction of its own; then others have half as long as it took.

    Within a transaction of somebody else there are no turns to take, and no other engine needs the pause.
    """
    alone = connection.vendor == "sqlite" and not connection.in_atomic_block
    start = time.monotonic()
    with transaction.atomic():
        yield
    if alone:
        time.sleep(max(PAUSE, (time.monotonic() - start) / 2))


def only_reads() -> bool:
    """Whether this is a transaction of ``only_reading`` where one connection writes at a time."""
    mode = getattr(connection, "transaction_mode", "")
    return connection.vendor == "sqlite" and connection.in_atomic_block and mode is None


@contextmanager
def only_reading() -> Iterator[None]:
    """A transaction that keeps nobody from writing, as long as it writes no table others see."""
    if connection.vendor != "sqlite":
        with transaction.atomic():
            yield
        return
    mode, connection.transaction_mode = connection.transaction_mode, None  # type: ignore[attr-defined]
    try:
        with transaction.atomic():
            yield
    finally:
        connection.transaction_mode = mode  # type: ignore[attr-defined]
