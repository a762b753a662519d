"""Counting queries: one way for every test that says what something may cost."""

from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext


def queries_of(act: Callable[[], Any]) -> int:
    """How many queries a call takes."""
    with CaptureQueriesContext(connection) as caught:
        act()
    return len(caught)


def cost_of(client: Client, address: str, data: dict[str, Any] | None = None) -> int:
    """How many queries a page takes once what a process remembers has been read; it must answer."""
    client.get(address, data)
    with CaptureQueriesContext(connection) as caught:
        answer = client.get(address, data)
    assert answer.status_code == 200, address
    return len(caught)
