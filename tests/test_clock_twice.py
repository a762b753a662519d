"""Every job of the clock, twice in a row and twice at once: what it does it does once.

The jobs are those of ``metrostd.schedule``: a new one is tried as soon as it stands there.
"""

import datetime as dt
from collections.abc import Callable

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import connection, models

from campaigns.models import Duty
from metrostd.accounts.models import SignedIn
from metrostd.celery import app
from metrostd.common import clock
from metrostd.common.models import AuditEntry
from metrostd.notifications.models import Envelope, Message
from metrostd.registry.models import StandardCertificate
from metrostd.schedule import SCHEDULE
from rectification.models import Finding
from selfcheck.models import SelfCheckReport
from tests.factories.accounts import MembershipFactory, UserFactory
from tests.factories.campaigns import DutyFactory
from tests.factories.rectification import ReviewedTaskFactory, issue
from tests.factories.registry import CertificateFactory, TraceFactory
from tests.factories.reminders import RuleFactory
from tests.factories.selfcheck import ReportFactory
from tests.test_races import meanwhile

#: A Monday, at an hour at which people may be written to.
NOW = clock.at_time(dt.date(2021, 9, 6), 9)
#: A night, and the minutes after it that send what it found.
ROUND = [*SCHEDULE, "notifications.deliver", "notifications.post_webhooks"]
_DAY = dt.timedelta(days=1)
#: Rows that say that something ran, and not what it did: a check of the trail is on record each time.
RUNS = frozenset({"trail.TrailCheck", "sessions.Session"})
#: The trail's own nightly check tells its auditors each time it runs, which is once a night.
CHECKS = frozenset({"trail.check"})


def night_falls() -> None:
    """Something for every job that waits for a day: what ran out, what is owed, what is to be said."""
    with clock.pinned(clock.at_time(dt.date(2021, 8, 2))):
        issue(ReviewedTaskFactory(campaign__state="open"), due_on=dt.date(2021, 8, 20), findings=2)
        heir = MembershipFactory(role="district_inspector")
        leaver = MembershipFactory(
            role="district_inspector", authority=heir.authority, successor=heir,
            ends_on=NOW.date() - _DAY,
        )  # fmt: skip
        DutyFactory(authority=None, membership=leaver, due_on=NOW.date() + 5 * _DAY)
        ReportFactory(state="not_started", due_on=NOW.date() - _DAY, campaign__state="open")
    CertificateFactory(issue_date=dt.date(2016, 9, 6), valid_until=NOW.date() - _DAY, state="valid")
    TraceFactory(valid_until=NOW.date() + 20 * _DAY)
    idle = UserFactory(last_login=NOW - 400 * _DAY)
    type(idle).objects.filter(pk=idle.pk).update(state_since=NOW - 400 * _DAY)
    RuleFactory()
    owed = DutyFactory(due_on=NOW.date() + 3 * _DAY, created_at=NOW - 30 * _DAY)
    person = MembershipFactory(authority=owed.authority).user
    person.email, person.email_verified_at = "d@example.org", NOW
    person.save()
    SignedIn.objects.create(user=person, session_key="old", began_at=NOW - 400 * _DAY)


def rows() -> dict[str, list[tuple]]:
    """Every row of every table, by table."""
    found = {}
    for model in apps.get_models():
        if model._meta.label in RUNS or not model._meta.managed:
            continue
        columns = [field.attname for field in model._meta.concrete_fields]
        found[model._meta.label] = list(model._base_manager.order_by("pk").values_list(*columns))
    return found


def different(before: dict[str, list[tuple]]) -> dict[str, list[tuple]]:
    """What rows came or changed since."""
    return {
        table: new
        for table, now in rows().items()
        if (new := [row for row in now if row not in before[table]])
    }


def job(name: str) -> Callable[[], object]:
    app.loader.import_default_modules()
    return app.tasks[SCHEDULE[name]["task"]]


@pytest.mark.django_db
def test_every_job_has_done_its_work_when_it_has_run_once(mailoutbox):
    with clock.pinned(NOW):
        night_falls()
        for name in ROUND:
            job(name)()
            if name in CHECKS:
                continue
            done = rows()
            job(name)()
            assert different(done) == {}, name

        # It was no empty house: each of these came out of a job.
        assert len(mailoutbox) == 1
        assert StandardCertificate.objects.filter(state="expired").exists()
        assert SelfCheckReport.objects.filter(state="overdue").exists()
        assert Finding.objects.filter(state="failed").count() == 2
        assert Duty.objects.filter(kind="tracing").count() == 1
        told = set(AuditEntry.objects.values_list("action", flat=True))
        assert {"account.sleep", "membership.end", "duty.pass_on"} <= told


def _counts() -> dict[str, int]:
    return {
        model._meta.label: model._base_manager.count()
        for model in apps.get_models()
        if model._meta.managed and issubclass(model, models.Model)
    }


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="SQLite has one writer at a time")
def test_two_clocks_at_once_leave_what_one_leaves(mailoutbox):
    left = []
    with clock.pinned(NOW):
        for at_once in (False, True):
            night_falls()
            for name in ROUND:
                if name in CHECKS or not at_once:
                    job(name)()
                else:
                    assert meanwhile(job(name), job(name)) is None, name
            left.append(_counts())
            assert (Message.objects.exists(), Envelope.objects.count()) == (True, 1)
            call_command("flush", verbosity=0, interactive=False)

    once, twice = left
    assert {t: (once[t], n) for t, n in twice.items() if n != once[t]} == {}
    assert len(mailoutbox) == 2
    assert connection.vendor == "postgresql"
