"""The sample city as plain data: units and standards, deterministic from a seed, no database."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass, field
from random import Random

from metrostd.annex4 import uscc as codes
from metrostd.registry.enums import Category

from . import names

DISTRICTS = (
    ("120101", "和平区", "和平"), ("120102", "河东区", "河东"), ("120103", "河西区", "河西"),
    ("120104", "南开区", "南开"), ("120105", "河北区", "河北"), ("120106", "红桥区", "红桥"),
    ("120110", "东丽区", "东丽"), ("120111", "西青区", "西青"), ("120112", "津南区", "津南"),
    ("120113", "北辰区", "北辰"), ("120114", "武清区", "武清"), ("120115", "宝坻区", "宝坻"),
    ("120116", "滨海新区", "滨海"), ("120117", "宁河区", "宁河"), ("120118", "静海区", "静海"),
    ("120119", "蓟州区", "蓟州"),
)  # fmt: skip
CITY_CODE = "120000"
#: The district shown first: it has a visit under way and one ahead.
SHOWN = "120111"
#: The district in which approval and supervision are separate (通知三(一)).
SPLIT = "120116"


@dataclass(slots=True)
class SampleStandard:
    name: str
    code: str
    cert_no: str
    issue_date: dt.date
    valid_until: dt.date
    measuring_range: str
    performance: str
    place: str
    person: str


@dataclass(slots=True)
class SampleUnit:
    name: str
    uscc: str
    district: str
    district_code: str
    address: str
    contact: str
    phone: str
    category: Category
    issuer: str
    standards: list[SampleStandard] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Scale:
    """How many units of each kind a simulation has; ``per_unit`` bounds the standards of one."""

    enterprises: int
    institutions: int
    departments: int
    per_unit: tuple[int, int] = (1, 5)


#: About 120 units and 360 standards; a province is ten cities' worth, a nation a hundred.
SCALES = {
    "city": Scale(enterprises=78, institutions=22, departments=3),
    "province": Scale(enterprises=780, institutions=220, departments=30),
    "nation": Scale(enterprises=7_800, institutions=2_200, departments=300),
}


def build_city(scale: Scale, *, seed: int, on: dt.date) -> list[SampleUnit]:
    """Units with their standards as the register would know them on the day ``on``.

    Deterministic: the same scale, seed and day give the same city. Certificates run four or five
    years; a few have run out and a few are about to, as in real life.
    """
    random = Random(f"metrostd-{seed}")  # noqa: S311 -- sample data, nothing secret
    builder = _Builder(random, on, scale.per_unit)
    units = [
        # A third of the enterprises is certified by its district, the rest by the city (Annex 4).
        builder.unit(_enterprise_name(n), "91", Category.ENT_HIGHEST, CITY_CODE if n % 3 else "", n)
        for n in range(scale.enterprises)
    ]
    units += [
        builder.unit(_institution_name(n), "12", Category.INST_HIGHEST, CITY_CODE, n)
        for n in range(scale.institutions)
    ]
    units += [
        builder.unit(_department_name(n), "12", Category.DEPT_HIGHEST, CITY_CODE, n)
        for n in range(scale.departments)
    ]
    units.append(
        builder.unit("天津示例市计量院", "12", Category.SP_STATUTORY, CITY_CODE, 3, extra=9)
    )
    units += [
        builder.unit(f"天津示例{district}计量检定所", "12", Category.SP_STATUTORY, "", n)
        for n, (_, district, _) in enumerate(DISTRICTS)
    ]
    return units


def _enterprise_name(n: int) -> str:
    stem = names.ENTERPRISE_STEMS[n % len(names.ENTERPRISE_STEMS)]
    trade = names.ENTERPRISE_TRADES[(n * 7 + n // len(names.ENTERPRISE_STEMS)) % 16]
    serial = n // (len(names.ENTERPRISE_STEMS) * 16)
    ending = "有限公司" if n % 5 else "股份有限公司"
    return f"天津示例{stem}{trade}{serial or ''}{ending}"


def _institution_name(n: int) -> str:
    district = DISTRICTS[n % 16][1]
    kind = names.INSTITUTIONS[(n + n // 16) % len(names.INSTITUTIONS)]
    return f"天津示例{district}{kind}{n // 80 or ''}"


def _department_name(n: int) -> str:
    return f"天津示例{names.DEPARTMENTS[n % len(names.DEPARTMENTS)]}{n // 4 or ''}"


class _Builder:
    def __init__(self, random: Random, on: dt.date, per_unit: tuple[int, int]) -> None:
        self._random = random
        self._on = on
        self._per_unit = per_unit
        self._serials: Iterator[int] = iter(range(1, 10**7))
        self._bodies: Iterator[int] = iter(range(10_000_001, 99_999_999))

    def unit(
        self, name: str, kind: str, category: Category, issuer: str, n: int, extra: int = 0
    ) -> SampleUnit:
        random = self._random
        # Districts differ in size: the new area and the industrial outskirts have more units.
        weights = (3, 4, 4, 5, 4, 3, 6, 18, 7, 7, 7, 5, 16, 4, 6, 4)
        code, district, short = (
            DISTRICTS[n % 16] if kind == "12" else random.choices(DISTRICTS, weights)[0]
        )
        unit = SampleUnit(
            name=name,
            uscc=self._uscc(kind, code),
            district=district,
            district_code=code,
            address=f"天津市{district}{random.choice(names.ROADS)}{random.randint(1, 399)}号",
            contact=self._person(),
            phone=f"1380{random.randint(1000000, 9999999)}",
            category=category,
            issuer=issuer or code,
        )
        count = random.randint(*self._per_unit) + extra
        for row in random.sample(names.STANDARDS, min(count, len(names.STANDARDS))):
            unit.standards.append(self._standard(row, category, unit.issuer, short, unit))
        return unit

    def _person(self) -> str:
        return self._random.choice(names.SURNAMES) + self._random.choice(names.GIVEN)

    def _uscc(self, kind: str, district: str) -> str:
        body = f"{next(self._bodies)}"
        head = f"{kind}{district}{body}{codes.org_check_char(body)}"
        return head + codes.check_char(head)

    def _standard(
        self, row: tuple, category: Category, issuer: str, short: str, unit: SampleUnit
    ) -> SampleStandard:
        code, name, measuring_range, performance, _, _ = row
        random = self._random
        years = random.choice((4, 5, 5))
        left = random.choices((-60, 90, 400, 800, 1200), weights=(2, 5, 20, 35, 38))[0]
        valid_until = self._on + dt.timedelta(days=left + random.randint(0, 300))
        issue_date = _years_before(valid_until, years) + dt.timedelta(days=1)
        first_year = issue_date.year - random.choice((0, 0, 4, 5, 8))
        token = {"ent_highest": "企", "inst_highest": "事", "dept_highest": "部"}.get(category, "")
        if issuer != CITY_CODE:
            token = short[0]
        social = "社" if category in Category.public else ""
        return SampleStandard(
            name=name,
            code=code,
            cert_no=f"〔{first_year}〕津{social}量标{token}证字第{next(self._serials):03d}号",
            issue_date=issue_date,
            valid_until=valid_until,
            measuring_range=measuring_range,
            performance=performance,
            place=f"{unit.address}计量室{random.randint(101, 509)}",
            person=self._person(),
        )


def _years_before(day: dt.date, years: int) -> dt.date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)
