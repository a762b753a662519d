"""What an office does to an account, one page after another; each is told to the person."""

import datetime as dt

import pytest
from django.urls import reverse

from metrostd.accounts import lockout, second_factor
from metrostd.accounts.enums import AccountState
from metrostd.accounts.models import SecondFactor, SignInCounter, User
from metrostd.common import clock
from metrostd.common.roles import Role
from metrostd.notifications.models import Message
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.registry import UnitFactory

from .signing import PASSWORD, on_phone, person_with_password, sign_in_by_form

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client):
    row = MembershipFactory()
    sign_in(client, row)
    return row


@pytest.fixture
def officer(office):
    user = person_with_password(phone="13800138000")
    return MembershipFactory(user=user, role=Role.DISTRICT_INSPECTOR, authority=office.authority)


def post(client, name, pk, **data):
    return client.post(reverse(f"accounts:{name}", args=[pk]), data)


def test_a_name_and_addresses_are_changed_and_told(client, officer):
    url = reverse("accounts:edit", args=[officer.user_id])
    assert client.get(url).status_code == 200

    client.post(url, {"name": "改名示例", "phone": "13900139000", "email": "A@Example.cn"})

    user = User.objects.get(pk=officer.user_id)
    assert (user.display_name, user.phone, user.email) == (
        "改名示例", "13900139000", "a@example.cn",
    )  # fmt: skip
    assert Message.objects.get(membership=officer).subject.endswith("姓名、手机、邮箱")


def test_a_second_capacity_is_granted(client, office, officer):
    url = reverse("accounts:grant", args=[officer.user_id])
    assert client.get(url).status_code == 200

    client.post(url, {"role": Role.DISTRICT_APPROVER, "authority": office.authority_id})
    unit = UnitFactory(territorial_authority=office.authority)
    refused = client.post(url, {"role": Role.UNIT_USER, "unit": ""})
    client.post(url, {"role": Role.UNIT_USER, "unit": unit.name})

    assert "unit" in refused.context["form"].errors
    assert officer.user.memberships.filter(is_active=True).count() == 3


def test_asleep_locked_and_without_phone(client, officer):
    user = officer.user
    second_factor.enrolment(user)
    second_factor.confirm(user, on_phone(user, later=-1))
    for n in range(lockout.NAME_LIMIT):
        sign_in_by_form(type(client)(), user, f"wrong{n}")
    User.objects.filter(pk=user.pk).update(state=AccountState.ASLEEP, is_active=False)

    page = client.get(user.get_absolute_url()).content.decode()
    assert all(word in page for word in ("唤醒", "解除动态口令", "解除登录暂停"))
    post(client, "wake", user.pk)
    post(client, "unlock", user.pk)
    post(client, "clear_second_factor", user.pk, note="当面核实")

    user.refresh_from_db()
    assert (user.state, user.has_second_factor) == (AccountState.OPEN, False)
    assert not SecondFactor.objects.exists()
    assert not SignInCounter.objects.filter(name=user.username).exists()
    subjects = set(Message.objects.filter(membership=officer).values_list("subject", flat=True))
    assert len(subjects) == 2


def test_sessions_are_ended_from_above(client, officer):
    theirs = type(client)()
    sign_in_by_form(theirs, officer.user, PASSWORD)

    post(client, "end_sessions", officer.user_id)

    assert theirs.get(reverse("desk")).status_code == 302


def test_own_second_factor_is_switched_off_and_on(client):
    member = MembershipFactory(user=person_with_password(), as_unit=True)
    sign_in(client, member)
    user = member.user
    second_factor.enrolment(user)
    second_factor.confirm(user, on_phone(user, later=-1))
    off = reverse("accounts:second_factor_off")
    assert client.get(off).status_code == 200
    assert client.get(reverse("accounts:own")).status_code == 200
    assert client.get(reverse("accounts:second_factor")).status_code == 302

    assert client.post(off, {"password": "wrong"}).status_code == 422
    assert client.post(off, {"password": PASSWORD}).status_code == 302

    user.refresh_from_db()
    assert not user.has_second_factor
    assert client.get(reverse("accounts:second_factor")).status_code == 200
    assert client.post(reverse("accounts:send_mail_code")).status_code == 302
    assert client.post(reverse("accounts:prove_mail"), {"code": "x"}).status_code == 302


def test_a_last_day_is_entered_with_who_takes_over(client, office, officer):
    heir = MembershipFactory(
        user=person_with_password(), role=Role.DISTRICT_INSPECTOR, authority=office.authority
    )
    url = reverse("accounts:leave", args=[officer.pk])
    page = client.get(url)
    able = page.context["form"].fields["successor"].queryset
    assert set(able) == {heir, office}
    last = clock.today() + dt.timedelta(days=3)

    refused = client.post(url, {"ends_on": last, "successor": heir.pk, "note": ""})
    told = client.post(url, {"ends_on": last, "successor": heir.pk, "note": "调往其他单位"})

    assert refused.status_code == 422
    assert told.url == officer.user.get_absolute_url()
    officer.refresh_from_db()
    assert (officer.ends_on, officer.successor, officer.is_active) == (last, heir, True)


def test_a_capacity_ends_at_once(client, officer):
    url = reverse("accounts:leave", args=[officer.pk])

    client.post(url, {"ends_on": clock.today(), "at_once": "on", "note": "停职"})

    officer.refresh_from_db()
    assert not officer.is_active
