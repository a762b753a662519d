"""One signed request (Standard Webhooks), to the address that was looked at, never redirected."""

import base64
import contextlib
import ssl
from dataclasses import dataclass

import urllib3
from urllib3.exceptions import HTTPError

from metrostd.common import clock
from metrostd.notifications.carriers import signature

from .addresses import ForbiddenTargetError, Target, looked_up

SECONDS = 10
#: So much of an answer is kept for whoever looks why it failed.
_KEPT = 300
PREFIX = "whsec_"


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: a status, or the reason why there is none."""

    status: int | None
    said: str

    @property
    def is_taken(self) -> bool:
        return self.status is not None and 200 <= self.status < 300

    @property
    def is_gone(self) -> bool:
        """The receiver wants no more of them (Standard Webhooks: 410)."""
        return self.status == 410


def post(url: str, *, secret: str, event_id: str, body: bytes) -> Answer:
    """Send one event; whatever happens is an answer. Reading it waits for nobody who trickles: one piece is enough."""
    try:
        target = looked_up(url)
    except ForbiddenTargetError as error:
        return Answer(None, str(error))
    stamp = str(int(clock.of_the_machine().timestamp()))
    headers = {
        "host": target.authority,
        "content-type": "application/json; charset=utf-8",
        "user-agent": "metrostd-webhooks",
        "webhook-id": event_id,
        "webhook-timestamp": stamp,
        "webhook-signature": signature(key_of(secret), event_id, stamp, body),
    }
    with _pool(target) as pool:
        try:
            answer = pool.urlopen(
                "POST", target.path, body=body, headers=headers, redirect=False, retries=False,
                preload_content=False, assert_same_host=False,
            )  # fmt: skip
            # What was not read to its end would keep its connection until somebody collects garbage.
            with contextlib.closing(answer):
                said = answer.read1(_KEPT) if answer.status != 204 else b""
        except HTTPError as error:
            return Answer(None, f"没有得到回答（{' '.join(str(error).split())[:160]}）。")
    return Answer(answer.status, said.decode("utf-8", "replace").strip())


def _pool(target: Target) -> urllib3.HTTPConnectionPool:
    timeout = urllib3.Timeout(connect=SECONDS, read=SECONDS)
    if not target.is_tls:
        return urllib3.HTTPConnectionPool(target.address, target.port, timeout=timeout, maxsize=1)
    return urllib3.HTTPSConnectionPool(
        target.address, target.port, timeout=timeout, maxsize=1,
        # The certificate is that of the name, the connection goes to the address that was looked at.
        server_hostname=target.host, assert_hostname=target.host,
        ssl_context=ssl.create_default_context(),
    )  # fmt: skip


def key_of(secret: str) -> bytes:
    """The key of a secret in the form receivers are given it (``whsec_`` and base64)."""
    return base64.b64decode(secret.removeprefix(PREFIX))
