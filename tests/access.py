"""Who gets in where: every route asked by every role in every relation to the case, as ``docs/access.md`` shows it."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field

from django.conf import settings
from django.db import transaction
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from campaigns.enums import Inspector
from campaigns.models import ChecklistTemplate, RoutingRule
from metrostd.accounts.models import Membership
from metrostd.common import clock
from metrostd.common.models import KeptList
from metrostd.common.roles import Role
from metrostd.notifications.models import WebhookDelivery, WebhookEndpoint
from metrostd.registry.enums import Category
from metrostd.reminders.enums import Moment
from metrostd.reminders.models import ReminderRule
from reporting.models import Annex3Form
from tests.access_world import NOW, World
from tests.factories.accounts import sign_in
from tests.test_routes import PUBLIC, READ_ONLY, ROUTES, SECOND, SEND_ONLY
from tests.test_simulated_city import CAMPAIGN_ROUTES, OBJECT_ROUTES, Owner, target

#: Open without an account: tests/test_routes.py asks them.
WITHOUT_ACCOUNT = {*PUBLIC, *READ_ONLY, *SEND_ONLY, *SECOND}
#: What is nobody's case, by the beginning of a route's name.
SETTINGS: dict[str, Callable[[World], dict[str, object]]] = {
    "kept_lists:": lambda _: {"pk": KeptList.objects.get().pk},
    "reminders:": lambda _: {"pk": ReminderRule.objects.get().pk, "key": Moment.NEW},
    "notifications:webhook": lambda _: {
        "pk": WebhookEndpoint.objects.get().pk,
        "event": WebhookDelivery.objects.get().pk,
    },
    "reporting:annex3_form": lambda _: {
        "pk": Annex3Form.objects.get().pk,
        "version": Annex3Form.objects.get().version,
    },
    "inspections:checklist": lambda world: {
        "pk": ChecklistTemplate.objects.earliest("pk").pk,
        "campaign_pk": world.order.task.campaign_id,
    },
    "campaigns:routing_table": lambda _: {"version": _routing_version()},
    "reporting:cockpit": lambda _: {"name": "funnel"},
    "complaints:desk": lambda world: {"authority_pk": world.order.task.authority_id},
}
#: What an address has to say besides to lead anywhere.
QUERIES = {
    "reporting:records": "?figure=u_total",
    "reporting:records_xlsx": "?figure=u_total",
    "reporting:edition_difference": "?cell=I/total/u_total",
    "reporting:consolidated_cell": "?cell=I/total/u_total",
}


def _routing_version() -> int:
    rule, _ = RoutingRule.objects.get_or_create(
        version=1, category=Category.OTHER, defaults={"inspector": Inspector.MANUAL}
    )
    return rule.version


RELATIONS = ("own", "sibling", "superior", "foreign")
#: How a cell is written, by the status of the answer; 2xx and 3xx open.
OPEN, UNREADY, REFUSED, UNKNOWN = "●", "○", "–", "·"
SIGNS = {400: UNREADY, 409: UNREADY, 422: UNREADY, 403: REFUSED, 404: UNKNOWN}
NOT_GET = 405
#: Refusals are answered to a page's own script in a line, without the frame of a page.
SCRIPT = {"X-Requested-With": "autosave"}
_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
PATH = settings.BASE_DIR / "docs" / "access.md"


@dataclass
class Matrix:
    """Method and cells of each route; a cell by role and relation."""

    columns: list[tuple[str, str]]
    rows: dict[str, tuple[str, dict[tuple[str, str], str]]] = field(default_factory=dict)


class Asking:
    """The people of a world, each signed in once; whatever an answer wrote is taken back."""

    def __init__(self, world: World) -> None:
        self._world = world
        order = [(role, relation) for role in Role.values for relation in RELATIONS]
        self.columns = [column for column in order if column in world.people]
        self._clients = {column: Door(world.people[column]) for column in self.columns}
        self._made: dict[Callable, Model] = {}

    def of_app(self, app: str) -> Matrix:
        """Every route of an app that asks who one is."""
        matrix = Matrix(self.columns)
        logging.disable(logging.ERROR)  # thousands of refusals with their tracebacks
        try:
            for name in sorted(ROUTES.keys() - WITHOUT_ACCOUNT):
                if app_of(name) == app:
                    matrix.rows[name] = self._row(self.address(name, self._made))
        finally:
            logging.disable(logging.NOTSET)
        return matrix

    def address(self, name: str, made: dict[Callable, Model]) -> str:
        return self._place(name, made) + QUERIES.get(name, "")

    def _place(self, name: str, made: dict[Callable, Model]) -> str:
        if name in OBJECT_ROUTES:
            return target(name, Owner(self._world.order), made)
        wanted = ROUTES[name].pattern.converters
        task = self._world.order.task
        known: dict[str, object] = {"pk": task.campaign_id, "authority_pk": task.authority_id}
        if name not in CAMPAIGN_ROUTES:
            for prefix, find in SETTINGS.items():
                if name.startswith(prefix):
                    known = find(self._world)
        return reverse(name, kwargs={key: known[key] for key in wanted})

    def _row(self, url: str) -> tuple[str, dict[tuple[str, str], str]]:
        method, cells = "GET", {}
        for column, door in self._clients.items():
            status = door.ask(method, url)
            if status == NOT_GET:
                method = "POST"
                status = door.ask(method, url)
            cells[column] = SIGNS.get(status) or (OPEN if status < 400 else str(status))
        return method, cells


class Door:
    """One person's client, signed in whatever the pages they open do with the session."""

    def __init__(self, member: Membership) -> None:
        self._client = sign_in(Client(raise_request_exception=False), member)
        self._cookies = self._client.cookies.output()
        self._key = self._client.cookies[settings.SESSION_COOKIE_NAME].value

    def ask(self, method: str, url: str) -> int:
        block = transaction.atomic()
        block._from_testcase = True
        with clock.pinned(NOW), block:
            response = self._client.generic(method, url, headers=SCRIPT)
            if response.streaming:
                b"".join(response.streaming_content)
            status = response.status_code
            transaction.set_rollback(True)
        self._client.cookies[settings.SESSION_COOKIE_NAME] = self._key
        return status


_INTRODUCTION = """# Who gets in where

Every route, asked by every role in every relation to the case it is about. Written from what the portal answered and
asked again by `tests/test_access.py`, app by app. After a change of rights, `pytest tests/test_access.py -k APP` leaves what the
portal answers now in `var/access/APP.md`: read what has changed, and take it over.

The case belongs to a functional-zone bureau below a district below the city (`tests/access_world.py`). *own*: the people of
that bureau, the unit visited, the members of the team (for `city_inspector` the team that visited the bureau). *sibling*:
another bureau below the same district, a colleague who is not on the team, another unit of the same bureau. *superior*: the district above,
the city, whoever serves all of it. *foreign*: another district, its people and its units; advisers of no team.

| sign | answer |
|---|---|
| ● | opens, or is done |
| ○ | the right is there; what was sent, or the state of the thing, does not allow it (400, 409, 422) |
| – | refused with the reason, which may be the state of the thing (403) |
| · | does not exist for them (404) |

What a page shows to whom it opens to is decided by `visible_to` (`docs/roles.md`): a list that opens to everybody shows each
their own. Rows with · alone are things this world does not hold; what they give has its own tests. A route that takes only
POST was asked by POST, without data; every answer was taken back. Who has not signed in gets in nowhere but at the end of this page.
"""


def app_of(name: str) -> str:
    return name.partition(":")[0]


#: Asked one after another: whoever changes one app asks it alone (``-k inspections``).
APPS = sorted({app_of(name) for name in ROUTES.keys() - WITHOUT_ACCOUNT})


def section(matrix: Matrix, app: str) -> str:
    """What ``docs/access.md`` says of an app."""
    letters = list(_LETTERS[: len(matrix.columns)])
    parts = [f"## {app}\n\n| route | by | {' | '.join(letters)} |"]
    parts.append("|---|---|" + "---|" * len(letters))
    for name, (method, cells) in matrix.rows.items():
        parts.append(f"| `{name}` | {method} | {' | '.join(cells.values())} |")
    return "\n".join(parts) + "\n"


def head(columns: list[tuple[str, str]]) -> str:
    """What stands before the apps: the signs, and who the columns are."""
    lines = [
        f"| {letter} | `{role}` {Role(role).label} | {relation} |"
        for letter, (role, relation) in zip(_LETTERS, columns, strict=False)
    ]
    return "\n".join([_INTRODUCTION, "| column | role | relation |\n|---|---|---|", *lines]) + "\n"


def tail() -> str:
    lines = [f"- `{name}`" for name in sorted(WITHOUT_ACCOUNT)]
    return "\n".join(["## Without an account\n", *lines]) + "\n"


def rows_of(text: str) -> dict[str, str]:
    """Each route's line of the document."""
    lines = [line for line in text.splitlines() if line.startswith(("| `", "- `"))]
    return {line.split("`")[1]: line for line in lines if line.split("`")[1] in ROUTES}
