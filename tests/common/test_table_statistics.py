"""The database knows its own tables: when asked, every night, and when a broker is down, at night."""

import pytest
from django.conf import settings
from django.db import transaction

from metrostd.common import table_statistics
from metrostd.registry.models import Unit
from tests.engines import known_rows
from tests.factories.registry import UnitFactory

pytestmark = pytest.mark.django_db


def test_statistics_are_gathered():
    UnitFactory.create_batch(7)

    table_statistics.refresh()

    assert known_rows(Unit) == Unit.objects.count() == 7


def test_they_wait_for_what_is_being_written(django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks() as later:
        UnitFactory.create_batch(9)
        table_statistics.refresh_soon()

    assert known_rows(Unit) != 9
    later[0]()
    assert known_rows(Unit) == 9


def test_the_night_gathers_them():
    tasks = {entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()}

    assert table_statistics.refresh_statistics.name in tasks


def test_a_broker_that_is_down_refuses_nothing(transactional_db, monkeypatch):
    def down():
        raise ConnectionError("no broker")

    monkeypatch.setattr(table_statistics.refresh_statistics, "delay", down)
    with transaction.atomic():
        unit = UnitFactory()
        table_statistics.refresh_soon()

    assert Unit.objects.filter(pk=unit.pk).exists()
