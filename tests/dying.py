"""The portal's worker, which kills itself with SIGKILL at a point its test names in ``DIES_AT``.

A number: before that slice of an opening, slices being of three units. ``told``: in the delivery of a notice,
when its recipients are written down and nobody has been told.
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
_slices = 0
_whole_turn = turns.turn


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


turns.turn = _turn
routing.BATCH = opening.SLICE = 3
if _AT == "told":
    delivering.tell = _die  # type: ignore[assignment]
