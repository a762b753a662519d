"""Sessions: listed, closed, over when idle or too old; what was before is told."""

import datetime as dt

import pytest
import time_machine
from django.core import mail
from django.test import Client
from django.urls import reverse

from metrostd.accounts import clockwork
from metrostd.accounts.models import SignedIn
from metrostd.common import clock
from metrostd.common.models import AuditEntry
from tests.factories.accounts import MembershipFactory, sign_in

from .signing import PASSWORD, person_with_password, sign_in_by_form

pytestmark = pytest.mark.django_db
AT = dt.datetime(2026, 6, 1, 9, 0, tzinfo=dt.UTC)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture
def person():
    user = person_with_password()
    MembershipFactory(user=user)
    return user


def test_who_does_nothing_for_an_hour_signs_in_again_and_comes_back(client, person):
    with time_machine.travel(AT, tick=False) as traveller:
        sign_in_by_form(client, person)
        traveller.shift(59 * MINUTE)
        assert client.get("/accounts/own/").status_code == 200
        traveller.shift(61 * MINUTE)

        response = client.get("/accounts/own/?a=1")

        assert response.url == reverse("accounts:sign_in") + "?next=/accounts/own/%3Fa%3D1"
        assert "没有操作" in client.get(response.url).content.decode()
    assert SignedIn.objects.get().ended_at is not None


def test_half_a_day_after_signing_in_it_is_over_whatever_was_done(client, person):
    with time_machine.travel(AT, tick=False) as traveller:
        sign_in_by_form(client, person)
        for _ in range(24):
            traveller.shift(30 * MINUTE)
            assert client.get(reverse("accounts:own")).status_code == 200
        traveller.shift(MINUTE)

        assert client.get(reverse("accounts:own")).status_code == 302


def test_the_last_sign_in_is_told(client, person):
    with time_machine.travel(AT, tick=False) as traveller:
        sign_in_by_form(Client(REMOTE_ADDR="203.0.113.7"), person)
        traveller.shift(dt.timedelta(days=1))

        page = client.get(sign_in_by_form(client, person).url).content.decode()

    assert "上次登录：2026年6月1日 17:00，来自 203.0.113.7" in page


def test_a_session_elsewhere_is_seen_and_closed(client, person):
    other = Client(headers={"user-agent": "Mozilla/5.0 (iPhone) Safari/604.1"})
    sign_in_by_form(other, person)
    sign_in_by_form(client, person)

    page = client.get(reverse("accounts:own"))
    there = next(row for row in page.context["sessions"] if row.browser == "iPhone · Safari")
    client.post(reverse("accounts:close_session", args=[there.pk]))

    assert other.get(reverse("accounts:own")).status_code == 302
    assert client.get(reverse("accounts:own")).status_code == 200
    assert AuditEntry.objects.filter(action="account.close_sessions").count() == 1


def test_all_others_are_closed_at_once(client, person):
    others = [Client(), Client()]
    for each in [*others, client]:
        sign_in_by_form(each, person)

    client.post(reverse("accounts:close_others"))

    assert [each.get(reverse("accounts:own")).status_code for each in others] == [302, 302]
    assert client.get(reverse("accounts:own")).status_code == 200


def test_nobody_closes_a_session_of_somebody_else(client, person):
    sign_in_by_form(Client(), person)
    sign_in(client, MembershipFactory())

    assert client.post(
        reverse("accounts:close_session", args=[SignedIn.objects.get().pk])
    ).status_code == 404  # fmt: skip


def test_a_changed_password_ends_the_others_and_not_this_one(client, person):
    other = Client()
    for each in (other, client):
        sign_in_by_form(each, person)

    client.post(
        reverse("accounts:password"),
        {
            "old_password": PASSWORD,
            "new_password1": "Lanhua-7-shanding",
            "new_password2": "Lanhua-7-shanding",
        },
    )

    assert other.get(reverse("accounts:own")).status_code == 302
    page = client.get(reverse("accounts:own"))
    assert [row.session_key for row in page.context["sessions"]] == [client.session.session_key]


def test_old_rows_go_and_the_last_of_a_person_stays(person):
    long_ago = clock.of_the_machine() - dt.timedelta(days=300)
    rows = [
        SignedIn.objects.create(user=person, session_key=f"key{n}", began_at=long_ago)
        for n in range(3)
    ]

    assert clockwork.forget_sessions() == 2
    assert list(SignedIn.objects.all()) == rows[-1:]


class TestAddresses:
    def change(self, client, captured, **given):
        with captured(execute=True):
            return client.post(
                reverse("accounts:addresses"), {"phone": "", "email": "", **given}, follow=True
            )

    def test_a_mail_address_is_proved_by_the_code_sent_to_it(
        self, client, person, django_capture_on_commit_callbacks
    ):
        sign_in(client, person.memberships.get())
        self.change(client, django_capture_on_commit_callbacks, email="Wang@Example.cn")
        code = mail.outbox[0].body.partition("验证码是 ")[2][:11]

        client.post(reverse("accounts:prove_mail"), {"code": code})

        person.refresh_from_db()
        assert person.email == "wang@example.cn"
        assert person.email_verified_at is not None
        assert "wang" not in person.sealed_email

    def test_a_replaced_address_learns_of_it(
        self, client, person, django_capture_on_commit_callbacks
    ):
        person.email, person.email_verified_at = "old@example.cn", clock.now()
        person.save()
        sign_in(client, person.memberships.get())

        self.change(client, django_capture_on_commit_callbacks, email="new@example.cn")

        assert sorted(sent.to[0] for sent in mail.outbox) == ["new@example.cn", "old@example.cn"]
        person.refresh_from_db()
        assert person.email_verified_at is None

    def test_what_is_no_mobile_number_is_told(
        self, client, person, django_capture_on_commit_callbacks
    ):
        sign_in(client, person.memberships.get())

        page = self.change(client, django_capture_on_commit_callbacks, phone="12345")

        assert page.status_code == 422
        assert "11位数字" in page.content.decode()

    def test_the_trail_says_that_and_not_what(
        self, client, person, django_capture_on_commit_callbacks
    ):
        sign_in(client, person.memberships.get())
        self.change(client, django_capture_on_commit_callbacks, phone="138 0013 8000")

        entry = AuditEntry.objects.get(action="account.change_address")
        assert (entry.note, entry.before, entry.after) == ("手机", None, None)
        person.refresh_from_db()
        assert person.phone == "13800138000"
