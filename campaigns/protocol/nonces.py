"""Where the secret numbers of a draw come from: 256 bits of the machine's own randomness.

``foreseen`` is for the simulator and for tests, like ``clock.pinned``: nothing a request can reach opens it.
"""

import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_source: ContextVar[Callable[[int], bytes]] = ContextVar("nonces", default=secrets.token_bytes)


def fresh() -> bytes:
    """32 bytes nobody has seen."""
    return _source.get()(32)


@contextmanager
def foreseen(source: Callable[[int], bytes]) -> Iterator[None]:
    """Within the block numbers come from ``source``, so that a played city is the same every time."""
    token = _source.set(source)
    try:
        yield
    finally:
        _source.reset(token)
