"""What the inspector reads about 更换 and 封存 (G04, G05)."""

import datetime as dt

import pytest

from inspections import hints
from metrostd.common import clock
from metrostd.registry.models import StandardCertificate, StandardInstrument
from tests.factories.campaigns import ItemFactory
from tests.factories.changes import ChangeFactory
from tests.factories.inspections import SheetFactory

from .story import VISIT

pytestmark = pytest.mark.django_db
DAY = VISIT.date()


@pytest.fixture
def sheet():
    return SheetFactory()


def hint(sheet, rule):
    return hints.hint_for(ItemFactory(hint_rule=rule), hints.facts_for(sheet, on=DAY))


def application(sheet, **fields):
    day = fields.pop("day", DAY - dt.timedelta(10))
    values = {
        "standard": sheet.standard,
        "submitted_at": clock.at_time(day),
        "decided_on": day if fields.get("state") in ("approved", "refused") else None,
        "stop_from": day,
        "stop_until": DAY + dt.timedelta(30),
    }
    return ChangeFactory(**values | fields)


def instrument(sheet, **fields):
    values = {"role": "main", "name": "新压力计", "used_from": DAY - dt.timedelta(5)}
    return StandardInstrument.objects.create(standard=sheet.standard, **values | fields)


class TestReported:
    def test_nothing_reported(self, sheet):
        assert "没有更换、封存等申报" in hint(sheet, "report_after_changes").text

    def test_a_new_instrument_without_application(self, sheet):
        instrument(sheet)

        found = hint(sheet, "report_after_changes")

        assert found.tone == "warn"
        assert "新压力计" in found.text
        assert "无已批准的更换申报" in found.text

    def test_a_new_instrument_that_was_approved(self, sheet):
        instrument(sheet)
        record = application(sheet, replacing=True, state="approved")

        found = hint(sheet, "report_after_changes")

        assert found.tone == "ok"
        assert f"更换已批准（{record.number}" in found.text

    def test_one_that_waits(self, sheet):
        application(sheet)

        assert hint(sheet, "report_after_changes").tone == "warn"

    @pytest.mark.parametrize(
        "fields",
        [
            {"state": "draft", "submitted_at": None},
            {"state": "withdrawn"},
            {"day": DAY + dt.timedelta(1)},
            {"day": dt.date(2018, 5, 1), "stop_until": None},
        ],
    )
    def test_drafts_those_taken_back_later_ones_and_ones_before_the_certificate_do_not_count(
        self, sheet, fields
    ):
        application(sheet, **fields)

        assert "没有更换、封存等申报" in hint(sheet, "report_after_changes").text


class TestSealed:
    def seal(self, sheet):
        StandardCertificate.objects.filter(standard=sheet.standard).update(state="sealed")

    def test_never(self, sheet):
        assert hint(sheet, "sealed_without_business").text == "台账未登记封存"

    def test_sealed_without_a_form(self, sheet):
        self.seal(sheet)

        found = hint(sheet, "sealed_without_business")

        assert (found.tone, "无批准的封存申报表" in found.text) == ("warn", True)

    def test_sealed_within_its_period(self, sheet):
        self.seal(sheet)
        record = application(sheet, state="approved")

        assert (
            f"（{record.number}），核对封存期内有无业务"
            in hint(sheet, "sealed_without_business").text
        )

    def test_sealed_beyond_its_period(self, sheet):
        self.seal(sheet)
        application(sheet, state="approved", stop_until=DAY - dt.timedelta(1))

        assert "封存期已满仍未恢复使用" in hint(sheet, "sealed_without_business").text

    def test_resumed_since(self, sheet):
        application(sheet, state="approved")

        assert "现未封存；曾封存" in hint(sheet, "sealed_without_business").text
