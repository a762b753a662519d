"""附件3 on its way: what each step asks, what an edition keeps, and who may take it."""

import datetime as dt
import io

import pytest
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from openpyxl import load_workbook

from campaigns.enums import DutyKind
from campaigns.models import Duty, FrameStandard
from metrostd.common import clock, jobs
from metrostd.common.models import AuditEntry, Job
from metrostd.common.roles import Role
from metrostd.common.transitions import TransitionError
from metrostd.notifications.models import Message
from metrostd.trail import sealing
from metrostd.trail.anchors import in_words, last_head
from reporting import (
    differences,
    documents,
    drafts,
    edition_files,
    hooks,
    moves,
    policies,
    services,
    workbook,
)
from reporting.enums import Chapter
from reporting.enums import StatReportState as State
from reporting.models import StatReport
from tests.factories.accounts import MembershipFactory
from tests.factories.inspections import hand
from tests.factories.registry import AuthorityFactory, StandardFactory, UnitFactory

from . import handing_in
from .handing_in import REASONS

pytestmark = pytest.mark.django_db
TODAY = clock.at_time(handing_in.DAY, 9)


@pytest.fixture
def at():
    with clock.pinned(TODAY):
        yield handing_in.desk()


def bytes_of(stored):
    with stored.content.open("rb") as kept:
        return kept.read()


def test_what_was_signed_anew_meanwhile_is_what_is_handed_in(at):
    opened = handing_in.signed(at)
    read = StatReport.objects.get(pk=opened.pk)
    moves.unsign(opened, actor=at.clerk, note="理由有误")
    said = dict.fromkeys(REASONS, "另一条理由")
    services.explain(opened, said, base_version=opened.version, actor=at.clerk)
    moves.check(opened, actor=at.clerk)
    moves.sign(opened, actor=at.clerk, name="示例副局长", position="副局长", hand=hand())

    edition = moves.submit(read, actor=at.clerk)

    assert (edition.content_hash, edition.signer_name) == (opened.content_hash, "示例副局长")
    assert "另一条理由" in edition.reasons.values()


def test_every_office_below_the_organiser_owes_a_table_by_the_day_of_the_notice(at):
    AuthorityFactory(parent=at.campaign.organiser)

    assert services.prepare(at.campaign, actor=None) == 1
    assert services.prepare(at.campaign, actor=None) == 0
    owed = Duty.objects.open().filter(kind=DutyKind.SUMMARY)
    assert {duty.due_on for duty in owed} == {dt.date(2021, 10, 15)}
    assert owed.count() == 2
    assert {duty.target.authority for duty in owed} == {duty.authority for duty in owed}


def test_what_is_missing_is_named_before_a_table_can_be_signed(at):
    assert drafts.unready(at.report) == ["还没有统计，请先统计。"]

    services.compute(at.report, actor=at.clerk)
    missing = drafts.unready(at.report)

    assert [text[:3] for text in missing[:2]] == ["R22", "R23"]
    assert missing[2:] == [f"总结报告“{chapter.label}”还没有写。" for chapter in Chapter]
    with pytest.raises(ValidationError):
        moves.check(at.report, actor=at.clerk)


def test_a_rule_that_blocks_takes_no_reason(at):
    handing_in.draw(at)
    handing_in.write(at)
    services.compute(at.report, actor=at.clerk)
    services.explain(
        at.report, {**REASONS, "R03": "企业停产"}, base_version=at.report.version, actor=at.clerk
    )

    assert [text[:3] for text in drafts.unready(at.report)] == ["R03"]


def test_a_table_that_is_handed_in_prints_where_the_seal_on_the_trail_stood(at, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    sealing.seal()
    head = last_head()
    edition = handing_in.submitted(at)

    signed = edition_files._signed(edition)

    assert edition.receipt["trail_head"] == head != ""
    assert signed.trail_head == in_words(head)
    printed = render_to_string(
        "reporting/pdf/annex3.html",
        documents.pdf_context(drafts.table_of(edition), signed=signed),
    )
    assert f"报送时封存至：{in_words(head)}" in printed
    book = load_workbook(io.BytesIO(workbook.annex3_xlsx(drafts.table_of(edition), signed=signed)))
    said = [str(cell.value) for sheet in book for row in sheet for cell in row if cell.value]
    assert f"报送时封存至：{in_words(head)}" in said


def test_from_the_figures_to_the_receipt(at):
    edition = handing_in.submitted(at)

    assert at.report.state == State.SUBMITTED
    assert (edition.number, edition.receipt_no) == (1, "津市监统计表回执〔2021〕1号")
    assert edition.reasons == REASONS
    assert not at.report.is_late
    assert not Duty.objects.open().filter(kind=DutyKind.SUMMARY).exists()
    assert Message.objects.filter(membership=at.office).count() == 1
    assert (edition.pdf, edition.xlsx, edition.files_job.owner) == (None, None, None)
    done = AuditEntry.objects.about(at.report).values_list("action", flat=True)
    assert list(reversed(done)) == [
        "stat_report.create", "stat_report.compute", "stat_report.explain",
        "stat_report.check", "stat_report.sign", "stat_report.submit",
    ]  # fmt: skip


@pytest.mark.parametrize(("day", "late"), [(15, False), (16, True)])
def test_lateness_is_that_of_the_first_submission(at, day, late):
    handing_in.submitted(at, day=dt.date(2021, 10, day))
    moves.send_back(at.report, actor=at.city, note="请核对")
    moves.resume(at.report, actor=at.clerk)
    handing_in.submitted(at, day=dt.date(2021, 10, 20))

    at.report.refresh_from_db()
    assert at.report.is_late is late
    assert at.report.editions.count() == 2


def test_nothing_changes_once_the_office_has_gone_through_it(at):
    report = handing_in.checked(at)

    for act in (
        lambda: services.compute(report, actor=at.clerk),
        lambda: services.explain(report, {"R22": "x"}, base_version=2, actor=at.clerk),
        lambda: moves.submit(report, actor=at.clerk),
    ):
        with pytest.raises(TransitionError):
            act()
    moves.revise(report, actor=at.clerk)
    services.compute(report, actor=at.clerk)


def test_what_is_handed_in_is_what_was_signed(at):
    report = handing_in.signed(at)
    StatReport.objects.filter(pk=report.pk).update(reasons={})
    report.refresh_from_db()

    assert "签字后的内容有变动" in moves.SUBMIT.verdict(report).reason
    moves.unsign(report, actor=at.clerk, note="理由有误")
    assert (report.state, report.signature, report.signer_name) == (State.DRAFT, None, "")


@pytest.mark.parametrize(
    ("field", "given"),
    [("name", {"name": " "}), ("position", {"position": ""})],
)
def test_a_signature_names_its_person(at, field, given):
    report = handing_in.checked(at)
    right = {"name": "示例局长", "position": "局长", "hand": hand()}

    with pytest.raises(ValidationError) as refused:
        moves.sign(report, actor=at.clerk, **right | given)

    assert list(refused.value.message_dict) == [field]


def test_a_table_is_taken_once_its_files_are_there_and_they_say_what_was_signed(at):
    edition = handing_in.submitted(at)
    with pytest.raises(ValidationError, match="还没有生成"):
        moves.accept(at.report, actor=at.city)
    # What changes in the draft or the records meanwhile reaches no file.
    StatReport.objects.filter(pk=at.report.pk).update(reasons={"R22": "改过"}, table={})
    FrameStandard.objects.all().delete()

    for _ in range(2):
        jobs.perform(edition.files_job)
        Job.objects.update(state="queued")

    edition.refresh_from_db()
    kept = AuditEntry.objects.about(at.report).get(action="stat_report.file").after
    assert (kept["pdf"], kept["xlsx"]) == (edition.pdf.sha256, edition.xlsx.sha256)
    assert kept["content_hash"] == edition.content_hash
    assert bytes_of(edition.pdf).startswith(b"%PDF")
    said = load_workbook(io.BytesIO(bytes_of(edition.xlsx)))["数据规则"].values
    assert REASONS["R22"] in {row[4] for row in said}
    at.report.refresh_from_db()
    moves.accept(at.report, actor=at.city)


def test_the_pages_wait_for_the_files_by_themselves_and_stop_when_they_are_there(at, client):
    edition = handing_in.submitted(at)
    client.force_login(at.city)
    pages = [at.report.get_absolute_url(), edition.get_absolute_url()]

    def waiting() -> list[bool]:
        return [
            "正在生成" in (said := client.get(page).content.decode()) and "every 3s" in said
            for page in pages
        ]

    assert waiting() == [True, True]
    Job.objects.update(state=Job.States.FAILED)
    assert waiting() == [False, False]
    assert "文件还没有生成" in client.get(pages[1]).content.decode()
    Job.objects.update(state=Job.States.QUEUED)
    jobs.perform(edition.files_job)
    assert waiting() == [False, False]
    assert "还没有生成" not in "".join(client.get(page).content.decode() for page in pages)


def test_an_edition_stays_as_it_was_whatever_happens_to_the_records(at):
    edition = handing_in.filed(at)
    kept = bytes_of(edition.xlsx), bytes_of(edition.pdf)
    moves.accept(at.report, actor=at.city)

    FrameStandard.objects.all().delete()
    again = at.report.editions.get()

    assert (bytes_of(again.xlsx), bytes_of(again.pdf)) == kept
    assert drafts.table_of(again).value("I", "total", "s_total") == 1


def test_a_record_that_took_anothers_place_is_a_difference_though_the_number_stands(at):
    edition = handing_in.submitted(at)
    other = StandardFactory(unit=at.frame.unit, field=at.frame.field)
    FrameStandard.objects.filter(pk=at.frame.pk).update(standard=other)

    found = differences.since(
        edition.table, edition.evidence, at.campaign, at.report.authority, now=clock.now()
    )

    changed = next(one for one in found if one.ref == ("I", "total", "s_total"))
    assert (changed.was, changed.now) == ("1", "1")
    assert changed.words == "新计入 1，不再计入 1"
    assert changed.gone == {str(at.frame.standard_id)}
    assert not [one for one in found if one.figure.id == "u_total"]


def test_an_accepted_table_is_corrected_by_a_new_edition_with_its_reason(at):
    first = handing_in.on_file(at)
    moves.accept(at.report, actor=at.city)
    with pytest.raises(ValidationError):
        moves.correct(at.report, actor=at.clerk, note=" ")
    moves.correct(at.report, actor=at.clerk, note="补计一项")

    assert at.report.editions.standing().get() == first
    second = handing_in.on_file(at)
    assert (second.number, second.correction_note) == (2, "补计一项")
    assert at.report.editions.standing().get() == first
    moves.accept(at.report, actor=at.city)
    assert at.report.editions.standing().get() == second


def test_a_locked_table_needs_the_word_of_the_municipal_office(at):
    handing_in.on_file(at)
    moves.accept(at.report, actor=at.city)
    moves.lock(at.report, actor=at.city)

    with pytest.raises(TransitionError):
        moves.correct(at.report, actor=at.clerk, note="补计")
    moves.allow_correction(at.report, actor=at.city, note="请补计一项")
    assert Duty.objects.open().get(kind=DutyKind.SUMMARY).authority == at.report.authority


def test_marks_name_cells_of_the_table(at):
    edition = handing_in.submitted(at)
    with pytest.raises(ValidationError):
        moves.send_back(at.report, actor=at.city, note="核对", marks=[("I", "x", "y", "z")])

    moves.send_back(
        at.report, actor=at.city, note="请核对", marks=[("I", "total", "s_total", "少计一项")]
    )

    edition.refresh_from_db()
    assert edition.marks[0]["words"] == "合计“计量标准总项数”"
    assert (at.report.state, edition.return_note) == (State.RETURNED, "请核对")
    moves.resume(at.report, actor=at.clerk)
    assert at.report.correction_note == "按退回意见修改：请核对"
    assert Duty.objects.open().get(kind=DutyKind.SUMMARY).due_on == dt.date(2021, 10, 17)


def test_whoever_belongs_to_the_office_or_handed_in_does_not_take_the_table(at):
    handing_in.submitted(at)
    MembershipFactory(user=at.city, authority=at.report.authority)
    at.city.act_as(at.office)

    assert "报送部门的人员" in policies.can_accept(at.city, at.report).reason
    with pytest.raises(ValidationError):
        moves.accept(at.report, actor=at.city)
    own = MembershipFactory(user=at.clerk, role=Role.CITY_ADMIN, authority=at.campaign.organiser)
    at.clerk.act_as(own)
    at.district.delete()
    assert "报送统计表的人不能" in policies.can_send_back(at.clerk, at.report).reason


def test_a_cell_by_hand_needs_a_reason_and_moves_the_percentages(at):
    report = at.report
    services.compute(report, actor=at.clerk)

    def enter(cell="I/total/u_insp", value="1", reason="漏签一份"):
        services.enter(
            report, cell=cell, value=value, reason=reason,
            base_version=report.version, actor=at.clerk,
        )  # fmt: skip

    for wrong in (
        {"reason": " "}, {"value": "-1"}, {"value": "1.5"}, {"value": "0"}, {"value": "多"},
        {"cell": "I/total/ratio"}, {"cell": "I/sp_statutory/s_total"}, {"cell": "I/x/y"},
        {"cell": "nothing"}, {"cell": "I/total/visits"},
    ):  # fmt: skip
        with pytest.raises(ValidationError):
            enter(**wrong)
    enter()

    total = drafts.draft_of(report).annex.blocks["I"].total
    cell = next(cell for cell in total.cells if cell.figure.id == "u_insp")
    assert (cell.text, cell.mark, cell.computed) == ("1", "＊", 0)
    assert str(total["ratio"]) == "100.00"
    entered = drafts.draft_of(report).annex.corrections.overrides[0]
    assert (entered.was, entered.stands, entered.words) == ("0", "1", "合计“实际检查单位”")
    services.take_out(report, cell="I/total/u_insp", base_version=report.version, actor=at.clerk)
    assert report.overrides == {}


def test_two_people_do_not_undo_each_other(at):
    services.compute(at.report, actor=at.clerk)
    seen = at.report.version
    services.explain(at.report, {"R22": "停产"}, base_version=seen, actor=at.clerk)

    with pytest.raises(Exception, match="他人修改"):
        services.explain(at.report, {"R22": "疫情"}, base_version=seen, actor=at.clerk)
    at.report.refresh_from_db()
    assert at.report.reasons == {"R22": "停产"}


def test_an_office_is_reminded_once_a_day_and_not_of_what_it_handed_in(at):
    services.remind(at.report, actor=at.city)
    with pytest.raises(TransitionError, match="今天已经催办过"):
        services.remind(at.report, actor=at.city)
    with clock.pinned(TODAY + dt.timedelta(days=1)):
        services.remind(at.report, actor=at.city)

    told = Message.objects.filter(membership=at.district, subject__startswith="催办")
    assert told.count() == 2
    handing_in.submitted(at)
    with pytest.raises(TransitionError, match="不用催办"):
        services.remind(at.report, actor=at.city)


def test_the_day_moves_with_the_plan_and_the_stage_says_how_many_came(at):
    hooks.move_due(at.campaign, None, "summary_due", dt.date(2021, 10, 15), dt.date(2021, 10, 29))

    assert Duty.objects.open().get(kind=DutyKind.SUMMARY).due_on == dt.date(2021, 10, 29)
    assert hooks.handed_in(at.campaign, at.city) == "报送 0/1"
    handing_in.submitted(at)
    assert hooks.handed_in(at.campaign, at.city) == "报送 1/1"
    assert list(hooks.unreviewed_tables(at.campaign)) == ["1 份统计表已报送，尚未审核。"]


def test_a_district_sees_its_own_table_only(at):
    stranger = MembershipFactory(authority=AuthorityFactory(parent=at.campaign.organiser))
    unit = MembershipFactory(as_unit=True, unit=UnitFactory())

    for who, many in ((at.district, 1), (at.office, 1), (stranger, 0), (unit, 0)):
        who.user.act_as(who)
        assert StatReport.objects.visible_to(who.user).count() == many
