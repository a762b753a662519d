"""Reading what a mail server sends back about a mail it could not deliver (RFC 3464, RFC 6522). Pure: bytes in, facts out."""

import email
import email.policy
import re
from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage, Message

_STATUS = re.compile(r"\b([245])\.(\d{1,3})\.(\d{1,3})\b")
#: Enhanced codes that speak of the address itself: 5.1.x (RFC 3463, addressing) and a mailbox that is switched off.
_ADDRESS = re.compile(r"5\.1\.\d{1,3}|5\.2\.1")
#: Replies without an enhanced code that do (RFC 5321, 4.2.3).
_ADDRESS_REPLIES = frozenset({550, 551, 553})
_ID = re.compile(r"<[^<>\s]{3,200}>")
_LONGEST = 160


@dataclass(frozen=True, slots=True)
class Bounce:
    """One mail came back for good."""

    #: The Message-ID of the mail that was sent, or what the return path says of it.
    about: str
    #: Whether it is the address that is wrong, and not the server or the mail.
    bad_address: bool
    said: str


def is_bad_address(code: int, said: str) -> bool:
    """Whether a server's no means that there is no such address; a full box or a rule against spam does not."""
    if found := _STATUS.search(said):
        return bool(_ADDRESS.fullmatch(found[0]))
    return code in _ADDRESS_REPLIES


def token_of(message_id: str) -> str:
    """What of a Message-ID goes into the return path: the part before the @."""
    return message_id.strip("<>").partition("@")[0]


def return_path(bounce_address: str, message_id: str) -> str:
    """The address answers of servers go to: it names the mail (VERP)."""
    local, _, domain = bounce_address.partition("@")
    return f"{local}+{token_of(message_id)}@{domain}"


def read(data: bytes, *, bounce_address: str = "") -> Bounce | None:
    """What a mail in the bounce box says; None when nothing came back for good: a delay, an absence note, anything else."""
    mail = email.message_from_bytes(data, policy=email.policy.default)
    about = _original_id(mail) or _by_return_path(mail, bounce_address)
    if not about:
        return None
    blocks = list(_recipients(mail))
    if not blocks:
        return (
            Bounce(about, bad_address=False, said=_line(mail["subject"])) if _is_odd(mail) else None
        )
    failed = [b for b in blocks if _line(b["action"]).lower() == "failed"]
    if not failed:
        return None
    status, words = _line(failed[0]["status"]), _line(failed[0]["diagnostic-code"])
    said = " ".join(part for part in (status, words.removeprefix("smtp;").strip()) if part)
    return Bounce(about, bad_address=is_bad_address(0, status or words), said=said[:_LONGEST])


def _line(value: object) -> str:
    return " ".join(str(value or "").split())


def _recipients(mail: Message) -> Iterator[Message]:
    """The groups of fields about a recipient in a report of delivery."""
    if mail.get_content_type() != "multipart/report":
        return
    for part in mail.walk():
        if part.get_content_type() != "message/delivery-status":
            continue
        payload = part.get_payload()
        for block in payload if isinstance(payload, list) else []:
            if isinstance(block, Message) and block["action"]:
                yield block


def _original_id(mail: Message) -> str:
    """The Message-ID of the mail that is sent back, whole or its head."""
    for part in mail.walk():
        kind, payload = part.get_content_type(), part.get_payload()
        if kind == "message/rfc822" and isinstance(payload, list) and payload:
            return _id_in(_line(payload[0]["message-id"]))  # type: ignore[index]  # a mail in a mail
        if kind == "text/rfc822-headers" and isinstance(part, EmailMessage):
            return _id_in(_line(email.message_from_string(part.get_content())["message-id"]))
    return ""


def _id_in(text: str) -> str:
    found = _ID.search(text)
    return found[0] if found else ""


def _by_return_path(mail: Message, bounce_address: str) -> str:
    """The mail named by the address this one was sent to."""
    local, _, domain = bounce_address.partition("@")
    if not domain:
        return ""
    wanted = re.compile(rf"{re.escape(local)}\+([0-9a-f]{{32}})@{re.escape(domain)}", re.IGNORECASE)
    for name in ("delivered-to", "x-original-to", "envelope-to", "to"):
        for value in mail.get_all(name, []):
            if found := wanted.search(str(value)):
                return found[1].lower()
    return ""


def _is_odd(mail: Message) -> bool:
    """A server's note in no agreed form; not the answer of a person who is away."""
    if _line(mail["auto-submitted"]).lower().startswith("auto-replied"):
        return False
    sender = _line(mail["from"]).lower()
    return "mailer-daemon" in sender or "postmaster" in sender
