"""What the portal can say about an item before a person answers; 台账暂无数据 where it cannot."""

import datetime as dt

import pytest

from inspections import hints
from metrostd.common import clock
from metrostd.registry.models import StandardCertificate
from selfcheck.models import SelfCheckProblem, SelfCheckReport, SelfCheckStandard
from tests.factories.campaigns import ItemFactory
from tests.factories.inspections import SheetFactory
from tests.factories.registry import StandardFactory, TraceFactory

from .story import VISIT

pytestmark = pytest.mark.django_db


def hint(sheet, rule):
    facts = hints.facts_for(sheet, on=VISIT.date())
    return hints.hint_for(ItemFactory(hint_rule=rule), facts)


def certificate(sheet, **changes):
    StandardCertificate.objects.filter(standard=sheet.standard).update(**changes)


@pytest.mark.parametrize(
    ("changes", "text", "tone"),
    [
        ({"valid_until": dt.date(2021, 6, 14)}, "检查日已过有效期 1 天", "bad"),
        ({"valid_until": dt.date(2021, 6, 15)}, "还有 0 天，未见复查申请", "warn"),
        ({"valid_until": dt.date(2021, 12, 1)}, "还有 169 天，未见复查申请", "warn"),
        (
            {"valid_until": dt.date(2021, 12, 1), "state": "reexam_applied"},
            "还有 169 天，已登记复查申请",
            "ok",
        ),
        ({"valid_until": dt.date(2023, 5, 31)}, "有效期至2023年5月31日，还有 715 天", "ok"),
        ({"valid_until": None}, "台账无考核证书有效期", "warn"),
    ],
)
def test_certificate_on_the_day_of_the_visit(changes, text, tone):
    sheet = SheetFactory()
    certificate(sheet, **changes)

    found = hint(sheet, "certificate_valid")

    assert text in found.text
    assert found.tone == tone


@pytest.mark.parametrize(
    ("changes", "tone"),
    [({}, "ok"), ({"state": "revoked"}, "bad"), ({"valid_until": dt.date(2021, 1, 1)}, "bad")],
)
def test_a_valid_certificate_exists(changes, tone):
    sheet = SheetFactory()
    if changes:
        certificate(sheet, **changes)

    assert hint(sheet, "certificate_exists").tone == tone


def test_no_certificate_at_all():
    sheet = SheetFactory(standard__certificate=None)

    assert hint(sheet, "certificate_exists").text == "台账无考核证书"
    assert hint(sheet, "characteristics_match") == hints.NO_DATA


@pytest.mark.parametrize(
    ("now", "approved", "tone"),
    [
        ("(0~10) MPa", "(0~10)MPa", "ok"),
        ("(0~16) MPa", "(0~10) MPa", "warn"),
        ("", "(0~10) MPa", "muted"),
    ],
)
def test_range_in_the_register_against_the_certificate(now, approved, tone):
    sheet = SheetFactory(standard__measuring_range=now)
    certificate(sheet, examined_range=approved)

    assert hint(sheet, "characteristics_match").tone == tone


@pytest.mark.parametrize(("name", "tone"), [("示例负责人", "ok"), ("", "warn")])
def test_responsible_person(name, tone):
    sheet = SheetFactory(standard__responsible_person=name)

    assert hint(sheet, "responsible_person_named").tone == tone


@pytest.mark.parametrize(
    ("rule", "words"),
    [
        ("public_certificate", "社会公用"),
        ("filed_with_department", "台账未登记主管部门"),
        ("department_approval", "部门最高"),
        ("sealed_without_business", "未登记封存"),
    ],
)
def test_rules_about_later_management(rule, words):
    assert words in hint(SheetFactory(), rule).text


def test_a_sealed_standard_is_pointed_out():
    sheet = SheetFactory()
    certificate(sheet, state="sealed")

    assert hint(sheet, "sealed_without_business").tone == "warn"


def test_where_the_register_holds_nothing_it_says_so():
    assert hint(SheetFactory(), "main_instrument_traced") == hints.NO_DATA
    assert hint(SheetFactory(), "storage_place_matches") == hints.NO_DATA
    facts = hints.facts_for(SheetFactory(), on=VISIT.date())
    assert hints.hint_for(ItemFactory(hint_rule=""), facts) is None


def test_every_rule_of_the_unit_and_the_standard_can_be_asked():
    both = [SheetFactory(), SheetFactory(standard=None)]

    for rule in hints.RULES:
        for sheet in both:
            assert hint(sheet, rule).text


class TestSelfCheck:
    @pytest.fixture
    def sheet(self):
        return SheetFactory(standard=None)

    def report(self, sheet, **changes):
        standard = StandardFactory(unit=sheet.task.unit)
        values = {
            "campaign": sheet.task.campaign,
            "kind": "unit",
            "unit": sheet.task.unit,
            "receiver": standard.issuing_authority,
            "template": sheet.template,
            "due_on": dt.date(2021, 5, 31),
            "state": "submitted",
            "submitted_at": clock.now(),
            "first_submitted_at": clock.at_time(dt.date(2021, 5, 20)),
        } | changes
        row = SelfCheckReport.objects.create(**values)
        SelfCheckStandard.objects.create(report=row, standard=standard)
        return row

    @pytest.mark.parametrize(
        ("changes", "text", "tone"),
        [
            ({}, "按期报送（2021年5月20日）", "ok"),
            ({"is_late": True}, "逾期报送", "warn"),
            (
                {"state": "overdue", "submitted_at": None, "first_submitted_at": None},
                "报送",
                "bad",
            ),
        ],
    )
    def test_in_time(self, sheet, changes, text, tone):
        self.report(sheet, **changes)

        found = hint(sheet, "self_check_in_time")

        assert text in found.text
        assert found.tone == tone

    def test_nothing_owed(self, sheet):
        assert hint(sheet, "self_check_in_time").tone == "muted"
        assert hint(sheet, "self_check_covers_all").tone == "muted"
        assert hint(sheet, "self_check_problems_closed").tone == "muted"

    def test_covers_all(self, sheet):
        self.report(sheet)
        assert hint(sheet, "self_check_covers_all").text == "自查 1 项，在册 1 项"

        StandardFactory(unit=sheet.task.unit)
        found = hint(sheet, "self_check_covers_all")
        assert (found.text, found.tone) == ("自查 1 项，少于在册 2 项", "warn")

    def test_problems(self, sheet):
        row = self.report(sheet)
        assert hint(sheet, "self_check_problems_closed").text == "自查未报告问题"

        problem = SelfCheckProblem.objects.create(
            report=row, description="示例", client_id="0" * 32
        )
        assert hint(sheet, "self_check_problems_closed").tone == "warn"
        SelfCheckProblem.objects.filter(pk=problem.pk).update(rectified_on=dt.date(2021, 5, 1))
        assert hint(sheet, "self_check_problems_closed").tone == "ok"

    def test_the_registered_name(self, sheet):
        assert sheet.task.unit.name in hint(sheet, "unit_name_matches").text


@pytest.mark.parametrize("instruments", [1, 4])
def test_hints_of_a_standard_take_seven_queries(django_assert_num_queries, instruments):
    sheet = SheetFactory()
    for _ in range(instruments):
        TraceFactory(instrument__standard=sheet.standard)

    with django_assert_num_queries(7):
        facts = hints.facts_for(sheet, on=VISIT.date())
        for rule in hints.RULES:
            hints.hint_for(ItemFactory.build(hint_rule=rule), facts)
