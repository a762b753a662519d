import pytest

from metrostd.common import clock
from tests.factories.rectification import ORDERED_ON


@pytest.fixture(autouse=True)
def _day():
    """The day orders are issued; tests that need another day pin it themselves."""
    with clock.pinned(clock.at_time(ORDERED_ON)):
        yield
