import pytest

from metrostd.common import clock

from .story import VISIT, make_visit


@pytest.fixture(autouse=True)
def _on_the_day():
    """Tests play on the day of the visit."""
    with clock.pinned(VISIT.replace(hour=16)):
        yield


@pytest.fixture
def visit(db):
    return make_visit()
