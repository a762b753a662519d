"""For the whole suite."""

import gc
import os
import zlib

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
    if plugin := asked.plugin():
        config.pluginmanager.register(plugin)


def _part(item: pytest.Item) -> bool:
    """Whether a file belongs to this run: ``PART=2/3`` is the second of three with whole files each."""
    part, _, parts = os.environ.get("PART", "1/1").partition("/")
    return zlib.crc32(item.nodeid.partition("::")[0].encode()) % int(parts) == int(part) - 1


def _place(item: pytest.Item) -> int:
    return next((n for n, name in enumerate(LONG) if name in item.nodeid), len(LONG))


def pytest_sessionstart() -> None:
    # What modules, models and templates hold stays to the end; looking through it again and again for
    # garbage is a twentieth of the run.
    gc.set_threshold(50_000, 20, 50)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=_place)
    if "PART" in os.environ:
        config.hook.pytest_deselected(items=[item for item in items if not _part(item)])
        items[:] = [item for item in items if _part(item)]
    if os.environ.get("TEST_DATABASE") == "postgres":
        pure = [item for item in items if not _touches_a_database(item)]
        config.hook.pytest_deselected(items=pure)
        items[:] = [item for item in items if _touches_a_database(item)]


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
