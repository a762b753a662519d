"""A guess at a password, a one-time code or a second factor: all count in one lock."""

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone

from metrostd.common import audit

from . import lockout
from .devices import device_of


@dataclass
class Guess:
    """One try. ``settles`` is false while another factor is still to come: it goes on counting till then."""

    settles: bool = True


@contextmanager
def guess(name: str, request: HttpRequest | None) -> Iterator[Guess]:
    """Count a try under this name before it is looked at, forget it when the block ends well.

    Without a request it was typed at the portal's own console. Raises ValidationError when it comes too early; what the block raises counts as a wrong one.
    """
    try:
        device = device_of(request) if request else ""
        attempt = lockout.reserve(name, address=audit.origin.get(), device=device)
    except lockout.PausedError as paused:
        raise ValidationError(
            f"输错次数过多，为保护账户已暂停登录，请在{_clock(paused.until)}后再试。"
            "忘记密码可以重设，急需登录请联系上级管理人员。",
            code="paused",
        ) from None
    made = Guess()
    try:
        yield made
    except ValidationError:
        lockout.note_failure(attempt)
        raise
    if made.settles:
        lockout.forget(attempt)


def _clock(moment: dt.datetime) -> str:
    return f"{timezone.localtime(moment):%H:%M:%S}"
