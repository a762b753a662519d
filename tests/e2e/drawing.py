"""Days and terms of a draw, made inside the portal's own environment: the browser cannot wait three days."""

import json
from itertools import count

from campaigns import settling
from campaigns.models import DrawTerms, SamplingFrame
from metrostd.common import clock
from metrostd.demo.people import actor
from tests import draws

from .story import DISTRICT


def _frame() -> SamplingFrame:
    return SamplingFrame.objects.live().get(authority__code=DISTRICT[1:])


def shown_long_enough() -> None:
    """The list of the district was shown three days ago."""
    frame = _frame()
    frame.shown_at = clock.now() - 3 * draws.DAY
    frame.save(update_fields=["shown_at"])


def announced(wanted: str) -> None:
    """Terms announced and acknowledged two days ago, and the numbers of a day on which ``wanted`` is drawn.

    Whoever has the key and may choose the numbers finds such: that is what the second person is for.
    """
    row = draws.announce(_frame(), actor=actor(DISTRICT))
    draws.acknowledge(row, actor=actor("city"))
    numbers = next(n for n in map(_numbers, count()) if wanted in _drawn(row, n))
    found = {"url": row.get_absolute_url(), "numbers": numbers}
    print(json.dumps(found))  # noqa: T201 -- read by the test that started the process


def _numbers(n: int) -> str:
    return f"01 02 03 04 {5 + n % 28:02d} 33 {1 + n // 28:02d}"


def _drawn(row: DrawTerms, numbers: str) -> set[str]:
    row.value = settling.readable(row, draws.ISSUE, numbers)
    names = dict(row.frame.entries.values_list("unit_key", "unit_name"))
    return {names[unit.id] for unit in settling.result_of(row, settling.seed_of(row))}
