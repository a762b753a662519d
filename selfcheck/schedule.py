"""What the clock starts."""

from celery import shared_task

from metrostd.common import clock

from . import moves


@shared_task(name="selfcheck.mark_overdue", ignore_result=True)
def mark_overdue() -> None:
    """Every night: what was due yesterday and has not come is overdue from today."""
    moves.mark_overdue(clock.today())
