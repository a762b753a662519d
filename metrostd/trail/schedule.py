"""What the clock starts."""

from celery import shared_task

from . import sealing, tasks


@shared_task(name="trail.seal", ignore_result=True)
def seal() -> None:
    """Every minute: rows of the trail nobody sealed yet go into a block; two at once seal once."""
    sealing.seal()


@shared_task(name="trail.check", ignore_result=True)
def check() -> None:
    """Every night: everything is computed again, the auditors are told the head and what is wrong."""
    tasks.seal_all_and_check()
