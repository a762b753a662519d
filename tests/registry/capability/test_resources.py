"""Plain import and export of tests, persons, items and public certificates."""

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from import_export.formats.base_formats import XLSX
from tablib import Dataset

from metrostd.common.roles import Role
from metrostd.registry import services
from metrostd.registry.capability import (
    Entry,
    Given,
    Group,
    entry_from_lines,
    readings_in_words,
)
from metrostd.registry.enums import Category, LimitBasis, TestMethod
from metrostd.registry.models import (
    CapabilityTest,
    PublicStandardCertificate,
    StandardItem,
    StandardPerson,
)
from metrostd.registry.moves import record as record_moves
from metrostd.registry.resources import (
    ItemResource,
    PersonResource,
    PublicCertificateResource,
    TestResource,
)
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.capability import ItemFactory, PersonFactory, PublicCertificateFactory
from tests.factories.lists import CODES
from tests.factories.registry import StandardFactory

from .test_judging import ENTRY

RESOURCES = {
    TestResource: CapabilityTest,
    PersonResource: StandardPerson,
    ItemResource: StandardItem,
    PublicCertificateResource: PublicStandardCertificate,
}


@pytest.fixture
def standard(db):
    return StandardFactory(
        unit__uscc=CODES[0],
        category=Category.SP_STATUTORY,
        certificate__number="〔2018〕津量标企证字第001号",
        certificate__identity="2018|津||企|1",
    )


def add(standard, day, value, **what):
    pair = (Decimal(value) - Decimal("0.001"), Decimal(value) + Decimal("0.001"))
    limits = Given(limit=Decimal("0.05"), limit_basis=LimitBasis.MPE)
    group = Group(dt.date.fromisoformat(day), pair)
    values = {"subject": "压力表", "unit_symbol": "MPa", "note": "=1+1"} | what
    return services.add_test(
        standard,
        Entry(TestMethod.YEARLY, (group,), limits),
        tested_on=group.on,
        values=values,
        actor=None,
    )


@pytest.fixture
def records(standard):
    """A series of tests with a void one among them, and two of everything else."""
    for day, value in (("2018-03-10", "6.00"), ("2019-03-10", "6.02"), ("2020-03-10", "6.09")):
        add(standard, day, value)
    record_moves.void(add(standard, "2020-05-10", "6.00"), actor=None, note="录错")
    chart = Entry(TestMethod.CONTROL_CHART, ())
    services.add_test(
        standard,
        chart,
        tested_on=dt.date(2021, 3, 10),
        values={"subject": "压力表", "unit_symbol": "", "note": ""},
        actor=None,
    )
    for make in (PersonFactory, ItemFactory, PublicCertificateFactory):
        make(standard=standard)
        record_moves.void(make(standard=standard), actor=None, note="录错")
    PersonFactory(standard=standard, name="=危险", valid_until=None, until=dt.date(2021, 1, 1))


@pytest.mark.parametrize("resource", RESOURCES, ids=lambda r: r.__name__)
def test_importing_an_export_changes_nothing(records, resource):
    model = RESOURCES[resource]
    before = list(model.objects.order_by("pk").values())
    exported = XLSX().export_data(resource().export())

    result = resource().import_data(XLSX().create_dataset(exported), raise_errors=True)

    assert result.totals["skip"] == len(before) > 1
    assert list(model.objects.order_by("pk").values()) == before


def test_an_export_of_one_register_fills_another(records, standard):
    exported = {resource: resource().export() for resource in RESOURCES}
    wanted = {r: m.objects.filter(state="recorded").count() for r, m in RESOURCES.items()}
    for model in RESOURCES.values():
        model.objects.all().delete()

    for resource, data in exported.items():
        resource().import_data(data, raise_errors=True)

    assert {r: m.objects.count() for r, m in RESOURCES.items()} == wanted
    outcomes = standard.capability_tests.order_by("tested_on").values_list("outcome", flat=True)
    assert list(outcomes) == ["baseline", "passed", "failed", "chart"]


def changed(data, column, value):
    new = Dataset(headers=data.headers)
    for row in data:
        new.append([value if h == column else v for h, v in zip(data.headers, row, strict=True)])
    return new


def test_a_changed_reading_is_judged_again_with_the_years_after_it(standard):
    first = add(standard, "2019-03-10", "6.00")
    later = add(standard, "2020-03-10", "6.02")
    data = TestResource().export(CapabilityTest.objects.filter(pk=first.pk))
    lines = "2019-03-10：5.94、5.94\n限值：0.05\n限值依据：最大允许误差的绝对值（使用标称值或示值）"

    TestResource().import_data(changed(data, "数据", lines), raise_errors=True)

    first.refresh_from_db()
    later.refresh_from_db()
    assert (first.mean, first.version) == (Decimal("5.94"), 2)
    assert (later.outcome, later.statistic) == ("failed", Decimal("0.08"))


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("2019-03-10：5.94、x", "第1组第2个读数“x”不是数。"),
        ("2019-03-10 5.94", "没有冒号"),
        ("去年：5.94", "不是日期，也不是项目名称"),
        ("2019-03-10：5.94、5.94\n限值：0.05\n限值依据：随便", "不在可选的依据之中"),
        ("2019-03-10：5.94、5.94\n限值依据：修正值的扩展不确定度U（k=2）", "请填写限值。"),
        ("", "请填写限值"),
    ],
)
def test_a_wrong_row_is_refused_with_a_sentence(standard, lines, words):
    add(standard, "2019-03-10", "6.00")
    data = changed(TestResource().export(), "数据", lines)

    result = TestResource().import_data(data)

    said = [str(e.error) for _, es in result.row_errors() for e in es]
    said += [str(row.error) for row in result.invalid_rows]
    assert words in "".join(said)
    assert CapabilityTest.objects.get().mean == 6


@given(ENTRY)
def test_lines_say_what_was_entered(made):
    text = readings_in_words(made.as_json(), between="\n")

    read = entry_from_lines(made.method, text, made.reassessment or "")

    assert read.as_json() == made.as_json()


@pytest.mark.parametrize(
    "name",
    ["capabilitytest", "standardperson", "standarditem", "publicstandardcertificate"],
)
def test_the_administration_site_lists_them(client, records, name):
    sign_in(client, MembershipFactory(role=Role.SYSTEM_ADMIN))

    assert client.get(f"/admin/registry/{name}/").status_code == 200
    assert client.get(f"/admin/registry/{name}/import/").status_code == 200
