"""1,000 public requests a second to the archive from one machine: what they do to an inspector's save.

    python benchmarks/archive.py [--seconds N] [--rate N] [--engine sqlite|postgres] [--alone]

Run by hand, on a campaign of its own (`country.py`) with published bulletins, against the portal as
docker-compose.yml has it: gunicorn with three processes, behind Caddy and the keeper of public pages (nginx), as
far as those are installed; ``--alone`` leaves them out. A device saves one answer after the other, every twentieth
of a second; the load comes and goes every two seconds, so that what else the machine does falls on both. Tells median and 95th
percentile of a save with and without, their ratio, and how many public requests were answered. Exit status 1
when a save is slower by more than a tenth, or the archive answers fewer.
"""

import argparse
import contextlib
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from http.client import HTTPConnection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from country import ROOT, build, choose_engine
from saving import FORM, Sheet, signed_in

BAR = 1.1
#: Seconds the load lasts, and then rests.
TURN = 2.0
#: Between two saves: a person on a tablet, only faster.
PAUSE = 0.05
#: Connections of the load; each has one request under way.
CONNECTIONS = 20
BULLETINS = 12


def publish(country: object) -> list[str]:
    """Bulletins of a page or two; addresses of the archive as visitors ask for them."""
    from metrostd.common import clock  # noqa: PLC0415
    from reporting.models import Bulletin  # noqa: PLC0415

    paragraphs = [
        {"kind": "text", "runs": [f"第{n}段：检查计量标准，发现的问题已经整改。" * 8], "head": [], "rows": []}
        for n in range(20)
    ]  # fmt: skip
    paper = {
        "title": ["示例通报"], "addressee": "", "blocks": paragraphs, "attached": "",
        "office": "示例市场监督管理委员会", "day": "2021年10月15日", "note": "",
    }  # fmt: skip
    Bulletin.objects.bulk_create(
        Bulletin(
            campaign=country.campaign, title=f"示例通报{n}", text="示例", basis="示例",  # type: ignore[attr-defined]
            visible_from=clock.today(), state="published", published_at=clock.now(),
            published=paper, searched=f"示例通报{n}",
        )
        for n in range(BULLETINS)
    )  # fmt: skip
    pages = [f"/bulletins/{pk}/" for pk in Bulletin.objects.values_list("pk", flat=True)]
    return ["/bulletins/", *pages, *(f"/bulletins/?q={n}" for n in range(5))]


@contextlib.contextmanager
def gunicorn() -> Iterator[int]:
    """The command of the Dockerfile on a port of loopback."""
    from tests.services import free_port, wait_for  # noqa: PLC0415

    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "metrostd.wsgi", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", "3", "--threads", "4", "--timeout", "60", "--no-control-socket"]
    command += ["--log-level", "error"]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        wait_for(port)
        yield port
    finally:
        process.terminate()
        process.wait(20)


def load(port: int, addresses: list[str], rate: int, seconds: float) -> None:
    """A process of its own: ``rate`` requests a second in turns; prints how many were answered, and how many not with 200."""
    requests = [
        f"GET {url} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nX-Forwarded-For: 10.0.0.9\r\n"
        "Accept-Encoding: gzip\r\n\r\n".encode()
        for url in addresses
    ]
    open_: list[socket.socket] = []
    answered = refused = sent = 0
    begin = time.monotonic()
    while (now := time.monotonic() - begin) < seconds:
        turn, within = divmod(now, TURN)
        if not int(turn) % 2:  # even turns are quiet
            time.sleep(TURN - within)
            continue
        due = int((int(turn) // 2) * TURN * rate + within * rate) - sent
        if due < CONNECTIONS:
            time.sleep(CONNECTIONS / rate / 2)
            continue
        if not open_:
            open_ = [socket.create_connection(("127.0.0.1", port)) for _ in range(CONNECTIONS)]
        for at, connection in enumerate(open_):
            with contextlib.suppress(OSError):  # the answer will be missing, too
                connection.sendall(requests[(sent + at) % len(requests)])
        for at, connection in enumerate(open_):
            status, closed = _read(connection)
            answered, refused = answered + 1, refused + (status != b"200")
            if closed:
                connection.close()
                open_[at] = socket.create_connection(("127.0.0.1", port))
        sent += CONNECTIONS
    print(answered, refused)


def _read(connection: socket.socket) -> tuple[bytes, bool]:
    """Status of one answer, and whether the server closes the connection after it; none from a connection that broke."""
    data = b""
    while b"\r\n\r\n" not in data:
        try:
            more = connection.recv(65536)
        except OSError:
            more = b""
        if not more:
            return b"", True
        data += more
    head, _, body = data.partition(b"\r\n\r\n")
    lower = head.lower()
    _, _, after = lower.partition(b"content-length:")
    left = int(after.split(b"\r\n")[0] or 0) - len(body)
    while left > 0:
        left -= len(connection.recv(65536))
    return head.split(b" ", 2)[1], b"connection: close" in lower


def save_on(port: int, sheet: Sheet, cookie: str, seconds: float) -> dict[bool, list[float]]:
    """Milliseconds of saves, one after the other: those in quiet turns (False) and those under load."""
    headers = {
        "Content-Type": FORM, "Cookie": cookie, "X-CSRFToken": "t" * 32,
        "X-Requested-With": "autosave", "Host": f"127.0.0.1:{port}",
    }  # fmt: skip
    taken: dict[bool, list[float]] = {False: [], True: []}
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    begin = time.monotonic()
    while (start := time.monotonic() - begin) < seconds:
        url, body, _ = sheet.next()
        connection.request("POST", url, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status == 200, text.decode()[:500]
        end = time.monotonic() - begin
        if int(start / TURN) == int(end / TURN):
            taken[bool(int(start / TURN) % 2)].append((end - start) * 1000)
        time.sleep(PAUSE)
    return taken


def warm(port: int, url: str) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("GET", url)
    connection.getresponse().read()
    connection.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--rate", type=int, default=1000)
    parser.add_argument("--alone", action="store_true")
    parser.add_argument("--load", nargs="*", help=argparse.SUPPRESS)
    if "--load" in sys.argv:
        given = parser.parse_args()
        port, *addresses = given.load
        load(int(port), addresses, given.rate, given.seconds)
        return 0
    options = choose_engine(parser)
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415

    from tests.deployed import front  # noqa: PLC0415

    os.environ["TRUSTED_PROXIES"] = "1"
    call_command("collectstatic", interactive=False, verbosity=0)
    country = build(10, answers=43, others=0)
    sheet, addresses = Sheet(country), publish(country)
    client = signed_in(sheet)
    cookie = f"{settings.SESSION_COOKIE_NAME}={client.cookies[settings.SESSION_COOKIE_NAME].value}"
    cookie += f"; {settings.CSRF_COOKIE_NAME}={'t' * 32}"
    with tempfile.TemporaryDirectory() as folder, gunicorn() as portal:
        Path(folder).chmod(0o755)  # the workers of the keeper are another user
        stands = contextlib.nullcontext((portal, "the portal alone"))
        with stands if options.alone else front(Path(folder), portal) as (port, what):
            for url in addresses * 3:  # each process has made each page
                warm(portal, url)
            save_on(port, sheet, cookie, 2)
            crowd = subprocess.Popen(
                [sys.executable, __file__, "--seconds", str(options.seconds), "--rate", str(options.rate),
                 "--load", str(port), *addresses],
                stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
            taken = save_on(port, sheet, cookie, options.seconds)
            answered, refused = map(int, crowd.communicate()[0].split())
    loaded = options.seconds // (2 * TURN) * TURN + max(0, options.seconds % (2 * TURN) - TURN)
    quiet, busy = (statistics.median(taken[key]) for key in (False, True))
    slow = [statistics.quantiles(taken[key], n=20)[-1] for key in (False, True)]
    held = answered / loaded
    print(
        f"{what}, {options.engine}, load of the machine {os.getloadavg()[0]:.1f}: a save takes {quiet:.1f} ms "
        f"(95 % {slow[0]:.1f}, {len(taken[False])} saves), under {held:.0f} public requests a second "
        f"{busy:.1f} ms (95 % {slow[1]:.1f}, {len(taken[True])} saves): {busy / quiet:.2f} ×; "
        f"{refused} of {answered} were not answered with a page"
    )
    return int(busy / quiet > BAR or held < 0.95 * options.rate or refused > 0)


if __name__ == "__main__":
    sys.exit(main())
