"""A body must keep coming: whoever sends a few bytes a minute holds no thread for hours."""

import os
import socket
import threading
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import BinaryIO
from wsgiref.types import StartResponse, WSGIEnvironment


class TooSlowError(TimeoutError):
    """The rest of a body did not come in time."""


class _TimedInput:
    """A body that is read until a moment and not longer."""

    def __init__(self, source: BinaryIO, *, until: float) -> None:
        self._source = source
        self._until = until

    def _in_time(self) -> None:
        if time.monotonic() > self._until:
            raise TooSlowError("The body came too slowly.")

    def read(self, *size: int) -> bytes:
        self._in_time()
        found = self._source.read(*size)
        self._in_time()  # what was cut off must not be taken for all there was
        return found

    def readline(self, *size: int) -> bytes:
        self._in_time()
        found = self._source.readline(*size)
        self._in_time()
        return found

    def __iter__(self) -> Iterable[bytes]:
        return iter(self._source)


class _Closing:
    """Stops listening to a connection at its moment: one read may wait for many bytes that trickle."""

    def __init__(self) -> None:
        self._open: dict[socket.socket, float] = {}
        self._lock = threading.Lock()
        self._watching = 0

    def at(self, connection: socket.socket, moment: float) -> None:
        with self._lock:
            self._open[connection] = moment
            if self._watching != os.getpid():  # a forked worker watches for itself
                self._watching = os.getpid()
                threading.Thread(target=self._watch, name="slow-senders", daemon=True).start()

    def forget(self, connection: socket.socket) -> None:
        with self._lock:
            self._open.pop(connection, None)

    def _watch(self) -> None:
        while True:
            time.sleep(0.5)
            now = time.monotonic()
            with self._lock:
                late = [each for each, moment in self._open.items() if now > moment]
                for connection in late:
                    del self._open[connection]
                    with suppress(OSError):
                        connection.shutdown(socket.SHUT_RD)


closing = _Closing()


def _unmeasured(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
    """A body in chunks, which no browser sends and the application does not read: nobody waits for its end."""
    if connection := environ.get("gunicorn.socket"):
        with suppress(OSError):
            connection.shutdown(socket.SHUT_RD)
    said = "提交时须说明内容的长度（Content-Length）。".encode()
    headers = [("Content-Type", "text/plain; charset=utf-8"), ("Content-Length", str(len(said)))]
    start_response("411 Length Required", [*headers, ("Connection", "close")])
    return [said]


def patient(
    application: Callable[..., Iterable[bytes]],
    *,
    silence: float = 20,
    least_rate: int = 32 * 1024,
) -> Callable[..., Iterable[bytes]]:
    """The application behind a limit of time: ``silence`` seconds between two pieces, and for the whole
    as long again as it takes at ``least_rate`` bytes a second. A body must say how long it is."""

    def limited(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        if environ.get("HTTP_TRANSFER_ENCODING"):
            return _unmeasured(environ, start_response)
        size = environ.get("CONTENT_LENGTH") or "0"
        if size.isascii() and size.isdigit() and int(size):
            allowed = silence + min(int(size), 1 << 40) / least_rate
            until = time.monotonic() + allowed
            environ["wsgi.input"] = _TimedInput(environ["wsgi.input"], until=until)
            if connection := environ.get("gunicorn.socket"):
                connection.settimeout(silence)
                closing.at(connection, until)
                try:
                    return application(environ, start_response)
                finally:
                    closing.forget(connection)
        return application(environ, start_response)

    return limited
