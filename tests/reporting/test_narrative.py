"""总结报告: figures in the text, several hands, cases without names, one paper in two forms."""

import datetime as dt
import io
import re
import uuid

import docx
import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pypdf import PdfReader

from inspections.enums import FindingState
from metrostd.common import clock, papers
from metrostd.common.http import StaleError
from metrostd.common.models import AccessEntry, AuditEntry, Job
from metrostd.common.models import Paper as KeptPaper
from metrostd.common.transitions import TransitionError
from metrostd.registry.models import FormerName, StandardCertificate, StandardDomain
from reporting import drafts, moves, policies, runners, services
from reporting.enums import Chapter
from reporting.models import ReportChapter, StatEdition, StatReport, TypicalCase
from reporting.narrative import documents, reading, tokens, word, writing
from reporting.narrative.anonymity import Marks, short_forms
from reporting.narrative.paper import Block, Paper, Told, compose, from_plain, pages, to_plain
from reporting.narrative.risks import OfficeRisks
from reporting.narrative.suggesting import suggested
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.inspections import FindingFactory, TaskFactory

from . import handing_in
from .handing_in import save

pytestmark = pytest.mark.django_db
TODAY = clock.at_time(handing_in.DAY, 9)


@pytest.fixture
def at():
    with clock.pinned(TODAY):
        yield handing_in.desk()


def annex_of(at):
    services.compute(at.report, actor=at.clerk)
    return drafts.draft_of(at.report).annex


def finding_of(at, **more):
    """A confirmed finding of the district at a unit whose name tells everything."""
    unit = at.frame.unit
    unit.name, unit.legal_representative = "天津示例泵阀制造有限公司", "赵示例"
    unit.contact_phone, unit.registered_address = "022-12345678", "天津市西青区示例路12号"
    unit.save()
    FormerName.objects.create(unit=unit, name="天津老泵阀厂", name_key="天津老泵阀厂")
    StandardCertificate.objects.filter(standard=at.frame.standard).update(
        number="〔2019〕津量标企证字第012号"
    )
    task = TaskFactory(campaign=at.campaign, authority=at.report.authority, unit=unit)
    more = {"state": FindingState.RAISED, "standard": at.frame.standard, **more}
    return FindingFactory(task=task, **more)


# Figures --------------------------------------------------------------------------------------------


def test_a_figure_in_the_text_is_drawn_with_its_value_and_its_cell(at):
    annex = annex_of(at)
    text = f"有单位{tokens.token(annex, ('I', 'total', 'u_total'))}家，比例【I.total.ratio】。"

    before, units, between, ratio, after = tokens.runs(text, annex)

    assert (before, between, after) == ("有单位", "家，比例", "。")
    assert (units.text, units.words) == ("1", "合计“建标单位总数”")
    assert ratio.text == "0.00%"
    assert tokens.runs(text, None)[1].text == tokens.PENDING


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("【建标单位总数】家", "“【建标单位总数】”不是统计表的数"),
        ("【I.total.nothing】家", "“【I.total.nothing】”在统计表中没有这一格"),
        ("【I.total.visits】次", "没有这一格"),  # a figure for rules alone
        ("【I.total.u_insp家", "不成对"),
    ],
)
def test_what_stands_in_brackets_and_is_no_figure_is_named(at, text, said):
    found = tokens.faults(text, annex_of(at))

    assert len(found) == 1
    assert said in found[0]


def test_full_width_letters_of_an_input_method_are_the_same_figure(at):
    assert (
        tokens.faults(
            "【单位：Ｉ．total．u_insp】【表：III】".replace("【表：III】", ""), annex_of(at)
        )
        == []
    )


def test_suggested_text_stands_as_it_is_and_says_what_the_table_says(at):
    annex = annex_of(at)

    for chapter, text in suggested(annex, office="某局").items():
        assert text, chapter
        assert tokens.faults(text, annex) == []


# Several hands --------------------------------------------------------------------------------------


def test_two_people_on_one_chapter_lose_nothing(at):
    writing.save_chapter(at.report, Chapter.BASICS, "甲写的", save(at))

    with pytest.raises(StaleError) as refused:
        writing.save_chapter(at.report, Chapter.BASICS, "乙写的", save(at))

    assert refused.value.payload["mine"] == {"text": "乙写的"}
    assert refused.value.payload["theirs"] == {"text": "甲写的"}
    assert refused.value.payload["version"] == 1
    assert ReportChapter.objects.get().text == "甲写的"
    writing.save_chapter(at.report, Chapter.PRACTICE, "乙写的", save(at))  # another chapter


def test_a_save_that_is_sent_again_counts_once(at):
    again = writing.Save(0, uuid.uuid4(), at.clerk)
    writing.save_chapter(at.report, Chapter.BASICS, "一次", again)

    row = writing.save_chapter(at.report, Chapter.BASICS, "一次", again)

    assert row.version == 1
    assert AuditEntry.objects.about(row).count() == 1


def test_an_empty_chapter_that_is_not_there_is_not_kept(at):
    row = writing.save_chapter(at.report, Chapter.BASICS, "", save(at))

    assert (row.version, ReportChapter.objects.exists()) == (0, False)


def test_text_stands_still_once_the_office_has_gone_through_it(at):
    handing_in.checked(at)

    with pytest.raises(TransitionError, match="总结报告随统计表报送"):
        writing.save_chapter(at.report, Chapter.BASICS, "改", save(at, on=1))
    assert not policies.can_write_narrative(at.clerk, at.report)


def test_what_is_signed_is_the_text_as_well(at):
    report = handing_in.signed(at)
    ReportChapter.objects.filter(report=report, chapter=Chapter.ADVICE).update(text="改过")

    assert "签字后的内容有变动" in moves.SUBMIT.verdict(report).reason


@pytest.mark.parametrize(("more", "said"), [(1, "最多 20000 字"), (0, "")])
def test_a_chapter_too_long_is_refused_with_its_length(at, more, said):
    text = "长" * (writing.LONGEST_CHAPTER + more)
    if not said:
        assert writing.save_chapter(at.report, Chapter.BASICS, text, save(at)).text == text
        return
    with pytest.raises(ValidationError, match=said):
        writing.save_chapter(at.report, Chapter.BASICS, text, save(at))


def test_a_report_of_more_than_two_hundred_pages_is_told_how_long_it_is():
    one = "一" * (28 * 22 - 2)
    paper = compose(
        [Told("基本情况", "\n".join([one] * 201))], None, title=(), addressee="", office=""
    )

    assert pages(paper) == 202  # with its heading


# Cases ----------------------------------------------------------------------------------------------


def test_a_case_of_a_finding_says_nothing_of_its_unit(at):
    finding = finding_of(
        at,
        fact="天津示例泵阀制造有限公司（原天津老泵阀厂）的赵示例称，证书［2019］津量标企证字第012号在西青区示例路12号，电话０２２１２３４５６７８",
    )

    case = writing.add_case(at.report, finding, actor=at.clerk)

    assert case.text.count("某单位") == 2
    for word_ in ("泵阀", "赵示例", "012号", "示例路", "1234"):
        assert word_ not in case.text
    marks = reading.marks_for(at.report, [finding.task.unit_id])
    assert marks.leaks(f"{case.title}\n{case.text}") == []
    assert writing.add_case(at.report, finding, actor=at.clerk) == case


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("到示例泵阀制造检查", "“示例泵阀制造”是简称"),
        ("到 天津示例泵阀 制造有限公司 检查", "是单位名称"),
        ("前身是天津老泵阀厂", "是曾用名"),
        ("负责人赵 示例签字", "“赵 示例”是人员姓名"),
        ("持〔2019〕津量标企证字第 012 号证书", "是考核证书号"),
        ("位于示例路12号", "“示例路12号”是地址"),
        ("手机１３８００００１２３４", "是手机号码"),
        ("代码91120111MA05EXAM1X", "是统一社会信用代码"),
    ],
)
def test_what_tells_whose_case_it_is_is_refused_with_its_place(at, text, kind):
    case = writing.add_case(at.report, finding_of(at), actor=at.clerk)
    handing_in.write(at)
    writing.save_case(case, "某企业未按期检定", text, save(at))
    annex = annex_of(at)

    said = [one for one in drafts.unready(at.report) if one.startswith("总结报告")]

    assert len(said) == 1
    assert said[0].startswith("总结报告“典型案例”第 1 例：")
    assert kind in said[0]
    assert annex


def test_words_of_the_trade_are_nobodys_name():
    marks = Marks()
    for name in ("天津市电子仪表厂", "天津市西青区计量检定所", "天津热电有限公司"):
        marks.add_name("单位名称", name)

    assert (
        marks.leaks(
            "某企业的电子仪表未按期检定，区计量检定所和热电行业都应重视，21年12月31日前整改"
        )
        == []
    )
    assert list(short_forms("天津泰达精密机械有限公司"))[-3:] == ["泰达公司", "泰达集团", "泰达厂"]


def test_a_finding_of_another_office_or_one_that_fell_is_no_case(at):
    other = FindingFactory(state=FindingState.RAISED)
    fallen = finding_of(at, state=FindingState.DRAFT)

    for finding, said in ((other, "不是本部门"), (fallen, "尚未确认")):
        with pytest.raises(ValidationError, match=said):
            writing.add_case(at.report, finding, actor=at.clerk)


# Papers ---------------------------------------------------------------------------------------------


def _bare(text):
    return re.sub(r"\s", "", text)


def test_word_and_pdf_say_the_same_paragraph_by_paragraph(at):
    edition = handing_in.submitted(at)
    job = Job.objects.get(kind="reporting.edition_files")
    assert runners.make_files(job, lambda *_: None) == edition.get_absolute_url()
    edition = StatEdition.objects.get(pk=edition.pk)
    paper = from_plain(edition.narrative)

    with edition.report_docx.content.open("rb") as kept:
        document = docx.Document(kept)
    with edition.report_pdf.content.open("rb") as kept:
        pdf = _bare("".join(page.extract_text() for page in PdfReader(kept).pages))
    read = []
    for item in document.iter_inner_content():
        cells = [c.text for row in getattr(item, "rows", ()) for c in row.cells]
        read += cells or [item.text]

    assert read == paper.paragraphs()
    at_ = 0
    for paragraph in map(_bare, read):
        found = pdf.find(paragraph, at_)
        assert found >= 0, paragraph
        at_ = found + len(paragraph)
    assert "有建标单位1家。" in read
    assert document.core_properties.author == at.report.authority.name


def test_the_paper_of_an_edition_keeps_its_figures_and_is_made_once(at):
    edition = handing_in.submitted(at)
    paper = from_plain(edition.narrative)

    assert paper.title[-1] == "总结报告"
    assert paper.blocks[0] == Block("chapter", ("一、基本情况",))
    assert paper.day == "2021年10月12日"
    assert from_plain(to_plain(paper)) == paper


def test_quotes_and_chinese_faces_are_marked_for_word():
    paper = Paper(("总结",), "", (Block("text", ("“甲”—乙",)),), "", "某局", "")
    made = docx.Document(io.BytesIO(word.report_docx(paper)))

    run = made.paragraphs[1].runs[0]
    fonts = run._r.rPr.rFonts.attrib
    assert {name.rpartition("}")[2]: value for name, value in fonts.items()} == {
        "ascii": "Times New Roman", "hAnsi": "Times New Roman", "eastAsia": "仿宋_GB2312", "hint": "eastAsia",
    }  # fmt: skip


def test_the_same_report_is_the_same_word_file_a_minute_later():
    paper = Paper(("总结",), "", (Block("text", ("甲",)),), "", "某局", "")
    with time_machine.travel(dt.datetime(2021, 9, 1, 8, tzinfo=dt.UTC)) as clock:
        first = word.report_docx(paper)
        clock.shift(60)
        assert word.report_docx(paper) == first


def test_a_page_of_the_paper_has_twenty_two_lines_of_twenty_eight_letters():
    blocks = (Block("text", ("字" * (28 * 60 - 2),)),)
    data = documents.report_pdf(Paper(("总结报告",), "", blocks, "", "某局", ""))

    second = PdfReader(io.BytesIO(data)).pages[1].extract_text().splitlines()
    body = [line.strip() for line in second if set(line.strip()) == {"字"}]
    assert [len(line) for line in body] == [28] * 22


# Pages ----------------------------------------------------------------------------------------------


def test_the_editor_saves_by_script_and_answers_a_conflict_with_both_values(client, at):
    annex_of(at)
    sign_in(client, at.district)
    url = reverse("reporting:save_chapter", args=[at.report.pk, "basics"])
    head = {"X-Requested-With": "autosave"}
    sent = {"text": "共【I.total.u_total】家", "version": 0, "client_id": str(uuid.uuid4())}

    saved = client.post(url, sent, headers=head).json()
    stale = client.post(url, {**sent, "client_id": str(uuid.uuid4()), "text": "乙"}, headers=head)

    assert saved["version"] == 1
    assert "annex3/records/?" in saved["html"]
    assert stale.status_code == 409
    assert stale.json()["theirs"] == {"text": "共【I.total.u_total】家"}
    plain = client.post(url, {"text": "丙", "version": 0})
    assert plain.status_code == 409
    assert "丙</textarea>" in plain.content.decode()
    assert client.post(url, {"text": "丙", "version": 1}).status_code == 302


def test_cases_are_picked_from_the_findings_on_a_page(client, at):
    finding = finding_of(at)
    sign_in(client, at.district)
    url = reverse("reporting:narrative_cases", args=[at.report.pk])

    assert "选为案例" in client.get(url).content.decode()
    client.post(url, {"finding": finding.pk})
    case = TypicalCase.objects.get()
    page = client.get(reverse("reporting:narrative", args=[at.report.pk])).content.decode()
    assert f'action="{reverse("reporting:save_case", args=[case.pk])}"' in page
    client.post(reverse("reporting:remove_case", args=[case.pk]))
    assert not TypicalCase.objects.exists()


def test_an_edition_shows_its_report_and_hands_its_files_out_when_they_are_made(client, at):
    edition = handing_in.submitted(at)
    sign_in(client, at.office)
    page = reverse("reporting:edition_narrative", args=[edition.pk])
    word_ = reverse("reporting:edition_report_docx", args=[edition.pk])

    assert "正在生成" in client.get(page).content.decode()
    assert client.get(word_).status_code == 202
    runners.make_files(Job.objects.get(kind="reporting.edition_files"), lambda *_: None)
    assert client.get(word_).getvalue().startswith(b"PK")
    assert AccessEntry.objects.filter(what__startswith="总结报告").exists()
    assert 'class="told-figure" href=' in client.get(page).content.decode()


def test_another_office_finds_nothing_and_the_city_writes_nothing(client, at):
    case = writing.add_case(at.report, finding_of(at), actor=at.clerk)
    own = reverse("reporting:narrative", args=[at.report.pk])
    sign_in(client, MembershipFactory())
    assert client.get(own).status_code == 404
    assert client.post(reverse("reporting:remove_case", args=[case.pk])).status_code == 404

    sign_in(client, at.office)
    assert client.get(own).status_code == 200
    for url in (
        reverse("reporting:save_chapter", args=[at.report.pk, "basics"]),
        reverse("reporting:save_case", args=[case.pk]),
        reverse("reporting:remove_case", args=[case.pk]),
        reverse("reporting:narrative_cases", args=[at.report.pk]),
    ):
        assert client.post(url, {"text": "改", "version": 0}).status_code == 403
    assert StatReport.objects.get().chapters.count() == 0


def test_a_draft_is_printed_in_the_background_and_says_that_it_is_one(client, at):
    handing_in.write(at)
    annex_of(at)
    sign_in(client, at.district)
    url = reverse("reporting:narrative_docx", args=[at.report.pk])

    assert client.get(url).status_code == 202
    paper = KeptPaper.objects.get(kind="reporting.draft_docx")
    papers.make(paper.job, lambda *_: None)
    words = docx.Document(io.BytesIO(client.get(url).getvalue())).paragraphs
    assert [words[3].text, words[6].text] == ["（草稿，未报送）", "有建标单位1家。"]
    assert KeptPaper.objects.count() == 1


def test_the_editor_asks_as_many_questions_with_two_cases_as_with_one(client, at):
    annex_of(at)
    sign_in(client, at.district)
    url = reverse("reporting:narrative", args=[at.report.pk])
    first = finding_of(at)
    client.get(url)  # that it was read is noted once an hour
    asked = []
    for finding in (first, FindingFactory(task=first.task, state=FindingState.RAISED)):
        writing.add_case(at.report, finding, actor=at.clerk)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        asked.append(len(queries))

    assert asked[0] == asked[1]


def test_an_office_analyses_the_risk_of_its_own_units_by_field_and_domain(client, at):
    """Suggested, drawn while it is written, and frozen with the edition; other districts' units are not in it."""
    unit = at.frame.unit
    unit.territorial_authority = at.report.authority
    unit.save()
    StandardDomain.objects.create(standard=at.frame.standard, domain="food")
    services.compute(at.report, actor=at.clerk)
    sign_in(client, at.clerk.acting)
    url = reverse("reporting:narrative", args=[at.report.pk])

    cards = {card.chapter: card for card in client.get(url).context["cards"]}
    text = cards[Chapter.PROBLEMS].suggestion

    assert "（三）风险分析" in text
    assert "【表：VI】" in text
    assert "低风险1家" in text or "中风险1家" in text or "高风险1家" in text
    writing.save_chapter(at.report, Chapter.PROBLEMS, text, save(at))
    shown = client.get(url).content.decode()
    assert "各重点领域的风险等级（家）" in shown
    risks = OfficeRisks(at.report.authority, at.clerk)
    paper = reading.paper_of(at.report, drafts.draft_of(at.report).annex, tables=risks)
    (domains,) = [b for b in paper.blocks if b.text == "各重点领域的风险等级（家）"]
    assert [row[:2] for row in domains.rows] == [("食品安全", "1")]
    elsewhere = OfficeRisks(MembershipFactory().authority, at.clerk)
    assert elsewhere["领域风险"].rows == ()
