"""How long rows of the trail stay, and how those past it go without breaking the chain.

Changes stay as long as the records they are about: they are never taken out. Accesses stay three years: the law asks
for six months at least (网络安全法第二十一条), and what is not found within two years is not punished any more
(行政处罚法第三十六条). They go block by block; the block, its list of hashes and its head stay, so that every later
head still proves what it proved. That they went is a change of its own, sealed like all others, and the check
takes nothing for taken out lawfully that was younger.
"""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction

from metrostd.common import audit, clock
from metrostd.common.actors import Actor
from metrostd.common.models import AccessEntry, AuditEntry

from . import protection
from .enums import Kind
from .models import SealedRow, TrailBlock

#: Accesses stay at least so long.
ACCESS_DAYS = 3 * 366
ACTION = "trail.take_out"
_MANY = 1000


def due(before: dt.date) -> TrailBlock | None:
    """The last block whose accesses may go: all it sealed is older than ``before``.

    Raises ValidationError for a day on which accesses still have to stay.
    """
    earliest = clock.today() - dt.timedelta(ACCESS_DAYS)
    if before > earliest:
        raise ValidationError(f"访问记录至少保存3年，只能清理{earliest}以前的。")
    old = TrailBlock.objects.filter(sealed_at__lt=clock.at_time(before, 0))
    return old.order_by("-number").first()


@transaction.atomic
def take_out(before: dt.date, *, actor: Actor | None, note: str) -> int:
    """Take out the accesses sealed before a day; returns how many. The triggers are away meanwhile, for nobody else.

    Raises ValidationError for too young a day or without a reason.
    """
    if not note.strip():
        raise ValidationError("请说明清理的依据。")
    block = due(before)
    if block is None:
        return 0
    sealed = SealedRow.objects.filter(kind=Kind.ACCESS, block__number__lte=block.number)
    rows = AccessEntry.objects.filter(pk__in=sealed.values("row"))
    guarded = not protection.missing()
    protection.remove()
    count = rows.count()
    rows.delete()
    if guarded:
        protection.install()
    audit.record(
        block,
        actor=actor,
        action=ACTION,
        label="清理到期的访问记录",
        after={"through": block.number, "count": count, "before": before.isoformat()},
        note=note,
    )
    return count


def taken_out_through() -> int:
    """Up to which block accesses may be gone: as changes on record say, and as their age then allowed."""
    through = 0
    # One that is dated ahead would make anything old enough.
    for row in AuditEntry.objects.filter(action=ACTION, at__lte=clock.now()).order_by("pk"):
        number = int((row.after or {}).get("through", 0))
        old = row.at - dt.timedelta(ACCESS_DAYS - 1)
        if TrailBlock.objects.filter(number=number, sealed_at__lt=old).exists():
            through = max(through, number)
    return through
