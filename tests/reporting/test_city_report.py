"""全市总结报告: accepted editions put together, an analysis of all of them, finished once and taken up again."""

import datetime as dt
import io
import uuid

import docx
import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from metrostd.common import clock
from metrostd.common.http import StaleError
from metrostd.common.models import AuditEntry, Job
from metrostd.common.transitions import TransitionError
from metrostd.risk.queries import picture, units_of
from reporting import runners
from reporting.enums import CityChapter, CityReportState
from reporting.models import CityReport
from reporting.narrative import city, city_moves, tokens
from reporting.narrative.paper import from_plain
from reporting.narrative.writing import Save
from tests.factories.accounts import sign_in
from tests.factories.inspections import TaskFactory
from tests.factories.registry import InstrumentFactory, StandardFactory, TraceFactory

from . import handing_in

DAY = dt.timedelta(days=1)
pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    with clock.pinned(clock.at_time(handing_in.DAY, 11)):
        made = handing_in.desk()
        handing_in.accepted(made)
        yield made


def _save(at, on=0):
    return Save(on, uuid.uuid4(), at.city)


def _write(at):
    report = city.report_of(at.campaign)
    for chapter, text in city.suggestions(city.whole(at.campaign)).items():
        city_moves.save_chapter(report, CityChapter(chapter), text, _save(at))
    return city.report_of(at.campaign)


def test_the_city_merges_what_was_accepted_and_names_what_is_missing(at):
    handing_in.desk(beside=at)
    found = city.whole(at.campaign)

    assert [part.office for part in found.parts] == [str(at.report.authority)]
    assert len(city.missing_offices(found)) == 1
    ((office, blocks),) = city.merged(found, CityChapter.BASICS)
    assert office == str(at.report.authority)
    assert city.words_of(blocks) == "有建标单位1家。\n实际检查0家。"
    assert city.suggestions(found)[CityChapter.CASES] == "各部门报告中没有典型案例。"
    assert found.tables[tokens.OFFICES].rows[0][0] == str(at.report.authority)
    assert found.tables[tokens.OFFICES].rows[-1][:3] == ("全市", "0", "0.00%")


def test_the_analysis_has_the_levels_that_the_pages_of_risk_have(at):
    standard = StandardFactory(unit__territorial_authority=at.report.authority)
    TraceFactory(instrument=InstrumentFactory(standard=standard), valid_until=clock.today() - DAY)
    found = city.whole(at.campaign)
    risk = picture(units_of(None), clock.today()).risk_of(standard.unit_id)

    said = city.suggestions(found)[CityChapter.ANALYSIS]

    assert risk.hits["untraced"] == 1
    assert "计量标准器溯源超期或不合格（1家）" in said
    office = next(
        row for row in found.tables[tokens.DISTRICT_RISK].rows if row[0] == str(at.report.authority)
    )
    assert sum(int(n) for n in office[2:]) == int(office[1])
    assert standard.field.name in [row[0] for row in found.tables[tokens.FIELD_RISK].rows]
    assert tokens.faults(f"【表：{tokens.DISTRICT_RISK}】", found.annex)
    assert not tokens.faults(f"【表：{tokens.DISTRICT_RISK}】", found.annex, city=True)


def test_suggested_text_can_be_finished_and_printed_as_it_is(at):
    report = _write(at)

    city_moves.finish(report, actor=at.city)
    runners.city_papers(Job.objects.get(kind=city_moves.CITY_JOB), lambda *_: None)

    report = CityReport.objects.get()
    paper = from_plain(report.narrative)
    with report.report_docx.content.open("rb") as kept:
        document = docx.Document(io.BytesIO(kept.read()))
    read = [
        text
        for item in document.iter_inner_content()
        for text in ([c.text for r in item.rows for c in r.cells] if hasattr(item, "rows") else [item.text])
    ]  # fmt: skip
    assert read == paper.paragraphs()
    assert "五、风险分析" in read
    with pytest.raises(TransitionError, match="已定稿"):
        city_moves.save_chapter(report, CityChapter.ADVICE, "改", _save(at, on=1))
    with pytest.raises(ValidationError):
        city_moves.reopen(report, actor=at.city, note="")
    city_moves.reopen(report, actor=at.city, note="补充一个部门")
    done = AuditEntry.objects.about(report).values_list("action", flat=True)
    assert list(done) == ["city_report.reopen", "city_report.finish"]


def test_what_is_missing_is_named_and_a_unit_named_in_a_case_is_refused(at):
    TaskFactory(campaign=at.campaign, authority=at.report.authority, unit=at.frame.unit)
    at.frame.unit.name = "天津示例泵阀制造有限公司"
    at.frame.unit.save()
    report = _write(at)
    city_moves.save_chapter(report, CityChapter.CASES, "示例泵阀制造未检定", _save(at, on=1))
    city_moves.save_chapter(report, CityChapter.ADVICE, "", _save(at, on=1))

    said = city_moves.FINISH.verdict(city.report_of(at.campaign)).reasons

    assert said == (
        "总结报告“典型案例”：“示例泵阀制造”是简称，请删去或改为“某单位”。",
        "总结报告“工作建议”还没有写。",
    )


def test_two_people_at_the_municipal_office_lose_nothing(at):
    report = _write(at)

    with pytest.raises(StaleError) as refused:
        city_moves.save_chapter(report, CityChapter.ADVICE, "乙", _save(at))

    assert refused.value.payload["mine"] == {"text": "乙"}


def test_an_empty_chapter_that_is_not_there_begins_no_report(client, at):
    sign_in(client, at.office)
    save = f"{reverse('reporting:save_city_chapter')}?chapter=advice"
    head = {"X-Requested-With": "autosave"}

    answer = client.post(save, {"text": "", "version": 0}, headers=head).json()

    assert (answer["version"], CityReport.objects.exists()) == (0, False)


def test_the_pages_are_the_municipal_offices(client, at):
    page = reverse("reporting:city_report")
    sign_in(client, at.district)
    assert client.get(page).status_code == 403
    sign_in(client, at.office)
    assert "按全市汇总建议的文字" in client.get(page).content.decode()
    save = f"{reverse('reporting:save_city_chapter')}?chapter=advice"
    head = {"X-Requested-With": "autosave"}
    saved = client.post(save, {"text": "【I.total.u_total】家", "version": 0}, headers=head).json()
    assert "hand-in/city/cell/" in saved["html"]
    assert client.post(save, {"text": "丙", "version": 0}).status_code == 409
    assert client.post(reverse("reporting:city_report_finish")).status_code == 422
    _write_rest(at)
    client.post(reverse("reporting:city_report_finish"))
    assert CityReport.objects.get().state == CityReportState.FINISHED
    assert "正在生成" in client.get(page).content.decode()
    assert client.get(reverse("reporting:city_report_pdf")).status_code == 202
    runners.city_papers(Job.objects.get(kind=city_moves.CITY_JOB), lambda *_: None)
    assert client.get(reverse("reporting:city_report_docx")).getvalue().startswith(b"PK")
    client.post(reverse("reporting:city_report_reopen"), {"note": "补充"})
    assert CityReport.objects.get().state == CityReportState.DRAFT


def _write_rest(at):
    report = city.report_of(at.campaign)
    for chapter in CityChapter:
        if chapter != CityChapter.ADVICE:
            city_moves.save_chapter(report, chapter, "已写。", _save(at))
