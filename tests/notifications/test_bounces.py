"""Mails that come back: refused at once or sent back later, who sees it, and what becomes of the reminder."""

import imaplib
import io
import mailbox
import socket
import socketserver
import threading
from email.message import EmailMessage

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.urls import reverse

from metrostd.accounts import services
from metrostd.common.models import AuditEntry
from metrostd.notifications import bounces, delivery, dsn, outbox, packing, schedule
from metrostd.notifications.bounce_boxes import box_at
from metrostd.notifications.enums import Channel, Progress
from metrostd.notifications.models import Envelope, Line, Message
from metrostd.notifications.preferences import channels_of
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.registry import UnitFactory

from .test_delivery import MINUTE, NOW, again, line, post, reachable, send, thursday

__all__ = ["post", "thursday"]
pytestmark = pytest.mark.django_db


def report(envelope_id="", *, action="failed", status="5.1.1", to="portal@example.org", head=True):
    """What a server sends back, as RFC 3464 says."""
    original = f"Message-ID: {envelope_id}\r\nSubject: x\r\n\r\n" if head else ""
    return (
        f"From: MAILER-DAEMON@mx.example.org\r\nTo: {to}\r\nSubject: Undelivered Mail\r\n"
        'MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary="b"\r\n\r\n'
        "--b\r\nContent-Type: text/plain\r\n\r\nSorry.\r\n"
        "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; mx.example.org\r\n\r\n"
        f"Final-Recipient: rfc822; ding@example.org\r\nAction: {action}\r\nStatus: {status}\r\n"
        f"Diagnostic-Code: smtp; 550 {status} no such\r\n user\r\n\r\n"
        f"--b\r\nContent-Type: text/rfc822-headers\r\n\r\n{original}\r\n--b--\r\n"
    ).encode()


class TestReading:
    def test_a_report_names_the_mail_and_says_why(self):
        found = dsn.read(report("<abc@portal>"))

        assert found == dsn.Bounce(
            "<abc@portal>", bad_address=True, said="5.1.1 550 5.1.1 no such user"
        )

    @pytest.mark.parametrize(
        ("status", "bad"), [("5.1.1", True), ("5.2.1", True), ("5.2.2", False), ("5.7.1", False)]
    )
    def test_only_what_speaks_of_the_address_is_held_against_it(self, status, bad):
        assert dsn.read(report("<a@b>", status=status)).bad_address is bad

    def test_a_delay_is_no_bounce(self):
        assert dsn.read(report("<a@b>", action="delayed", status="4.4.1")) is None

    def test_the_return_path_names_the_mail_where_the_head_is_missing(self):
        name = "0" * 32
        to = dsn.return_path("bounces@portal.example.org", f"<{name}@portal>")

        found = dsn.read(report(head=False, to=to), bounce_address="bounces@portal.example.org")
        assert found.about == name
        assert (
            dsn.read(report(head=False, to=to), bounce_address="other@portal.example.org") is None
        )

    @pytest.mark.parametrize(
        ("sender", "answered", "found"),
        [
            ("MAILER-DAEMON@qq.example", "", True),
            ("ding@example.org", "", False),
            ("postmaster@example.org", "auto-replied (vacation)", False),
        ],
    )
    def test_a_note_in_no_agreed_form_is_told_from_the_answer_of_a_person(
        self, sender, answered, found
    ):
        mail = EmailMessage()
        mail["From"], mail["To"], mail["Subject"] = sender, f"b+{'1' * 32}@x.org", "退信"
        if answered:
            mail["Auto-Submitted"] = answered
        mail.set_content("?")

        got = dsn.read(mail.as_bytes(), bounce_address="b@x.org")
        assert (got == dsn.Bounce("1" * 32, bad_address=False, said="退信")) is found

    def test_what_is_no_mail_at_all_is_nothing(self):
        assert dsn.read(b"\xff\x00\xfe") is None
        assert dsn.read(b"") is None

    @pytest.mark.parametrize(
        ("code", "said", "bad"),
        [
            (550, "no such user", True),
            (554, "spam", False),
            (550, "5.7.1 relaying denied", False),
            (553, "x", True),
        ],
    )
    def test_a_refusal_by_policy_says_nothing_about_the_address(self, code, said, bad):
        assert dsn.is_bad_address(code, said) is bad


def test_an_address_refused_at_once_is_not_written_to_again(post, client):
    post.answer = lambda _: "550 5.1.1 no such mailbox"
    unit = UnitFactory()
    member = reachable(as_unit=True, unit=unit)
    envelope = send(line(member))
    outbox.put([line(member, origin="note:2")])
    packing.pack(NOW)
    post.answer = lambda _: "250 OK"
    delivery.deliver(NOW + 10 * MINUTE)

    member.user.refresh_from_db()
    assert envelope.progress == Progress.FAILED
    assert member.user.email_verified_at is None
    assert "550 5.1.1 no such mailbox" in member.user.email_bounce
    assert post.mails == []
    assert AuditEntry.objects.get(action="account.mail_came_back").target_id == member.user_id
    # The person reads it on every page, the office above in its lists.
    assert Message.objects.filter(membership=member, subject="您的邮箱收不到邮件").exists()
    sign_in(client, member)
    assert "您的邮箱收不到邮件" in client.get(reverse("desk")).content.decode()
    office = MembershipFactory(authority=unit.territorial_authority)
    sign_in(client, office)
    people = client.get(reverse("accounts:people"), {"state": "bounced"})
    assert list(people.context["page"]) == [member.user]
    assert "550 5.1.1" in client.get(member.user.get_absolute_url()).content.decode()
    listed = client.get(reverse("notifications:outbox"), {"progress": "trouble"})
    assert list(listed.context["page"]) == [envelope]


def test_a_full_box_is_said_and_the_address_stays(post):
    post.answer = lambda _: "552 5.2.2 mailbox full"
    member = reachable()

    assert send(line(member)).progress == Progress.FAILED
    member.user.refresh_from_db()
    assert member.user.email_verified_at is not None


@pytest.fixture
def came_back(post, settings):
    """A mail that was taken, and the box of what comes back."""
    settings.BOUNCE_ADDRESS = "bounces@portal.example.org"
    envelope = send(line(reachable()))
    assert envelope.progress == Progress.SENT
    return envelope


def test_every_mail_leaves_from_an_address_of_its_own_and_shows_the_usual_one(post, settings):
    froms = []
    settings.BOUNCE_ADDRESS = "bounces@portal.example.org"
    settings.DEFAULT_FROM_EMAIL = "计量处 <portal@example.org>"
    post.sender = froms.append
    envelope = send(line(reachable()))

    assert f"bounces+{dsn.token_of(envelope.message_id)}@portal.example.org" in froms[0]
    assert "portal@example.org>" in post.mails[0]
    assert "bounces" not in post.mails[0]


def test_a_mail_that_comes_back_later_is_found_in_a_folder(came_back, tmp_path, settings):
    folder = tmp_path / "box"
    box = mailbox.Maildir(folder)
    box.add(report(came_back.message_id))
    box.add(report("<someone@else>"))
    settings.BOUNCE_MAILBOX = f"maildir://{folder}"

    schedule.read_bounces()
    schedule.read_bounces()

    came_back.refresh_from_db()
    came_back.user.refresh_from_db()
    assert came_back.progress == Progress.RETURNED
    assert "550 5.1.1 no such user" in came_back.failure
    assert came_back.user.email_bounced_at == NOW
    assert [a.get_answer_display() for a in came_back.attempts.all()] == ["退信", "已接收"]
    assert AuditEntry.objects.filter(action="account.mail_came_back").count() == 1
    with box_at(settings.BOUNCE_MAILBOX) as again_open:
        assert list(again_open.unread()) == []


def test_what_it_told_goes_over_the_telephone_where_there_is_one(came_back, settings):
    settings.GATEWAYS = {"sms": {"url": "http://127.0.0.1:1/", "secret": "x"}}
    waiting = line(Line.objects.get().membership, origin="note:2", subject="另一项")
    outbox.put([waiting])

    assert bounces.take(dsn.read(report(came_back.message_id)))
    assert not bounces.take(dsn.read(report(came_back.message_id)))

    copied = Line.objects.filter(channel=Channel.SMS)
    assert {row.subject for row in copied} == {"自查报告还有3天到期", "另一项"}
    assert (
        Line.objects.get(origin="note:2", channel=Channel.MAIL).dropped_why
        == "邮箱退信，请在收件箱查看"
    )
    person = Envelope.objects.get().user
    assert channels_of([person])[person.pk] == [Channel.INBOX, Channel.SMS]
    assert channels_of([person], by_law=True)[person.pk] == [Channel.INBOX, Channel.SMS]


def test_an_address_proved_since_then_stays_and_the_mail_can_be_sent_again(came_back, post):
    person = came_back.user
    bounces.take(dsn.read(report(came_back.message_id)))
    person.refresh_from_db()
    services.set_addresses(person, phone=person.phone, email="new@example.org", actor=person)
    assert person.email_bounced_at is None
    person.email_verified_at = NOW + MINUTE
    person.save()

    late = bounces.mark(came_back, "迟到的退信")
    person.refresh_from_db()
    assert late is None
    assert person.email_verified_at is not None
    came_back.refresh_from_db()
    delivery.send_again(came_back, actor=person)
    assert again(came_back, 1).progress == Progress.SENT
    assert "new@example.org" in post.mails[1]
    assert not Line.objects.waiting().exists()


# A mailbox on a server ---------------------------------------------------------------------------


class Imap(socketserver.StreamRequestHandler):
    """As much of IMAP (RFC 3501) as a box of unread mails needs."""

    def handle(self):
        self.wfile.write(b"* OK ready\r\n")
        while words := self.rfile.readline().decode().split():
            tag, verb = words[0], words[1].upper()
            verb = words[2].upper() if verb == "UID" else verb
            answer = getattr(self, verb.lower(), lambda _: b"")(words)
            self.wfile.write(answer + f"{tag} OK done\r\n".encode())
            if verb == "LOGOUT":
                return

    def capability(self, _):
        return b"* CAPABILITY IMAP4rev1\r\n"

    def login(self, words):
        self.server.names.append(words[2:])
        return b""

    def select(self, _):
        return b"* 1 EXISTS\r\n"

    def search(self, _):
        left = [str(n) for n in self.server.mails if n not in self.server.seen]
        return f"* SEARCH {' '.join(left)}\r\n".encode()

    def fetch(self, words):
        mail = self.server.mails[int(words[3])]
        return b"* 1 FETCH (BODY[]<0> {%d}\r\n%b)\r\n" % (len(mail), mail)

    def store(self, words):
        self.server.seen.add(int(words[3]))
        return b""


@pytest.fixture
def imap():
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Imap)
    server.daemon_threads = True
    server.names, server.mails, server.seen = [], {}, set()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_mail_that_comes_back_later_is_found_on_a_server(came_back, imap, settings):
    imap.mails = {4: report(came_back.message_id), 7: b"From: a@b\r\n\r\nhello\r\n"}
    port = imap.server_address[1]
    settings.BOUNCE_MAILBOX = f"imap://bounces:p%40ss@127.0.0.1:{port}/INBOX"

    assert (bounces.read_box(), bounces.read_box()) == (1, 0)

    assert imap.seen == {4, 7}
    assert imap.names[0] == ["bounces", '"p@ss"']
    came_back.refresh_from_db()
    assert came_back.progress == Progress.RETURNED


def test_a_server_that_hangs_up_is_told_as_that(imap, monkeypatch):
    def hang_up(talk, _words):
        talk.connection.shutdown(socket.SHUT_RDWR)
        talk.wfile = io.BytesIO()
        return b""

    monkeypatch.setattr(Imap, "login", hang_up)
    address = f"imap://a:b@127.0.0.1:{imap.server_address[1]}/INBOX"

    with pytest.raises(imaplib.IMAP4.abort) as told, box_at(address):
        pass

    assert "LOGIN" in str(told.value)  # not that the farewell failed as well


def test_without_a_box_nothing_is_read_and_a_strange_one_is_a_mistake(settings):
    settings.BOUNCE_MAILBOX = ""
    assert bounces.read_box() == 0
    settings.BOUNCE_MAILBOX = "pop3://host/"
    with pytest.raises(ImproperlyConfigured, match="neither maildir nor imaps"):
        bounces.read_box()
