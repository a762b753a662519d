"""What the clock starts."""

from celery import shared_task

from metrostd.common import clock

from . import counting, raising, trend


@shared_task(name="risk.raise_warnings", ignore_result=True)
def raise_warnings() -> None:
    """Every night: what the register shows as wrong is raised once and stays until it is dealt with."""
    raising.raise_warnings(clock.today())


@shared_task(name="risk.keep_counted", ignore_result=True)
def keep_counted() -> None:
    """At midnight for the new day, and whenever too much has changed to be counted while somebody waits."""
    counting.keep_up(trend.days())
