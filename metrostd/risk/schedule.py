"""What the clock starts."""

from celery import shared_task

from metrostd.common import clock

from . import raising


@shared_task(name="risk.raise_warnings", ignore_result=True)
def raise_warnings() -> None:
    """Every night: what the register shows as wrong is raised once and stays until it is dealt with."""
    raising.raise_warnings(clock.today())
