"""What the clock starts in the register."""

from celery import shared_task

from metrostd.common import clock

from .moves.certificate import expire, mark_expiring


@shared_task(name="registry.age_certificates", ignore_result=True)
def age_certificates() -> None:
    """Once a day: 即将到期 and 已过有效期 follow from the dates of the certificates."""
    on = clock.today()
    expire(on)
    mark_expiring(on)
