"""A network as it is in a basement: a loopback proxy that passes, delays, cuts, answers 500 or 502, or swallows answers."""

import http.client
import threading
import time
from collections import Counter
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from random import Random
from urllib.parse import urlsplit

#: What may become of a request while the network flaps; "swallow" is processed and its answer dropped.
MOODS = (*("pass",) * 8, "delay", "cut", "500", "502", "swallow")
_HOP = {"connection", "keep-alive", "transfer-encoding", "content-length"}


class Flapping:
    """``with Flapping(portal.url) as proxy``: browse ``proxy.url``, set ``proxy.mood``."""

    def __init__(self, target: str, *, seed: int = 2021) -> None:
        self.target = urlsplit(target)
        self.mood = "pass"
        self.random = Random(seed)
        self.met: Counter[str] = Counter()
        self.rewrite: dict[str, bytes] = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                outer.handle(self)

            do_POST = do_HEAD = do_GET  # noqa: N815 -- the names of the library

            def log_message(self, *arguments: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def __enter__(self) -> "Flapping":
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *error: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def handle(self, request: BaseHTTPRequestHandler) -> None:
        body = request.rfile.read(int(request.headers.get("Content-Length") or 0))
        mood = self.random.choice(MOODS) if self.mood == "flap" else self.mood
        self.met[mood] += 1
        if mood == "cut":
            return self._drop(request)
        if mood in ("500", "502"):
            return self._answer(request, int(mood), [("Content-Type", "text/html")], b"oops")
        if mood == "delay":
            time.sleep(0.3)
        status, headers, content = self._ask(request, body)
        if mood == "swallow":
            return self._drop(request)
        content += self.rewrite.get(request.path, b"")
        return self._answer(request, status, headers, content)

    def _ask(self, request: BaseHTTPRequestHandler, body: bytes):
        asked = http.client.HTTPConnection(self.target.hostname, self.target.port, timeout=60)
        headers = {k: v for k, v in request.headers.items() if k.lower() not in _HOP}
        headers["Accept-Encoding"] = "identity"
        asked.request(request.command, request.path, body or None, headers)
        answer = asked.getresponse()
        content = answer.read()
        given = [(k, v) for k, v in answer.getheaders() if k.lower() not in _HOP]
        asked.close()
        return answer.status, given, content

    @staticmethod
    def _answer(request: BaseHTTPRequestHandler, status: int, headers, content: bytes) -> None:
        try:
            request.send_response(status)
            for name, value in headers:
                request.send_header(name, value)
            request.send_header("Content-Length", str(len(content)))
            request.end_headers()
            if request.command != "HEAD":
                request.wfile.write(content)
        except (BrokenPipeError, ConnectionResetError):
            request.close_connection = True

    @staticmethod
    def _drop(request: BaseHTTPRequestHandler) -> None:
        request.close_connection = True
        request.connection.close()
