"""A long list is taken back in slices on SQLite: others have their turn, a worker that dies leaves no half."""

import sqlite3

import pytest
from django.core.exceptions import ValidationError
from django.db import connection

from metrostd.common import turns
from metrostd.common.models import AuditEntry
from metrostd.lists.imports import undo_import, undoing
from metrostd.registry.models import MeasurementStandard, StandardCertificate, Unit
from tests.factories.campaigns import DutyFactory
from tests.factories.lists import row, sheet

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor != "sqlite", reason="the others lock rows, not the database"
    ),
]


@pytest.fixture
def batch(commit, monkeypatch):
    """A list that changed one unit and created two others, long enough to go in slices of one row."""
    commit(sheet(row(1)))
    found = commit(sheet(row(1, 联系人="另一人"), row(2), row(3)), name="二.xlsx")
    monkeypatch.setattr(undoing, "LONG", 0)
    monkeypatch.setattr(turns, "PAUSE", 0)
    monkeypatch.setattr(undoing, "SLICE", 1)
    return found


def _dies_after(slices):
    def progress(done, total, step=""):
        if done == slices:
            raise KeyboardInterrupt

    return progress


def _is_back(batch):
    batch.refresh_from_db()
    unit = Unit.objects.get()
    assert (unit.contact_name, batch.state, batch.undo_begun) == ("示例人", "undone", False)
    assert MeasurementStandard.objects.count() == StandardCertificate.objects.count() == 1
    assert AuditEntry.objects.about(unit).filter(action="import.undo_change").count() == 1
    return True


def test_others_write_between_its_slices(batch):
    found, free = connection.settings_dict["NAME"], []

    def somebody_writes(done, total, step=""):
        other = sqlite3.connect(found, uri=str(found).startswith("file:"), timeout=0)
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")
        other.close()
        free.append(done)

    undo_import(batch, actor=None, note="传错文件", progress=somebody_writes)

    assert _is_back(batch)
    assert sorted(set(free)) == [0, 1, 2, 3, 4, 5]


@pytest.mark.parametrize("slices", [1, 2, 4])
def test_the_next_worker_goes_on_where_one_died(batch, slices):
    with pytest.raises(KeyboardInterrupt):
        undo_import(batch, actor=None, note="传错文件", progress=_dies_after(slices))
    batch.refresh_from_db()
    assert (batch.state, batch.undo_begun) == ("committed", True)

    undo_import(batch, actor=None, note="传错文件")

    assert _is_back(batch)
    moves = AuditEntry.objects.about(batch).values_list("action", flat=True)
    assert list(moves)[:2] == ["import.undo", "import.undo_begin"]


def test_what_is_referred_to_meanwhile_stops_it_until_it_is_settled(batch):
    with pytest.raises(KeyboardInterrupt):
        undo_import(batch, actor=None, note="传错文件", progress=_dies_after(3))
    duty = DutyFactory(unit=Unit.objects.last(), authority=None)

    with pytest.raises(ValidationError, match="应办事项"):
        undo_import(batch, actor=None, note="传错文件")
    assert (batch.state, batch.undo_begun) == ("committed", True)
    duty.delete()
    undo_import(batch, actor=None, note="传错文件")

    assert _is_back(batch)


def test_what_is_in_use_before_it_begins_leaves_all_as_it_was(batch):
    DutyFactory(unit=Unit.objects.last(), authority=None)

    with pytest.raises(ValidationError, match="应办事项"):
        undo_import(batch, actor=None, note="传错文件")

    assert (batch.state, batch.undo_begun, Unit.objects.count()) == ("committed", False, 3)
