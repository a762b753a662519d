"""What the clock starts."""

from celery import shared_task

from metrostd.common import clock

from . import pushing


@shared_task(name="coordination.push", ignore_result=True)
def push() -> None:
    """Every few minutes: what one side has done, the other reads on its desk."""
    pushing.push(clock.now())
