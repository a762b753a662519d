"""系统预判 beside the unit's own answers: what the register holds of its standards, and nothing else."""

import datetime as dt

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from campaigns.models import ChecklistItem
from inspections import completeness
from inspections.views.cards import known_against
from metrostd.common import clock
from metrostd.common.enums import Answer
from metrostd.registry.enums import QualificationKind
from metrostd.registry.models import StandardPerson
from selfcheck import extension, queries
from tests.factories.inspections import ChecklistAnswerFactory, SheetFactory
from tests.factories.registry import InstrumentFactory, TraceFactory
from tests.factories.selfcheck import CoveredFactory, report_with_answers
from tests.selfcheck.pages import as_unit, url

pytestmark = pytest.mark.django_db

TODAY = dt.date(2021, 5, 20)
LATE = "今天数字压力计（SL1）溯源已超期10天，有效期至2021年5月10日"


@pytest.fixture(autouse=True)
def _day():
    with clock.pinned(clock.at_time(TODAY, 9)):
        yield


def late_instrument(standard):
    own = InstrumentFactory(standard=standard, serial_no="SL1")
    TraceFactory(instrument=own, traced_on=dt.date(2020, 5, 11), valid_until=dt.date(2021, 5, 10))


def lonely_person(standard):
    """One person whose proof ended, where two are asked for."""
    StandardPerson.objects.create(
        standard=standard,
        name="示例甲",
        qualification_kind=QualificationKind.OTHER,
        valid_until=dt.date(2021, 5, 1),
    )


@pytest.fixture
def report():
    """A report whose item A01 asks for the tracing of the main instrument, everything 符合."""
    report = report_with_answers()
    ChecklistItem.objects.filter(code="A01").update(hint_rule="main_instrument_traced")
    return report


def reasons(report):
    return [gap.text for gap in queries.gaps(report) if gap.code == "A01"]


def test_a_unit_sees_what_the_register_knows_and_says_why_it_is_in_order_all_the_same(
    client, report
):
    late_instrument(report.covered.get().standard)
    as_unit(client, report)

    page = client.get(url("form_standard", report.pk, report.covered.get().standard_id))

    assert LATE in page.content.decode()
    assert reasons(report) == [f"台账记载“{LATE}”，选择“符合”须说明理由"]
    report.answers.filter(item__code="A01").update(note="已送检，新证书待登记")
    assert reasons(report) == []
    report.answers.filter(item__code="A01").update(answer="deficient", note="")
    assert all("台账记载" not in text for text in reasons(report))


def test_nothing_is_told_of_standards_of_others_or_of_the_visits(report):
    other = CoveredFactory(report=report, standard=CoveredFactory().standard)
    late_instrument(other.standard)
    answer = report.answers.filter(item__code="A01").select_related("item").get()
    answer.standard = other.standard
    whole = report.answers.filter(standard=None).select_related("item").first()
    whole.item.hint_rule = "self_check_in_time"

    assert extension.known(report, [answer, whole]) == {}


def test_it_costs_the_same_for_one_standard_and_for_many():
    counts = []
    for many in (1, 3):
        report = report_with_answers(standards=many)
        ChecklistItem.objects.filter(code="A01").update(hint_rule="main_instrument_traced")
        for row in report.covered.all():
            late_instrument(row.standard)
        rows = list(report.answers.select_related("item"))
        with CaptureQueriesContext(connection) as seen:
            assert len(extension.known(report, rows)) == many
        counts.append(len(seen))

    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("rule", "make", "words"),
    [
        ("main_instrument_traced", late_instrument, "溯源已超期"),
        ("two_valid_persons", lonely_person, "少于2人"),
    ],
)
def test_the_team_says_why_too(rule, make, words):
    sheet = SheetFactory()
    make(sheet.standard)
    sheet.task.arrived_at = clock.at_time(dt.date(2021, 6, 15), 9)
    row = ChecklistAnswerFactory(sheet=sheet, item__hint_rule=rule, answer=Answer.CONFORM, note="")

    (gap,) = [gap for gap in completeness.gaps_of(sheet.task) if gap.answer_id == row.pk]

    assert words in gap.text
    assert words in known_against(row, on=dt.date(2021, 6, 15))
