"""A body must keep coming: whoever sends a few bytes a minute holds no thread for hours."""

import time
from collections.abc import Callable, Iterable
from typing import Any


class TooSlowError(TimeoutError):
    """The rest of a body did not come in time."""


class _TimedInput:
    """A body that is read until a moment and not longer."""

    def __init__(self, source: Any, *, until: float) -> None:
        self._source = source
        self._until = until

    def _in_time(self) -> None:
        if time.monotonic() > self._until:
            raise TooSlowError("The body came too slowly.")

    def read(self, *size: int) -> bytes:
        self._in_time()
        return self._source.read(*size)

    def readline(self, *size: int) -> bytes:
        self._in_time()
        return self._source.readline(*size)

    def __iter__(self) -> Iterable[bytes]:
        return iter(self._source)


def patient(
    application: Callable[..., Iterable[bytes]],
    *,
    silence: float = 20,
    least_rate: int = 32 * 1024,
) -> Callable[..., Iterable[bytes]]:
    """The application behind a limit of time: ``silence`` seconds between two pieces, and for the whole
    as long again as it takes at ``least_rate`` bytes a second."""

    def limited(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        size = environ.get("CONTENT_LENGTH") or "0"
        if size.isdigit() and int(size):
            allowed = silence + min(int(size), 1 << 40) / least_rate
            environ["wsgi.input"] = _TimedInput(
                environ["wsgi.input"], until=time.monotonic() + allowed
            )
            if connection := environ.get("gunicorn.socket"):
                connection.settimeout(silence)
        return application(environ, start_response)

    return limited
