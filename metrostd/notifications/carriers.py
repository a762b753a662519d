"""Who carries a digest out of the portal: the mail server, and gateways for short messages over HTTP.

A carrier returns when the other side took it, and otherwise raises which of four things happened: it will
never be taken, it may be taken later, the other side was not there, or nobody can tell.
"""

import base64
import hashlib
import hmac
import json
import smtplib
from collections.abc import Callable
from dataclasses import dataclass

import urllib3
from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from urllib3.exceptions import HTTPError, MaxRetryError, NewConnectionError

from metrostd.common import clock

from . import dsn
from .enums import Channel

#: Answers of a gateway that ask to come again.
_LATER = frozenset({408, 425, 429})
_SECONDS = 10


class CarryError(Exception):
    """It was not taken; the text is for the office."""


class RefusedError(CarryError):
    """It will never be taken; ``bad_address`` when there is no such address."""

    def __init__(self, said: str, *, bad_address: bool = False) -> None:
        super().__init__(said)
        self.bad_address = bad_address


class LaterError(CarryError):
    """Not now: worth another try."""


class AwayError(CarryError):
    """The other side was not there or let nobody in: nothing was handed over, no try was used up."""


class UnsureError(CarryError):
    """The line broke after it was handed over: it may have been taken."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is handed to a carrier; ``key`` stays the same when it is handed over again."""

    key: str
    address: str
    subject: str
    body: str


Carrier = Callable[[Parcel], None]


def by_mail(parcel: Parcel) -> None:
    """Over Django's mail back end: one connection and one transaction for each mail."""
    connection = get_connection(fail_silently=False)
    mail = EmailMessage(
        parcel.subject,
        parcel.body,
        # What servers send back goes to an address that names this mail; people see and answer the usual one.
        from_email=dsn.return_path(settings.BOUNCE_ADDRESS, parcel.key)
        if settings.BOUNCE_ADDRESS
        else None,
        to=[parcel.address],
        connection=connection,
        headers={
            "From": settings.DEFAULT_FROM_EMAIL,
            "Message-ID": parcel.key,
            "Auto-Submitted": "auto-generated",
        },
    )
    try:
        _open(connection)
        connection.send_messages([mail])
    except smtplib.SMTPRecipientsRefused as error:
        code, said = next(iter(error.recipients.values()))
        raise _answered(code, said, "邮件服务器不接收这个地址", to_recipient=True) from error
    except smtplib.SMTPResponseException as error:
        raise _answered(error.smtp_code, error.smtp_error, "邮件服务器没有接收") from error
    except (OSError, smtplib.SMTPException) as error:
        raise UnsureError(
            f"发送途中与邮件服务器的连接断开（{_plain(error)}），不知道是否已经送达。"
        ) from error
    finally:
        _close(connection)


def _open(connection: BaseEmailBackend) -> None:
    """Reach the server and sign in; before that nothing was handed over."""
    try:
        connection.open()
    except smtplib.SMTPAuthenticationError as error:
        raise AwayError(
            f"邮件服务器不接受登录，请检查 EMAIL_URL 中的用户名和密码（{error.smtp_code}）。"
        ) from error
    except (OSError, smtplib.SMTPException) as error:
        raise AwayError(f"连不上邮件服务器（{_plain(error)}）。") from error


def _close(connection: BaseEmailBackend) -> None:
    """A farewell that fails changes nothing about what was taken."""
    try:
        connection.close()
    except (OSError, smtplib.SMTPException):
        return


def _answered(code: int, said: bytes | str, what: str, *, to_recipient: bool = False) -> CarryError:
    """A server's no: for good from 500 on, for now below."""
    words = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    told = f"{what}（{code} {' '.join(words.split())[:120]}）"
    if code >= 500:
        bad = to_recipient and dsn.is_bad_address(code, words)
        return RefusedError(f"{told}。请核对邮箱地址，改正后再发一次。", bad_address=bad)
    return LaterError(f"{told}，稍后再试。")


def _plain(error: Exception) -> str:
    return " ".join(str(error).split())[:120] or type(error).__name__


@dataclass(frozen=True, slots=True)
class Gateway:
    """A short-message service over HTTP: JSON, signed as Standard Webhooks say, never redirected.

    ``key`` travels as ``webhook-id``, by which the other side drops what it got already.
    """

    url: str
    secret: str
    name: str

    def __call__(self, parcel: Parcel) -> None:
        body = json.dumps(
            {"to": parcel.address, "text": parcel.body, "id": parcel.key}, ensure_ascii=False
        ).encode()
        stamp = str(int(clock.of_the_machine().timestamp()))
        headers = {
            "content-type": "application/json",
            "webhook-id": parcel.key,
            "webhook-timestamp": stamp,
            "webhook-signature": signature(self.secret.encode(), parcel.key, stamp, body),
        }
        with urllib3.PoolManager(num_pools=1) as pool:
            try:
                answer = pool.request(
                    "POST", self.url, body=body, headers=headers, redirect=False, retries=False,
                    timeout=urllib3.Timeout(connect=_SECONDS, read=_SECONDS),
                )  # fmt: skip
            except (
                NewConnectionError,
                MaxRetryError,
                urllib3.exceptions.ConnectTimeoutError,
            ) as error:
                raise AwayError(f"连不上{self.name}网关（{_plain(error)}）。") from error
            except HTTPError as error:
                raise UnsureError(
                    f"{self.name}网关在 {_SECONDS} 秒内没有回答（{_plain(error)}），不知道是否已经送达。"
                ) from error
        self._judge(answer.status)

    def _judge(self, status: int) -> None:
        if 200 <= status < 300:
            return
        if status in {401, 403}:
            raise AwayError(f"{self.name}网关不接受签名（{status}），请检查网关密钥。")
        if status in _LATER or status >= 500:
            raise LaterError(f"{self.name}网关暂时不能发送（{status}），稍后再试。")
        raise RefusedError(f"{self.name}网关拒绝发送（{status}）。请核对手机号，改正后再发一次。")


def signature(secret: bytes, key: str, stamp: str, body: bytes) -> str:
    """``v1,`` and the HMAC-SHA256 over id, time and body, in base64."""
    given = b".".join([key.encode(), stamp.encode(), body])
    made = hmac.new(secret, given, hashlib.sha256).digest()
    return f"v1,{base64.b64encode(made).decode()}"


def carrier_for(channel: str) -> Carrier | None:
    """Who carries this channel here; nobody when its gateway is not set up."""
    if channel == Channel.MAIL:
        return by_mail
    found = settings.GATEWAYS.get(channel)
    return Gateway(found["url"], found["secret"], Channel(channel).label) if found else None
