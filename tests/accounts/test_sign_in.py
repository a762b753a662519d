"""Signing in, choosing who one acts as, and changing the password."""

import pytest
from django.urls import reverse

from metrostd.accounts.models import User
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
    assert AuditEntry.objects.get(action="account.sign_in").acting_as == membership.label


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
