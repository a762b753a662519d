"""1,000 public requests a second to the archive from one machine: what they do to an inspector's save.

    python benchmarks/archive.py [--seconds N] [--rate N] [--engine sqlite|postgres] [--alone]

Run by hand, on a campaign of its own (`country.py`) with published bulletins, against the portal as
docker-compose.yml has it: gunicorn with three processes, behind Caddy and the keeper of public pages (nginx), as
far as those are installed; ``--alone`` leaves them out. A device saves one answer after the other, every twentieth
of a second. Turns of two seconds follow each other, so that what else the machine does falls on all: nobody else,
the load sent to a process that does nothing but answer, the load sent to the archive. The second is what asking from
the same two cores costs, whoever answers. Tells median and 95th percentile of a save in each, the ratios, how much of
a core everybody used meanwhile, and how many public requests were answered. Exit status 1 when a save is slower by
more than a tenth than without load, or the archive answers fewer.
"""

import argparse
import contextlib
import multiprocessing
import os
import selectors
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from country import ROOT, build, choose_engine
from saving import FORM, Sheet, signed_in

BAR = 1.1
#: Seconds each turn lasts.
TURN = 2.0
QUIET, SINK, ARCHIVE = TURNS = ("without load", "load on nothing", "load on the archive")
#: Bytes of an answer of the process that does nothing: a page of the archive, compressed.
PAGE = 3000
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
def gunicorn() -> Iterator[tuple[int, int]]:
    """The command of the Dockerfile on a port of loopback; the port and its process."""
    from tests.services import free_port, wait_for  # noqa: PLC0415

    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "metrostd.wsgi", "--bind", f"127.0.0.1:{port}"]
    command += ["--workers", "3", "--threads", "4", "--timeout", "60", "--no-control-socket"]
    command += ["--log-level", "error"]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        wait_for(port)
        yield port, process.pid
    finally:
        process.terminate()
        process.wait(20)


@contextlib.contextmanager
def nothing() -> Iterator[tuple[int, int]]:
    """The process that does nothing: its port and its id."""
    from tests.services import free_port, wait_for  # noqa: PLC0415

    port = free_port()
    process = multiprocessing.get_context("spawn").Process(
        target=answer_nothing, args=(port,), daemon=True
    )
    process.start()
    wait_for(port)
    assert process.pid
    yield port, process.pid
    process.terminate()


def turn_at(passed: float) -> str:
    return TURNS[int(passed / TURN) % len(TURNS)]


def load(ports: dict[str, int], addresses: list[str], rate: int, seconds: float) -> None:
    """A process of its own: ``rate`` requests a second in turns; prints how many the archive answered, and how many not
    with 200."""
    requests = [
        f"GET {url} HTTP/1.1\r\nHost: 127.0.0.1:{ports[ARCHIVE]}\r\nX-Forwarded-For: 10.0.0.9\r\n"
        "Accept-Encoding: gzip\r\n\r\n".encode()
        for url in addresses
    ]
    open_ = {name: [_connected(port) for _ in range(CONNECTIONS)] for name, port in ports.items()}
    answered, refused = Counter[str](), Counter[str]()
    sent = 0
    turn, begin = -1, time.monotonic()
    while (now := time.monotonic() - begin) < seconds:
        if int(now / TURN) != turn:
            turn, kind, sent = int(now / TURN), turn_at(now), 0
        if kind not in ports:
            time.sleep((turn + 1) * TURN - now)
            continue
        if int((now - turn * TURN) * rate) - sent < CONNECTIONS:
            time.sleep(CONNECTIONS / rate / 2)
            continue
        for at, connection in enumerate(open_[kind]):
            with contextlib.suppress(OSError):  # the answer will be missing, too
                connection.sendall(requests[(sent + at) % len(requests)])
        for at, connection in enumerate(open_[kind]):
            status, closed = _read(connection)
            answered[kind], refused[kind] = answered[kind] + 1, refused[kind] + (status != b"200")
            if closed:
                connection.close()
                open_[kind][at] = _connected(ports[kind])
        sent += CONNECTIONS
    print(answered[ARCHIVE], refused[ARCHIVE])


def _connected(port: int) -> socket.socket:
    return socket.create_connection(("127.0.0.1", port))


def answer_nothing(port: int) -> None:
    """A process of its own that answers whatever is asked with the same bytes."""
    said = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % PAGE + bytes(PAGE)
    with socket.create_server(("127.0.0.1", port)) as server, selectors.DefaultSelector() as asked:
        asked.register(server, selectors.EVENT_READ)
        while True:
            for key, _ in asked.select():
                if key.fileobj is server:
                    asked.register(server.accept()[0], selectors.EVENT_READ)
                    continue
                connection: socket.socket = key.fileobj  # type: ignore[assignment]
                if connection.recv(65536):
                    connection.sendall(said)
                else:
                    asked.unregister(connection)


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


@dataclass
class Seen:
    """Of each kind of turn: milliseconds of saves, seconds it lasted, seconds of CPU by process."""

    saves: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in TURNS})
    lasted: Counter[str] = field(default_factory=Counter)
    cpu: dict[str, Counter[str]] = field(default_factory=lambda: defaultdict(Counter))

    def said(self, turn: str) -> str:
        taken = self.saves[turn]
        used = {name: used / self.lasted[turn] for name, used in self.cpu[turn].items()}
        cores = ", ".join(f"{name} {n:.2f}" for name, n in sorted(used.items()) if n >= 0.005)
        return (
            f"  {turn}: {statistics.median(taken):.1f} ms (95 % {statistics.quantiles(taken, n=20)[-1]:.1f}, "
            f"{len(taken)} saves); cores: {cores}"
        )


def save_on(port: int, sheet: Sheet, cookie: str, seconds: float, names: dict[int, str]) -> Seen:
    """Save one answer after the other."""
    headers = {
        "Content-Type": FORM, "Cookie": cookie, "X-CSRFToken": "t" * 32,
        "X-Requested-With": "autosave", "Host": f"127.0.0.1:{port}",
    }  # fmt: skip
    seen = Seen()
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    begin, used, turn, began = time.monotonic(), cpu_of(names), 0, 0.0
    while (start := time.monotonic() - begin) < seconds:
        if int(start / TURN) != turn:
            now, kind = cpu_of(names), turn_at(turn * TURN)
            seen.cpu[kind].update(now - used)
            seen.lasted[kind] += start - began  # type: ignore[assignment]
            used, turn, began = now, int(start / TURN), start
        url, body, _ = sheet.next()
        connection.request("POST", url, body, headers)
        answer = connection.getresponse()
        text = answer.read()
        assert answer.status == 200, text.decode()[:500]
        end = time.monotonic() - begin
        if int(start / TURN) == int(end / TURN):
            seen.saves[turn_at(start)].append((end - start) * 1000)
        time.sleep(PAUSE)
    return seen


def cpu_of(names: dict[int, str]) -> Counter[str]:
    """Seconds of CPU so far, by what stands in ``names`` of a process or of one it came from, else by its command."""
    told: Counter[str] = Counter()
    parents, used, commands = {}, {}, {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            head, _, rest = stat.read_text().rpartition(") ")
            pid, fields = int(stat.parent.name), rest.split()
            parents[pid], commands[pid] = int(fields[1]), head.partition(" (")[2]
            used[pid] = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    for pid, seconds in used.items():
        line = [pid]
        while line[-1] in parents and line[-1] != os.getpid():
            line.append(parents[line[-1]])
        if line[-1] == os.getpid():
            known = next((names[one] for one in line[:-1] if one in names), commands[pid])
            told["saving" if pid == os.getpid() else known] += seconds  # type: ignore[assignment]
    return told


def warm(port: int, url: str) -> None:
    connection = HTTPConnection("127.0.0.1", port, timeout=120)
    connection.request("GET", url)
    connection.getresponse().read()
    connection.close()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=30)
    parser.add_argument("--rate", type=int, default=1000)
    parser.add_argument("--alone", action="store_true")
    parser.add_argument("--load", nargs="*", help=argparse.SUPPRESS)
    if "--load" in sys.argv:
        given = parser.parse_args()
        sink, archive, *addresses = given.load
        load({SINK: int(sink), ARCHIVE: int(archive)}, addresses, given.rate, given.seconds)
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
    with (
        tempfile.TemporaryDirectory() as folder,
        gunicorn() as (portal, pid),
        nothing() as (sink, sink_pid),
    ):
        Path(folder).chmod(0o755)  # the workers of the keeper are another user
        stands = contextlib.nullcontext((portal, "the portal alone"))
        with stands if options.alone else front(Path(folder), portal) as (port, what):
            for url in addresses * 3:  # each process has made each page
                warm(portal, url)
                warm(port, url)
            save_on(port, sheet, cookie, 2, {})
            crowd = subprocess.Popen(
                [sys.executable, __file__, "--seconds", str(options.seconds), "--rate", str(options.rate),
                 "--load", str(sink), str(port), *addresses],
                stdout=subprocess.PIPE, text=True,
            )  # fmt: skip
            names = {pid: "portal", sink_pid: "nothing", crowd.pid: "asking"}
            seen = save_on(port, sheet, cookie, options.seconds, names)
            answered, refused = map(int, crowd.communicate()[0].split())
    held = answered / seen.lasted[ARCHIVE]
    quiet, control, busy = (statistics.median(seen.saves[turn]) for turn in TURNS)
    print(
        f"{what}, {options.engine}, load of the machine {os.getloadavg()[0]:.1f}: a save under {held:.0f} public requests a "
        f"second takes {busy / quiet:.2f} ×; under as many asked of nothing {control / quiet:.2f} ×; "
        f"{refused} of {answered} were not answered with a page"
    )
    print(*(seen.said(turn) for turn in TURNS), sep="\n")
    return int(busy / quiet > BAR or held < 0.95 * options.rate or refused > 0)


if __name__ == "__main__":
    sys.exit(main())
