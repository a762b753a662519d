"""The keeper of public pages with its own configuration: what it keeps, for whom, how long, and what it bounds."""

import re
import threading
from collections import Counter
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from django.urls import reverse

from metrostd import settings as ours
from tests import deployed
from tests.deployed import archive, proxy
from tests.test_routes import READ_ONLY, ROUTES

pytestmark = pytest.mark.services


class Portal(BaseHTTPRequestHandler):
    """Counts what comes through, and says what it heard."""

    asked: Counter[str] = Counter()
    kept = "public, max-age=60"

    def do_GET(self):
        type(self).asked[self.path] += 1
        body = f"{self.headers.get('Cookie')} {self.headers.get('X-Forwarded-For')}".encode()
        self.send_response(200)
        if self.kept:
            self.send_header("Cache-Control", self.kept)
        self.send_header("Vary", "Cookie, Accept-Encoding")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Nothing."""


@pytest.fixture
def portal(monkeypatch):
    monkeypatch.setattr(Portal, "asked", Counter())
    with ThreadingHTTPServer(("127.0.0.1", 0), Portal) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_port
        server.shutdown()


@pytest.fixture
def folder(tmp_path_factory):
    """Its workers may be another user than whoever starts it."""
    made = tmp_path_factory.mktemp("archive")
    for each in (made, *made.parents[:2]):
        each.chmod(0o755)
    made.chmod(0o777)
    return made


def get(port, path="/bulletins/", *, cookie="", visitor="10.0.0.1", **more):
    connection = HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers={"Cookie": cookie, "X-Forwarded-For": visitor} | more)
    answer = connection.getresponse()
    text = answer.read().decode()
    connection.close()
    return answer.status, text


def test_a_page_is_asked_for_once_and_nothing_of_a_person_is_in_it(folder, portal):
    with archive(folder, portal) as port:
        for name in ("甲", "乙"):
            status, text = get(port, cookie=f"sessionid={name.encode().hex()}")
            assert (status, text.split()[0]) == (200, "None")

        assert Portal.asked == {"/bulletins/": 1}
        get(port, "/bulletins/?q=1")
        assert Portal.asked["/bulletins/?q=1"] == 1


def test_what_the_portal_does_not_let_be_kept_is_not_kept(folder, portal, monkeypatch):
    monkeypatch.setattr(Portal, "kept", "")
    with archive(folder, portal) as port:
        for _ in range(2):
            get(port)

    assert Portal.asked["/bulletins/"] == 2


def test_a_visitor_who_asks_for_other_words_each_time_is_bounded_and_others_are_not(folder, portal):
    with archive(folder, portal) as port:
        said = Counter(get(port, f"/bulletins/?q=x{n}")[0] for n in range(200))
        other, _ = get(port, "/bulletins/?q=y", visitor="10.0.0.2")
        kept, _ = get(port, "/bulletins/?q=x0")

    assert said[429] > 0
    assert said[200] >= 40
    assert (other, kept) == (200, 200)


def test_the_proxy_sends_public_pages_there_and_refuses_a_film_with_a_sentence(folder, portal):
    with archive(folder, portal) as kept, proxy(folder, portal, kept) as port:
        for _ in range(2):
            get(port)
            get(port, "/inside/", cookie="sessionid=1")
        connection = HTTPConnection("127.0.0.1", port, timeout=30)
        connection.putrequest("POST", "/complaints/new/")
        connection.putheader("Content-Length", str(200 * 10**6))
        connection.endheaders()
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()

    assert (Portal.asked["/bulletins/"], Portal.asked["/inside/"]) == (1, 2)
    assert answer.status == 413
    assert "超过 100 MB" in text


def test_what_is_kept_is_public_to_whoever_asks():
    """A page inside would be asked for without its reader's session."""
    told = deployed.configured("caddyfile")
    kept, left = (
        re.search(rf"^\s+{word} (.+)$", told, re.M)[1].replace("*", "").split()
        for word in ("path", "not path")
    )
    sent = set()
    for name, entry in ROUTES.items():
        url = reverse(name, kwargs=dict.fromkeys(entry.pattern.converters, 1))
        if url.startswith(tuple(kept)) and not url.startswith(tuple(left)):
            sent.add(name)

    assert sent == {
        name for name in READ_ONLY if name.startswith(("bulletins:", "notices_public:"))
    }


def test_the_bound_of_the_proxy_is_above_the_portals_own():
    told = deployed.configured("caddyfile")

    assert "超过 100 MB" in told
    assert ours.BODY_MAX_BYTES < 110_000_000
