"""Other systems that are told: a real receiver on loopback, signatures, repetitions, and where nothing may be sent."""

import datetime as dt
import json
import re
import socket
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from django.urls import reverse

from metrostd.common import clock, sealing
from metrostd.common.models import AuditEntry
from metrostd.common.roles import Role
from metrostd.notifications import outbox, schedule
from metrostd.notifications.enums import Channel, Progress
from metrostd.notifications.models import Message, WebhookDelivery, WebhookEndpoint
from metrostd.notifications.webhooks import addresses, deliveries, endpoints, posting
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.registry import AuthorityFactory

from .test_delivery import MINUTE, NOW, line, thursday

__all__ = ["thursday"]
pytestmark = pytest.mark.django_db
DOCS = Path(__file__).resolve().parents[2] / "docs" / "webhooks.md"


def receivers_check():
    """The function the documentation gives to receivers."""
    code = re.search(r"```python\n(.*?)```", DOCS.read_text(encoding="utf-8"), re.DOTALL)[1]
    names = {}
    exec(code, names)
    return names["check"]


class Receiver(BaseHTTPRequestHandler):
    """Keeps what it is sent; a test says how it answers and how long that takes."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["content-length"]))
        headers = {name.lower(): value for name, value in self.headers.items()}
        self.server.got.append((headers, body))
        time.sleep(self.server.slow)
        self.send_response(self.server.status)
        if self.server.status == 302:
            self.send_header("Location", "/elsewhere")
        self.end_headers()
        self.wfile.write(self.server.says.encode())

    def log_message(self, *args):
        pass


def serving(server):
    server.got, server.status, server.slow, server.says = [], 200, 0, ""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def receiver(settings):
    settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
    yield from serving(ThreadingHTTPServer(("127.0.0.1", 0), Receiver))


@pytest.fixture
def admin(client):
    member = MembershipFactory(role=Role.SYSTEM_ADMIN, authority=AuthorityFactory(city=True))
    sign_in(client, member)
    return member


@pytest.fixture
def endpoint(receiver, admin):
    """An endpoint and its secret."""
    row = WebhookEndpoint()
    url = f"http://127.0.0.1:{receiver.server_port}/hook?from=portal"
    row.secret = endpoints.write(row, name="办公系统", url=url, actor=admin.user)
    return row


def told(count=1):
    members = [MembershipFactory() for _ in range(count)]
    outbox.put([line(m, Channel.INBOX, due_on=dt.date(2021, 5, 31), url="/desk/") for m in members])
    return members


def test_what_people_are_told_is_sent_signed_and_the_receiver_knows_it_is_new(endpoint, receiver):
    [member] = told()

    assert deliveries.deliver() == 1

    [(headers, body)] = receiver.got
    check, seen = receivers_check(), set()
    assert check(endpoint.secret, headers, body, seen)
    # The same again, another body, another key, an old one: each is found out.
    assert not check(endpoint.secret, headers, body, seen)
    assert not check(endpoint.secret, headers, body + b" ", set())
    assert not check(endpoints.fresh_secret(), headers, body, set())
    old = headers | {"webhook-timestamp": str(int(headers["webhook-timestamp"]) - 301)}
    assert not check(endpoint.secret, old, body, set())
    said = json.loads(body)
    assert said["type"] == "notice.told"
    assert said["timestamp"] == "2021-05-27T09:00:00+08:00"
    assert said["data"]["notices"] == [
        {
            "recipient": member.user.username, "rule": "note:1", "subject": "自查报告还有3天到期", "note": "",
            "due_on": "2021-05-31", "url": "http://localhost:8000/desk/",
        }
    ]  # fmt: skip
    assert deliveries.deliver() == 0


def test_the_secret_is_sealed_and_shown_once(endpoint, receiver, client):
    kept = WebhookEndpoint.objects.values_list("sealed_secret", flat=True).get()
    assert endpoint.secret not in kept
    assert sealing.unseal(kept) == endpoint.secret
    assert (WebhookEndpoint, ("sealed_secret",)) in sealing.sealed_columns()
    assert endpoint.secret not in client.get(endpoint.get_absolute_url()).content.decode()

    page = client.post(reverse("notifications:webhook_secret", args=[endpoint.pk]))
    fresh = page.context["secret"]
    told()
    deliveries.deliver()

    assert fresh in page.content.decode()
    assert fresh not in str(list(AuditEntry.objects.values()))
    headers, body = receiver.got[0]
    assert receivers_check()(fresh, headers, body, set())
    assert not receivers_check()(endpoint.secret, headers, body, set())


def test_what_was_not_taken_is_sent_again_under_the_same_id_with_growing_waits(endpoint, receiver):
    receiver.status, receiver.says = 503, "维护中"
    told()
    waits, at = [], NOW
    while (row := WebhookDelivery.objects.get()).progress == Progress.WAITING:
        if row.tries:
            waits.append(int((row.not_before - at) / MINUTE))
            at = row.not_before
        deliveries.deliver(at)

    assert waits == list(deliveries.WAITS)
    assert row.progress == Progress.FAILED
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1
    assert len({body for _, body in receiver.got}) == 1
    assert {(a.status, a.said) for a in row.attempts.all()} == {(503, "维护中")}


def test_a_list_shows_every_answer_and_what_was_given_up_is_sent_again_by_hand(
    endpoint, receiver, client
):
    receiver.status, receiver.says = 500, "<b>坏了</b>"
    told()
    deliveries.deliver()
    row = WebhookDelivery.objects.get()
    again = reverse("notifications:webhook_again", args=[endpoint.pk, row.pk])
    assert client.post(again).status_code == 403
    WebhookDelivery.objects.update(failed_at=NOW)

    page = client.get(endpoint.get_absolute_url()).content.decode()
    assert "500" in page
    assert "&lt;b&gt;坏了&lt;/b&gt;" in page
    receiver.status = 200
    assert client.post(again).url == endpoint.get_absolute_url()
    assert deliveries.deliver() == 1
    assert AuditEntry.objects.filter(action="webhook.send_again").count() == 1
    assert list(client.get(reverse("notifications:webhooks")).context["rows"]) == [endpoint]


def test_one_that_hangs_does_not_keep_the_others_waiting(endpoint, receiver, admin, monkeypatch):
    monkeypatch.setattr(posting, "SECONDS", 0.2)
    hanging = HTTPServer(("127.0.0.1", 0), Receiver)
    for slow in serving(hanging):
        slow.slow = 0.5
        other = WebhookEndpoint()
        endpoints.write(
            other, name="慢", url=f"http://127.0.0.1:{slow.server_port}/", actor=admin.user
        )
        WebhookEndpoint.objects.filter(pk=endpoint.pk).update(name="快")
        told()
        told()

        assert deliveries.deliver() == 2

    rows = WebhookDelivery.objects.filter(endpoint=other)
    assert [row.tries for row in rows.order_by("pk")] == [1, 0]
    assert "没有得到回答" in rows.get(tries=1).attempts.get().said


def test_a_redirect_is_not_followed(endpoint, receiver):
    receiver.status = 302
    told()
    deliveries.deliver()

    assert len(receiver.got) == 1
    assert WebhookDelivery.objects.get().attempts.get().status == 302


def test_a_receiver_that_wants_no_more_is_switched_off(endpoint, receiver, client):
    receiver.status = 410
    told()
    deliveries.deliver()
    told()
    endpoint.refresh_from_db()

    assert not endpoint.is_on
    assert WebhookDelivery.objects.get().progress == Progress.FAILED
    assert "410" in client.get(endpoint.get_absolute_url()).content.decode()
    client.post(reverse("notifications:webhook_switch", args=[endpoint.pk]))
    endpoint.refresh_from_db()
    assert (endpoint.is_on, endpoint.stopped_why) == (True, "")


def test_a_worker_that_died_leaves_the_event_to_the_next(endpoint, receiver):
    told()
    WebhookDelivery.objects.update(claim="gone", claimed_until=NOW + deliveries.HELD, tries=1)

    assert deliveries.deliver(NOW + MINUTE) == 0
    assert deliveries.deliver(NOW + 3 * MINUTE) == 1
    assert deliveries.deliver(NOW + 4 * MINUTE) == 0


def test_many_notices_are_few_events_and_the_clock_sends_them(endpoint, receiver, client):
    told(103)
    client.post(reverse("notifications:webhook_try", args=[endpoint.pk]))

    schedule.post_webhooks()

    said = [json.loads(body) for _, body in receiver.got]
    assert [(s["type"], len(s["data"].get("notices", []))) for s in said] == [
        ("notice.told", 100), ("notice.told", 3), ("ping", 0),
    ]  # fmt: skip


class TestWhereTo:
    """Nothing is sent to this machine or its network unless the setting says so."""

    @pytest.mark.parametrize(
        "host",
        [
            "127.0.0.1", "localhost", "0.0.0.0", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1",
            "[::1]", "[fe80::1]", "[fd00::1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "224.0.0.1",
            "0x7f.1", "2130706433",
        ],
    )  # fmt: skip
    def test_inner_addresses_in_every_dress_are_refused(self, host):
        with pytest.raises(addresses.ForbiddenTargetError, match="指向内部地址"):
            addresses.looked_up(f"https://{host}/hook")

    @pytest.mark.parametrize(
        ("url", "said"),
        [
            ("ftp://8.8.8.8/", "应当以 https:// 开头"),
            ("8.8.8.8", "应当以 https:// 开头"),
            ("http://8.8.8.8/", "不加密的 http://"),
            ("https://a:b@8.8.8.8/", "不能有用户名、密码"),
            ("https://8.8.8.8/#x", "不能有用户名、密码"),
            ("https://8.8.8.8:99999/", "不是有效的网址"),
            ("https://[1/", "不是有效的网址"),
            ("https://no-such-host.invalid/", "查不到"),
        ],
    )
    def test_what_is_no_address_is_said_on_the_form(self, client, admin, url, said):
        answer = client.post(reverse("notifications:webhook_create"), {"name": "x", "url": url})

        assert answer.status_code == 422
        assert said in answer.content.decode()
        assert not WebhookEndpoint.objects.exists()

    def test_public_addresses_and_named_networks_are_allowed(self, settings):
        assert addresses.looked_up("https://8.8.8.8/a?b=c").path == "/a?b=c"
        settings.WEBHOOK_NETWORKS = ["10.20.0.0/16"]
        assert addresses.looked_up("http://10.20.3.4:8080/").authority == "10.20.3.4:8080"
        with pytest.raises(addresses.ForbiddenTargetError):
            addresses.looked_up("http://10.21.3.4/")

    def test_a_name_that_means_something_else_later_leads_nowhere(
        self, endpoint, receiver, settings, monkeypatch
    ):
        told()
        settings.WEBHOOK_NETWORKS = []

        assert deliveries.deliver() == 0
        assert receiver.got == []
        assert "指向内部地址 127.0.0.1" in WebhookDelivery.objects.get().attempts.get().said

    def test_one_bad_address_of_several_spoils_the_name(self, monkeypatch):
        rows = [(2, 1, 6, "", (ip, 443)) for ip in ("8.8.8.8", "127.0.0.1")]
        monkeypatch.setattr(socket, "getaddrinfo", lambda *a, **k: rows)
        with pytest.raises(addresses.ForbiddenTargetError, match=r"127\.0\.0\.1"):
            addresses.looked_up("https://hooks.example.org/")

    def test_over_tls_the_certificate_must_be_that_of_the_name(
        self, settings, monkeypatch, tmp_path
    ):
        settings.WEBHOOK_NETWORKS = ["127.0.0.0/8"]
        certificate = _certificate(tmp_path, "hooks.example.org")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate)
        server = ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
        server.socket = context.wrap_socket(server.socket, server_side=True)
        rows = [(2, 1, 6, "", ("127.0.0.1", server.server_port))]
        monkeypatch.setattr(
            socket, "getaddrinfo", _only({"hooks.example.org", "other.example.org"}, rows)
        )

        def posted(host):
            url = f"https://{host}:{server.server_port}/"
            return posting.post(url, secret=endpoints.fresh_secret(), event_id="msg_1", body=b"{}")

        for running in serving(server):
            unknown = posted("hooks.example.org")
            monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
            right, wrong = posted("hooks.example.org"), posted("other.example.org")
            assert (right.status, len(running.got)) == (200, 1)
            assert running.got[0][0]["host"] == f"hooks.example.org:{server.server_port}"
        assert unknown.status is None
        assert wrong.status is None


def _only(names, rows):
    """Names of a test mean its own server; every other name, and every number, means what it means."""
    real = socket.getaddrinfo
    return lambda host, *a, **k: rows if host in names else real(host, *a, **k)


def _certificate(folder, name):
    """A certificate of its own for a name, with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = clock.of_the_machine()
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / "server.pem"
    plain = serialization.NoEncryption()
    file.write_bytes(
        key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return file


class TestWhoSetsUp:
    def test_an_administrator_on_record_and_the_auditors_hear_of_it(self, client, admin, receiver):
        auditor = MembershipFactory(role=Role.AUDITOR, authority=admin.authority)
        url = f"http://127.0.0.1:{receiver.server_port}/hook"

        page = client.post(
            reverse("notifications:webhook_create"), {"name": "办公系统", "url": url}
        )
        row = WebhookEndpoint.objects.get()
        edit = reverse("notifications:webhook_edit", args=[row.pk])
        assert page.context["secret"].startswith("whsec_")
        assert (
            client.post(edit, {"name": "办公系统", "url": f"{url}2"}).url == row.get_absolute_url()
        )
        client.post(edit, {"name": "办公系统", "url": f"{url}2"})
        client.post(reverse("notifications:webhook_switch", args=[row.pk]))

        actions = list(AuditEntry.objects.about(row).values_list("action", flat=True))
        assert actions == ["webhook.switch", "webhook.write", "webhook.add"]
        assert Message.objects.filter(membership=auditor).count() == 3
        assert url in Message.objects.filter(membership=auditor).last().body
        told()
        assert not WebhookDelivery.objects.exists()

    @pytest.mark.parametrize(
        "role", [Role.CITY_ADMIN, Role.DISTRICT_ADMIN, Role.AUDITOR, Role.UNIT_USER]
    )
    def test_nobody_else(self, client, endpoint, admin, role):
        where = (
            {"as_unit": True}
            if role == Role.UNIT_USER
            else {"role": role, "authority": admin.authority}
        )
        sign_in(client, MembershipFactory(**where))

        for name, args in (("webhooks", ()), ("webhook_create", ())):
            assert client.get(reverse(f"notifications:{name}", args=args)).status_code == 403
        for name in ("webhook", "webhook_edit"):
            assert (
                client.get(reverse(f"notifications:{name}", args=[endpoint.pk])).status_code == 404
            )
        for name in ("webhook_switch", "webhook_secret", "webhook_try"):
            assert (
                client.post(reverse(f"notifications:{name}", args=[endpoint.pk])).status_code == 404
            )
