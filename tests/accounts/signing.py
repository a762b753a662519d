"""What tests of accounts share: a person with a password, the pages of signing in, the phone's figures."""

from django.test import Client
from django.urls import reverse

from metrostd.accounts import second_factor
from metrostd.accounts.models import SecondFactor, User
from metrostd.common import clock
from tests.factories.accounts import UserFactory

PASSWORD = "sample-Passw0rd"
NEW = "Lanhua-7-shanding"


def person_with_password(**more) -> User:
    user = UserFactory(**more)
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in_by_form(client: Client, user: User, password: str = PASSWORD, **extra):
    return client.post(
        reverse("accounts:sign_in"), {"username": user.username, "password": password, **extra}
    )


def on_phone(user: User, *, later: int = 0) -> str:
    """What the person's authenticator shows now, or some steps later."""
    step = int(clock.of_the_machine().timestamp()) // second_factor.STEP + later
    return second_factor.code_at(SecondFactor.objects.get(user=user).secret, step)


def activate(client: Client, user: User, code: str, password: str = NEW):
    return client.post(
        reverse("accounts:activate"),
        {
            "username": user.username,
            "code": code,
            "new_password1": password,
            "new_password2": password,
        },
    )
