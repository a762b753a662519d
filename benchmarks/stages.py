"""The lists of a campaign, the desk and the campaign page in a campaign of 60,000 sheets.

    python benchmarks/stages.py [UNITS] [--engine sqlite|postgres] [--database URL] [--slow] [--missed-night]

Run by hand, on a campaign of its own (`country.py`). Every page is asked for by the municipal office and by
one district, the first and the last of each list. Server time is what Python and the database compute,
without waiting their turn; on PostgreSQL the database's part of it stands beside. Exit status 1 when a page is
over its bar. With ``--missed-night`` nobody has written down yet what lapsed overnight (on a fresh database).
"""

import argparse
import datetime as dt
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from country import build, choose_engine

BAR_MS, ROUNDS = 60, 9
#: The first of what the orders asked for was due yesterday.
DAY = dt.date(2021, 8, 2)
LAST = re.compile(r"[?&;]page=(\d+)")


def pages(campaign: int) -> list[str]:
    """What is measured; ``{last}`` stands for the last page of a list."""
    lists = ["/rectification/", "/campaigns/duties/", "/inspections/", "/self-checks/"]
    found = [f"{path}{query}" for path in lists for query in ("", "?page={last}")]
    return [*found, "/", f"/campaigns/{campaign}/"]


def computing() -> Callable[[], float]:
    """Seconds computed so far by this process and, on PostgreSQL, by the server's of this connection."""
    from django.db import connection  # noqa: PLC0415

    if connection.vendor != "postgresql":
        return time.process_time
    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")
        cursor.execute("SELECT pg_backend_pid()")
        schedule = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")
    return lambda: time.process_time() + int(schedule.read_text("ascii").split()[0]) / 1e9


def ask(
    client: object, url: str, spent_so_far: Callable[[], float]
) -> tuple[float, float, float, list]:
    """Milliseconds of server time, of it the database's, and of the clock, the best of some answers (what else the cores do
    only adds to them), and the statements of one."""
    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    with CaptureQueriesContext(connection) as asked:
        answer = client.get(url)
    statements = list(asked.captured_queries)
    assert answer.status_code == 200, (url, answer.status_code)
    rounds = []
    for _ in range(ROUNDS):
        start, own, clock = spent_so_far(), time.process_time(), time.perf_counter()
        client.get(url)
        own = time.process_time() - own
        server = spent_so_far() - start
        rounds.append((server, server - own, time.perf_counter() - clock))
    best = [min(column) * 1000 for column in zip(*rounds, strict=True)]
    return best[0], best[1], best[2], statements


def last_page(client: object, path: str) -> int:
    """The number of the last page, as the pages' own links say."""
    found = LAST.findall(client.get(path).content.decode())
    return max(map(int, found), default=1)


def signed_in(membership: object) -> object:
    from django.test import Client  # noqa: PLC0415

    from metrostd.accounts.middleware import SESSION_KEY  # noqa: PLC0415

    client = Client()
    client.force_login(membership.user)
    session = client.session
    session[SESSION_KEY] = membership.pk
    session.save()
    return client


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("units", type=int, nargs="?", default=12_000)
    parser.add_argument("--slow", action="store_true", help="show the statements of failing pages")
    parser.add_argument(
        "--missed-night", action="store_true", help="before the nightly jobs have run"
    )
    options = choose_engine(parser)
    from django.core.management import call_command  # noqa: PLC0415

    from campaigns.models import Campaign  # noqa: PLC0415
    from metrostd.common import clock, table_statistics  # noqa: PLC0415

    call_command("collectstatic", interactive=False, verbosity=0)
    if not Campaign.objects.exists():
        start = time.perf_counter()
        build(options.units, others=0)
        print(f"{options.units * 5} sheets built in {time.perf_counter() - start:.0f} s")
    if not options.missed_night:
        pass_the_night()
    table_statistics.refresh()
    campaign = Campaign.objects.get()
    with clock.pinned(clock.at_time(DAY, 8)):
        failed = measure(campaign, options)
    print(f"\n{failed} pages over the bar of {BAR_MS} ms")
    return int(failed > 0)


def pass_the_night() -> None:
    """What the nightly jobs write down in the first hour of the day."""
    from metrostd.common import clock  # noqa: PLC0415
    from rectification.schedule import fail_overdue_findings  # noqa: PLC0415
    from selfcheck.schedule import mark_overdue  # noqa: PLC0415

    with clock.pinned(clock.at_time(DAY, 0)):
        mark_overdue()
        fail_overdue_findings()


def measure(campaign: object, options: argparse.Namespace) -> int:
    """Ask for every page as each office; returns how many were over the bar."""
    from metrostd.accounts.models import Membership  # noqa: PLC0415
    from metrostd.common.roles import Role  # noqa: PLC0415

    failed, spent_so_far = 0, computing()
    for role in (Role.CITY_ADMIN, Role.DISTRICT_ADMIN):
        client = signed_in(Membership.objects.filter(role=role).first())
        print(
            f"\n{role} on {options.engine}\n{'server':>7} {'of it db':>8} {'clock':>7} {'queries':>7}  page"
        )
        for url in pages(campaign.pk):
            if "{last}" in url:
                url = url.format(last=last_page(client, url.partition("?")[0]))
            spent, stored, clock, asked = ask(client, url, spent_so_far)
            failed += spent > BAR_MS
            print(f"{spent:7.1f} {stored:8.1f} {clock:7.1f} {len(asked):7}  {url}", flush=True)
            if options.slow and spent > BAR_MS:
                for row in sorted(asked, key=lambda row: -float(row["time"]))[:4]:
                    print(f"          {row['time']} {row['sql'][:900]}")
    return failed


if __name__ == "__main__":
    sys.exit(main())
