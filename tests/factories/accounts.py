import factory
from django.test import Client
from factory.django import DjangoModelFactory

from metrostd.accounts.enums import AccountState
from metrostd.accounts.middleware import SESSION_KEY
from metrostd.accounts.models import Membership, User
from metrostd.common.roles import Role

from .registry import AuthorityFactory, UnitFactory


class UserFactory(DjangoModelFactory):
    class Meta:
        model = User

    class Params:
        closed = factory.Trait(state=AccountState.CLOSED, is_active=False)

    username = factory.Sequence(lambda n: f"user{n}")
    display_name = factory.Sequence(lambda n: f"示例人员{n}")
    password = "!unusable"


class MembershipFactory(DjangoModelFactory):
    """By default the office person of a district; ``as_unit`` makes a unit's user."""

    class Meta:
        model = Membership

    class Params:
        as_unit = factory.Trait(
            role=Role.UNIT_USER, authority=None, unit=factory.SubFactory(UnitFactory)
        )

    user = factory.SubFactory(UserFactory)
    role = Role.DISTRICT_ADMIN
    authority = factory.SubFactory(AuthorityFactory)


def sign_in(client: Client, membership: Membership) -> Client:
    """Sign the person in and let this membership act, as the screens do."""
    client.force_login(membership.user)
    session = client.session
    session[SESSION_KEY] = membership.pk
    session.save()
    membership.user.act_as(membership)
    return client
