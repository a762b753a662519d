"""For the whole suite."""

import gc
import os
from collections import Counter

import pytest
from django.apps import apps
from django.core.cache import caches
from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder
from hypothesis import settings

from tests import asked
from tests.engines import as_strict_as_postgresql
from tests.services import copy_of_tests_database

# How long an example takes depends on what else the machine does; it is not what is tested.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")

#: Files that take long as a whole start first, so that no worker is left alone with one at the end.
LONG = (
    "test_simulated_city",
    "tests/test_access",
    "test_journey",
    "test_accessibility",
    "test_messy_list",
    "test_refusals",
    "e2e/test_accounts",
    "test_services",
    "test_recount",
)


#: What touches no database is the same on every engine and runs once, on SQLite.
DATABASE_FIXTURES = {"db", "transactional_db"}


def _touches_a_database(item: pytest.Item) -> bool:
    if set(getattr(item, "fixturenames", ())) & DATABASE_FIXTURES:
        return True
    return any(item.get_closest_marker(name) for name in ("django_db", "services", "browser"))


def pytest_configure(config: pytest.Config) -> None:
    if plugin := asked.recording():
        config.pluginmanager.register(plugin)


#: Files that take as long as this many other tests, so that the parts of a run end together.
HEAVY = {
    "tests/test_access.py": 2000,
    "tests/reporting/test_days.py": 1200,
    "tests/demo/test_until.py": 1000,
    "tests/test_production_shape.py": 900,
    "tests/risk/test_counting.py": 300,
    "tests/reminders/test_days.py": 200,
}


def _file(item: pytest.Item) -> str:
    return item.nodeid.partition("::")[0]


#: So many statements are one usual test.
STATEMENTS = 100


def _weight(item: pytest.Item) -> int:
    made = asked.known().get(item.nodeid)
    return 1 + (made.statements // STATEMENTS if made else 0)


def _in_this_part(items: list[pytest.Item]) -> list[pytest.Item]:
    """What belongs to this run: ``PART=2/3`` is the second of three, of whole files and about as long each."""
    part, _, parts = os.environ.get("PART", "1/1").partition("/")
    weights: Counter[str] = Counter()
    for item in items:
        weights[_file(item)] += _weight(item)
    for file, more in HEAVY.items():
        weights[file] += more if file in weights else 0
    loads = [0] * int(parts)
    homes: dict[str, int] = {}
    # Equal weights stand in order of their names: every part has to reckon the same.
    for file, weight in sorted(weights.items(), key=lambda one: (-one[1], one[0])):
        homes[file] = loads.index(min(loads))
        loads[homes[file]] += weight
    return [item for item in items if homes[_file(item)] == int(part) - 1]


def _place(item: pytest.Item) -> int:
    return next((n for n, name in enumerate(LONG) if name in item.nodeid), len(LONG))


def pytest_sessionstart() -> None:
    # What modules, models and templates hold stays to the end; looking through it again and again for
    # garbage is a twentieth of the run.
    gc.set_threshold(50_000, 20, 50)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=_place)
    if os.environ.get("TEST_DATABASE") == "postgres":
        _leave_out(config, items, [item for item in items if not _touches_a_database(item)])
    _leave_out(config, items, asked.spared(items))
    if "PART" in os.environ:
        mine = set(_in_this_part(items))
        _leave_out(config, items, [item for item in items if item not in mine])


def _leave_out(config: pytest.Config, items: list[pytest.Item], left: list[pytest.Item]) -> None:
    if left:
        config.hook.pytest_deselected(items=left)
        gone = set(left)
        items[:] = [item for item in items if item not in gone]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker, tmp_path_factory) -> str:
    """The tests' own database, and the address of a copy of it as the migrations left it."""
    with django_db_blocker.unblock():
        # Where only stories in the browser run, no test asked for a database.
        if not connection.introspection.table_names():
            connection.creation.create_test_db(verbosity=0, autoclobber=True)
        applied = MigrationRecorder(connection)
        applied.ensure_schema()
        for app, name in MigrationLoader(None).graph.nodes:
            applied.record_applied(app, name)
        copy = copy_of_tests_database(tmp_path_factory.mktemp("migrated"))
        as_strict_as_postgresql()
        return copy


@pytest.fixture(autouse=True)
def _nothing_remembered():
    """Keys name rows by number, and numbers begin anew in every test."""
    for cache in caches.all(initialized_only=True):
        cache.clear()


@pytest.fixture(autouse=True)
def _content_types_known(request: pytest.FixtureRequest):
    """A flushed database is asked for them again, by a test that may be counting its queries."""
    if _touches_a_database(request.node) and not request.node.get_closest_marker("browser"):
        from django.contrib.contenttypes.models import ContentType

        request.getfixturevalue("_django_db_helper")
        ContentType.objects.get_for_models(*apps.get_models())
