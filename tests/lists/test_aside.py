"""On SQLite what a list creates is made beside the register: nobody waits, and it comes in as a whole."""

import sqlite3

import pytest
from django.db import connection

from metrostd.common import audit
from metrostd.common.models import AuditEntry
from metrostd.lists.imports import aside, batches, commit_import, reparse
from metrostd.registry.models import (
    ImportRow,
    MeasurementStandard,
    StandardCertificate,
    Unit,
)
from tests.factories.lists import row, sheet
from tests.factories.registry import UnitFactory

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(
        connection.vendor != "sqlite", reason="the others lock rows, not the database"
    ),
]


def temporary():
    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM temp.sqlite_master WHERE type = 'table'")
        return [name for (name,) in cursor.fetchall()]


def test_the_list_is_in_with_trail_and_origin(commit):
    commit(sheet(row(1)))
    batch = commit(sheet(row(1), row(2), row(3)))

    assert batch.summary["standards"] == {"new": 2, "changed": 0, "unchanged": 1}
    assert Unit.objects.count() == MeasurementStandard.objects.count() == 3
    assert StandardCertificate.objects.filter(standard__unit__in=Unit.objects.all()).count() == 3
    made = ImportRow.objects.filter(batch=batch, change="new").values_list("standard", "unit")
    assert set(made) == set(
        MeasurementStandard.objects.order_by("-pk")[:2].values_list("pk", "unit")
    )
    assert AuditEntry.objects.about(MeasurementStandard.objects.last()).count() == 1
    assert "registry_unit" not in temporary()


def test_others_write_while_it_is_made_and_get_other_keys(read):
    batch, free, found = read(sheet(row(1), row(2))), [], connection.settings_dict["NAME"]

    def somebody_writes(done, total, step=""):
        if step.startswith("新增"):
            other = sqlite3.connect(found, uri=str(found).startswith("file:"), timeout=0)
            other.execute("BEGIN IMMEDIATE")
            other.execute("ROLLBACK")
            other.close()
            free.append(step)

    commit_import(batch, actor=None, progress=somebody_writes)
    later = UnitFactory()

    assert free == ["新增单位", "新增计量标准"]
    assert later.pk not in ImportRow.objects.filter(batch=batch).values_list("unit", flat=True)


def test_what_the_list_is_about_may_not_have_moved_on(commit, read):
    commit(sheet(row(1)))
    batch, since = read(sheet(row(1), row(2))), aside.last_entry()
    plan = batches._writer(batch, actor=None, report=lambda *args: None).plan
    known, stranger = Unit.objects.get(), UnitFactory()

    def moved_on():
        return aside.has_moved_on(plan, batch, since=since, own=range(0))

    assert not moved_on()
    audit.record(stranger, actor=None, action="test", label="示例")
    assert not moved_on()
    audit.record(known, actor=None, action="test", label="示例")
    assert moved_on()


def test_a_list_that_fails_leaves_nothing(read):
    batch = read(sheet(row(1), row(2)))

    def dies(done, total, step=""):
        if step == "登记来源单元格":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        commit_import(batch, actor=None, progress=dies)

    batch.refresh_from_db()
    assert batch.state == "parsed"
    assert not Unit.objects.exists()
    assert "registry_unit" not in temporary()


def test_others_write_while_a_list_is_read_again(read):
    batch, found, free = read(sheet(row(1), row(2))), connection.settings_dict["NAME"], []
    reading = batches.preview

    def while_somebody_writes(*given, **named):
        other = sqlite3.connect(found, uri=str(found).startswith("file:"), timeout=0)
        other.execute("BEGIN IMMEDIATE")
        other.execute("ROLLBACK")
        other.close()
        free.append(1)
        return reading(*given, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "preview", while_somebody_writes)
        reparse(batch, actor=None, edits={"名单": {"F3": "另一人"}})

    assert free == [1]
    rows = ImportRow.objects.filter(batch=batch).order_by("row_no")
    assert [each.values["contact_name"][0] for each in rows] == ["另一人", "示例人"]
    assert batch.edits == {"名单": {"F3": "另一人"}}
    assert "rows_beside" not in temporary()


def test_two_read_it_again_at_once_and_both_are_heard(read):
    batch, reading = read(sheet(row(1), row(2))), batches.preview

    def while_a_colleague_does(*given, **named):
        patch.undo()
        reparse(batch, actor=None, edits={"名单": {"F4": "第三人"}})
        return reading(*given, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(batches, "preview", while_a_colleague_does)
        reparse(batch, actor=None, edits={"名单": {"F3": "另一人"}})

    assert batch.edits == {"名单": {"F3": "另一人", "F4": "第三人"}}
    assert ImportRow.objects.filter(batch=batch).count() == 2
