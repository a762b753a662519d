"""The real thing: a worker process performs a job over both brokers, beat knows what the clock starts.

The processes run with the ordinary settings and are told by environment variables alone where the
database and the broker are.
"""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from celery import Celery
from django.conf import settings
from django.db import connections, transaction

from campaigns import moves, routing
from campaigns.models import Campaign, Duty
from campaigns.reference import load_reference
from metrostd.common import clock, jobs, turns, workers
from metrostd.common.models import AuditEntry, Job
from metrostd.common.roles import Role
from metrostd.notices.models import Notice
from metrostd.notices.moves import DELIVERY_JOB
from metrostd.notifications.models import Message
from metrostd.registry.models import Authority, Unit
from selfcheck import opening
from selfcheck.models import SelfCheckReport
from tests.factories.accounts import MembershipFactory
from tests.factories.campaigns import CampaignFactory
from tests.factories.common import JobFactory
from tests.factories.registry import StandardFactory
from tests.opened import gaps_and_doubles
from tests.services import postgres_address, start_redis

pytestmark = pytest.mark.services


@pytest.fixture
def shared_database(transactional_db, tmp_path) -> Iterator[Callable[[], str]]:
    """A function that makes what was written visible to other processes and returns the address.

    PostgreSQL is shared as it is. SQLite lives in the memory of this process: it is copied to a
    file, and from then on this test reads that file too.
    """
    own = connections["default"]

    def publish() -> str:
        place = own.settings_dict
        if own.vendor == "postgresql":
            return postgres_address(place["USER"], place["HOST"], place["PORT"], place["NAME"])
        file = tmp_path / "db.sqlite3"
        with closing(sqlite3.connect(file)) as copy:
            own.connection.backup(copy)
        connections["default"] = own.copy()
        connections["default"].settings_dict["NAME"] = str(file)
        return f"sqlite:///{file}"

    yield publish
    if connections["default"] is not own:
        connections["default"].close()
        connections["default"] = own


@pytest.fixture
def redis() -> Iterator[str]:
    url, server = start_redis()
    yield url
    server.terminate()
    server.wait(10)


@contextmanager
def celery(
    *command: str, log: Path, app: str = "metrostd", **variables: str
) -> Iterator[subprocess.Popen]:
    """A Celery process of this installation, ended by its id."""
    inherited = {"DATABASE_URL", "CELERY_BROKER_URL", "DJANGO_SETTINGS_MODULE", "TEST_DATABASE"}
    environment = {name: value for name, value in os.environ.items() if name not in inherited}
    environment |= {"SECRET_KEY": "only-for-this-test", "METROSTD_VAR": str(log.parent / "var")}
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "celery", "-A", app, *command],
            cwd=settings.BASE_DIR,
            env=environment | variables,
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    try:
        yield process
    finally:
        process.kill()  # a single process without children; waiting for a warm shutdown takes 10 s
        process.wait()


def wait_until(condition: Callable[[], bool], *, log: Path, seconds: float = 40) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, log.read_text("utf-8", errors="replace")
        time.sleep(0.1)


def send(broker: str, options: dict, job: Job, *, queue: str = "people") -> None:
    """Hand the job to the broker as a web process would."""
    with Celery(broker=broker, set_as_current=False) as app:
        app.conf.broker_transport_options = options
        app.conf.task_queues = settings.CELERY_TASK_QUEUES
        app.send_task("common.run_job", [job.pk], queue=queue)


def folder_broker(tmp_path: Path) -> tuple[str, dict]:
    """The embedded queue where a process that writes to ``tmp_path`` has it."""
    queue = tmp_path / "var/queue"
    folders = {name: queue / name for name in ("messages", "control")}
    for folder in folders.values():
        folder.mkdir(parents=True)
    return "filesystem://", {
        "data_folder_in": str(folders["messages"]),
        "data_folder_out": str(folders["messages"]),
        "control_folder": str(folders["control"]),
    }


def queued_opening() -> Job:
    """A campaign over one standard, asked to be opened by the municipal office."""
    load_reference()
    commission = Authority.objects.get(code="120000")
    office = MembershipFactory(role=Role.CITY_ADMIN, authority=commission)
    StandardFactory(
        issuing_authority=commission,
        hosting_authority=commission,
        unit__territorial_authority=Authority.objects.get(code="120111"),
    )
    campaign = CampaignFactory(organiser=commission, state="draft")
    arguments = {"campaign": campaign.pk}
    return JobFactory(
        kind=moves.OPENING_JOB, owner=office.user, acting=office.pk, arguments=arguments
    )


@pytest.mark.parametrize("broker", ["filesystem", "redis"])
def test_a_worker_process_performs_a_job(broker, shared_database, tmp_path, request):
    log = tmp_path / "worker.log"
    if broker == "redis":
        url, options = request.getfixturevalue("redis"), {}
    else:
        url, options = folder_broker(tmp_path)
    job = queued_opening()
    database = shared_database()
    send(url, options, job)

    command = ("worker", "--loglevel", "INFO", "--pool", "solo", "--without-mingle")
    with celery(*command, log=log, DATABASE_URL=database, CELERY_BROKER_URL=url):
        wait_until(lambda: not Job.objects.get(pk=job.pk).is_active, log=log)

    job.refresh_from_db()
    campaign = Campaign.objects.get()
    assert (job.state, job.failure) == ("done", ""), log.read_text("utf-8")
    assert job.next_url == campaign.get_absolute_url()
    assert campaign.state == "open"
    assert AuditEntry.objects.about(campaign).filter(actor=job.owner).exists()
    assert Duty.objects.filter(campaign=campaign).exists()


def test_the_job_of_a_killed_worker_is_offered_again(shared_database, tmp_path, settings):
    """Killed while it waits for a row somebody holds, so that it is killed in the middle for certain."""
    if connections["default"].vendor != "postgresql":
        pytest.skip("SQLite locks no rows; benchmarks/killed_workers.py kills there at random")
    place = {"BACKEND": "django.core.cache.backends.filebased.FileBasedCache"}
    leases = place | {"LOCATION": str(tmp_path / "var/leases")}
    settings.CACHES = settings.CACHES | {"leases": leases}
    log = tmp_path / "worker.log"
    url, options = folder_broker(tmp_path)
    job = queued_opening()
    told = {"DATABASE_URL": shared_database(), "CELERY_BROKER_URL": url}
    command = ("worker", "--loglevel", "INFO", "--pool", "solo", "--without-mingle")
    send(url, options, job)

    with transaction.atomic():
        Campaign.objects.select_for_update().get()
        with celery(*command, log=log, WORKER_FORGOTTEN_AFTER="4", **told) as process:
            wait_until(lambda: Job.objects.get(pk=job.pk).state == "running", log=log)
            wait_until(lambda: workers.is_held(job.pk), log=log)
            assert [worker.job for worker in workers.alive()] == [job.pk]
            assert workers.alive()[0].name.endswith(f":{process.pid}")
    wait_until(lambda: not workers.is_held(job.pk) and not workers.alive(), log=log, seconds=10)
    Job.objects.update(started_at=clock.now() - jobs.TAKING)
    job.refresh_from_db()
    assert jobs.is_lost(job)
    jobs.retry(job)  # which the tests' own settings perform at once

    job.refresh_from_db()
    assert (job.state, job.attempt) == ("done", 2), log.read_text("utf-8")
    assert Campaign.objects.get().state == "open"


def lost(job: Job) -> Job:
    """What is left of a job whose worker was killed, once its time to say so is over."""
    Job.objects.filter(pk=job.pk).update(started_at=clock.now() - jobs.TAKING)
    job.refresh_from_db()
    assert jobs.is_lost(job)
    return job


def test_a_worker_killed_between_two_slices_leaves_nothing_twice_and_nothing_out(
    shared_database, tmp_path
):
    """An opening after its first reports were made; a delivery twice in its middle, in the middle of a slice."""
    url, options = folder_broker(tmp_path)
    job = queued_opening()
    campaign = Campaign.objects.get()
    west = Authority.objects.get(code="120111")
    for _ in range(7):
        made = StandardFactory(
            issuing_authority=campaign.organiser, hosting_authority=campaign.organiser,
            unit__territorial_authority=west,
        )  # fmt: skip
        MembershipFactory(as_unit=True, unit=made.unit)
    notice = Notice.objects.create(
        campaign=campaign, kind="main", title="示例通知", body="示例", state="issued",
        issued_on=campaign.notice_on, published_by=job.owner,
    )  # fmt: skip
    delivery = JobFactory(
        kind=DELIVERY_JOB, owner=job.owner, acting=job.acting, arguments={"notice": notice.pk}
    )
    told = {"DATABASE_URL": shared_database(), "CELERY_BROKER_URL": url}
    told_units: list[int] = []
    dying = ("worker", "--loglevel", "INFO", "--pool", "solo", "--without-mingle")

    for at, doomed in (("7", job), ("told3", delivery), ("told2", delivery)):
        log = tmp_path / f"worker-{at}.log"
        send(url, options, doomed)
        with celery(*dying, app="tests.dying", log=log, DIES_AT=at, **told) as process:
            wait_until(lambda: process.poll() is not None, log=log)
            assert process.returncode == -signal.SIGKILL, log.read_text("utf-8")
        lost(doomed)
        if doomed == delivery:
            told_units.append(notice.deliveries.filter(unit__isnull=False).count())
            Job.objects.filter(pk=doomed.pk, state="running").update(state="queued")
    reports = SelfCheckReport.objects.filter(campaign=campaign)
    assert Campaign.objects.get().state == "draft"
    assert 0 < reports.filter(unit__isnull=False).count() < 8
    # The bureaus and one slice of units, then one more; what was written down in the slice that died is not there.
    assert told_units == [3, 6]
    jobs.retry(job)  # which the tests' own settings perform at once
    jobs.perform(Job.objects.get(pk=delivery.pk))
    for doomed in (job, delivery):
        doomed.refresh_from_db()
        assert (doomed.state, doomed.failure) == ("done", "")

    assert Campaign.objects.get().state == "open"
    assert gaps_and_doubles(campaign) == []
    assert sorted(reports.values_list("unit", flat=True).exclude(unit=None)) == sorted(
        Unit.objects.values_list("pk", flat=True)
    )
    told_of = Message.objects.filter(membership__unit__isnull=False)
    for about in ({"url": notice.get_absolute_url()}, {}):
        members = list(told_of.filter(**about).values_list("membership", "url"))
        assert len(members) == len(set(members))
    assert told_of.filter(url=notice.get_absolute_url()).count() == 7
    assert notice.deliveries.filter(unit__isnull=False).count() == 8


@pytest.fixture
def colleague(shared_database) -> Callable[[], Callable[[], None]]:
    """Publishes what is written, on SQLite; returns a function with which somebody else saves beside this process."""
    if connections["default"].vendor != "sqlite":
        pytest.skip("only SQLite refuses to write to whoever reads what others have written after")

    def begin() -> Callable[[], None]:
        file = shared_database().removeprefix("sqlite:///")
        other = sqlite3.connect(file, isolation_level=None)
        other.execute("PRAGMA journal_mode=WAL")
        return lambda: other.execute(
            "UPDATE registry_unit SET contact_name = contact_name || 'x'"
        ).close()

    return begin


def test_progress_fails_nothing_while_rows_are_read_and_others_save(colleague):
    """An export tells its progress row by row; a list is read in a transaction that only reads."""
    for _ in range(6):
        StandardFactory()
    job = JobFactory(kind="common.export", arguments={}, state="running")
    saves = colleague()
    told = jobs.Progress(job)

    rows = Unit.objects.order_by("pk").iterator(chunk_size=2)
    next(rows)
    saves()
    told(1, 6, "示例")
    assert len([*rows]) == 5
    with turns.only_reading():
        list(Unit.objects.all())
        saves()
        told(4, 6, "示例")
        saves()  # nobody waits for it

    assert jobs.with_progress(Job.objects.get(pk=job.pk)).done == 4
    told(6, 6, "示例")
    assert Job.objects.get(pk=job.pk).done == 6


def test_a_campaign_is_opened_while_others_save(colleague, monkeypatch):
    """A batch of its standards is not written while the rest of them are still being read."""
    job = queued_opening()
    for _ in range(7):
        campaign = Campaign.objects.get()
        StandardFactory(
            issuing_authority=campaign.organiser, hosting_authority=campaign.organiser,
            unit__territorial_authority=Authority.objects.get(code="120111"),
        )  # fmt: skip
    saves, whole = colleague(), turns.turn

    def turn():
        saves()
        return whole()

    monkeypatch.setattr(turns, "turn", turn)
    monkeypatch.setattr(routing, "BATCH", 3)
    monkeypatch.setattr(opening, "SLICE", 3)
    jobs.perform(job)

    job.refresh_from_db()
    assert (job.state, job.failure) == ("done", "")
    assert gaps_and_doubles(Campaign.objects.get()) == []


def test_papers_do_not_stand_before_what_somebody_watches(shared_database, tmp_path):
    log = tmp_path / "worker.log"
    url, options = folder_broker(tmp_path)
    watched = queued_opening()
    papers = [JobFactory(kind="inspections.record", arguments={"task": 0}) for _ in range(3)]
    database = shared_database()
    for paper in papers:
        send(url, options, paper, queue="papers")
    send(url, options, watched)

    only = ("worker", "-Q", "people", "--loglevel", "INFO", "--pool", "solo", "--without-mingle")
    with celery(*only, log=log, DATABASE_URL=database, CELERY_BROKER_URL=url):
        wait_until(lambda: not Job.objects.get(pk=watched.pk).is_active, log=log)
    assert Job.objects.get(pk=watched.pk).state == "done", log.read_text("utf-8")
    assert {Job.objects.get(pk=paper.pk).state for paper in papers} == {"queued"}

    # A worker told nothing serves every queue.
    every = ("worker", "--loglevel", "INFO", "--pool", "solo", "--without-mingle")
    with celery(*every, log=log, DATABASE_URL=database, CELERY_BROKER_URL=url):
        wait_until(
            lambda: {Job.objects.get(pk=paper.pk).state for paper in papers} == {"failed"}, log=log
        )


def test_beat_knows_what_the_clock_starts(tmp_path):
    log = tmp_path / "beat.log"

    def told() -> str:
        return log.read_text("utf-8", errors="replace")

    with celery("beat", "--loglevel", "DEBUG", log=log) as process:
        wait_until(lambda: "Current schedule" in told() or process.poll() is not None, log=log)

    assert [name for name in settings.CELERY_BEAT_SCHEDULE if name not in told()] == []
    assert len(settings.CELERY_BEAT_SCHEDULE) >= 3
