"""What the clock starts."""

from celery import shared_task

from metrostd.common import clock

from . import running


@shared_task(name="reminders.remind", ignore_result=True)
def remind() -> None:
    """Every hour: what is due today, and what a clock that stood still has missed; safe twice and at once."""
    running.remind(clock.today())
