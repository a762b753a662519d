"""A compiled statement gives what its queryset gives, whatever values it is run with."""

import uuid

import pytest
from django.db import models
from django.db.models import Count

from inspections.models import ChecklistAnswer
from metrostd.common import clock
from metrostd.common.models import AuditEntry
from metrostd.common.prepared import Given, Prepared, PreparedUpdate, insert
from metrostd.registry.models import Unit
from tests.factories.accounts import UserFactory
from tests.factories.inspections import ChecklistAnswerFactory
from tests.factories.registry import StandardFactory, UnitFactory

pytestmark = pytest.mark.django_db


def test_instances_come_with_what_the_queryset_selects_and_annotates(django_assert_num_queries):
    statement = Prepared(
        lambda unit: (
            Unit.objects.filter(pk=unit)
            .select_related("territorial_authority")
            .annotate(held=Count("standards"))
        )
    )
    units = UnitFactory.create_batch(2)
    StandardFactory(unit=units[1])

    for unit, held in zip(units, (0, 1), strict=True):
        with django_assert_num_queries(1):
            row = statement.first(unit=unit.pk)
            assert (row, row.held) == (unit, held)
            assert row.territorial_authority == unit.territorial_authority
    assert statement.first(unit=0) is None


def test_what_is_not_selected_is_read_when_asked_for():
    statement = Prepared(lambda row: ChecklistAnswer.objects.filter(pk=row).only("note"))
    answer = ChecklistAnswerFactory(note="事实", client_id=uuid.uuid4())

    row = statement.first(row=answer.pk)

    assert "client_id" in row.get_deferred_fields()
    assert (row.note, row.client_id) == ("事实", answer.client_id)


def test_tuples_are_converted_like_the_querysets():
    moment, client_id = clock.now(), uuid.uuid4()
    ChecklistAnswerFactory(client_id=client_id, answered_at=moment)
    statement = Prepared(
        lambda: ChecklistAnswer.objects.filter(
            client_id=Given("client_id", models.UUIDField()),
            answered_at__lte=Given("until", models.DateTimeField()),
        ).values_list("client_id", "answered_at")
    )

    assert statement.rows(client_id=client_id, until=moment) == [(client_id, moment)]
    assert statement.rows(client_id=uuid.uuid4(), until=moment) == []


def test_equal_rows_are_counted():
    answers = ChecklistAnswer.objects.filter(note=Given("note", models.TextField()))
    counted = Prepared(lambda: answers.values_list("answer", "client_id"), counted=True)
    client_id = uuid.uuid4()
    for answer in ("conform", "conform", "deficient"):
        ChecklistAnswerFactory(note="事实", answer=answer)
    ChecklistAnswerFactory(note="事实", answer="conform", client_id=client_id)
    ChecklistAnswerFactory(note="别的", answer="conform")

    found = counted.rows(note="事实")

    assert set(found) == {("conform", None, 2), ("conform", client_id, 1), ("deficient", None, 1)}
    assert len(found) == 3
    assert counted.rows(note="没有") == []
    nothing = ChecklistAnswer.objects.none().values_list("answer")
    assert Prepared(lambda: nothing, counted=True).rows() == []


def test_groups_are_counted_by_what_they_come_to():
    units = UnitFactory.create_batch(4)
    for unit in (units[0], units[1], units[1], units[2]):
        StandardFactory(unit=unit)
    held = Prepared(
        lambda: Unit.objects.order_by().annotate(held=Count("standards")).values_list("held"),
        counted=True,
    )

    assert sorted(held.rows()) == [(0, 1), (1, 2), (2, 1)]


def test_an_update_sets_the_named_columns_of_the_rows_that_match():
    person, moment, client_id = UserFactory(), clock.now(), uuid.uuid4()
    mine, other = ChecklistAnswerFactory.create_batch(2)
    statement = PreparedUpdate(
        lambda row: ChecklistAnswer.objects.filter(
            pk=row, version=Given("base", models.PositiveIntegerField())
        ),
        *("note", "version", "client_id", "answered_by", "answered_at"),
    )
    values = {
        "note": "100% 事实",
        "version": 1,
        "client_id": client_id,
        "answered_by": person.pk,
        "answered_at": moment,
    }

    assert statement.run(row=mine.pk, base=0, **values) == 1
    assert statement.run(row=mine.pk, base=0, **values) == 0

    mine.refresh_from_db()
    other.refresh_from_db()
    assert (mine.note, mine.version, mine.client_id) == ("100% 事实", 1, client_id)
    assert (mine.answered_by, mine.answered_at) == (person, moment)
    assert (other.note, other.version) == ("", 0)

    statement.run(row=mine.pk, base=1, **values | {"answered_by": None, "version": 2})
    mine.refresh_from_db()
    assert (mine.answered_by, mine.version) == (None, 2)


def test_an_inserted_row_is_what_saving_would_have_made_of_it():
    unit = UnitFactory()
    by_hand, saved = (
        AuditEntry(
            action="edit",
            action_label="修改",
            target=unit,
            target_label=str(unit),
            address="2001:db8::1",
            before=None,
            after={"数": [1, None, "是"]},
        )
        for _ in range(2)
    )

    insert(by_hand)
    saved.save()

    def columns(row):
        kept = AuditEntry.objects.filter(pk=row.pk).values().get()
        return {name: value for name, value in kept.items() if name not in ("id", "at")}

    assert columns(by_hand) == columns(saved)
    assert by_hand.pk
    assert not by_hand._state.adding
