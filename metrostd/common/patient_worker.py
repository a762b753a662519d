"""The portal's server process: whoever lets the head of a request trickle holds no thread, as ``patience`` for bodies."""

import time

from gunicorn.http.message import Request
from gunicorn.workers.gthread import TConn, ThreadWorker

from .patience import closing

#: Seconds for the head of a request, from its first byte to its empty line.
HEAD_SECONDS = 20


class PatientWorker(ThreadWorker):
    """gunicorn's worker of threads, which itself waits for a head without end."""

    head_seconds: float = HEAD_SECONDS

    def handle(self, conn: TConn) -> object:
        closing.at(conn.sock, time.monotonic() + self.head_seconds)
        try:
            return super().handle(conn)
        finally:
            closing.forget(conn.sock)

    def handle_request(self, req: Request, conn: TConn) -> object:
        closing.forget(
            conn.sock
        )  # the head is there; for the body the application sets its own moment
        return super().handle_request(req, conn)
