"""Signing in, choosing who one acts as, and changing the password."""

import datetime as dt

import pytest
from django.urls import reverse

from metrostd.accounts.lockout import NAME_LIMIT, PAUSE
from metrostd.accounts.models import SignInFailure, User
from metrostd.common import clock
from metrostd.common.models import AuditEntry
from metrostd.common.roles import Role
from tests.factories.accounts import MembershipFactory, UserFactory, sign_in

pytestmark = pytest.mark.django_db
PASSWORD = "sample-Passw0rd"


@pytest.fixture
def person() -> User:
    user = UserFactory()
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in_by_form(client, user, password=PASSWORD, **extra):
    return client.post(
        reverse("accounts:sign_in"), {"username": user.username, "password": password, **extra}
    )


def test_one_membership_leads_straight_to_the_desk(client, person):
    membership = MembershipFactory(user=person)

    response = sign_in_by_form(client, person)

    assert response.url == reverse("desk")
    page = client.get(response.url)
    assert membership.label in page.content.decode()
    assert AuditEntry.objects.get(action="sign_in").acting_as == membership.label


def test_several_memberships_are_a_choice(client, person):
    MembershipFactory(user=person)
    second = MembershipFactory(user=person, role=Role.DISTRICT_INSPECTOR)

    response = sign_in_by_form(client, person)
    client.post(reverse("accounts:act", args=[second.pk]))

    assert response.url == reverse("accounts:choose")
    assert client.get(reverse("desk")).wsgi_request.user.acting == second


def test_the_membership_of_somebody_else_is_not_there(client, person):
    MembershipFactory(user=person)
    sign_in_by_form(client, person)

    response = client.post(reverse("accounts:act", args=[MembershipFactory().pk]))

    assert response.status_code == 404


def test_an_ended_membership_stops_acting_at_once(client, person):
    membership = MembershipFactory(user=person)
    sign_in_by_form(client, person)
    membership.is_active = False
    membership.save()

    response = client.get(reverse("desk"))

    assert response.url == reverse("accounts:choose")


def test_a_wrong_password_says_one_sentence_and_keeps_the_name(client, person):
    response = sign_in_by_form(client, person, password="wrong")

    page = response.content.decode()
    assert response.status_code == 200
    assert "用户名或密码不正确" in page
    assert person.username in page


def test_signing_out_needs_a_post(client, person):
    sign_in(client, MembershipFactory(user=person))

    assert client.get(reverse("accounts:sign_out")).status_code == 405
    assert client.post(reverse("accounts:sign_out")).status_code == 302
    assert client.get(reverse("desk")).url.startswith(reverse("accounts:sign_in"))


def test_the_password_can_be_changed(client, person):
    sign_in(client, MembershipFactory(user=person))

    response = client.post(
        reverse("accounts:password"),
        {
            "old_password": PASSWORD,
            "new_password1": "another-Secret-9",
            "new_password2": "another-Secret-9",
        },
    )

    person.refresh_from_db()
    assert response.url == reverse("desk")
    assert person.check_password("another-Secret-9")


def test_an_address_of_another_host_is_not_followed(client, person):
    MembershipFactory(user=person)

    response = sign_in_by_form(client, person, next="https://example.org/")

    assert response.url == reverse("desk")


# Repeated wrong passwords -------------------------------------------------------------------------


def fail(client, user, times):
    for _ in range(times):
        response = sign_in_by_form(client, user, password="wrong")
    return response


def test_after_repeated_wrong_passwords_the_right_one_has_to_wait(client, person):
    MembershipFactory(user=person)
    fail(client, person, NAME_LIMIT)

    response = sign_in_by_form(client, person)

    assert "已暂停登录，请在" in response.content.decode()
    assert "_auth_user_id" not in client.session
    assert AuditEntry.objects.get(action="sign_in_paused").target_id == person.pk


def test_one_wrong_password_less_does_not_pause(client, person):
    MembershipFactory(user=person)
    fail(client, person, NAME_LIMIT - 1)

    response = sign_in_by_form(client, person)

    assert response.url == reverse("desk")
    assert not SignInFailure.objects.exists()


def test_the_pause_ends_by_itself(client, person):
    MembershipFactory(user=person)
    fail(client, person, NAME_LIMIT)

    with clock.pinned(clock.now() + PAUSE + dt.timedelta(seconds=1)):
        response = sign_in_by_form(client, person)

    assert response.url == reverse("desk")


def test_trying_on_during_the_pause_does_not_make_it_longer(client, person):
    fail(client, person, NAME_LIMIT + 3)

    assert SignInFailure.objects.count() == NAME_LIMIT


def test_a_name_nobody_has_is_paused_like_any_other(client, person):
    unknown = User(username="nobody")

    page = fail(client, unknown, NAME_LIMIT + 1).content.decode()

    assert "已暂停登录" in page
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("spelling", ["NAME", "ｎａｍｅ"])
def test_another_spelling_is_no_further_try(client, spelling):
    fail(client, User(username="name"), NAME_LIMIT)

    assert "已暂停登录" in fail(client, User(username=spelling), 1).content.decode()


def test_an_empty_password_does_not_wipe_out_the_failures(client, person):
    fail(client, person, NAME_LIMIT - 1)
    sign_in_by_form(client, person, password="")

    assert SignInFailure.objects.count() == NAME_LIMIT - 1


def test_others_sign_in_while_one_name_waits(client, person):
    fail(client, person, NAME_LIMIT)
    other = UserFactory()
    other.set_password(PASSWORD)
    other.save()
    MembershipFactory(user=other)

    assert sign_in_by_form(client, other).url == reverse("desk")


def test_one_address_cannot_try_many_names(client, person, monkeypatch):
    monkeypatch.setattr("metrostd.accounts.lockout.ADDRESS_LIMIT", 3)
    for name in ("one", "two", "three"):
        fail(client, User(username=name), 1)

    assert "已暂停登录" in sign_in_by_form(client, person).content.decode()
