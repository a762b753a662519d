"""Mails about accounts: in the outbox like all others, each by itself, with codes that stand in the mail alone."""

import datetime as dt
import email
import json
import re

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.urls import reverse

from metrostd.accounts import bulk, codes, letters, services, tasks
from metrostd.accounts.enums import AccountState, CodePurpose
from metrostd.accounts.models import OneTimeCode, User
from metrostd.common import clock
from metrostd.common.models import AuditEntry
from metrostd.common.roles import Role
from metrostd.notifications import bounces, carriers, delivery, dsn, outbox, packing
from metrostd.notifications.enums import Progress, Reply
from metrostd.notifications.models import Attempt, Envelope
from tests.accounts.signing import NEW, activate
from tests.factories.accounts import MembershipFactory, UserFactory, sign_in
from tests.factories.registry import AuthorityFactory, UnitFactory

from .test_bounces import report
from .test_delivery import MINUTE, NOW, line, phone, post, reachable, thursday

__all__ = ["phone", "post", "thursday"]
pytestmark = pytest.mark.django_db
#: A Sunday night.
NIGHT = clock.at_time(dt.date(2021, 5, 30), 23)


def texts(post) -> list[str]:
    """The words of each mail that arrived."""
    mails = (email.message_from_bytes(mail.encode()) for mail in post.mails)
    return [mail.get_payload(decode=True).decode() for mail in mails]


def code_in(text: str) -> str:
    return re.search(r"[A-Z0-9]{5}-[A-Z0-9]{5}", text)[0]


def asked(user: User) -> Envelope:
    letters.reset(user.username)
    return Envelope.objects.get(user=user)


def test_a_forgotten_password_is_in_the_outbox_and_its_code_in_the_mail_alone(post, client):
    user = reachable().user

    envelope = asked(user)
    delivery.deliver(NOW)

    [text] = texts(post)
    code = code_in(text)
    envelope.refresh_from_db()
    assert (envelope.progress, envelope.body) == (Progress.SENT, "")
    assert list(envelope.attempts.values_list("answer", flat=True)) == [Reply.TAKEN]
    kept = f"{list(Envelope.objects.values())}{list(Attempt.objects.values())}{list(OneTimeCode.objects.values())}"
    assert code not in kept
    assert codes.read(code) not in kept
    assert "ding@example.org" not in kept
    assert activate(client, user, code).url == reverse("desk")
    assert codes.derived(envelope.message_id) == codes.read(code)
    assert codes.derived("<another@portal>") != codes.read(code)


def test_it_leaves_on_a_sunday_night_and_a_digest_does_not(post):

    member = reachable()
    outbox.put([line(member)])
    packing.pack(NOW)
    with clock.pinned(NIGHT):
        letters.reset(member.user.username)
        delivery.deliver(NIGHT)

    assert len(post.mails) == 1
    assert Envelope.objects.digests().get().progress == Progress.WAITING
    assert Envelope.objects.letters().get().progress == Progress.SENT


def test_a_digest_of_the_day_and_a_letter_do_not_stand_in_each_others_way(post):

    member = reachable()
    asked(member.user)
    outbox.put([line(member)])
    packing.pack(NOW)
    delivery.deliver(NOW)

    assert len(post.mails) == 2
    assert Envelope.objects.filter(sent_at__isnull=False).count() == 2


def test_a_connection_that_breaks_sends_the_same_code_once_more(post, client):
    user = reachable().user
    post.breaks = True
    asked(user)
    delivery.deliver(NOW)
    post.breaks = False
    delivery.deliver(NOW + MINUTE)

    first, second = texts(post)
    assert first == second
    assert len(set(post.ids())) == 1
    assert OneTimeCode.objects.count() == 1
    assert activate(client, user, code_in(first)).url == reverse("desk")


def test_a_server_that_is_away_is_seen_and_a_late_code_is_not_sent(post, settings, client):
    settings.EMAIL_PORT = 1
    user, office = reachable().user, MembershipFactory(role=Role.SYSTEM_ADMIN)
    envelope = asked(user)
    delivery.deliver(NOW)
    envelope.refresh_from_db()
    assert (envelope.progress, envelope.tries) == (Progress.WAITING, 0)
    assert "连不上邮件服务器" in envelope.failure

    settings.EMAIL_PORT = post.port
    later = NOW + codes.BY_MAIL + MINUTE
    delivery.deliver(later)
    envelope.refresh_from_db()
    assert (envelope.progress, post.mails) == (Progress.FAILED, [])
    assert "等了太久没有发出" in envelope.failure

    sign_in(client, office)
    number = envelope.message_id
    page = reverse("notifications:envelope", args=[envelope.pk])
    shown = client.get(page).content.decode()
    assert "d***@example.org" in shown
    assert "系统不留存" in shown
    with clock.pinned(later):
        client.post(reverse("notifications:send_again", args=[envelope.pk]))
        delivery.deliver(later)
    envelope.refresh_from_db()
    assert envelope.progress == Progress.SENT
    assert envelope.message_id != number
    assert codes.derived(envelope.message_id) == codes.read(code_in(texts(post)[0]))


def test_one_of_a_kind_is_on_its_way_and_not_again_within_two_minutes():
    user = reachable().user

    asked(user)
    letters.reset(user.username)
    with clock.pinned(NOW + 3 * MINUTE):
        # The first one has not left yet: a second would make its code void.
        letters.reset(user.username)
    assert Envelope.objects.count() == 1

    Envelope.objects.update(sent_at=NOW)
    letters.reset(user.username)
    assert Envelope.objects.count() == 1
    with clock.pinned(NOW + 3 * MINUTE):
        letters.reset(user.username)
    assert Envelope.objects.count() == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        Envelope.objects.update(sent_at=None)


def test_one_sent_by_hand_does_not_meet_one_on_its_way():
    user, actor = reachable().user, MembershipFactory(role=Role.SYSTEM_ADMIN).user
    failed = asked(user)
    Envelope.objects.update(failed_at=NOW)
    with clock.pinned(NOW + 3 * MINUTE):
        letters.reset(user.username)
    failed.refresh_from_db()

    with pytest.raises(ValidationError, match="同样的邮件正在发送"):
        delivery.send_again(failed, actor=actor)


def test_what_is_settled_meanwhile_is_not_sent(post):
    user = UserFactory(email="ding@example.org")
    letters.check_address(user)
    user.email_verified_at = NOW
    user.save()

    delivery.deliver(NOW)

    envelope = Envelope.objects.get()
    assert (envelope.progress, post.mails) == (Progress.VOID, [])
    assert "已经办妥" in envelope.failure
    assert not OneTimeCode.objects.exists()


def test_a_code_given_at_the_counter_ends_the_one_that_waits_for_another_try(post):
    user = reachable().user
    post.breaks = True
    envelope = asked(user)
    delivery.deliver(NOW)
    post.breaks = False
    codes.issue(user, CodePurpose.RESET, actor=None, valid_for=codes.BY_OFFICE)

    delivery.deliver(NOW + MINUTE)

    envelope.refresh_from_db()
    assert (envelope.progress, len(post.mails)) == (Progress.VOID, 1)


def test_the_old_address_learns_that_it_was_replaced_and_its_bounce_is_its_own(post):
    user = reachable().user
    services.set_addresses(user, phone=user.phone, email="neu@example.org", actor=user)
    User.objects.filter(pk=user.pk).update(email_verified_at=NOW)
    delivery.deliver(NOW)

    [text] = texts(post)
    envelope = Envelope.objects.get()
    assert "已不再是这个地址" in text
    assert "ding@example.org" in post.mails[0]
    assert bounces.take(dsn.read(report(envelope.message_id)))
    user.refresh_from_db()
    envelope.refresh_from_db()
    assert (envelope.progress, user.email_bounced_at) == (Progress.RETURNED, None)


def test_without_a_queue_a_forgotten_password_is_written_all_the_same(
    monkeypatch, django_capture_on_commit_callbacks
):
    user = reachable().user

    def away(*args, **kwargs):
        raise OSError("no broker")

    monkeypatch.setattr("celery.app.task.Task.apply_async", away)
    with django_capture_on_commit_callbacks(execute=True):
        tasks.ask_for_reset(user.username)

    assert Envelope.objects.get().progress == Progress.WAITING


class TestOpening:
    """Codes to begin with by mail, instead of slips on paper."""

    @pytest.fixture
    def office(self):
        return MembershipFactory(role=Role.SYSTEM_ADMIN, authority=AuthorityFactory(city=True))

    @pytest.fixture
    def people(self, office):
        units = [UnitFactory(contact_email=f"{n}@example.org" if n else "") for n in range(3)]
        return bulk.open_for_units([unit.pk for unit in units], actor=office.user)

    def test_each_with_an_address_gets_a_code_that_works_once(
        self, client, office, people, post, django_capture_on_commit_callbacks
    ):
        slip = codes.issue(
            people[1], CodePurpose.ACTIVATE, actor=office.user, valid_for=codes.BY_SLIP
        )
        sign_in(client, office)
        url = reverse("accounts:mail_codes")
        with django_capture_on_commit_callbacks(execute=True):
            told = client.post(url, {"everybody": "1"}, follow=True).content.decode()

        assert "2 个账户的验证码正在寄出" in told
        assert "另外 1 个没有邮箱" in told
        assert AuditEntry.objects.filter(action="account.mail_code").count() == 2
        assert sorted(re.findall(r"To: (.*)", "".join(post.mails))) == [
            "1@example.org", "2@example.org",
        ]  # fmt: skip
        client.logout()
        [text] = [t for t in texts(post) if people[1].username in t]
        assert activate(client, people[1], slip).status_code == 422
        assert activate(client, people[1], code_in(text)).url == reverse("desk")
        client.logout()
        assert activate(client, people[1], code_in(text), NEW).status_code == 422
        people[1].refresh_from_db()
        assert people[1].state == AccountState.OPEN
        # Whoever redeemed it has read that mailbox; it is asked to be proved by its owner all the same.
        assert people[1].email_verified_at is None

    def test_pressed_twice_it_is_sent_once(self, client, office, people):
        sign_in(client, office)
        url = reverse("accounts:mail_codes")
        for _ in range(2):
            told = client.post(url, {"everybody": "1"}, follow=True).content.decode()

        assert Envelope.objects.count() == 2
        assert "另外 3 个没有邮箱，或者已有一封在发送" in told

    def test_an_inspector_sends_none(self, client, people):
        sign_in(client, MembershipFactory(role=Role.DISTRICT_INSPECTOR))

        answer = client.post(reverse("accounts:mail_codes"), {"everybody": "1"})

        assert (answer.status_code, Envelope.objects.count()) == (403, 0)

    def test_urging_says_nothing_to_whoever_has_begun(self, office, people, post):
        letters.urge(people, text="请尽快", actor=office.user)
        User.objects.filter(pk=people[1].pk).update(last_login=NOW)

        delivery.deliver(NOW)

        assert len(post.mails) == 1
        assert "请尽快" in texts(post)[0]
        assert {row.progress for row in Envelope.objects.all()} == {Progress.SENT, Progress.VOID}


class TestPhone:
    """A mobile number is proved by its holder where a gateway for short messages is set up."""

    @pytest.fixture
    def member(self, client):
        member = MembershipFactory(user__phone="13800138000")
        sign_in(client, member)
        return member

    def ask(self, client, captured):
        with captured(execute=True):
            return client.post(reverse("accounts:send_phone_code"))

    def test_the_code_of_the_message_proves_the_number(
        self, client, member, phone, django_capture_on_commit_callbacks
    ):
        assert "核实手机" in client.get(reverse("accounts:own")).content.decode()
        self.ask(client, django_capture_on_commit_callbacks)

        [(_, body)] = phone.got
        sent = json.loads(body)
        envelope = Envelope.objects.get()
        assert (sent["to"], envelope.channel, envelope.body) == ("13800138000", "sms", "")
        assert letters_page(client, envelope) == "138****8000"
        client.post(reverse("accounts:prove_phone"), {"phone-code": "ABCDF-GHJKL"})
        member.user.refresh_from_db()
        assert member.user.phone_verified_at is None
        client.post(reverse("accounts:prove_phone"), {"phone-code": code_in(sent["text"])})
        member.user.refresh_from_db()
        assert member.user.phone_verified_at == NOW
        assert AuditEntry.objects.filter(action="account.prove_phone").count() == 1
        assert self.ask(client, django_capture_on_commit_callbacks).status_code == 403
        assert "核实手机" not in client.get(reverse("accounts:own")).content.decode()

    def test_a_number_that_was_changed_is_not_proved_by_the_old_code(
        self, client, member, phone, django_capture_on_commit_callbacks
    ):
        self.ask(client, django_capture_on_commit_callbacks)
        code = code_in(json.loads(phone.got[0][1])["text"])
        services.set_addresses(member.user, phone="13900139000", email="", actor=member.user)

        client.post(reverse("accounts:prove_phone"), {"phone-code": code})

        member.user.refresh_from_db()
        assert member.user.phone_verified_at is None

    def test_a_gateway_that_does_not_answer_sends_no_second_message(
        self, client, member, phone, monkeypatch
    ):
        monkeypatch.setattr(carriers, "_SECONDS", 0.2)
        phone.slow = 0.5
        letters.check_phone(member.user)
        delivery.deliver(NOW)
        delivery.deliver(NOW + 10 * MINUTE)

        envelope = Envelope.objects.get()
        assert (envelope.progress, len(phone.got)) == (Progress.FAILED, 1)
        assert "不能自动重发" in envelope.failure

    def test_without_a_gateway_the_office_calls(self, client, member):
        page = client.get(reverse("accounts:own")).content.decode()

        assert "发送短信验证码" not in page
        assert client.post(reverse("accounts:send_phone_code")).status_code == 403
        letters.check_phone(member.user)
        assert not Envelope.objects.exists()


def letters_page(client, envelope: Envelope) -> str:
    """The address as the page of a letter shows it to the office."""
    page = client.get(envelope.get_absolute_url()).content.decode()
    return re.search(r"\d{3}\*{4}\d{4}", page)[0]
