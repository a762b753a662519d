import pytest

from metrostd.common import clock
from tests.factories.selfcheck import DAY


@pytest.fixture(autouse=True)
def _day():
    """A day of the self-check stage; tests that need another day pin it themselves."""
    with clock.pinned(clock.at_time(DAY)):
        yield
