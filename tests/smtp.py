"""A mail server on loopback that keeps what it takes and says what a test tells it to say."""

import contextlib
import socketserver
import sys
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field


@dataclass
class Post:
    """What arrived, and how the server behaves: ``answer`` is given the recipient and speaks for RCPT."""

    port: int = 0
    mails: list[str] = field(default_factory=list)
    answer: Callable[[str], str] = lambda _: "250 OK"
    #: Told who a mail leaves from (MAIL FROM).
    sender: Callable[[str], object] = lambda _: None
    #: Hang up after a mail was taken, before saying so.
    breaks: bool = False
    #: What it says when a mail is about to come, and to a name with its password.
    data: str = "354 go on"
    sign_in: str = ""
    #: Seconds before it takes a mail, and again before it says so.
    pause: float = 0

    def ids(self) -> list[str]:
        """The Message-ID of each mail, in the order they came."""
        lines = (line for mail in self.mails for line in mail.splitlines())
        return [line.partition(":")[2].strip() for line in lines if line.startswith("Message-ID:")]


class _Talk(socketserver.StreamRequestHandler):
    server: "_Server"

    def say(self, words: str) -> None:
        self.wfile.write(f"{words}\r\n".encode())

    def handle(self) -> None:
        self.say("220 ready")
        while line := self.rfile.readline().decode().strip():
            match line[:4].upper():
                case "MAIL":
                    self.server.post.sender(line)
                    self.say("250 OK")
                case "RCPT":
                    self.say(self.server.post.answer(line))
                case "EHLO" if self.server.post.sign_in:
                    self.say("250-ready\r\n250 AUTH PLAIN")
                case "AUTH":
                    self.say(self.server.post.sign_in)
                case "DATA":
                    self.say(self.server.post.data)
                    if not self.server.post.data.startswith("354"):
                        continue
                    self.take()
                    if self.server.post.breaks:
                        return
                    self.say("250 taken")
                case "QUIT":
                    self.say("221 bye")
                    return
                case _:
                    self.say("250 OK")

    def take(self) -> None:
        lines = []
        time.sleep(self.server.post.pause)
        while (line := self.rfile.readline().decode("utf-8", "replace").rstrip("\r\n")) != ".":
            lines.append(line)
        self.server.post.mails.append("\n".join(lines))
        time.sleep(self.server.post.pause)


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True
    post: Post

    def handle_error(self, request: object, client_address: object) -> None:
        """Who hangs up in the middle was killed, which is what some tests are about."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


@contextlib.contextmanager
def post_office() -> Iterator[Post]:
    """A server for the time of the block."""
    with _Server(("127.0.0.1", 0), _Talk) as server:
        server.post = Post(port=server.server_address[1])
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield server.post
        finally:
            server.shutdown()
            thread.join()
