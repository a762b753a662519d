"""What the auditors are told every day: where the seal stands, and whether it holds."""

from collections.abc import Iterator
from itertools import islice

from django.urls import reverse

from metrostd.accounts.models import Membership
from metrostd.common import clock
from metrostd.common.roles import Role
from metrostd.notifications.models import Line
from metrostd.notifications.outbox import put, target_key
from metrostd.notifications.preferences import channels_of

from . import sealing
from .anchors import known_heads
from .checking import Problem, problems
from .models import TrailBlock

_SHOWN = 5


def seal_all_and_check() -> None:
    """Seal what came late, compute everything again and tell every auditor the head and what is wrong.

    The head leaves the database with the message, by mail too whatever the person chose: whoever rewrites
    history would have to change those as well.
    """
    sealing.seal(deep=True)
    found = list(islice(problems(known_heads()), _SHOWN))
    last = TrailBlock.objects.order_by("-number").first()
    if last is not None:
        put(_lines(last, found))


def _lines(last: TrailBlock, found: list[Problem]) -> Iterator[Line]:
    """One line for each auditor and channel; what is wrong is told again although all was well before."""
    kind, key = target_key(last)
    said = "审计记录核验有问题" if found else "审计记录核验无异常"
    subject = f"{said}：第{last.number}块，共{last.total}条，校验值 {last.head}"
    note = "；".join(problem.what for problem in found)[:300]
    rows = Membership.objects.active().filter(role=Role.AUDITOR).select_related("user")
    members = list(rows)
    reach = channels_of([row.user for row in members], by_law=True)
    for row in members:
        for channel in reach[row.user_id]:
            yield Line(
                origin="trail:problem" if found else "trail",
                target_type_id=kind,
                target_id=key,
                user=row.user,
                membership=row,
                channel=channel,
                day=clock.today(),
                subject=subject,
                note=note,
                url=reverse("trail:blocks"),
            )
