"""docs/access.md says what the portal answers: every route, every role, own, sibling, superior, foreign."""

import pytest

from metrostd.common.roles import Role
from tests import access_world
from tests.access import (
    APPS,
    OPEN,
    PATH,
    REFUSED,
    UNKNOWN,
    UNREADY,
    Asking,
    head,
    rows_of,
    section,
    tail,
)
from tests.test_routes import ROUTES
from tests.test_simulated_city import OBJECT_ROUTES

#: A cell is one of these; anything else is a fault of the portal.
SIGNS = {OPEN, UNREADY, REFUSED, UNKNOWN}
#: Roles without any case, and everybody who is beside or away from it.
AWAY = {"sibling", "foreign"}
WITHOUT_CASES = {Role.AUDITOR, Role.ENFORCEMENT_LIAISON}


@pytest.fixture(scope="module")
def asking(django_db_setup, django_db_blocker):
    """The people of the world at their doors; it is taken back afterwards."""
    with django_db_blocker.unblock(), access_world.held() as world:
        yield Asking(world)


def said() -> str:
    return PATH.read_text(encoding="utf-8")


def test_every_route_has_a_row():
    """A new route: say who gets in, by taking its row over from ``var/access/``."""
    assert rows_of(said()).keys() == ROUTES.keys()


def test_the_document_says_who_the_columns_are(asking):
    assert said().startswith(head(asking.columns))
    assert said().endswith(tail())


@pytest.mark.parametrize("app", APPS)
def test_every_cell_is_what_the_portal_answers(asking, app, settings):
    matrix = asking.of_app(app)
    now = section(matrix, app)
    kept = settings.BASE_DIR / "var" / "access" / f"{app}.md"
    kept.parent.mkdir(parents=True, exist_ok=True)
    kept.write_text(now, encoding="utf-8")

    faults, at_it = set(), set()
    for name, (_, cells) in matrix.rows.items():
        for (role, relation), cell in cells.items():
            if cell not in SIGNS:
                faults.add((name, role, relation, cell))
            away = relation in AWAY or role in WITHOUT_CASES
            if name in OBJECT_ROUTES and away and cell in {OPEN, UNREADY}:
                at_it.add((name, role, relation))
    assert faults == set()
    # Whoever is beside or away from a case gets at none of it, whatever the document says.
    assert at_it == set()
    known = rows_of(said())
    assert {name: row for name, row in rows_of(now).items() if known.get(name) != row} == {}
    assert now in said()
