"""What the clock starts."""

from celery import shared_task

from metrostd.common import clock

from . import bounces, delivery, packing
from .webhooks import deliveries


@shared_task(name="notifications.deliver", ignore_result=True)
def deliver() -> None:
    """Every minute: digests are made and sent; two workers at once take different ones."""
    packing.pack(clock.now())
    delivery.deliver()


@shared_task(name="notifications.send_letters", ignore_result=True)
def send_letters() -> None:
    """As soon as one is written; whatever is left the minute's own run takes."""
    delivery.deliver(letters_alone=True)


@shared_task(name="notifications.read_bounces", ignore_result=True)
def read_bounces() -> None:
    """Every five minutes: what came back; a mail looked at twice changes nothing."""
    bounces.read_box()


@shared_task(name="notifications.post_webhooks", ignore_result=True)
def post_webhooks() -> None:
    """Every minute: events for other systems; two workers at once take different ones."""
    deliveries.deliver()
