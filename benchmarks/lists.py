"""Milliseconds and statements of every list of the register at 100,000 standards, on PostgreSQL.

    python benchmarks/lists.py [STANDARDS] [--slow]

Run by hand. It starts a PostgreSQL of its own (as the tests do), fills it with invented units and
standards, asks every filter and every sort through the test client as the municipal and as a
district office, prints a table and ends. The bar of a page: under 12 statements, under 100 ms
of server time: what Django and PostgreSQL compute for it, the page rendered (median of a few rounds;
parallel workers are off, so that all of it is counted). The clock beside it also holds the waiting on
a busy machine. ``--slow`` shows the statements of
every page that fails. Exit status 1 when any does.
"""

import argparse
import datetime as dt
import os
import random
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")

from tests.services import start_postgres

if "DATABASE_URL" not in os.environ:
    os.environ["DATABASE_URL"] = start_postgres()

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.core.management import call_command  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from metrostd.accounts.models import Membership  # noqa: E402
from metrostd.common.roles import Role  # noqa: E402
from metrostd.common.text import name_key  # noqa: E402
from metrostd.registry.enums import (  # noqa: E402
    Category,
    CertificateState,
    Level,
    OperatingStatus,
    PriorityDomain,
    UnitType,
)
from metrostd.registry.models import (  # noqa: E402
    Authority,
    FormerName,
    MeasurementStandard,
    ProfessionalField,
    StandardCertificate,
    StandardDomain,
    Unit,
)
from metrostd.registry.names import pinyin_initials  # noqa: E402
from tests.factories.accounts import MembershipFactory, sign_in  # noqa: E402
from tests.factories.registry import AuthorityFactory  # noqa: E402

settings.ALLOWED_HOSTS = ["*"]
BAR_MS, BAR_QUERIES = 100, 12
ROUNDS = 5
DISTRICTS = 16
PER_UNIT = 5
BATCH = 5000
WORDS = (
    "压力表",
    "砝码",
    "游标卡尺",
    "电能表",
    "热电偶",
    "流量计",
    "心电图机",
    "水表",
    "血压计",
    "测厚仪",
)
PLACES = ("海河", "滨江", "新港", "北辰", "静海", "宝坻", "津南", "东丽", "和平", "武清")
TRADES = ("仪器", "机械", "电力", "化工", "制药", "食品", "能源", "汽车", "船舶", "材料")
FIELDS = ("01", "02", "03", "04", "05", "06", "07", "08", "09", "10", "12")


def fill(standards: int) -> tuple[Authority, Authority]:
    """A register of the given size; returns the municipal office and one district."""
    rng = random.Random(1)
    city = AuthorityFactory(city=True)
    districts = AuthorityFactory.create_batch(DISTRICTS, parent=city, level=Level.DISTRICT)
    fields = ProfessionalField.objects.bulk_create(
        ProfessionalField(code=code, name=f"示例专业{code}") for code in FIELDS
    )
    units = Unit.objects.bulk_create(
        (_unit(number, rng, districts) for number in range(standards // PER_UNIT)), batch_size=BATCH
    )
    FormerName.objects.bulk_create(
        (
            FormerName(unit=unit, name=f"{unit.name}旧", name_key=f"{unit.name_key}旧")
            for unit in units[::10]
        ),
        batch_size=BATCH,
    )
    rows = MeasurementStandard.objects.bulk_create(
        (_standard(number, rng, units, city, fields) for number in range(standards)),
        batch_size=BATCH,
    )
    StandardCertificate.objects.bulk_create(
        (_certificate(row, number, rng) for number, row in enumerate(rows)), batch_size=BATCH
    )
    StandardDomain.objects.bulk_create(
        (
            StandardDomain(standard=row, domain=rng.choice(PriorityDomain.values))
            for row in rows
            if rng.random() < 0.4
        ),
        batch_size=BATCH,
    )
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    return city, districts[0]


def _unit(number: int, rng: random.Random, districts: list[Authority]) -> Unit:
    name = f"天津示例{rng.choice(PLACES)}{rng.choice(TRADES)}{number}有限公司"
    return Unit(
        name=name,
        name_key=name_key(name),
        pinyin=pinyin_initials(name),
        uscc=f"91120{number:013d}",
        unit_type=rng.choice(UnitType.values),
        territorial_authority=rng.choice(districts),
        actual_address=f"示例路{number}号",
        contact_name="示例联系人",
        contact_phone=f"022{number:08d}",
        operating_status=OperatingStatus.NORMAL,
    )


def _standard(number, rng, units, city, fields) -> MeasurementStandard:
    unit = units[number % len(units)]
    issuer = city if rng.random() < 0.3 else unit.territorial_authority
    standard = MeasurementStandard(
        unit=unit,
        name=f"{rng.choice(WORDS)}{rng.choice(('检定装置', '校准装置', '标准装置'))}{number % 97}",
        jjf1022_code=f"{rng.randrange(10**8):08d}",
        field=rng.choice(fields),
        category=rng.choice(Category.values),
        measuring_range="（0～60）MPa",
        performance="0.05级",
        responsible_person="示例负责人",
        issuing_authority=issuer,
        hosting_authority=issuer,
    )
    if hasattr(standard, "name_key"):
        standard.name_key, standard.pinyin = name_key(standard.name), pinyin_initials(standard.name)
    return standard


def _certificate(row, number, rng) -> StandardCertificate:
    issued = dt.date(2016, 1, 1) + dt.timedelta(days=rng.randrange(2000))
    return StandardCertificate(
        standard=row,
        number_raw=f"〔{issued.year}〕津量标企证字第{number:06d}号",
        number=f"〔{issued.year}〕津量标企证字第{number:06d}号",
        identity=f"{issued.year}|津||企|{number}",
        first_year=issued.year,
        issue_date=issued,
        valid_until=issued + dt.timedelta(days=1826),
        state=rng.choices(CertificateState.values, [2, 60, 8, 4, 18, 2, 2, 2, 1, 1])[0],
    )


def questions(district: Authority) -> list[tuple[str, str]]:
    """Every single filter and every sort of both lists, and the searches people type."""
    common = {
        "区": f"district={district.pk}",
        "类别": "category=ent_highest",
        "领域": "field=12",
        "重点领域": "domain=food",
        **{f"状态 {s.label}": f"state={s}" for s in CertificateState},
    }
    words = ("天津", "压力表", "海河仪器", "津量标企证字第000123", "91120", "tjslhh", "ylb", "某某")
    common |= {f"搜索 {word}": f"q={word}" for word in words}
    pages = [("/registry/standards/", common), ("/registry/units/", common)]
    sorts = {
        "/registry/standards/": ("unit", "name", "field", "number", "until"),
        "/registry/units/": ("name", "district", "standards", "expired"),
    }
    found = []
    for path, filters in pages:
        found.append((path, ""))
        found += [(path, query) for query in filters.values()]
        for sort in sorts[path]:
            found += [(path, f"sort={sort}"), (path, f"sort=-{sort}")]
        found += [(path, "page=3"), (path, "page=200")]
        found += [
            (path, "sort=-standards&state=valid" if "units" in path else "sort=-until&domain=food")
        ]
    found += [("/registry/units/", "type=enterprise"), ("/registry/search/", "q=压力表")]
    found += [("/registry/search/", "q=海河"), ("/registry/search/", "q=ylb")]
    return found


def _member(role: Role, authority: Authority) -> Membership:
    """Somebody new, so that the same database can be asked again."""
    name = f"bench-{role}-{time.time_ns()}"
    return MembershipFactory(role=role, authority=authority, user__username=name)


def backend() -> int:
    """The process id of this connection's server process."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return cursor.fetchone()[0]


def computing(pid: int) -> float:
    """Seconds this process and the database's have computed so far, without waiting their turn."""
    server = int(Path(f"/proc/{pid}/schedstat").read_text().split()[0]) / 1e9
    return time.process_time() + server


def ask(client: Client, url: str) -> tuple[float, float, list[dict[str, str]]]:
    """Median milliseconds of server time and of the clock over some rounds, and the statements."""
    with CaptureQueriesContext(connection) as asked:
        response = client.get(url)
    statements = list(asked.captured_queries)  # the next request forgets them
    assert response.status_code == 200, (url, response.status_code)
    pid = backend()
    spent, passed = [], []
    for _ in range(ROUNDS):
        start, clock = computing(pid), time.perf_counter()
        client.get(url)
        spent.append((computing(pid) - start) * 1000)
        passed.append((time.perf_counter() - clock) * 1000)
    return statistics.median(spent), statistics.median(passed), statements


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("standards", type=int, nargs="?", default=100_000)
    parser.add_argument("--slow", action="store_true", help="show the statements of failing pages")
    options = parser.parse_args()
    call_command("migrate", verbosity=0)
    if MeasurementStandard.objects.exists():
        city, district = Authority.objects.order_by("pk")[:2]
    else:
        start = time.perf_counter()
        city, district = fill(options.standards)
        print(f"{options.standards} standards filled in {time.perf_counter() - start:.0f} s")
    failed = 0
    with connection.cursor() as cursor:
        cursor.execute("SET max_parallel_workers_per_gather = 0")
    for role, authority in ((Role.CITY_ADMIN, city), (Role.DISTRICT_ADMIN, district)):
        client = sign_in(Client(), _member(role, authority))
        print(f"\n{role}\n{'server':>7} {'clock':>7} {'queries':>7}  result  page")
        for path, query in questions(district):
            spent, clock, asked = ask(client, f"{path}?{query}")
            ok = spent <= BAR_MS and len(asked) < BAR_QUERIES
            failed += not ok
            print(
                f"{spent:7.1f} {clock:7.1f} {len(asked):7}  {'pass' if ok else 'FAIL'}    {path}?{query}"
            )
            if options.slow and not ok:
                for row in asked:
                    print(f"          {row['time']} {row['sql'][:1500]}")
    print(f"\n{failed} pages over the bar of {BAR_MS} ms and {BAR_QUERIES} queries")
    connection.close()  # the server waits for its last client
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
