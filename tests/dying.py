"""The portal's worker, which kills itself with SIGKILL at a point its test names in ``DIES_AT``.

A number: before that slice of an opening, slices being of three units. ``told`` and a number: in that slice of the
delivery of a notice, when its recipients are written down and none of them has been told, slices being of three, too.
"""

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

import django

from metrostd.celery import app

__all__ = ["app"]

django.setup()

from campaigns import routing  # noqa: E402
from metrostd.common import turns  # noqa: E402
from metrostd.notices import delivering  # noqa: E402
from selfcheck import opening  # noqa: E402

_AT = os.environ["DIES_AT"]
_slices = _told = 0
_whole_turn, _whole_tell = turns.turn, delivering.tell


def _die(*_args: object, **_given: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


@contextmanager
def _turn() -> Iterator[None]:
    global _slices
    _slices += 1
    if str(_slices) == _AT:
        _die()
    with _whole_turn():
        yield


def _tell(*given: object, **named: object) -> int:
    global _told
    _told += 1
    if f"told{_told}" == _AT:
        _die()
    return _whole_tell(*given, **named)  # type: ignore[arg-type]


turns.turn = _turn
delivering.tell = _tell
routing.BATCH = opening.SLICE = delivering.SLICE = 3
