"""What the clock starts."""

from celery import shared_task

from metrostd.common import clock, jobs

from . import rerouting, routing_tables, sampling, terms, witnessing
from .register_duties import follow_tracing
from .routing import Rules


@shared_task(name="campaigns.follow_tracing", ignore_result=True)
def owe_tracing() -> None:
    """Every night: instruments whose tracing runs out become duties of their units, those traced anew are done."""
    follow_tracing(clock.today())


@shared_task(name="campaigns.watch_draws", ignore_result=True)
def watch_draws() -> None:
    """Every hour: terms nobody acknowledged in time lapse, draws let pass are reported above.

    What witnesses have revealed for is drawn, whatever has become of its job.
    """
    witnessing.take_up()
    terms.lapse()
    terms.report_overdue()


@shared_task(name="campaigns.watch_returns", ignore_result=True)
def watch_returns() -> None:
    """Every night: what left a list while it was shown and is back is told to 纪检监督."""
    sampling.watch_returns()


@shared_task(name="campaigns.follow_routing", ignore_result=True)
def follow_routing() -> None:
    """Every hour: running campaigns follow a routing table that has taken effect, by a job that goes on when its worker dies."""
    rules = Rules.in_force_or_none()
    if rules is not None and rerouting.is_due(rules):
        title = f"按第{rules.version}版调整任务分工"
        jobs.start_job(routing_tables.FOLLOW_JOB, title=title, owner=None)
