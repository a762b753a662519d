"""风险分析 over a whole register: every page of it, its statements, and that they do not grow with the units.

    python benchmarks/risk.py [UNITS] [--engine sqlite|postgres]

Run by hand, on a register of its own of invented units with four standards each (`country.py`), every standard with
an instrument whose tracing is over for one in five, and a priority domain for one in three; two campaigns to compare.
Tells for every page seconds by the clock, CPU of this process and statements, as the municipal office and as a
district; the same pages with a tenth of the units come before. Exit status 1 when a page asks more for more units.
"""

import argparse
import datetime as dt
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from country import Country, _member, _register, _save, build_draft, choose_engine

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


def count() -> None:
    """As the clock does it: today and the days campaigns are compared by."""
    from metrostd.risk import counting, trend  # noqa: PLC0415

    counting.AT_ONCE = 100  # a tenth of the units is looked at the same way
    start, used = time.perf_counter(), time.process_time()
    days = counting.keep_up(trend.days())
    passed, cpu = time.perf_counter() - start, time.process_time() - used
    kept = sum(len(row.units) + len(row.cells) for row in counting.CountingPart.objects.all())
    print(f"  counting {days} days: {passed:.2f} s, CPU {cpu:.2f} s, {kept / 1e6:.1f} MB kept")


def ask(people: dict[str, object]) -> dict[tuple[str, str], int]:
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
            start, used = time.perf_counter(), time.process_time()
            with CaptureQueriesContext(connection) as queries:
                answer = client.get(page)
            passed, cpu = time.perf_counter() - start, time.process_time() - used
            assert answer.status_code == 200, answer.content[:500]
            asked[who, page] = len(queries)
            print(
                f"  {who} {page:<20} {passed:6.2f} s, CPU {cpu:5.2f} s, {len(queries)} statements"
            )
    return asked


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("units", type=int, nargs="?", default=20_000)
    options = choose_engine(parser)

    from django.core.management import call_command  # noqa: PLC0415

    from campaigns.models import Campaign  # noqa: PLC0415
    from metrostd.common import clock  # noqa: PLC0415

    call_command("collectstatic", interactive=False, verbosity=0)
    country = build_draft(options.units // 10)
    Campaign.objects.update(state="open")
    Campaign.objects.create(
        code="before", title="示例专项行动（上年）", organiser=country.city, state="closed",
        notice_on=dt.date(2020, 4, 23), bureau_self_check_due=dt.date(2020, 5, 25),
        unit_self_check_due=dt.date(2020, 5, 31), summary_due=dt.date(2020, 10, 15),
    )  # fmt: skip
    people = {"city": country.office, "district": _member("district_admin", country.districts[0])}
    said = {}
    with clock.pinned(clock.at_time(ON, 9)):
        for units in (options.units // 10, options.units):
            if len(country.units) < units:
                country.standards.clear()
                _register(country, units - len(country.units))
            equip(country)
            count()
            print(f"{units} units, {options.engine}")
            said[units] = ask(people)
    few, many = said.values()
    grown = {key: (few[key], n) for key, n in many.items() if n > few[key]}
    print(grown or "no page asks more for ten times the units")
    return int(bool(grown))


if __name__ == "__main__":
    sys.exit(main())
