"""What the clock starts."""

from celery import shared_task

from metrostd.common import clock

from . import delivery, packing


@shared_task(name="notifications.deliver", ignore_result=True)
def deliver() -> None:
    """Every minute: digests are made and sent; two workers at once take different ones."""
    packing.pack(clock.now())
    delivery.deliver()
