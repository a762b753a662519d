"""How the pages of rectification are reached: who signs in, at which address."""

from django.urls import reverse

from tests.factories.accounts import sign_in
from tests.factories.rectification import (
    office_of,
    user_of,
)

AUTOSAVE = {"X-Requested-With": "autosave"}


def url(name, *args):
    return reverse(f"rectification:{name}", args=args)


def as_office(client, task):
    return sign_in(client, office_of(task.authority))


def as_unit(client, task):
    return sign_in(client, user_of(task.unit))


def body(answer):
    """The bytes of a file, read to the end so that it is closed."""
    return b"".join(answer.streaming_content)


def finding_of(order):
    return order.items.order_by("pk").first().finding
