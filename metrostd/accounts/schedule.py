"""What the clock starts for accounts."""

from celery import shared_task

from metrostd.common import clock

from . import roster_writing
from .bulk import forget_slips
from .clockwork import end_memberships, end_with_task, forget_sessions, put_to_sleep


@shared_task(name="accounts.end_what_is_over", ignore_result=True)
def end_what_is_over() -> None:
    """Every night: capacities whose last day has passed or whose task is done, idle accounts, old files and sessions."""
    on = clock.today()
    end_memberships(on)
    end_with_task(on)
    put_to_sleep(on)
    forget_slips()
    roster_writing.forget()
    forget_sessions()
