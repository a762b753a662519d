"""What the inbox adds to the extension points below it."""

import datetime as dt
import logging
from collections.abc import Mapping, Sequence

from django.db import transaction
from django.urls import reverse
from kombu.exceptions import KombuError

from metrostd.accounts.letters import Letter, on_post
from metrostd.accounts.models import Membership, User
from metrostd.accounts.telling import on_chase, on_told
from metrostd.common.actors import Actor
from metrostd.common.exports import on_export_ready
from metrostd.common.models import ExportedFile, Job
from metrostd.common.sealing import keep_sealed
from metrostd.common.templatetags.formats import cn_datetime

from . import letters
from .chasing import Chased, chase
from .models import Envelope, Line, Message, WebhookEndpoint
from .outbox import on_put, renews
from .schedule import send_letters
from .services import tell
from .webhooks.deliveries import announce

log = logging.getLogger(__name__)

on_told(tell)
on_put(announce)
keep_sealed(WebhookEndpoint, "sealed_secret")
keep_sealed(Envelope, "sealed_address")


@on_export_ready
def say_file_is_ready(job: Job, made: ExportedFile) -> None:
    """Whoever left the page of the job finds the file from the inbox."""
    tell(
        Membership.objects.filter(pk=job.acting or 0),
        subject=f"导出完成：{made.filename}{f'（{made.counted}）' if made.counted else ''}",
        body=f"请在 {cn_datetime(made.expires_at)} 前下载，到期自动删除。",
        url=reverse("common:job", args=[job.pk]),
    )


@on_chase
def ask_to_begin(people: list[User], *, text: str, actor: Actor) -> list[User]:
    """An account that waits for its first sign-in; the mail to an address nobody has proved is the accounts' own."""
    members: dict[int, Membership] = {}
    rows = Membership.objects.switched_on().filter(user__in=[person.pk for person in people])
    for row in rows.select_related("user").order_by("-pk"):
        members[row.user_id] = row
    wanted = [
        Chased(
            target=person,
            members=[members[person.pk]],
            subject="催办：账户还没有启用",
            url=reverse("accounts:own"),
        )
        for person in people
        if person.pk in members
    ]
    outcome = chase(wanted, text=text, actor=actor, action="account.urge")
    asked = {thing.target.pk for thing in outcome.told}
    return [person for person in people if person.pk in asked]


@on_post
def write_letters(wanted: list[Letter]) -> set[int]:
    """A mail about an account is in the outbox with what it tells, and is sent as soon as that is written."""
    written = letters.write(wanted)
    if written:
        transaction.on_commit(_hurry)
    return {row.user_id for row in written}


def _hurry() -> None:
    """Not to wait for the next minute; without a queue that minute sends them."""
    try:
        send_letters.delay()
    except (KombuError, OSError):
        log.exception("Letters could not be queued and wait for the clock")


@renews("message")
def unread_still(lines: Sequence[Line], on: dt.date) -> Mapping[int, str]:
    """What was read in the inbox meanwhile needs no mail."""
    rows = Message.objects.filter(pk__in=[line.target_id for line in lines], read_at=None)
    waiting = set(rows.values_list("pk", flat=True))
    return {line.pk: line.subject for line in lines if line.target_id in waiting}
