"""风险分析 over a whole register: every page of it, its statements, and that they do not grow with the units.

    python benchmarks/risk.py [UNITS] [--engine sqlite|postgres]

Run by hand, on a register of its own of invented units with four standards each (`country.py`), every standard with
an instrument whose tracing is over for one in five, and a priority domain for one in three. One unit in five was
inspected, with its findings, and reported on itself; five campaigns are compared. Tells for every page seconds by
the clock, CPU of this process, of it PostgreSQL's when that is asked, and statements, as the municipal office and as
a district, when nothing and when some units have changed since counting; a tenth of the units comes before, in a
process of its own. Exit status 1 when a page asks more for more units.
"""

import argparse
import datetime as dt
import json
import subprocess
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from country import Country, _member, _save, build, choose_engine

ON = dt.date(2021, 8, 2)
PAGES = ("/risk/", "/risk/?level=high", "/risk/parts/", "/risk/trend/", "/risk/targeted/", "/risk/next-year/")  # fmt: skip


def equip(country: Country) -> None:
    """What the indicators look at, for standards that have none of it yet."""
    from metrostd.common import table_statistics  # noqa: PLC0415
    from metrostd.registry.enums import PriorityDomain  # noqa: PLC0415
    from metrostd.registry.models import (  # noqa: PLC0415
        MeasurementStandard,
        StandardDomain,
        StandardInstrument,
        TraceRecord,
    )

    bare = list(MeasurementStandard.objects.filter(instruments=None).order_by("pk"))
    instruments = _save(
        StandardInstrument(standard=row, role="main", name="示例标准器", serial_no=f"{row.pk}")
        for row in bare
    )
    _save(
        TraceRecord(
            instrument=row, kind="calibration", org="示例市计量院", cert_no=f"{row.pk}", result="meets",
            traced_on=dt.date(2020, 6, 1), valid_until=dt.date(2021 if n % 5 == 0 else 2022, 6, 1),
        )
        for n, row in enumerate(instruments)
    )  # fmt: skip
    _save(
        StandardDomain(standard=row, domain=PriorityDomain.values[n % 4])
        for n, row in enumerate(bare)
        if n % 3 == 0
    )
    table_statistics.refresh()


def compare(country: Country) -> None:
    """Four campaigns that are over beside the one under way."""
    from campaigns.models import Campaign  # noqa: PLC0415

    Campaign.objects.update(state="open")
    for year in range(2017, 2021):
        Campaign.objects.create(
            code=f"before-{year}", title=f"示例专项行动（{year}年）", organiser=country.city, state="closed",
            notice_on=dt.date(year, 4, 23), bureau_self_check_due=dt.date(year, 5, 25),
            unit_self_check_due=dt.date(year, 5, 31), summary_due=dt.date(year, 10, 15),
        )  # fmt: skip


def count() -> None:
    """As the clock does it: today and the days campaigns are compared by."""
    from metrostd.registry.models import Unit  # noqa: PLC0415
    from metrostd.risk import counting, trend  # noqa: PLC0415

    if Unit.objects.count() < 10 * counting.AT_ONCE:
        counting.AT_ONCE = 100  # so that a small register is looked at the same way
    start, used = time.perf_counter(), time.process_time()
    days = counting.keep_up(trend.days())
    passed, cpu = time.perf_counter() - start, time.process_time() - used
    kept = sum(len(row.units) + len(row.cells) for row in counting.CountingPart.objects.all())
    print(f"  counting {days} days: {passed:.2f} s, CPU {cpu:.2f} s, {kept / 1e6:.1f} MB kept")


def touch(units: int) -> None:
    """Instruments of so many units are written to."""
    from metrostd.registry.models import StandardInstrument, Unit  # noqa: PLC0415

    some = list(Unit.objects.order_by("pk").values_list("pk", flat=True)[::7][:units])
    StandardInstrument.objects.filter(standard__unit__in=some).update(name="另一标准器")


def ask(people: dict[str, object]) -> dict[str, int]:
    """Every page as everybody; prints what it cost, returns its statements."""
    from django.db import connection  # noqa: PLC0415
    from django.test import Client  # noqa: PLC0415
    from django.test.utils import CaptureQueriesContext  # noqa: PLC0415

    from metrostd.accounts.middleware import SESSION_KEY  # noqa: PLC0415

    asked = {}
    for who, member in people.items():
        client = Client()
        client.force_login(member.user)  # type: ignore[attr-defined]
        session = client.session
        session[SESSION_KEY] = member.pk  # type: ignore[attr-defined]
        session.save()
        client.get(PAGES[0])
        for page in PAGES:
            used_there = _of_server()
            start, used = time.perf_counter(), time.process_time()
            with CaptureQueriesContext(connection) as queries:
                answer = client.get(page)
            passed, cpu = time.perf_counter() - start, time.process_time() - used
            there = _of_server() - used_there
            assert answer.status_code == 200, answer.content[:500]
            asked[f"{who} {page}"] = len(queries)
            besides = f" and the server's {there:4.2f}" if connection.vendor == "postgresql" else ""
            print(
                f"  {who} {page:<20} {passed:6.2f} s, CPU {cpu:5.2f}{besides} s, {len(queries)} statements"
            )
    return asked


def _of_server() -> float:
    """Seconds of CPU the connection's server process has used."""
    from django.db import connection  # noqa: PLC0415

    if connection.vendor != "postgresql":
        return 0.0
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        stat = Path(f"/proc/{cursor.fetchone()[0]}/stat").read_text().rpartition(")")[2].split()
    return (int(stat[11]) + int(stat[12])) / 100


def measure(units: int, engine: str) -> dict[str, int]:
    from django.core.management import call_command  # noqa: PLC0415

    from metrostd.common import clock  # noqa: PLC0415
    from metrostd.risk import counting  # noqa: PLC0415

    call_command("collectstatic", interactive=False, verbosity=0)
    with clock.pinned(clock.at_time(ON, 9)):
        country = build(units // 5, answers=5, others=4)
        equip(country)
        compare(country)
        people = {"city": country.office, "district": _member("district_admin", country.districts[0])}  # fmt: skip
        print(f"{units} units, {engine}")
        count()
        asked = ask(people)
        changed = counting.AT_ONCE // 5
        touch(changed)
        print(f" {changed} units changed since")
        ask(people)
    return asked


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("units", type=int, nargs="?", default=20_000)
    parser.add_argument("--alone", action="store_true", help="this size and no other")
    options = choose_engine(parser)
    if options.alone:
        print(json.dumps(measure(options.units, options.engine)))
        return 0
    tenth = [sys.executable, __file__, str(options.units // 10), "--engine", options.engine, "--alone"]  # fmt: skip
    *told, few = subprocess.check_output(tenth, text=True).splitlines()
    print(*told, sep="\n")
    many, few = measure(options.units, options.engine), json.loads(few)
    grown = {page: (few[page], n) for page, n in many.items() if n > few[page]}
    print(grown or "no page asks more for ten times the units")
    return int(bool(grown))


if __name__ == "__main__":
    sys.exit(main())
