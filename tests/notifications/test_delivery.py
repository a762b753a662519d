"""Digests on their way: a real mail server and a real gateway on loopback, and all they may answer."""

import base64
import datetime as dt
import hashlib
import hmac
import json
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from metrostd.accounts.models import User
from metrostd.common import clock
from metrostd.common.models import AuditEntry
from metrostd.notifications import delivery, outbox, packing, schedule
from metrostd.notifications.enums import Channel, Progress
from metrostd.notifications.models import Envelope, Line, Message
from tests.factories.accounts import MembershipFactory, UserFactory
from tests.factories.campaigns import CampaignFactory
from tests.factories.registry import AuthorityFactory, UnitFactory
from tests.smtp import post_office

pytestmark = pytest.mark.django_db

#: A Thursday, in the hours people may be written to.
NOW = clock.at_time(dt.date(2021, 5, 27), 9)
MINUTE = dt.timedelta(minutes=1)


@pytest.fixture(autouse=True)
def thursday():
    with clock.pinned(NOW):
        yield


@pytest.fixture
def post(settings):
    with post_office() as office:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", office.port
        yield office


def reachable(name="ding", **where):
    member = MembershipFactory(user__username=name, **where)
    user = member.user
    user.email, user.phone = f"{name}@example.org", "13800000000"
    user.email_verified_at = user.phone_verified_at = NOW
    user.save()
    return member


def line(member, channel=Channel.MAIL, subject="自查报告还有3天到期", target=None, **fields):
    kind, key = outbox.target_key(target or member.user)
    fields = {"origin": "note:1", "day": NOW.date(), "subject": subject, **fields}
    return Line(
        user=member.user, membership=member, channel=channel,
        target_type_id=kind, target_id=key, **fields,
    )  # fmt: skip


def send(*lines, at=NOW):
    outbox.put(lines)
    packing.pack(at)
    delivery.deliver(at)
    return Envelope.objects.get()


def again(envelope, minutes):
    delivery.deliver(NOW + minutes * MINUTE)
    envelope.refresh_from_db()
    return envelope


def test_several_things_go_out_in_one_mail_in_the_words_of_the_inbox(post):
    member = reachable()

    send(line(member), line(member, origin="note:2", subject="整改已逾期2天", note="请今天报送"))
    second = packing.pack(NOW), delivery.deliver(NOW)

    assert len(post.mails) == 1
    assert second == (0, 0)
    assert Envelope.objects.get().progress == Progress.SENT
    body = Envelope.objects.get().body
    assert "1. 自查报告还有3天到期" in body
    assert "2. 整改已逾期2天（请今天报送）" in body
    assert member.label in body
    assert not Line.objects.waiting().exists()


def test_a_unit_reads_in_the_mail_whom_to_ask(post):
    office = AuthorityFactory(phone="022-23456789", office="计量科")
    member = reachable(as_unit=True, unit=UnitFactory(territorial_authority=office))

    send(line(member))
    [body] = Envelope.objects.values_list("body", flat=True)
    assert f"有疑问请联系{office.name}计量科，电话022-23456789。" in body

    Envelope.objects.all().delete()
    Line.objects.all().delete()
    office.phone = ""
    office.save()
    send(line(member))
    assert "有疑问" not in Envelope.objects.get().body


def test_a_line_is_written_once_and_the_inbox_told_at_once():
    member = reachable()
    target = CampaignFactory()

    first = outbox.put([line(member, Channel.INBOX, target=target), line(member, target=target)])
    again = outbox.put([line(member, Channel.INBOX, target=target), line(member, target=target)])

    assert (len(first), len(again)) == (2, 0)
    assert Message.objects.get().subject == "自查报告还有3天到期"
    assert Line.objects.get(channel=Channel.INBOX).message == Message.objects.get()


def test_a_wrong_address_is_said_and_sent_again_once_it_is_mended(post):
    post.answer = lambda _: "550 no such mailbox"
    envelope = send(line(reachable()))

    assert envelope.progress == Progress.FAILED
    assert "邮件服务器不接收这个地址（550 no such mailbox）。请核对邮箱地址" in envelope.failure
    first = envelope.message_id

    post.answer = lambda _: "250 OK"
    actor = UserFactory()
    User.objects.filter(pk=envelope.user_id).update(email_verified_at=NOW)  # proved anew
    delivery.send_again(envelope, actor=actor)
    again(envelope, 0)

    assert envelope.progress == Progress.SENT
    assert post.ids() == [first]
    assert AuditEntry.objects.filter(action="envelope.send_again", actor=actor).count() == 1


def test_a_server_that_says_later_is_asked_again_with_growing_waits(post):
    post.answer = lambda _: "451 greylisted"
    envelope = send(line(reachable()))

    waits, at = [], NOW
    while envelope.progress == Progress.WAITING:
        waits.append(int((envelope.not_before - at) / MINUTE))
        at = envelope.not_before
        delivery.deliver(at)
        envelope.refresh_from_db()

    assert waits == [1, 5, 15, 60, 240]
    assert envelope.progress == Progress.FAILED
    assert envelope.failure.endswith("试了 6 次，不再自动重试。")


def test_every_try_stands_in_the_history_of_the_message(post):
    post.answer = lambda _: "451 greylisted"
    envelope = send(line(reachable()))
    post.answer = lambda _: "250 OK"
    again(envelope, 1)

    tries = list(envelope.attempts.values_list("answer", "at", "said"))
    assert [(answer, at) for answer, at, _ in tries] == [("taken", NOW), ("later", NOW)]
    assert "451 greylisted" in tries[1][2]


def test_a_server_that_does_not_know_us_is_for_the_administrator(post, settings):
    post.sign_in = "535 wrong password"
    settings.EMAIL_HOST_USER, settings.EMAIL_HOST_PASSWORD = "portal", "wrong"

    envelope = send(line(reachable()))

    assert (envelope.progress, envelope.tries) == (Progress.WAITING, 0)
    assert "请检查 EMAIL_URL 中的用户名和密码（535）" in envelope.failure


def test_a_mail_the_server_does_not_want_is_said(post):
    post.data = "554 looks like spam"

    envelope = send(line(reachable()))

    assert envelope.progress == Progress.FAILED
    assert "邮件服务器没有接收（554 looks like spam）" in envelope.failure


def test_the_clock_packs_and_sends(post):
    outbox.put([line(reachable())])

    schedule.deliver()

    assert len(post.mails) == 1
    assert str(Envelope.objects.get()) == "邮件 2021-05-27"


def test_several_lines_of_the_inbox_are_one_message():
    member = reachable()
    several = [line(member, Channel.INBOX, origin=f"note:{n}", note="今天") for n in range(3)]

    written = outbox.put(several)

    message = Message.objects.get()
    assert message.subject == "3项事项请尽快办理"
    assert message.body == "\n".join([str(row) for row in written] + ["今天"])


def test_one_bad_address_does_not_keep_the_others_waiting(post):
    post.answer = lambda rcpt: "451 later" if "ding" in rcpt else "250 OK"

    outbox.put([line(reachable()), line(reachable("wang"))])
    packing.pack(NOW)
    delivery.deliver(NOW)

    assert len(post.mails) == 1
    assert "wang@example.org" in post.mails[0]


def test_a_server_that_is_away_costs_no_try_and_everything_waits(settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    outbox.put([line(reachable()), line(reachable("wang"))])
    packing.pack(NOW)

    delivery.deliver(NOW)

    for envelope in Envelope.objects.all():
        assert (envelope.tries, envelope.not_before) == (0, NOW + delivery.PAUSE)
        assert "连不上邮件服务器" in envelope.failure


def test_a_line_that_breaks_after_the_mail_was_taken_repeats_it_once_under_its_name(post):
    post.breaks = True
    envelope = send(line(reachable()))

    assert envelope.progress == Progress.UNSURE
    assert "不知道是否已经送达" in envelope.failure
    again(envelope, 1)
    assert envelope.progress == Progress.FAILED
    again(envelope, 60)

    assert post.ids() == [envelope.message_id] * 2


def test_a_worker_that_died_leaves_the_mail_to_be_sent_once_more(post):
    member = reachable()
    outbox.put([line(member)])
    packing.pack(NOW)
    row = Envelope.objects.get()
    Envelope.objects.update(claim="gone", claimed_until=NOW + delivery.HELD, tries=1)

    assert again(row, 1).progress == Progress.SENDING
    assert again(row, 6).progress == Progress.UNSURE
    assert again(row, 8).progress == Progress.SENT
    assert post.ids() == [row.message_id]


def test_a_stalled_worker_writes_nothing_over_what_came_later(post):
    envelope = send(line(reachable()))
    stalled = Envelope.objects.get()
    stalled.claim = "an old claim"

    assert not delivery._write(stalled, failed_at=NOW, failure="too late")
    assert again(envelope, 1).progress == Progress.SENT


def test_nobody_is_written_to_at_night_or_on_a_day_off(post):
    evening = clock.at_time(dt.date(2021, 5, 28), 21)  # a Friday
    outbox.put([line(reachable())])

    assert packing.pack(evening) == 0
    assert packing.pack(clock.at_time(dt.date(2021, 5, 29), 10)) == 0
    packing.pack(NOW)
    delivery.deliver(evening)

    assert post.mails == []
    assert Envelope.objects.get().not_before == clock.at_time(dt.date(2021, 5, 31), 8)


def test_what_waits_since_yesterday_joins_the_mail_of_today(post):
    post.answer = lambda _: "451 later"
    member = reachable()
    first = send(line(member))
    post.answer = lambda _: "250 OK"
    tomorrow = NOW + dt.timedelta(days=1)
    outbox.put([line(member, origin="note:2", subject="另一项")])

    packing.pack(tomorrow)
    delivery.deliver(tomorrow)

    assert len(post.mails) == 1
    second = Envelope.objects.get(day=tomorrow.date())
    assert "自查报告还有3天到期" in second.body
    assert "另一项" in second.body
    first.refresh_from_db()
    assert first.progress == Progress.VOID
    assert "已并入05月28日的通知" in first.failure


def test_a_second_thing_of_the_day_waits_for_tomorrow(post):
    member = reachable()
    send(line(member))
    outbox.put([line(member, origin="note:2")])

    packing.pack(NOW)
    delivery.deliver(NOW)

    assert len(post.mails) == 1
    assert Line.objects.unpacked().count() == 1


def test_unread_messages_are_in_the_mail_and_read_ones_are_not(post):
    member = reachable()
    for subject in ("文书已下达", "已经看过"):
        Message.objects.create(membership=member, subject=subject)
    packing.pack(NOW)
    Message.objects.filter(subject="已经看过").update(read_at=NOW)

    delivery.deliver(NOW)

    body = Envelope.objects.get().body
    assert "文书已下达" in body
    assert "已经看过" not in body
    assert packing.gather_news(NOW) == 0


def test_a_newline_in_a_title_does_not_end_the_subject(post):
    envelope = send(line(reachable(), subject="第一行\r\nBcc: other@example.org"))

    assert envelope.progress == Progress.SENT
    assert envelope.subject == "【计量标准监督检查】第一行 Bcc: other@example.org"
    head = post.mails[0].partition("\n\n")[0]
    assert "Bcc" not in head


# Gateways ----------------------------------------------------------------------------------------


class Phone(BaseHTTPRequestHandler):
    """Keeps what it is sent; a test says how it answers and how long that takes."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.got.append((dict(self.headers), body))
        time.sleep(self.server.slow)
        self.send_response(self.server.status)
        if self.server.status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()

    def log_message(self, *args):
        pass


@pytest.fixture
def phone(settings):
    server = HTTPServer(("127.0.0.1", 0), Phone)
    server.got, server.status, server.slow = [], 204, 0
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    url = f"http://127.0.0.1:{server.server_port}/send"
    settings.GATEWAYS = {"sms": {"url": url, "secret": "示例密钥"}}
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_short_message_goes_out_signed_with_a_key_that_stays(phone):
    envelope = send(line(reachable(), Channel.SMS))

    assert envelope.progress == Progress.SENT
    headers, body = phone.got[0]
    sent = json.loads(body)
    assert sent["to"] == "13800000000"
    assert sent["text"] == "【计量标准监督检查】自查报告还有3天到期。请登录系统办理。"
    assert sent["id"] == headers["webhook-id"] == envelope.message_id
    # Standard Webhooks, written out a second time.
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = hmac.new("示例密钥".encode(), signed, hashlib.sha256).digest()
    assert headers["webhook-signature"] == f"v1,{base64.b64encode(digest).decode()}"


@pytest.mark.parametrize(
    ("status", "progress", "words"),
    [
        (503, Progress.WAITING, "暂时不能发送（503）"),
        (429, Progress.WAITING, "暂时不能发送（429）"),
        (422, Progress.FAILED, "短信网关拒绝发送（422）"),
        (401, Progress.WAITING, "请检查网关密钥"),
        (302, Progress.FAILED, "拒绝发送（302）"),
    ],
)
def test_what_a_gateway_answers_is_said_in_a_sentence(phone, status, progress, words):
    phone.status = status

    envelope = send(line(reachable(), Channel.SMS))

    assert envelope.progress == progress
    assert words in envelope.failure
    assert len(phone.got) == 1


def test_a_gateway_that_hangs_is_left_to_a_person(phone, monkeypatch):
    monkeypatch.setattr("metrostd.notifications.carriers._SECONDS", 0.1)
    phone.slow = 0.3

    envelope = send(line(reachable(), Channel.SMS))

    assert envelope.progress == Progress.FAILED
    assert "请问一问对方" in envelope.failure


def test_a_gateway_nobody_listens_at_waits(settings):
    settings.GATEWAYS = {"sms": {"url": "http://127.0.0.1:1/", "secret": "x"}}

    envelope = send(line(reachable(), Channel.SMS))

    assert envelope.progress == Progress.WAITING
    assert "连不上短信网关" in envelope.failure


def test_without_a_gateway_or_an_address_the_office_reads_why(settings):
    member = reachable()
    outbox.put([line(member, Channel.SMS), line(member)])
    member.user.email_verified_at = None
    member.user.save()
    packing.pack(NOW)

    delivery.deliver(NOW)

    said = dict(Envelope.objects.values_list("channel", "failure"))
    assert "没有设置这个渠道的网关" in said["sms"]
    assert "没有已核实的地址" in said["mail"]
