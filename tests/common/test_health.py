"""A proxy and a container learn whether the portal is alive and ready, and an outsider nothing else."""

import time

import pytest
from django.core.cache import cache
from django.db import connection

from metrostd.common import beat, health, schedule
from metrostd.common.health import HealthMiddleware

pytestmark = pytest.mark.django_db


@pytest.fixture
def ask(rf):
    """A question to a portal that has not been asked yet; the host name is nobody's."""

    def _ask(path, method="get"):
        middleware = HealthMiddleware(lambda request: None)
        return middleware(getattr(rf, method)(path, headers={"host": "10.1.2.3"}))

    return _ask


def test_a_process_that_answers_is_alive(client):
    response = client.get("/healthz", headers={"host": "not.ours.example"})

    assert (response.status_code, response.content) == (200, b"ok\n")
    assert "no-store" in response.headers["Cache-Control"]
    assert not response.cookies


def test_a_portal_with_everything_in_place_is_ready(ask):
    health.tick()

    response = ask("/readyz")

    assert response.status_code == 200
    assert response.content == (
        b'{"ready": true, "database": true, "cache": true, "files": true, "clock": true}'
    )


def test_a_clock_that_stands_still_is_told_and_keeps_nobody_out(ask):
    cache.set("clock-tick", time.time() - health.CLOCK_STOPPED_AFTER - 1)

    response = ask("/readyz")

    assert response.status_code == 200
    assert b'"clock": false' in response.content


def test_a_database_without_its_migrations_is_not_ready(ask):
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM django_migrations WHERE app = 'reporting' OR app = 'common'")

    response = ask("/readyz")

    assert response.status_code == 503
    assert b'"database": false' in response.content


def test_files_that_cannot_be_written_are_told(ask, settings, tmp_path):
    blocked = tmp_path / "files"
    blocked.write_text("a file where a folder should be")
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "metrostd.common.storage.WholeFileStorage",
            "OPTIONS": {"location": str(blocked)},
        }
    }

    response = ask("/readyz")

    assert response.status_code == 503
    assert b'"files": false' in response.content


def test_other_addresses_and_posts_go_on(ask):
    assert ask("/desk/") is None
    assert ask("/healthz", method="post") is None


def test_the_job_of_every_minute_is_the_tick():
    cache.delete("clock-tick")
    assert not health.clock_runs()

    schedule.settle_lost_jobs()

    assert health.clock_runs()


def test_beat_that_looked_at_the_clock_lately_runs(tmp_path):
    kept = tmp_path / "celerybeat-schedule"
    assert not beat.runs(kept, now=time.time())

    beat.sign_of_life(kept).touch()

    assert beat.runs(kept, now=time.time())
    assert not beat.runs(kept, now=time.time() + beat.STOPPED_AFTER + 1)
