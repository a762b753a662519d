"""What is personal is sealed, opens with the key alone, and survives a change of keys."""

import pytest
from django.core.management import CommandError, call_command

from metrostd.accounts.models import User
from metrostd.common import sealing
from tests.factories.accounts import UserFactory

pytestmark = pytest.mark.django_db


def test_a_number_is_not_in_the_database_and_reads_as_before():
    user = UserFactory(phone=" 13800138000 ", email="A@Example.cn")

    row = User.objects.filter(pk=user.pk).values("sealed_phone", "sealed_email").get()
    assert "138" not in row["sealed_phone"]
    found = User.objects.get(pk=user.pk)
    assert (found.phone, found.email) == ("13800138000", "a@example.cn")


def test_nothing_stays_nothing():
    assert UserFactory().sealed_phone == sealing.seal("") == sealing.unseal("") == ""


def test_a_new_key_takes_over_and_the_old_one_can_go(settings):
    settings.FIELD_KEYS = ["old"]
    user = UserFactory(phone="13800138000")
    settings.FIELD_KEYS = ["new", "old"]

    call_command("reseal", verbosity=0)

    settings.FIELD_KEYS = ["new"]
    assert User.objects.get(pk=user.pk).phone == "13800138000"


def test_a_lost_key_is_told_and_nothing_is_written(settings, caplog):
    settings.FIELD_KEYS = ["old"]
    user = UserFactory(phone="13800138000")
    settings.FIELD_KEYS = ["new"]

    with pytest.raises(CommandError, match="放回 FIELD_KEYS"):
        call_command("reseal")

    assert User.objects.get(pk=user.pk).phone == ""
    assert "FIELD_KEYS" in caplog.text
    settings.FIELD_KEYS = ["old"]
    assert User.objects.get(pk=user.pk).phone == "13800138000"


def test_a_fingerprint_tells_apart_and_nothing_else():
    assert sealing.fingerprint("code", "a") == sealing.fingerprint("code", "a")
    assert sealing.fingerprint("code", "a") != sealing.fingerprint("recovery", "a")
