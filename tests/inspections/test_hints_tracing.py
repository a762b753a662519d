"""What the register's tracing records say about A03, A04, A05, G03 and H02 on the day of the visit."""

import datetime as dt

import pytest

from inspections import hints
from metrostd.registry.enums import InstrumentState
from metrostd.registry.models import StandardCertificate
from tests.factories.campaigns import ItemFactory
from tests.factories.inspections import SheetFactory
from tests.factories.registry import InstrumentFactory, TraceFactory

from .story import VISIT

pytestmark = pytest.mark.django_db
DAY = VISIT.date()  # 15 June 2021


@pytest.fixture
def sheet():
    """A sheet of a standard certified on 1 June 2018."""
    sheet = SheetFactory()
    certificates = StandardCertificate.objects.filter(standard=sheet.standard)
    certificates.update(issue_date=dt.date(2018, 6, 1), valid_until=dt.date(2023, 5, 31))
    return sheet


def instrument(sheet, *spans, **values):
    """An instrument with a record for each pair of dates."""
    own = InstrumentFactory(
        **{"standard": sheet.standard, "name": "甲器", "serial_no": "01"} | values
    )
    for start, end, *result in spans:
        TraceFactory(
            instrument=own, traced_on=start, valid_until=end, result=(result or ["meets"])[0]
        )
    return own


def hint(sheet, rule):
    facts = hints.facts_for(sheet, on=DAY)
    return hints.hint_for(ItemFactory(hint_rule=rule), facts)


@pytest.mark.parametrize(
    ("spans", "words", "tone"),
    [
        (
            [("2020-07-01", "2021-06-30")],
            "1台标准器检查日均在有效期内，最早到期的是甲器（01）",
            "ok",
        ),
        ([("2020-06-16", "2021-06-15")], "均在有效期内", "ok"),
        (
            [("2020-06-15", "2021-06-14")],
            "检查日甲器（01）溯源已超期1天，有效期至2021年6月14日",
            "bad",
        ),
        # What was traced after the visit does not help on the day of the visit.
        ([("2020-06-15", "2021-06-14"), ("2021-06-20", "2022-06-19")], "已超期1天", "bad"),
        (
            [("2020-07-01", "2021-06-30"), ("2021-06-01", "2022-05-31", "fails")],
            "不符合要求",
            "bad",
        ),
        ([], "甲器（01）没有溯源记录", "warn"),
    ],
)
def test_a_main_instrument_on_the_day_of_the_visit(sheet, spans, words, tone):
    instrument(sheet, *spans)
    instrument(sheet, ("2015-01-01", "2016-01-01"), serial_no="02", role="auxiliary")
    instrument(sheet, serial_no="03", state=InstrumentState.IDLE)

    found = hint(sheet, "main_instrument_traced")

    assert words in found.text
    assert found.tone == tone


def test_auxiliary_equipment_is_asked_for_itself(sheet):
    instrument(sheet, ("2020-06-15", "2021-06-14"), role="auxiliary")

    assert hint(sheet, "auxiliary_traced").tone == "bad"
    assert hint(sheet, "main_instrument_traced").text == "台账未登记在用的标准器"


@pytest.mark.parametrize(
    ("spans", "words", "tone"),
    [
        (
            [("2018-03-01", "2019-02-28"), ("2019-03-01", "2021-12-31")],
            "2018年6月1日发证以来溯源连续，没有空档",
            "ok",
        ),
        (
            [("2018-03-01", "2019-02-28"), ("2019-03-10", "2021-12-31")],
            "溯源有空档：甲器（01）2019年3月1日至2019年3月9日（9天）",
            "bad",
        ),
        (
            [("2018-03-01", "2019-02-28"), ("2019-03-01", "2021-12-31", "unconfirmed")],
            "没有空档；甲器（01）的校准结果待确认",
            "warn",
        ),
        # A gap before the certificate is not its business.
        ([("2016-03-01", "2017-02-28"), ("2018-01-01", "2021-12-31")], "溯源连续", "ok"),
        ([("2020-03-01", "2021-12-31")], "溯源记录自2020年3月1日起", "info"),
        ([], "台账暂无数据", "muted"),
    ],
)
def test_tracing_over_the_validity_of_the_certificate(sheet, spans, words, tone):
    instrument(sheet, *spans)

    found = hint(sheet, "tracing_without_gaps")

    assert words in found.text
    assert found.tone == tone


def test_days_without_tracing_are_named_for_the_work_records(sheet):
    instrument(sheet, ("2018-03-01", "2019-02-28"), ("2019-03-10", "2021-06-10"))

    found = hint(sheet, "tracing_covers_records")

    assert found.tone == "warn"
    assert "2019年3月1日至2019年3月9日（9天）" in found.text
    assert "2021年6月11日至2021年6月15日（5天）" in found.text


def test_before_it_was_used_an_instrument_needs_no_tracing(sheet):
    instrument(sheet, ("2020-03-01", "2021-12-31"), used_from=dt.date(2020, 3, 5))

    assert hint(sheet, "tracing_covers_records").tone == "ok"


def test_name_plates_and_what_was_exchanged_since_the_certificate(sheet):
    instrument(sheet, used_from=dt.date(2015, 1, 1))
    assert hint(sheet, "serial_numbers_match").text == "台账登记：甲器 示例-600 01；请核对实物铭牌"

    instrument(sheet, serial_no="02", used_from=dt.date(2020, 5, 1))
    instrument(sheet, serial_no="03", state=InstrumentState.SCRAPPED, since=dt.date(2020, 5, 2))

    found = hint(sheet, "serial_numbers_match")
    assert found.tone == "warn"
    assert "新启用甲器（02）（2020年5月1日）" in found.text
    assert "报废甲器（03）（2020年5月2日）" in found.text
