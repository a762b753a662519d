"""Background jobs of accounts: opening many, printing their slips."""

from django.core.exceptions import PermissionDenied
from django.urls import reverse

from metrostd.common.jobs import Progress, job_runner
from metrostd.common.models import Job

from . import bulk
from .models import Membership, SlipPrint, User

OPEN, PRINT = "accounts.open_units", "accounts.print_slips"


def _actor(job: Job) -> User:
    """Who asked; jobs of this kind are nobody else's."""
    if job.owner is None:
        raise PermissionDenied("任务没有发起人。")
    return job.owner


@job_runner(OPEN)
def open_units(job: Job, progress: Progress) -> str:
    """Open the accounts of units, and print a slip for each of them."""
    if (row := _printed_before(job)) is not None:
        return _page(row)
    units = job.arguments["units"]
    progress(0, len(units), "开设账户")
    actor = _actor(job)
    bulk.open_for_units(units, actor=actor, progress=progress)
    # Also of those an attempt before this one had opened when its worker died.
    members = Membership.objects.not_ended().filter(unit__in=units).values("user")
    people = list(bulk.never_signed_in(actor).filter(pk__in=members).order_by("username"))
    return _page(bulk.print_slips(job, people, actor=actor, title=job.title, progress=progress))


@job_runner(PRINT)
def print_again(job: Job, progress: Progress) -> str:
    """Print slips anew: the codes on the old ones are void."""
    if (row := _printed_before(job)) is not None:
        return _page(row)
    actor = _actor(job)
    people = bulk.waiting_for_slips(actor, job.arguments["people"])
    return _page(bulk.print_slips(job, people, actor=actor, title=job.title, progress=progress))


def _printed_before(job: Job) -> SlipPrint | None:
    """What an earlier attempt finished before its worker died."""
    if not job.begun_before:
        return None
    return SlipPrint.objects.filter(job=job.pk).exclude(content="").first()


def _page(row: SlipPrint) -> str:
    return f"{reverse('accounts:opening')}?printed={row.pk}"
