"""What stands beside a text while it is written: remarks of a return, facts that few units share."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from inspections.enums import FindingState
from metrostd.common import clock
from metrostd.registry.enums import UnitType
from reporting import moves
from reporting.enums import Chapter
from reporting.models import StatReport
from reporting.narrative import rarity, reading, remarks, writing
from reporting.queries.sharing import facts_of
from tests.factories.accounts import sign_in
from tests.factories.campaigns import RoutedStandardFactory
from tests.factories.inspections import FindingFactory, TaskFactory
from tests.factories.registry import FieldFactory, StandardFactory, UnitFactory

from . import handing_in
from .handing_in import save

pytestmark = pytest.mark.django_db
TODAY = clock.at_time(handing_in.DAY, 9)
SAID = {Chapter.BASICS: "请补充检查人次", Chapter.CASES: "案例过于简略"}


@pytest.fixture
def at():
    with clock.pinned(TODAY):
        yield handing_in.desk()


def later(hours: int):
    return clock.pinned(TODAY + dt.timedelta(hours=hours))


def given_back(at, **more) -> StatReport:
    handing_in.submitted(at)
    with later(2):
        moves.send_back(at.report, actor=at.city, note="请修改", **more)
    with later(3):
        moves.resume(at.report, actor=at.clerk)
    return at.report


def open_ones(report):
    found = remarks.open_ones(report, reading.written(report))
    return {chapter: one.is_answered for chapter, one in found.items()}


def finding(at, **more):
    task = TaskFactory(campaign=at.campaign, authority=at.report.authority, unit=at.frame.unit)
    more = {"state": FindingState.RAISED, "standard": at.frame.standard, **more}
    return FindingFactory(task=task, **more)


# Remarks --------------------------------------------------------------------------------------------


def test_remarks_on_chapters_stand_until_the_chapter_is_changed_and_end_with_the_next_edition(at):
    report = given_back(at, chapters=SAID)
    assert open_ones(report) == {Chapter.BASICS: False, Chapter.CASES: False}

    with later(4):
        writing.save_chapter(report, Chapter.BASICS, "检查 12 人次。", save(at, on=1))
        case = writing.add_case(report, finding(at), actor=at.clerk)
    assert open_ones(report) == {Chapter.BASICS: True, Chapter.CASES: True}

    with later(5):
        writing.remove_case(case, actor=at.clerk)
    assert open_ones(report)[Chapter.CASES]  # taken out is an answer, too
    with later(24):
        handing_in.submitted(at, day=handing_in.DAY + dt.timedelta(days=1))
    assert open_ones(report) == {}


def test_a_remark_is_about_a_chapter_there_is(at):
    handing_in.submitted(at)

    with pytest.raises(ValidationError, match="没有“epilogue”这一章"):
        moves.send_back(at.report, actor=at.city, note="请修改", chapters={"epilogue": "?"})


def test_the_city_marks_a_chapter_and_the_district_reads_it_beside_the_text(client, at):
    edition = handing_in.submitted(at)
    sign_in(client, at.office)
    page = reverse("reporting:report_send_back", args=[at.report.pk])
    assert "逐级落实责任。" in client.get(page).content.decode()
    refused = client.post(page, {"note": "", "chapter-basics": SAID[Chapter.BASICS]})
    assert 'value="请补充检查人次"' in refused.content.decode()
    with later(2):
        client.post(page, {"note": "请修改", "chapter-basics": SAID[Chapter.BASICS]})
    assert (
        "总结报告“基本情况”：请补充检查人次"
        in client.get(edition.get_absolute_url()).content.decode()
    )

    sign_in(client, at.district)
    editor = reverse("reporting:narrative", args=[at.report.pk])
    assert "<b>退回意见</b>请补充检查人次" in client.get(editor).content.decode()
    at.report.refresh_from_db()
    with later(3):
        moves.resume(at.report, actor=at.clerk)
    with later(4):
        saved = client.post(
            reverse("reporting:save_chapter", args=[at.report.pk, "basics"]),
            {"text": "检查 12 人次。", "version": 1},
            headers={"X-Requested-With": "autosave"},
        )
    assert "<b>退回意见（已修改）</b>请补充检查人次" in saved.json()["html"]


# Facts few share ------------------------------------------------------------------------------------


def others(at, count, *, field=None, **unit):
    """More units of the district, each with a standard of the same field, or of another."""
    for _ in range(count):
        standard = StandardFactory(
            unit=UnitFactory(**unit), field=field or at.frame.field, category="ent_highest"
        )
        RoutedStandardFactory(
            campaign=at.campaign, standard=standard, inspecting_authority=at.report.authority
        )


@pytest.mark.parametrize(("more", "is_told"), [(3, True), (4, False)])
def test_a_fact_shared_by_fewer_than_five_units_warns(at, more, is_told):
    others(at, more)
    facts = facts_of(at.campaign, at.report.authority)
    field = at.frame.field.name

    said = rarity.warnings(f"某单位的{field}计量标准未按期送检。", at.frame.unit.pk, facts)

    assert said == (
        [f"专业领域“{field}”只有 4 家建标单位符合，{rarity._CONSEQUENCE}"] if is_told else []
    )
    assert rarity.warnings("某单位未按期送检。", at.frame.unit.pk, facts) == []


def test_facts_that_many_share_tell_together(at):
    at.frame.unit.unit_type = UnitType.INSTITUTION
    at.frame.unit.save()
    others(at, 4, unit_type=UnitType.ENTERPRISE)
    others(at, 4, unit_type=UnitType.INSTITUTION, field=FieldFactory(code="11", name="热学"))
    facts = facts_of(at.campaign, at.report.authority)
    kind, field = UnitType.INSTITUTION.label, at.frame.field.name

    assert rarity.warnings(f"某{kind}未送检。", at.frame.unit.pk, facts) == []
    (said,) = rarity.warnings(f"某{kind}的{field}标准未送检。", at.frame.unit.pk, facts)
    assert f"“某{kind}”" in said
    assert "只有 1 家" in said
    assert rarity.warnings_of_any(f"某{kind}的{field}标准。", [at.frame.unit.pk], facts) == []


def test_a_rare_fact_is_said_beside_the_case_and_blocks_nothing(client, at):
    case = writing.add_case(at.report, finding(at), actor=at.clerk)
    handing_in.services.compute(at.report, actor=at.clerk)
    sign_in(client, at.district)

    page = client.get(reverse("reporting:narrative", args=[at.report.pk])).content.decode()

    assert "读者可能据此看出是哪家" in page
    assert case.title in page
    assert not [one for one in reading.unready(at.report, None) if "据此看出" in one]
