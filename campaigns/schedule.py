"""What the clock starts."""

from celery import shared_task

from metrostd.common import clock

from .register_duties import follow_tracing


@shared_task(name="campaigns.follow_tracing", ignore_result=True)
def owe_tracing() -> None:
    """Every night: instruments whose tracing runs out become duties of their units, those traced anew are done."""
    follow_tracing(clock.today())
