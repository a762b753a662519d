"""What the inspector is told about tests, persons, regulations and the public certificate."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from inspections import hints
from metrostd.registry.enums import Category
from tests.factories.campaigns import ItemFactory as ChecklistItemFactory
from tests.factories.capability import (
    CapabilityTestFactory,
    ItemFactory,
    PersonFactory,
    PublicCertificateFactory,
)
from tests.factories.inspections import SheetFactory

from .story import VISIT

pytestmark = pytest.mark.django_db
ON = VISIT.date()  # 15 June 2021; certificates of the factory run from June 2018
STABILITY = {"kind": "stability", "method": "stability_yearly", "limit_basis": "mpe"}
EN = {"kind": "comparison", "method": "comparison_en", "limit_basis": "en", "limit": 1}


@pytest.fixture
def sheet():
    return SheetFactory()


def hint(sheet, rule):
    facts = hints.facts_for(sheet, on=ON)
    return hints.hint_for(ChecklistItemFactory(hint_rule=rule), facts)


@pytest.mark.parametrize(
    "rule",
    [
        "repeatability_each_year",
        "stability_each_year",
        "two_valid_persons",
        "signer_is_qualified",
        "validation_formula",
        "en_value",
        "regulations_current",
    ],
)
def test_an_empty_register_accuses_nobody(sheet, rule):
    assert hint(sheet, rule) == hints.NO_DATA


@pytest.mark.parametrize(
    ("years", "text", "tone"),
    [
        ([2019, 2020], "2019至2020年均有；最近一次2020年3月10日，合格", "ok"),
        ([2019], "2020年缺重复性试验", "bad"),
        ([2018], "2019、2020年缺重复性试验", "bad"),
        ([2019, 2020, 2021], "最近一次2021年3月10日", "ok"),
    ],
)
def test_repeatability_in_every_full_year(sheet, years, text, tone):
    for year in years:
        CapabilityTestFactory(standard=sheet.standard, tested_on=dt.date(year, 3, 10))

    found = hint(sheet, "repeatability_each_year")

    assert text in found.text
    assert found.tone == tone


def test_a_larger_repeatability_asks_for_the_evaluation(sheet):
    for year, outcome in ((2019, "passed"), (2020, "reassess")):
        CapabilityTestFactory(
            standard=sheet.standard,
            tested_on=dt.date(year, 3, 10),
            outcome=outcome,
            limit=Decimal("0.0005") if outcome == "reassess" else Decimal("0.002"),
        )

    found = hint(sheet, "repeatability_each_year")

    assert "应当重新评定测量不确定度" in found.text
    assert found.tone == "warn"


@pytest.mark.parametrize(("again", "tone"), [(False, "bad"), (True, "ok")])
def test_stability_out_of_its_limit_until_it_passes_again(sheet, again, tone):
    def test(day, outcome, statistic):
        CapabilityTestFactory(
            standard=sheet.standard,
            tested_on=day,
            outcome=outcome,
            statistic=Decimal(statistic),
            limit=Decimal("0.05"),
            **STABILITY,
        )

    test(dt.date(2019, 3, 10), "passed", "0.01")
    test(dt.date(2020, 3, 10), "failed", "0.06")
    if again:
        test(dt.date(2020, 5, 10), "passed", "0.01")

    found = hint(sheet, "stability_each_year")

    assert found.tone == tone
    assert ("不小于" in found.text) is not again


@pytest.mark.parametrize(
    ("untils", "text", "tone"),
    [
        ([dt.date(2023, 5, 31)] * 2, "在岗人员2人", "ok"),
        ([dt.date(2023, 5, 31), dt.date(2021, 6, 14)], "在岗人员1人", "bad"),
        ([dt.date(2023, 5, 31), dt.date(2021, 6, 15)], "3个月内到期", "warn"),
        ([dt.date(2021, 6, 14)], "在岗人员0人，少于2人", "bad"),
    ],
)
def test_two_valid_persons(sheet, untils, text, tone):
    for until in untils:
        PersonFactory(standard=sheet.standard, valid_until=until)

    found = hint(sheet, "two_valid_persons")

    assert text in found.text
    assert found.tone == tone


def test_a_void_person_is_nobody(sheet):
    PersonFactory.create_batch(2, standard=sheet.standard, state="void", void_reason="录错")

    assert hint(sheet, "two_valid_persons") == hints.NO_DATA


def test_the_signers_to_look_for(sheet):
    PersonFactory(standard=sheet.standard, name="示例甲")
    PersonFactory(standard=sheet.standard, name="示例乙", valid_until=dt.date(2021, 6, 14))
    PersonFactory(standard=sheet.standard, name="示例丙", until=dt.date(2020, 1, 1))

    found = hint(sheet, "signer_is_qualified")

    assert found.text.endswith("有效：示例甲；证明已过期：示例乙；已调离：示例丙")
    assert found.tone == "info"


@pytest.mark.parametrize(
    ("statistic", "outcome", "tone"), [("0.4", "passed", "info"), ("1.4", "failed", "bad")]
)
def test_the_last_en_value(sheet, statistic, outcome, tone):
    CapabilityTestFactory(
        standard=sheet.standard, outcome=outcome, statistic=Decimal(statistic), **EN
    )

    found = hint(sheet, "en_value")

    assert f"|En| = {statistic}" in found.text
    assert found.tone == tone


def test_the_validation_is_recounted(sheet):
    CapabilityTestFactory(
        standard=sheet.standard,
        kind="validation",
        method="validation_transfer",
        statistic=Decimal("0.02"),
        limit=Decimal("0.05"),
        limit_basis="combined",
    )

    found = hint(sheet, "validation_formula")

    assert "与参考值之差 = 0.02 MPa，不大于两个扩展不确定度的方和根 0.05 MPa，合格" in found.text
    assert found.tone == "ok"


def test_regulations_are_named_and_left_to_the_inspector(sheet):
    ItemFactory(standard=sheet.standard, basis="JJG 52-2013")
    ItemFactory(standard=sheet.standard, basis="JJG 49-2013", until=dt.date(2020, 1, 1))

    found = hint(sheet, "regulations_current")

    assert found.text == "台账登记的依据：JJG 52-2013，请核对是否现行有效"
    assert found.tone == "info"


@pytest.mark.parametrize(
    ("until", "tone"), [(dt.date(2023, 5, 31), "ok"), (dt.date(2021, 6, 14), "bad"), (None, "info")]
)
def test_the_public_certificate(until, tone):
    sheet = SheetFactory(standard__category=Category.SP_STATUTORY)
    assert hint(sheet, "public_certificate").tone == "warn"

    PublicCertificateFactory(standard=sheet.standard, valid_until=until)

    assert hint(sheet, "public_certificate").tone == tone


def test_queries_do_not_grow_with_the_records(sheet):
    def fill():
        CapabilityTestFactory(standard=sheet.standard)
        PersonFactory(standard=sheet.standard)
        ItemFactory(standard=sheet.standard)

    def queries():
        with CaptureQueriesContext(connection) as caught:
            facts = hints.facts_for(sheet, on=ON)
            items = [ChecklistItemFactory.build(hint_rule=rule) for rule in hints.RULES]
            assert all(hints.hint_for(item, facts) for item in items)
        return len(caught)

    fill()
    one = queries()
    for _ in range(3):
        fill()

    assert queries() == one
