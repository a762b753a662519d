"""What the clock starts."""

from celery import shared_task

from metrostd.common import clock

from .moves.order import fail_overdue


@shared_task(name="rectification.fail_overdue", ignore_result=True)
def fail_overdue_findings() -> None:
    """Once a day: what was due before today and not reported is 整改不合格."""
    fail_overdue(clock.today())
