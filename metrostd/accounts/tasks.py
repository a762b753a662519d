"""What a request leaves to a worker, so that its answer tells nothing."""

import logging

from celery import shared_task
from django.db import transaction
from kombu.exceptions import KombuError

from . import letters

log = logging.getLogger(__name__)


def ask_for_reset(name: str) -> None:
    """Have the mail written by a worker, whether there is such an account or not: the answer takes as long."""
    asked = name.strip()[:150]

    def hand_over() -> None:
        try:
            mail_reset_code.delay(asked)
        except (KombuError, OSError):
            # Without a queue everybody waits as long for that, and the mail is in the outbox all the same.
            log.exception("A forgotten password could not be queued")
            letters.reset(asked)

    transaction.on_commit(hand_over)


@shared_task(name="accounts.mail_reset_code", ignore_result=True)
def mail_reset_code(name: str) -> None:
    """A code for a new password."""
    letters.reset(name)
