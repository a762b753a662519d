"""A worker that dies at any point of a mail: it is sent, and at most once more for each death in the window.

The small version of ``benchmarks/killed_mails.py``: death is an exception nobody catches, time goes on by hand.
"""

import datetime as dt
import random

import pytest

from metrostd.common import clock
from metrostd.notifications import delivery, outbox, packing
from metrostd.notifications.enums import Progress
from metrostd.notifications.models import Envelope, Line
from tests.factories.accounts import MembershipFactory
from tests.smtp import post_office

pytestmark = pytest.mark.django_db

NOW = clock.at_time(dt.date(2021, 5, 27), 9)
#: Where a worker dies: the function of ``delivery``, and whether that has done its work by then.
POINTS = (
    ("_claimed", False),
    ("_claimed", True),
    ("carrier_for", True),
    ("_taken", False),
    ("_taken", True),
)
#: After the server took the mail and before that was written down.
WINDOW = ("_taken", False)


class KilledError(BaseException):
    """Nothing in the portal catches this."""


def dying(name, after, deaths):
    """``name`` of ``delivery``, which dies at the calls that ``deaths`` lists."""
    real, calls = getattr(delivery, name), iter(range(10_000))

    def function(*args):
        dies = next(calls) in deaths
        if dies and not after:
            raise KilledError
        made = real(*args)
        if dies:
            raise KilledError
        return made

    return function


def mailbags(count):
    """A digest for each of so many people, packed."""
    lines = []
    for number in range(count):
        member = MembershipFactory()
        member.user.email, member.user.email_verified_at = f"p{number}@example.org", NOW
        member.user.save()
        kind, key = outbox.target_key(member)
        lines.append(
            Line(
                origin="note:1", target_type_id=kind, target_id=key, user=member.user,
                membership=member, channel="mail", day=NOW.date(), subject="示例",
            )
        )  # fmt: skip
    outbox.put(lines)
    packing.pack(NOW)


@pytest.mark.parametrize(("name", "after"), POINTS)
def test_nothing_is_lost_and_little_arrives_twice(name, after, settings, monkeypatch):
    deaths = set(random.Random(f"{name}{after}").sample(range(10), 4))
    with clock.pinned(NOW), post_office() as post:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", post.port
        mailbags(10)
        monkeypatch.setattr(delivery, name, dying(name, after, deaths))
        died, at = 0, NOW
        for _ in range(12):
            try:
                delivery.deliver(at)
            except KilledError:
                died += 1
            at += 2 * delivery.HELD

    ids = post.ids()
    waits = Envelope.objects.in_progress(Progress.FAILED).count()
    assert died == 4
    assert set(ids) == set(Envelope.objects.values_list("message_id", flat=True))
    assert len(ids) - len(set(ids)) <= (died if (name, after) == WINDOW else 0)
    assert Envelope.objects.in_progress(Progress.SENT).count() + waits == 10


def test_the_last_mail_of_a_long_run_is_held_as_long_as_the_first(settings, monkeypatch):
    """A lease counted from the beginning of the run was over before the last mails were taken: they went out twice."""
    clocked = iter(range(0, 10_000, 100))
    monkeypatch.setattr(delivery, "monotonic", lambda: next(clocked))
    with clock.pinned(NOW), post_office() as post:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", post.port
        mailbags(5)
        monkeypatch.setattr(delivery, "carrier_for", dying("carrier_for", False, {4}))
        with pytest.raises(KilledError):
            delivery.deliver(NOW)

    last = Envelope.objects.in_progress(Progress.SENDING).get()
    assert len(post.mails) == 4
    assert last.claimed_until == NOW + dt.timedelta(seconds=500) + delivery.HELD
    assert not Envelope.objects.lapsed(NOW + dt.timedelta(seconds=500)).exists()


def test_a_worker_that_stood_still_before_sending_sends_nothing(settings, monkeypatch):
    """Its lease lapsed and the mail is another's: what it was about to hand over stays."""
    with clock.pinned(NOW), post_office() as post:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", post.port
        mailbags(1)
        real = delivery.carrier_for

        def stand_still(channel):
            delivery.reap(NOW + 2 * delivery.HELD)
            return real(channel)

        monkeypatch.setattr(delivery, "carrier_for", stand_still)
        delivery.deliver(NOW)

    assert post.mails == []
    assert Envelope.objects.get().progress == Progress.UNSURE


def test_the_time_for_one_mail_outlasts_every_step_of_a_conversation(settings):
    steps = ("connect", "greeting", "EHLO", "STARTTLS", "TLS", "EHLO", "AUTH", "AUTH", "MAIL", "RCPT", "DATA", "mail")  # fmt: skip
    assert dt.timedelta(seconds=len(steps) * settings.EMAIL_TIMEOUT) < delivery.HELD
