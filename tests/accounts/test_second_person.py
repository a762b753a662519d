"""Powerful capacities take two people; the administration site grants nothing; a password set by another is told."""

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from metrostd.accounts import staffing
from metrostd.accounts.models import Membership
from metrostd.accounts.staffing import Capacity
from metrostd.common.models import AuditEntry
from metrostd.common.roles import Role
from metrostd.common.transitions import TransitionError
from metrostd.notifications.models import Message
from tests.factories.accounts import MembershipFactory, UserFactory, sign_in
from tests.factories.registry import AuthorityFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def city():
    return AuthorityFactory(city=True)


@pytest.fixture
def admins(city):
    return MembershipFactory.create_batch(2, role=Role.SYSTEM_ADMIN, authority=city)


def grant(admin, role, authority, person=None):
    capacity = Capacity(role=role, authority=authority)
    return staffing.grant(person or UserFactory(), capacity, actor=admin.user)


@pytest.mark.parametrize(
    "role", [Role.CITY_ADMIN, Role.AUDITOR, Role.DISCIPLINE, Role.SYSTEM_ADMIN]
)
def test_a_powerful_capacity_waits_for_a_second_person(client, city, admins, role):
    first, other = admins
    made = grant(first, role, city)

    assert (made.is_active, made.awaits_second) == (False, True)
    assert not made.user.memberships.active().exists()
    assert Message.objects.filter(membership=other, subject__contains="请确认").exists()
    address = reverse("accounts:second", args=[made.pk])
    sign_in(client, first)
    assert client.post(address).status_code == 403
    made.refresh_from_db()
    assert not made.is_active
    sign_in(client, other)
    assert "待第二人确认" in client.get(made.user.get_absolute_url()).content.decode()
    client.post(address)

    made.refresh_from_db()
    assert (made.is_active, made.seconded_by) == (True, other.user)
    assert AuditEntry.objects.about(made).filter(action="membership.second").count() == 1
    with pytest.raises(TransitionError):
        staffing.second(made, actor=other.user)


def test_nobody_confirms_their_own_or_grants_themselves(client, city, admins):
    first, _ = admins
    with pytest.raises(ValidationError, match="不能给自己"):
        grant(first, Role.CITY_ADMIN, city, person=first.user)
    bureau = MembershipFactory(role=Role.DISTRICT_ADMIN, authority=AuthorityFactory())
    made = grant(first, Role.CITY_ADMIN, city, person=bureau.user)
    sign_in(client, bureau)

    assert client.post(reverse("accounts:second", args=[made.pk])).status_code in (403, 404)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.filter(pk=made.pk).update(seconded_by=first.user)
    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.filter(pk=made.pk).update(is_active=True)


def test_it_is_given_back_with_a_reason(client, city, admins):
    made = grant(admins[0], Role.CITY_ADMIN, city)
    sign_in(client, admins[1])
    client.post(reverse("accounts:second", args=[made.pk]), {"note": "没有任职文件"})

    made.refresh_from_db()
    assert (made.is_active, made.awaits_second) == (False, False)
    assert AuditEntry.objects.about(made).get(action="membership.decline").note == "没有任职文件"


def test_a_district_office_is_confirmed_by_another_of_the_city(city):
    first, other = MembershipFactory.create_batch(2, role=Role.CITY_ADMIN, authority=city)
    made = grant(first, Role.DISTRICT_ADMIN, AuthorityFactory(parent=city))

    assert made.awaits_second
    staffing.second(made, actor=other.user)
    assert made.is_active


def test_where_there_is_nobody_else_yet_it_is_in_force_and_the_trail_says_so(city):
    only = MembershipFactory(role=Role.SYSTEM_ADMIN, authority=city)
    made = grant(only, Role.CITY_ADMIN, city)

    assert made.is_active
    assert AuditEntry.objects.about(made).get().note == "没有其他人可以确认"


def test_the_setting_asks_two_administrators_for_every_capacity_of_an_authority(
    client, city, admins, settings
):
    ordinary = grant(admins[0], Role.CITY_INSPECTOR, city)
    settings.TWO_ADMINISTRATORS = True
    made = grant(admins[0], Role.CITY_INSPECTOR, city)
    office = MembershipFactory(role=Role.CITY_ADMIN, authority=city)

    assert (ordinary.is_active, made.is_active) == (True, False)
    sign_in(client, office)
    assert client.post(reverse("accounts:second", args=[made.pk])).status_code == 403
    sign_in(client, admins[1])
    client.post(reverse("accounts:second", args=[made.pk]))
    made.refresh_from_db()
    assert made.is_active


def test_by_the_setting_a_single_administrator_waits(city, settings):
    settings.TWO_ADMINISTRATORS = True
    only = MembershipFactory(role=Role.SYSTEM_ADMIN, authority=city)

    assert grant(only, Role.CITY_ADMIN, city).awaits_second


def test_the_administration_site_grants_nothing_and_shows_no_draft(client, city, admins):
    person = UserFactory()
    sign_in(client, admins[0])
    given = {"user": person.pk, "role": Role.CITY_ADMIN, "authority": city.pk, "is_active": "on"}

    assert client.post(reverse("admin:accounts_membership_add"), given).status_code == 403
    own = reverse("admin:accounts_membership_change", args=[admins[0].pk])
    client.post(own, given)
    admins[0].refresh_from_db()
    assert admins[0].role == Role.SYSTEM_ADMIN
    assert not person.memberships.exists()
    tables = client.get(reverse("admin:index")).content.decode()
    for hidden in ("selfcheck", "inspections", "rectification", "reporting"):
        assert f"/admin/{hidden}/" not in tables


def test_a_password_set_by_another_is_used_once_and_told(client, city, admins):
    holder = MembershipFactory(authority=AuthorityFactory())
    sign_in(client, admins[0])
    address = reverse("admin:auth_user_password_change", args=[holder.user.pk])
    new = "sample-Passw0rd-2021"
    client.post(address, {"password1": new, "password2": new, "usable_password": "true"})

    holder.user.refresh_from_db()
    assert holder.user.must_change_password
    assert Message.objects.filter(membership=holder, subject__contains="密码").exists()
