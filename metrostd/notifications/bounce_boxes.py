"""The box mails come back to: a folder on this machine (maildir) or a mailbox on a server (IMAP)."""

import imaplib
import mailbox
import ssl
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Protocol
from urllib.parse import unquote, urlsplit

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

#: So many at a time; the rest comes with the next run.
MOST = 500
#: What is longer is no report of a server.
_LARGEST = 2 * 1024 * 1024


class Box(Protocol):
    def unread(self) -> Iterator[bytes]:
        """Mails nobody has looked at; each counts as read once it was handed out and the next is asked for."""


@contextmanager
def box_at(address: str) -> Iterator[Box]:
    """``maildir:///folder`` or ``imaps://user:password@host:993/INBOX`` (``imap://`` without TLS).

    Raises ImproperlyConfigured for anything else, OSError or imaplib's error when it is not there.
    """
    parts = urlsplit(address)
    if parts.scheme == "maildir":
        yield _Folder(Path(unquote(parts.path)))
        return
    if parts.scheme not in {"imap", "imaps"}:
        raise ImproperlyConfigured(f"BOUNCE_MAILBOX {parts.scheme!r} is neither maildir nor imaps.")
    server = _connected(parts.scheme, parts.hostname or "", parts.port)
    try:
        server.login(unquote(parts.username or ""), unquote(parts.password or ""))
        server.select(parts.path.strip("/") or "INBOX")
        yield _Server(server)
    finally:
        _leave(server)


def _connected(scheme: str, host: str, port: int | None) -> imaplib.IMAP4:
    if scheme == "imaps":
        context = ssl.create_default_context()
        return imaplib.IMAP4_SSL(host, port or 993, ssl_context=context, timeout=settings.EMAIL_TIMEOUT)  # fmt: skip
    return imaplib.IMAP4(host, port or 143, timeout=settings.EMAIL_TIMEOUT)


def _leave(server: imaplib.IMAP4) -> None:
    """A farewell that fails hides nothing that went wrong before, and leaves no connection open."""
    try:
        server.logout()
    except (OSError, imaplib.IMAP4.error):
        with suppress(OSError):
            server.shutdown()


class _Folder:
    def __init__(self, folder: Path) -> None:
        self._box = mailbox.Maildir(folder, factory=None, create=False)

    def unread(self) -> Iterator[bytes]:
        fresh = [k for k, mail in self._box.iteritems() if "S" not in mail.get_flags()]  # type: ignore[attr-defined]
        for key in fresh[:MOST]:
            mail = self._box.get_message(key)
            yield self._box.get_bytes(key)[:_LARGEST]
            mail.set_subdir("cur")
            mail.add_flag("S")
            self._box[key] = mail


class _Server:
    def __init__(self, server: imaplib.IMAP4) -> None:
        self._server = server

    def unread(self) -> Iterator[bytes]:
        _, found = self._server.uid("SEARCH", "UNSEEN")
        for key in (found[0] or b"").split()[:MOST]:
            _, parts = self._server.uid("FETCH", key.decode(), f"(BODY.PEEK[]<0.{_LARGEST}>)")
            yield next((part[1] for part in parts if isinstance(part, tuple)), b"")
            self._server.uid("STORE", key.decode(), "+FLAGS", r"(\Seen)")
