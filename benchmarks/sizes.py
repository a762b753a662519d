"""Saving one answer among 600 sheets and among 60,000: the same portal, the same save, asked in turn.

    python benchmarks/sizes.py [--engine sqlite|postgres] [--units 120 12000] [--rounds N]

Run by hand. Each size has a database of its own (`country.py`, five sheets a unit, 43 answers a sheet) and a gunicorn
of one process; saves go to the two in turn, so that both are disturbed alike. CPU is that of gunicorn, and on
PostgreSQL of the server's process behind its connection as well; the clock is from sending to the last byte, median.
Exit status 1 when the ratio of the CPU is over the bar.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from http.client import HTTPConnection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from country import ROOT, build, choose_engine
from saving import FORM, Sheet, _cpu, gunicorn, signed_in

BAR, ANSWERS = 1.1, 43
TOKEN = "t" * 32


def prepare(units: int, rounds: int) -> None:
    """Build one size; prints the saves to send and how many sheets and answers there are."""
    from django.conf import settings  # noqa: PLC0415
    from django.db import connection  # noqa: PLC0415

    from inspections.models import ChecklistAnswer, ChecklistSheet  # noqa: PLC0415
    from metrostd.common import table_statistics  # noqa: PLC0415

    country = build(units, answers=0, others=0)
    # The answers nobody has written yet, by the database itself: millions of rows in a minute.
    names = ("answer", "note", "version", "sheet_id", "item_id")
    columns = ", ".join(ChecklistAnswer._meta.get_field(name).column for name in names)
    items = ", ".join(str(item.pk) for item in country.items[:ANSWERS])
    table, sheets = ChecklistAnswer._meta.db_table, ChecklistSheet._meta.db_table
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {table} ({columns}) SELECT '', '', 0, s.id, i.id FROM {sheets} s "
            f"CROSS JOIN campaigns_checklistitem i WHERE i.id IN ({items}) AND NOT EXISTS "
            f"(SELECT 1 FROM {table} a WHERE a.sheet_id = s.id AND a.item_id = i.id)"
        )
    table_statistics.refresh()
    sheet = Sheet(country)
    client = signed_in(sheet)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    headers = {
        "Content-Type": FORM,
        "Cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}; {settings.CSRF_COOKIE_NAME}={TOKEN}",
        "X-CSRFToken": TOKEN,
        "X-Requested-With": "autosave",
    }
    print(
        json.dumps(
            {
                "sheets": ChecklistSheet.objects.count(),
                "answers": ChecklistAnswer.objects.count(),
                "headers": headers,
                "saves": [sheet.next()[:2] for _ in range(rounds)],
            }
        )
    )


def _server(database: str) -> list[int]:
    """The processes of the database that somebody's session is in; none for a file."""
    if not database.startswith("postgres"):
        return []
    import psycopg  # noqa: PLC0415

    with psycopg.connect(database) as session:
        asked = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        return [row[0] for row in session.execute(asked)]


def _save(port: int, url: str, body: str, headers: dict[str, str]) -> float:
    connection = HTTPConnection("127.0.0.1", port, timeout=60)
    start = time.perf_counter()
    connection.request("POST", url, body, headers)
    answer = connection.getresponse()
    text = answer.read()
    seconds = time.perf_counter() - start
    assert answer.status == 200, text.decode()[:500]
    connection.close()
    return seconds


def measure(engine: str, sizes: list[int], rounds: int) -> int:
    sys.path.insert(0, str(ROOT))
    from tests.services import start_postgres  # noqa: PLC0415

    told, databases, servers = [], [], []
    with tempfile.TemporaryDirectory() as folder, ExitStack() as running:
        for units in sizes:
            database = (
                start_postgres() if engine == "postgres" else f"sqlite:///{folder}/{units}.sqlite3"
            )
            command = [
                sys.executable,
                __file__,
                "--part",
                "--units",
                str(units),
                "--rounds",
                str(rounds),
            ]
            made = subprocess.run(
                [*command, "--database", database],
                cwd=ROOT,
                check=True,
                stdout=subprocess.PIPE,
                text=True,
            )
            told.append(json.loads(made.stdout.splitlines()[-1]))
            databases.append(database)
            print(
                f"{told[-1]['sheets']} sheets, {told[-1]['answers']} answers are there", flush=True
            )
        for units, database in zip(sizes, databases, strict=True):
            place = Path(folder) / str(units)
            (place / "static").mkdir(parents=True)
            os.environ |= {"DATABASE_URL": database, "METROSTD_VAR": str(place), "DEBUG": "false"}
            os.environ |= {
                "SECURE_HTTPS": "false",
                "SECRET_KEY": "only-for-this-run",
                "ALLOWED_HOSTS": "*",
            }
            os.environ |= {"STATIC_COMPRESS": "false", "SECOND_FACTOR_REQUIRED": "false"}
            servers.append(running.enter_context(gunicorn("metrostd.wsgi")))
        waits: list[list[float]] = [[] for _ in sizes]
        warm = rounds // 4
        before: list[float] = []
        for number in range(rounds):
            if number == warm:
                behind = [_server(database) for database in databases]
                before = [
                    cpu() + sum(map(_cpu, pids))
                    for (_, cpu), pids in zip(servers, behind, strict=True)
                ]
            for at, ((port, _), one) in enumerate(zip(servers, told, strict=True)):
                seconds = _save(port, *one["saves"][number], one["headers"])
                if number >= warm:
                    waits[at].append(seconds)
        now = [cpu() + sum(map(_cpu, pids)) for (_, cpu), pids in zip(servers, behind, strict=True)]
    spent = [(b - a) / (rounds - warm) * 1000 for a, b in zip(before, now, strict=True)]
    clock = [statistics.median(each) * 1000 for each in waits]
    for one, cpu_ms, ms in zip(told, spent, clock, strict=True):
        print(f"{one['sheets']} sheets, {engine}: {cpu_ms:.2f} ms CPU, {ms:.2f} ms by the clock")
    print(
        f"ratio: {spent[-1] / spent[0]:.2f} × CPU, {clock[-1] / clock[0]:.2f} × by the clock; bar {BAR} ×"
    )
    return int(spent[-1] / spent[0] > BAR)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--units", type=int, nargs="+", default=[120, 12000])
    parser.add_argument("--rounds", type=int, default=800)
    parser.add_argument("--part", action="store_true", help=argparse.SUPPRESS)
    if "--part" in sys.argv:
        options = choose_engine(parser)
        prepare(options.units[0], options.rounds)
        return 0
    parser.add_argument("--engine", choices=("sqlite", "postgres"), default="sqlite")
    options = parser.parse_args()
    return measure(options.engine, options.units, options.rounds)


if __name__ == "__main__":
    sys.exit(main())
