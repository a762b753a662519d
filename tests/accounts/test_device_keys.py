"""Keys for what waits on a device: a person's own and the same in every session; nobody else's page has them."""

import base64
import re

import pytest
from django.contrib.auth.models import AnonymousUser
from django.test import Client, RequestFactory
from django.urls import reverse

from metrostd.accounts.device_keys import device_keys
from metrostd.common import clock
from tests.factories.accounts import UserFactory, sign_in
from tests.inspections.story import VISIT, make_visit

pytestmark = pytest.mark.django_db


def _keys(user) -> list[bytes]:
    request = RequestFactory().get("/")
    request.user = user
    return [base64.b64decode(key) for key in device_keys(request).split()]


def test_everybody_has_a_key_of_256_bits_of_their_own_and_nobody_signed_out_has_one():
    first, second = UserFactory(), UserFactory()

    (mine,) = _keys(first)
    assert len(mine) == 32
    assert [mine] == _keys(first)
    assert [mine] != _keys(second)
    assert _keys(AnonymousUser()) == []


def test_after_a_change_of_keys_what_was_sealed_before_still_opens(settings):
    user = UserFactory()
    settings.FIELD_KEYS = ["old"]
    before = _keys(user)

    settings.FIELD_KEYS = ["new", "old"]

    now = _keys(user)
    assert now[1:] == before
    assert now[0] != before[0]


def test_a_sheet_gives_each_member_of_the_team_their_own_key(client):
    with clock.pinned(VISIT.replace(hour=16)):
        visit = make_visit().assign().start()
    address = reverse("inspections:sheet", args=[visit.task.sheets.first().pk])

    for member in (visit.leader, visit.officer):
        sign_in(client, member)
        page = client.get(address).content.decode()
        found = re.search(r'js/waiting[^"]*" data-keys="([^"]+)"', page)
        assert found
        assert [base64.b64decode(found[1])] == _keys(member.user)
    assert "data-keys" not in Client().get(reverse("accounts:sign_in")).content.decode()
