"""Saving one answer on a sheet, against a view that reads the session and updates one row (`bare.py`).

    python benchmarks/saving.py [--engine sqlite|postgres] [--units N] [--rounds N]

Run by hand, on a campaign of its own (`country.py`). In process: CPU of a request to the test client, the
two in turn, median; the bare view has Django's session and nothing of the portal's. Over HTTP: CPU of a
gunicorn with one process each, the same number of requests sent to each in turn; the bare view stands once
behind everything that stands before every view of the portal (that one has the bar), and once behind the
session alone. Exit status 1 when anything is over its bar.
"""

import argparse
import os
import statistics
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from http.client import HTTPConnection
from pathlib import Path
from urllib.parse import urlencode

sys.path.insert(0, str(Path(__file__).resolve().parent))

from country import ROOT, Country, build, choose_engine

BAR_PROCESS, BAR_HTTP, BAR_QUERIES = 3.5, 1.8, 12
FORM = "application/x-www-form-urlencoded"


class Sheet:
    """The open sheet of a visit under way, and what its page sends."""

    def __init__(self, country: Country) -> None:
        from inspections.models import ChecklistAnswer, TeamMember  # noqa: PLC0415

        task = next(task for task in country.tasks if task.state == "in_progress")
        self.leader = TeamMember.objects.get(task=task, role="leader").membership
        self.rows = list(ChecklistAnswer.objects.filter(sheet__task=task).order_by("pk")[:40])
        self._versions = {row.pk: row.version for row in self.rows}
        self._sent = 0

    def next(self) -> tuple[str, str, str]:
        """Address and body of the next save, and the body of the bare one."""
        row = self.rows[self._sent % len(self.rows)]
        self._sent += 1
        version = self._versions[row.pk]
        self._versions[row.pk] += 1
        given = {
            "answer": "deficient",
            "note": f"证书有效期已过，见附件第{self._sent}页。",
            "version": version,
            "client_id": uuid.uuid4(),
            "as": f"{self.leader.user_id}-{self.leader.pk}",
        }
        return (
            f"/inspections/answers/{row.pk}/",
            urlencode(given),
            urlencode(given | {"pk": row.pk}),
        )


def signed_in(sheet: Sheet) -> object:
    from django.test import Client  # noqa: PLC0415

    from metrostd.accounts.middleware import SESSION_KEY  # noqa: PLC0415

    client = Client()
    client.force_login(sheet.leader.user)
    session = client.session
    session[SESSION_KEY] = sheet.leader.pk
    session.save()
    return client


def in_process(sheet: Sheet, rounds: int) -> tuple[float, float, int]:
    """CPU milliseconds of a save and of the bare one, and the statements of a save."""
    from bare import MIDDLEWARE  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415
    from django.test import Client, override_settings  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415
    from django.urls import get_resolver, resolve  # noqa: F401, PLC0415

    client = signed_in(sheet)
    plain = Client()
    plain.cookies = client.cookies
    spent: dict[str, list[float]] = {"save": [], "bare": []}

    def send(kind: str, to: Client, url: str, body: str) -> None:
        start = time.process_time()
        answer = to.post(url, body, content_type=FORM, headers={"X-Requested-With": "autosave"})
        spent[kind].append((time.process_time() - start) * 1000)
        assert answer.status_code == 200, answer.content.decode()

    for _ in range(rounds):
        url, body, bare_body = sheet.next()
        send("save", client, url, body)
        with override_settings(MIDDLEWARE=MIDDLEWARE, ROOT_URLCONF="bare"):
            send("bare", plain, "/bare/", bare_body)
    with CaptureQueriesContext(connection) as asked:
        url, body, _ = sheet.next()
        send("save", client, url, body)
    for query in asked.captured_queries if os.environ.get("SHOW") else ():
        print("   ", query["sql"][:220])
    half = rounds // 3
    return (
        statistics.median(spent["save"][half:]),
        statistics.median(spent["bare"][half:]),
        len(asked),
    )


@contextmanager
def gunicorn(application: str) -> Iterator[tuple[int, Callable[[], float]]]:
    """A server with one process: its port, and a function that tells its CPU seconds so far."""
    from tests.services import free_port, wait_for  # noqa: PLC0415

    port = free_port()
    command = [sys.executable, "-m", "gunicorn", application, "-b", f"127.0.0.1:{port}"]
    command += ["--no-control-socket", "--pythonpath", f"{ROOT},{ROOT / 'benchmarks'}"]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        wait_for(port)
        yield port, lambda: sum(_cpu(child) for child in _children(process.pid))
    finally:
        process.terminate()
        process.wait(20)


def _children(pid: int) -> list[int]:
    return [int(p) for p in Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii").split()]


def _cpu(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text("ascii").rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def over_http(sheet: Sheet, rounds: int) -> list[float]:
    """CPU milliseconds a request: a save, the bare view behind the portal's middlewares, and its floor."""
    from django.conf import settings  # noqa: PLC0415

    client = signed_in(sheet)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    token = "t" * 32
    headers = {
        "Content-Type": FORM,
        "Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}; {settings.CSRF_COOKIE_NAME}={token}",
        "X-CSRFToken": token,
        "X-Requested-With": "autosave",
    }
    with ExitStack() as running:
        servers = [
            running.enter_context(gunicorn(each))
            for each in ("metrostd.wsgi", "bare_wsgi:portal()", "bare_wsgi:floor()")
        ]
        spent: list[float] = []
        for count in (rounds // 4, rounds):
            before = [cpu() for _, cpu in servers]
            for _ in range(count):
                url, body, bare_body = sheet.next()
                for (port, _), to in zip(servers, (url, "/bare/", "/bare/"), strict=True):
                    _send(port, to, body if to == url else bare_body, headers)
            now = [cpu() for _, cpu in servers]
            spent = [(b - a) / count * 1000 for a, b in zip(before, now, strict=True)]
    return spent


def _send(port: int, url: str, body: str, headers: dict[str, str]) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("POST", url, body, headers)
    answer = connection.getresponse()
    text = answer.read()
    assert answer.status == 200, text.decode()[:500]
    connection.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, default=120, help="inspected units of five sheets")
    parser.add_argument("--rounds", type=int, default=300)
    options = choose_engine(parser)
    sheet = Sheet(build(options.units, answers=43, others=0))
    save, bare, queries = in_process(sheet, options.rounds)
    print(f"{options.units * 5} sheets, {options.engine}")
    print(
        f"in process: {save:.2f} ms CPU, bare {bare:.2f} ms, {save / bare:.2f} ×, {queries} statements"
    )
    http, behind, floor = over_http(sheet, options.rounds)
    print(f"over HTTP: {http:.2f} ms CPU, bare {behind:.2f} ms, {http / behind:.2f} ×")
    print(f"           bare behind the session alone {floor:.2f} ms, {http / floor:.2f} ×")
    over = save / bare > BAR_PROCESS or http / behind > BAR_HTTP or queries >= BAR_QUERIES
    print("over its bar" if over else "within its bars")
    return int(over)


if __name__ == "__main__":
    sys.exit(main())
