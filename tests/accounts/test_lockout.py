"""Guessing passwords gets slow for whoever guesses, and for nobody else."""

import contextvars
import datetime as dt
import threading

import pytest
from django.db import connection, connections
from django.test import Client
from django.urls import reverse

from metrostd.accounts import lockout
from metrostd.accounts.models import KnownDevice, SignInCounter, User
from metrostd.common import clock
from metrostd.common.models import AuditEntry
from metrostd.common.roles import Role
from tests.factories.accounts import MembershipFactory, UserFactory, sign_in

pytestmark = pytest.mark.django_db
PASSWORD = "sample-Passw0rd"
ELSEWHERE = "203.0.113.7"
SECOND = dt.timedelta(seconds=1)


def make_person() -> User:
    user = UserFactory()
    user.set_password(PASSWORD)
    user.save()
    MembershipFactory(user=user)
    return user


@pytest.fixture
def person() -> User:
    return make_person()


def attempt(client: Client, name: str, password: str = PASSWORD, *, address: str = "192.0.2.1"):
    form = {"username": name, "password": password}
    return client.post(reverse("accounts:sign_in"), form, REMOTE_ADDR=address)


def guess(client: Client, name: str, times: int, *, address: str = "192.0.2.1"):
    for _ in range(times):
        response = attempt(client, name, "wrong", address=address)
    return response


def is_in(response) -> bool:
    return response.status_code == 302 and response.url == reverse("desk")


def is_paused(response) -> bool:
    return "已暂停登录，请在" in response.content.decode()


def test_after_repeated_wrong_passwords_the_right_one_has_to_wait(client, person):
    guess(client, person.username, lockout.NAME_LIMIT)

    response = attempt(client, person.username)

    assert is_paused(response)
    assert "_auth_user_id" not in client.session
    assert AuditEntry.objects.get(action="account.pause_sign_in").target_id == person.pk


def test_one_wrong_password_less_does_not_pause(client, person):
    guess(client, person.username, lockout.NAME_LIMIT - 1)

    response = attempt(client, person.username)

    assert is_in(response)
    assert not SignInCounter.objects.filter(name=person.username).exists()


def test_the_wait_grows_with_every_further_wrong_password(client, person):
    with clock.pinned(clock.now()):
        guess(client, person.username, lockout.NAME_LIMIT)
    waits = []
    for _ in range(6):
        row = SignInCounter.objects.get(name=person.username, place="192.0.2.1")
        until = lockout.paused_until(person)
        waits.append(until - row.last_at)
        with clock.pinned(until - SECOND):
            assert is_paused(attempt(client, person.username, "wrong"))
        with clock.pinned(until + SECOND):
            assert not is_paused(attempt(client, person.username, "wrong"))

    assert [wait.seconds // 60 for wait in waits] == [1, 2, 4, 8, 15, 15]


def test_the_wait_ends_by_itself(client, person):
    guess(client, person.username, lockout.NAME_LIMIT)

    with clock.pinned(clock.now() + lockout.FIRST_WAIT + SECOND):
        assert is_in(attempt(client, person.username))


def test_the_wait_is_no_longer_after_the_clock_was_set_back(client, person):
    right = clock.now()
    with clock.pinned(right + dt.timedelta(days=30)):
        guess(client, person.username, lockout.NAME_LIMIT)

    with clock.pinned(right):
        assert is_paused(attempt(client, person.username))
    with clock.pinned(right + lockout.FIRST_WAIT + SECOND):
        assert is_in(attempt(client, person.username))


def test_trying_on_during_the_wait_does_not_make_it_longer(client, person):
    guess(client, person.username, lockout.NAME_LIMIT + 3)

    row = SignInCounter.objects.get(name=person.username, place="192.0.2.1")
    assert row.failures == lockout.NAME_LIMIT


def test_a_name_nobody_has_waits_like_any_other(client):
    response = guess(client, "nobody", lockout.NAME_LIMIT + 1)

    assert is_paused(response)
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("spelling", ["NAME", "ｎａｍｅ"])
def test_another_spelling_is_no_further_try(client, spelling):
    guess(client, "name", lockout.NAME_LIMIT)

    assert is_paused(attempt(client, spelling, "wrong"))


def test_an_empty_password_is_no_guess_and_wipes_nothing_out(client, person):
    guess(client, person.username, lockout.NAME_LIMIT - 1)
    attempt(client, person.username, "")

    row = SignInCounter.objects.get(name=person.username, place="192.0.2.1")
    assert row.failures == lockout.NAME_LIMIT - 1


def test_guesses_elsewhere_do_not_keep_the_owner_out(client, person):
    guess(client, person.username, lockout.NAME_LIMIT + 1, address=ELSEWHERE)

    assert is_in(attempt(client, person.username))


def test_guesses_from_everywhere_spare_a_device_the_owner_has_used(client, person):
    attempt(client, person.username)
    client.post(reverse("accounts:sign_out"))
    stranger = Client()
    for n in range(lockout.EVERYWHERE_LIMIT):
        attempt(stranger, person.username, "wrong", address=f"198.51.100.{n}")

    assert is_paused(attempt(stranger, person.username, address="198.51.100.99"))
    assert is_in(attempt(client, person.username))


def test_a_device_is_known_for_the_person_who_signed_in_on_it(client, person):
    other = make_person()
    attempt(client, other.username)
    client.post(reverse("accounts:sign_out"))
    for n in range(lockout.EVERYWHERE_LIMIT):
        attempt(Client(), person.username, "wrong", address=f"198.51.100.{n}")

    assert is_paused(attempt(client, person.username))


def test_guessing_on_a_known_device_waits_too(client, person):
    attempt(client, person.username)
    client.post(reverse("accounts:sign_out"))

    assert is_paused(guess(client, person.username, lockout.NAME_LIMIT + 1))


def test_the_cookie_of_a_device_cannot_be_read_by_scripts_or_found_in_the_database(client, person):
    attempt(client, person.username)

    cookie = client.cookies["device"]
    assert cookie["httponly"]
    assert cookie["samesite"] == "Lax"
    assert cookie.value not in KnownDevice.objects.get().digest


def test_very_many_wrong_guesses_do_not_lock_an_address(client, person):
    for n in range(51):
        attempt(client, f"name{n}", "wrong")

    assert is_in(attempt(Client(), person.username))


def test_trying_one_password_on_everybody_gets_slow(client, person, monkeypatch):
    monkeypatch.setattr("metrostd.accounts.lockout.ADDRESS_LIMIT", 3)
    for n in range(3):
        attempt(client, f"name{n}", "wrong")

    assert is_paused(attempt(client, person.username))
    with clock.pinned(clock.now() + lockout.ADDRESS_WAIT + SECOND):
        assert is_in(attempt(client, person.username))


def test_neighbours_of_one_network_of_ipv6_are_one_address(client, person):
    for n in range(lockout.NAME_LIMIT):
        attempt(client, person.username, "wrong", address=f"2001:db8:0:1::{n + 1}")

    assert is_paused(attempt(client, person.username, address="2001:db8:0:1::ffff"))
    assert is_in(attempt(client, person.username, address="2001:db8:0:2::1"))


def test_an_administrator_lets_a_person_try_again(client, person):
    guess(client, person.username, lockout.NAME_LIMIT)
    desk = sign_in(Client(), MembershipFactory(role=Role.SYSTEM_ADMIN))
    page = reverse("admin:accounts_user_changelist")

    shown = desk.get(reverse("admin:accounts_user_change", args=[person.pk]))
    answer = desk.post(page, {"action": "unlock", "_selected_action": [person.pk]}, follow=True)

    assert "暂停登录至" in shown.content.decode()
    assert f"已解除登录暂停：{person}" in answer.content.decode()
    assert is_in(attempt(client, person.username))
    assert AuditEntry.objects.get(action="account.unlock_sign_in").target_id == person.pk


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time")
def test_guesses_made_at_the_same_time_do_not_pass_the_limit():
    person, seen, start = make_person(), [], threading.Barrier(16)

    def run() -> None:
        try:
            start.wait()
            seen.append(is_paused(attempt(Client(), person.username, "wrong")))
        finally:
            connections["default"].close()

    context = contextvars.copy_context()
    threads = [threading.Thread(target=context.copy().run, args=(run,)) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(seen) == [False] * lockout.NAME_LIMIT + [True] * (16 - lockout.NAME_LIMIT)
