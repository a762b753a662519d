"""For the whole suite."""

import pytest
from hypothesis import settings

# How long an example takes depends on what else the machine does; it is not what is tested.
settings.register_profile("suite", deadline=None)
settings.load_profile("suite")

#: Files that take long as a whole start first, so that no worker is left alone with one at the end.
LONG = ("test_simulated_city", "test_journey", "test_accessibility", "test_services")


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    items.sort(key=lambda item: not any(name in item.nodeid for name in LONG))
