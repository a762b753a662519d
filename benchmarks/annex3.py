"""Time and statements for building Annex 3, against reading the same records once in plain SQL.

    python benchmarks/annex3.py [UNITS] [--drawn PERCENT]

Run by hand; it builds a city in a database of its own under the temporary folder. The floor is a
count over every table that the figures are counted in, in the same run.
"""

import argparse
import datetime as dt
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
_FOLDER = tempfile.mkdtemp(prefix="annex3-bench-")
os.environ.setdefault("DATABASE_URL", f"sqlite:///{_FOLDER}/bench.sqlite3")

import django  # noqa: E402

django.setup()

from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from reporting.annex3 import build  # noqa: E402
from tests.factories.reporting import small_city  # noqa: E402

AS_OF = dt.date(2021, 12, 31)
TABLES = (
    "campaigns_framestandard", "campaigns_drawnstandard", "inspections_checklistsheet",
    "inspections_finding", "inspections_taskstandard", "inspections_stoptransferorder",
    "rectification_certificatedisposition", "rectification_casereferral",
    "selfcheck_selfcheckstandard", "selfcheck_selfcheckproblem", "inspections_teammember",
)  # fmt: skip
_ROUNDS = 5


def floor() -> int:
    """Read every counted row once."""
    rows = 0
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT * FROM {table}")
            rows += len(cursor.fetchall())
    return rows


def timed(work) -> float:
    """Median milliseconds of a few rounds."""
    spent = []
    for _ in range(_ROUNDS):
        start = time.perf_counter()
        work()
        spent.append((time.perf_counter() - start) * 1000)
    return statistics.median(spent)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("units", type=int, nargs="?", default=600)
    parser.add_argument("--drawn", type=int, default=25, help="percent of units drawn")
    options = parser.parse_args()
    call_command("migrate", verbosity=0)
    city = small_city(units=options.units, districts=16, drawn=options.drawn)
    rows = floor()
    base = timed(floor)
    print(f"{options.units} units, {rows} counted rows; reading them once: {base:.0f} ms")
    for name, authority in (("one district", city.districts[0]), ("whole city", None)):
        with CaptureQueriesContext(connection) as asked:
            build(city.campaign, authority, as_of=AS_OF)
        spent = timed(lambda authority=authority: build(city.campaign, authority, as_of=AS_OF))
        print(
            f"{name}: {spent:.0f} ms, {len(asked)} statements, {spent / base:.1f} × reading the rows"
        )


if __name__ == "__main__":
    main()
