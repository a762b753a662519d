"""What the clock starts."""

from celery import shared_task

from . import exports, health, jobs


@shared_task(name="common.settle_lost_jobs", ignore_result=True)
def settle_lost_jobs() -> None:
    """Every minute: a job whose worker died says so and can be tried again, a lost message is sent anew."""
    health.tick()
    jobs.settle_lost()
    jobs.send_again()


@shared_task(name="common.forget_exports", ignore_result=True)
def forget_exports() -> None:
    """Every hour: exported files whose time is over are deleted."""
    exports.forget_expired()
