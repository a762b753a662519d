"""What the clock starts."""

from celery import shared_task

from . import jobs


@shared_task(name="common.fail_lost_jobs", ignore_result=True)
def fail_lost_jobs() -> None:
    """Now and then: a job whose worker died says so and can be tried again, a lost message is sent anew."""
    jobs.fail_lost()
    jobs.send_again()
