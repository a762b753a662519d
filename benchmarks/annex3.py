"""Building Annex 3 and the cockpit of a district, of a city, of a nation, against reading the same records once.

    python benchmarks/annex3.py [UNITS] [--answers N] [--engine sqlite|postgres] [--without-statistics]

Run by hand with what ``bin/demo`` installs, on a campaign of its own (`country.py`): 600 inspected units
are a city, 3,000 with ``--answers 43`` a nation of 15,000 sheets and 645,000 answers. The floor reads every
row that the figures are counted in, in the same run; so are the same statements sent as plain SQL, without the
portal around them. CPU is that of this process; what PostgreSQL computes
beside it is in the clock alone. ``--without-statistics`` shows what the database does when nobody told it
about its tables.
"""

import argparse
import statistics
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

sys.path.insert(0, str(Path(__file__).resolve().parent))

from country import AS_OF, Country, build, choose_engine

if TYPE_CHECKING:
    from metrostd.registry.models import Authority

TABLES = (
    "campaigns_framestandard", "campaigns_drawnstandard", "inspections_checklistsheet",
    "inspections_finding", "inspections_taskstandard", "inspections_stoptransferorder",
    "rectification_certificatedisposition", "rectification_casereferral",
    "selfcheck_selfcheckstandard", "selfcheck_selfcheckproblem", "inspections_teammember",
)  # fmt: skip
_ROUNDS = 3


def floor() -> int:
    """Read every counted row once."""
    from django.db import connection  # noqa: PLC0415

    rows = 0
    with connection.cursor() as cursor:
        for table in TABLES:
            cursor.execute(f"SELECT * FROM {table}")
            rows += len(cursor.fetchall())
    return rows


def timed(work: Callable[[], object]) -> tuple[float, float]:
    """Median milliseconds by the clock and of CPU, of a few rounds."""
    clock, cpu = [], []
    for _ in range(_ROUNDS):
        start, used = time.perf_counter(), time.process_time()
        work()
        clock.append((time.perf_counter() - start) * 1000)
        cpu.append((time.process_time() - used) * 1000)
    return statistics.median(clock), statistics.median(cpu)


def statements_of(work: Callable[[], object]) -> list[tuple[str, tuple[object, ...]]]:
    """What a piece of work asks of the database, to be asked again without the portal around it."""
    from django.db import connection  # noqa: PLC0415

    found: list[tuple[str, tuple[object, ...]]] = []

    def keep(execute: Callable, sql: str, params: object, many: bool, context: dict) -> object:
        found.append((sql, tuple(params or ())))  # type: ignore[arg-type]
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        work()
    return found


def plain(statements: list[tuple[str, tuple[object, ...]]]) -> int:
    """The same figures in plain SQL: the statements alone, every row read."""
    from django.db import connection  # noqa: PLC0415

    rows = 0
    with connection.cursor() as cursor:
        for sql, params in statements:
            cursor.execute(sql, params or None)
            rows += len(cursor.fetchall())
    return rows


def forget_statistics() -> None:
    """As a database that never looked at its tables."""
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("DELETE FROM sqlite_stat1")
        else:
            cursor.execute("DELETE FROM pg_statistic")
    connection.close()


def cockpit(country: Country, authority: "Authority | None") -> object:
    """What the cockpit shows of one office, or of all."""
    from reporting.cockpit.page import Asked  # noqa: PLC0415
    from reporting.cockpit.page import build as panels  # noqa: PLC0415
    from reporting.queries import Scope  # noqa: PLC0415

    offices = [authority] if authority else country.districts
    scope = Scope.of(country.campaign, authority, AS_OF)
    return panels(
        Asked(
            campaign=country.campaign,
            authority=authority,
            offices=offices,
            scope=scope,
            category="",
            address=lambda figure, **more: figure,
            page=lambda **more: "",
        )
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("units", type=int, nargs="?", default=600)
    parser.add_argument("--answers", type=int, default=0, help="answers a sheet")
    parser.add_argument("--without-statistics", action="store_true")
    options = choose_engine(parser)

    from django.db import connection  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    from reporting.annex3 import build as annex3  # noqa: PLC0415

    country = build(options.units, answers=options.answers)
    if options.without_statistics:
        forget_statistics()
    rows = floor()
    base, base_cpu = timed(floor)
    print(
        f"{options.units} inspected units, {options.units * 5} sheets, {options.engine}; "
        f"{rows} counted rows read once: {base:.0f} ms, CPU {base_cpu:.0f} ms"
    )
    for name, authority in (("one district", country.districts[0]), ("all", None)):
        asked = statements_of(lambda a=authority: annex3(country.campaign, a, as_of=AS_OF))
        sql, sql_cpu = timed(lambda asked=asked: plain(asked))
        spent, cpu = timed(lambda a=authority: annex3(country.campaign, a, as_of=AS_OF))
        print(
            f"{name}: {spent:.0f} ms, CPU {cpu:.0f} ms, {len(asked)} statements, "
            f"{spent / base:.1f} × reading the rows; the same statements in plain SQL {sql:.0f} ms, "
            f"CPU {sql_cpu:.0f} ms: {spent / sql:.2f} ×"
        )
        with CaptureQueriesContext(connection) as asked:
            cockpit(country, authority)
        spent, cpu = timed(lambda a=authority: cockpit(country, a))
        print(f"  cockpit: {spent:.0f} ms, CPU {cpu:.0f} ms, {len(asked)} statements")


if __name__ == "__main__":
    main()
