"""Every route that serves a file, or shows a record of an inspection, leaves an ``AccessEntry`` (保密要求).

The routes are found in the URL configuration: views whose code hands bytes out, and pages of one record of an inspection, a
self-check or a rectification. A new one fails until reading it is on record, or until it stands here with its reason.
"""

import inspect
from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import Client

from campaigns import pledges
from metrostd.common import clock
from metrostd.common.models import AccessEntry
from metrostd.common.refused_access import KINDS
from metrostd.common.roles import Role
from tests import access_world
from tests.access import Asking
from tests.factories.accounts import sign_in
from tests.test_routes import PUBLIC, READ_ONLY, ROUTES

#: What a view calls that hands a file out and puts that on record, or does so itself.
ON_RECORD = (
    "send_file(", "hand_out(", "_paper(", "record_access(", "note_reading(", "note_fetched(",
    "_file(request, ",
)  # fmt: skip
#: What makes an answer of bytes.
BYTES = ("FileResponse(", "xlsx_response(", "pdf_response(", "file_answer(")
#: A form without anybody's data.
BLANK = {"lists:template"}
#: Who else has a sheet open, asked for every 20 seconds; the sheet itself is on record.
NO_DATA = {"inspections:peers"}
#: Who looks, one after another, until it opens.
LOOKING = (
    (Role.CITY_ADMIN, "superior"), (Role.DISTRICT_ADMIN, "own"), (Role.DISTRICT_INSPECTOR, "own"),
    (Role.UNIT_USER, "own"), (Role.DISCIPLINE, "superior"),
)  # fmt: skip


def layers(view) -> Iterator:
    """A view and what its decorators wrap."""
    while view is not None:
        yield view
        view = getattr(view, "__wrapped__", None)


def source(name: str) -> str:
    return inspect.getsource(inspect.unwrap(ROUTES[name].callback))


def is_page(name: str) -> bool:
    """Marked so that showing the record is on record."""
    return any(hasattr(view, "confidential") for view in layers(ROUTES[name].callback))


def is_export(name: str) -> bool:
    """Goes through the one mechanism of exports, which notes who takes out what (test_exports)."""
    return hasattr(ROUTES[name].callback, "build")


def is_noted(name: str) -> bool:
    return is_export(name) or is_page(name) or any(word in source(name) for word in ON_RECORD)


def records() -> set[str]:
    """Routes that can be read and are about one record of an inspection, a self-check, a rectification."""
    namespaces, _, free = pledges.kept_routes()
    return {
        name
        for name, entry in ROUTES.items()
        if name.partition(":")[0] in {*namespaces, "selfcheck"} and entry.pattern.converters
        if name not in free and "require_POST" not in source(name)
    }


def test_every_route_that_hands_bytes_out_says_so_in_the_trail():
    handing = {name for name in ROUTES if any(word in source(name) for word in BYTES)}

    assert len(handing) > 5
    assert {name for name in handing if not is_noted(name)} - READ_ONLY.keys() - PUBLIC == BLANK


def test_every_page_of_a_record_is_marked():
    assert len(records()) > 50
    assert {name for name in records() if not is_noted(name)} == NO_DATA


@pytest.fixture(scope="module")
def read(django_db_setup, django_db_blocker):
    """Each route about a record as it opened: how many rows of the trail that left."""
    with django_db_blocker.unblock(), access_world.held() as world:
        asking, made = Asking(world), {}
        people = [sign_in(Client(), world.people[who]) for who in LOOKING]
        addresses = {name: asking.address(name, made) for name in sorted(records() - NO_DATA)}
        yield {
            name: left
            for name, url in addresses.items()
            if (left := next(filter(None, (_left(client, url) for client in people)), None))
        }


def _left(client: Client, url: str) -> list[str]:
    """The kinds of rows that opening the address left; none where it did not open, or only waits for a paper."""
    block = transaction.atomic()
    block._from_testcase = True
    with clock.pinned(access_world.NOW), block:
        response = client.get(url)
        if response.streaming:
            b"".join(response.streaming_content)
        rows = list(AccessEntry.objects.order_by("-pk").values_list("kind", flat=True)[:1])
        transaction.set_rollback(True)
    return (rows or ["nothing"]) if response.status_code == 200 else []


def test_opening_a_record_leaves_its_row(read):
    assert len(read) > 25
    without = {name for name, left in read.items() if left[0] in {"nothing", *KINDS}}
    assert {name for name in without if not is_export(name)} == set()
