"""Lists longer than a statement takes parameters, and conditions for more objects than SQLite nests."""

import sqlite3

import pytest
from django.db import connection
from django.db.models import prefetch_related_objects
from django.db.models.fields.related_lookups import RelatedIn
from django.db.models.lookups import In

from metrostd.common import audit, long_lists
from metrostd.common.models import AuditEntry
from metrostd.registry.models import MeasurementStandard, Unit
from tests.factories.registry import StandardFactory, UnitFactory

pytestmark = pytest.mark.django_db
#: Beyond SQLite's own default (32,766), beyond what PostgreSQL's protocol takes (65,535), as a statement has others, too.
COUNTS = (1_200, 33_000, 66_000)


@pytest.fixture(autouse=True)
def as_built_by_default():
    """Debian's SQLite takes 250,000 parameters; one built by default 32,766."""
    if connection.vendor != "sqlite":
        yield
        return
    kind = sqlite3.SQLITE_LIMIT_VARIABLE_NUMBER
    before = connection.connection.setlimit(kind, 32_766)
    yield
    connection.connection.setlimit(kind, before)


@pytest.fixture
def held():
    return [StandardFactory() for _ in range(3)]


def beside(pks, many):
    """These keys among many that nothing has."""
    return [*range(10_000_000, 10_000_000 + many), *pks]


@pytest.mark.parametrize("many", COUNTS)
def test_keys_relations_and_texts(held, many):
    units = [row.unit for row in held]
    keys = beside([unit.pk for unit in units], many)

    assert set(Unit.objects.filter(pk__in=keys)) == set(units)
    assert set(Unit.objects.filter(pk__among=keys)) == set(units)
    assert set(MeasurementStandard.objects.filter(unit__in=keys)) == set(held)
    assert set(MeasurementStandard.objects.filter(unit_id__in=set(keys))) == set(held)
    assert set(MeasurementStandard.objects.filter(unit__pk__in=keys)) == set(held)
    assert not MeasurementStandard.objects.exclude(unit__in=keys).exists()
    names = [*(f"没有{n}" for n in range(many)), *(unit.name for unit in units)]
    assert set(Unit.objects.filter(name__in=names)) == set(units)
    assert MeasurementStandard.objects.filter(unit__in=keys).update(pinyin="x") == 3
    assert Unit.objects.in_bulk(keys).keys() == {unit.pk for unit in units}
    assert AuditEntry.objects.about_all(Unit, keys).count() == 0


@pytest.mark.parametrize("many", COUNTS)
def test_rows_are_prefetched_for_a_whole_list(held, many):
    units = [*(Unit(pk=pk) for pk in beside([], many)), *(row.unit for row in held)]

    prefetch_related_objects(units, "standards")

    assert [list(unit.standards.all()) for unit in units[-3:]] == [[row] for row in held]
    assert list(units[0].standards.all()) == []


def test_the_trail_of_more_objects_than_conditions_are_nested():
    units = [UnitFactory() for _ in range(2)]
    for unit in units:
        audit.record(unit, actor=None, action="unit.edit", label="示例")

    found = AuditEntry.objects.about(*(Unit(pk=pk) for pk in beside([], 1_200)), *units)

    assert {entry.target_id for entry in found} == {unit.pk for unit in units}


def test_a_long_list_is_one_parameter_and_a_short_one_is_as_ever(held, monkeypatch):
    monkeypatch.setattr(long_lists, "MANY", 2)
    keys = [row.pk for row in held]
    moments = [row.created_at for row in held]

    for many in (keys, moments):
        name = "pk__in" if many is keys else "created_at__in"
        long, short = (
            MeasurementStandard.objects.filter(**{name: some}) for some in (many, many[:2])
        )
        assert set(long) == set(held)
        assert set(short) == set(held[:2])
        assert ("json_each" in str(long.query)) is (connection.vendor == "sqlite")
        assert "json_each" not in str(short.query)


def test_no_lookup_goes_past_it():
    """Whoever registers an ``in`` of their own for a field of ours builds on this one."""
    lookups = {
        field.get_lookup("in") for field in MeasurementStandard._meta.get_fields() if field.concrete
    }
    assert all(issubclass(each, long_lists.OneParameter) for each in lookups), lookups
    assert {In, RelatedIn}.isdisjoint(lookups)
