"""One-time codes: good once, not for long, for one person; a forgotten password."""

import datetime as dt
import re
from threading import Thread

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse

from metrostd.accounts import codes, services
from metrostd.accounts.enums import AccountState, CodePurpose
from metrostd.accounts.models import OneTimeCode
from metrostd.common import clock
from metrostd.common.models import AuditEntry
from tests.factories.accounts import MembershipFactory, UserFactory

from .signing import NEW, PASSWORD, activate, person_with_password, sign_in_by_form

pytestmark = pytest.mark.django_db
ACTIVATE, MAIL = CodePurpose.ACTIVATE, CodePurpose.MAIL


def code_for(user, purpose=ACTIVATE, valid_for=codes.BY_SLIP):
    return codes.issue(user, purpose, actor=None, valid_for=valid_for)


def test_a_code_opens_an_account_and_signs_its_holder_in(client):
    user = UserFactory(state=AccountState.NEW)
    membership = MembershipFactory(user=user)

    response = activate(client, user, codes.shown(code_for(user)).lower())

    user.refresh_from_db()
    assert response.url == reverse("desk")
    assert (user.state, user.check_password(NEW)) == (AccountState.OPEN, True)
    assert not user.must_change_password
    assert client.get(reverse("desk")).wsgi_request.user.acting == membership
    assert AuditEntry.objects.filter(action="account.activate").count() == 1


def wide(text):
    """As an input method writes letters that take the place of a Chinese one."""
    return "".join(chr(ord(sign) + 0xFEE0) for sign in text)


def test_a_code_is_the_same_in_wide_letters(client):
    user = UserFactory(state=AccountState.NEW)
    MembershipFactory(user=user)
    code = wide(codes.shown(code_for(user)))
    user.username = wide(user.username)

    assert activate(client, user, code).url == reverse("desk")


def test_a_code_works_once(client):
    user = UserFactory(state=AccountState.NEW)
    code = code_for(user)
    activate(client, user, code)
    client.logout()

    again = activate(client, user, code, password="Zhuzi-8-heliu")

    assert again.status_code == 422
    assert "已经用过" in again.content.decode()
    assert sign_in_by_form(client, user, NEW).status_code == 302


@pytest.mark.parametrize("spoiled", ["old", "void", "another's", "of another purpose", "wrong"])
def test_every_code_that_does_not_work_is_refused_alike(client, spoiled):
    user, other = UserFactory(state=AccountState.NEW), UserFactory(state=AccountState.NEW)
    if spoiled == "old":
        with clock.pinned(clock.now() - codes.BY_SLIP - dt.timedelta(seconds=1)):
            code = code_for(user)
    elif spoiled == "void":
        code = code_for(user)
        code_for(user)
    elif spoiled == "another's":
        code = code_for(other)
    elif spoiled == "of another purpose":
        code = code_for(user, MAIL)
    else:
        code_for(user)
        code = "ABCDFGHJKL"

    response = activate(client, user, code)

    assert response.context["form"].errors == {"code": [codes.WRONG]}
    user.refresh_from_db()
    assert not user.has_usable_password()


def test_a_weak_password_leaves_the_code_as_it_was(client):
    user = UserFactory(state=AccountState.NEW)
    code = code_for(user)

    refused = activate(client, user, code, password="123456")

    assert "至少10位" in str(refused.context["form"].errors["new_password1"])
    assert activate(client, user, code).status_code == 302


def test_a_closed_account_has_no_use_for_a_code(client):
    user = UserFactory(closed=True)

    assert activate(client, user, code_for(user)).status_code == 422


def test_no_code_is_kept_in_plain():
    user = UserFactory()
    code = code_for(user)

    row = OneTimeCode.objects.get()
    assert code not in f"{row.digest} {row.sealed_address} {row}"
    assert set(code) <= set(codes.ALPHABET)
    assert len(code) == 10
    assert not set("E0O1I") & set(codes.ALPHABET)


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif("connection.vendor == 'sqlite'", reason="one writer at a time")
def test_of_two_at_the_same_moment_one_gets_through():
    user = UserFactory()
    code, through = code_for(user), []

    def redeem():
        try:
            codes.redeem(user, code, [ACTIVATE])
            through.append(1)
        except ValidationError:
            pass
        finally:
            connection.close()

    threads = [Thread(target=redeem) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert through == [1]


class TestForgotten:
    def ask(self, client, name, django_capture_on_commit_callbacks):
        with django_capture_on_commit_callbacks(execute=True):
            return client.post(reverse("accounts:forgotten"), {"username": name}, follow=True)

    def test_a_proved_address_gets_a_code_and_no_link(
        self, client, django_capture_on_commit_callbacks
    ):
        user = person_with_password(email="a@example.cn", email_verified_at=clock.now())
        MembershipFactory(user=user)

        self.ask(client, user.username.upper(), django_capture_on_commit_callbacks)

        [sent] = mail.outbox
        assert sent.to == ["a@example.cn"]
        code = re.search(r"[A-Z0-9]{5}-[A-Z0-9]{5}", sent.body)[0]
        assert codes.read(code) not in sent.body.replace(code, "")
        assert activate(client, user, code).url == reverse("desk")
        user.refresh_from_db()
        assert user.check_password(NEW)

    @pytest.mark.parametrize("kind", ["nobody", "unproved", "closed"])
    def test_the_answer_tells_nothing_and_nobody_else_gets_a_mail(
        self, client, django_capture_on_commit_callbacks, kind
    ):
        known = person_with_password(email="a@example.cn", email_verified_at=clock.now())
        told = self.ask(client, known.username, django_capture_on_commit_callbacks)
        mail.outbox.clear()
        if kind == "unproved":
            name = person_with_password(email="b@example.cn").username
        elif kind == "closed":
            name = UserFactory(
                closed=True, email="c@example.cn", email_verified_at=clock.now()
            ).username
        else:
            name = "nobody"

        answer = self.ask(client, name, django_capture_on_commit_callbacks)

        words = [str(m) for m in answer.context["messages"]]
        assert words == [str(m) for m in told.context["messages"]]
        assert mail.outbox == []

    def test_within_two_minutes_one_mail_is_enough(
        self, client, django_capture_on_commit_callbacks
    ):
        user = person_with_password(email="a@example.cn", email_verified_at=clock.now())
        for _ in range(2):
            self.ask(client, user.username, django_capture_on_commit_callbacks)

        assert len(mail.outbox) == 1


def test_a_new_password_ends_the_sessions_and_the_other_codes(client):
    user = person_with_password()
    MembershipFactory(user=user)
    sign_in_by_form(client, user)
    reset = code_for(user, CodePurpose.RESET)

    services.redeem_for_password(user, code_for(user), NEW)

    assert client.get(reverse("desk")).status_code == 302
    with pytest.raises(ValidationError):
        codes.redeem(user, reset, [CodePurpose.RESET])
    assert sign_in_by_form(client, user, PASSWORD).status_code == 200
