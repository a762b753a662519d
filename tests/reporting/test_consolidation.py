"""The city's table of accepted editions, and tables filled in outside."""

import io

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from metrostd.common import clock
from reporting import consolidation, documents, drafts, importing, moves, rules, services, workbook
from reporting.models import StatReport
from tests.factories.accounts import sign_in
from tests.printing import pages_of

from . import fixture, handing_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def at():
    with clock.pinned(clock.at_time(handing_in.DAY, 9)):
        yield handing_in.desk()


def table_of(at):
    parts = consolidation.parts_of(at.campaign)
    return consolidation.consolidated(at.campaign, parts, now=clock.now())


def broken(annex):
    return {one.id for one in rules.check(annex) if not one.ok}


def test_only_accepted_editions_are_added_and_a_unit_of_two_offices_counts_once(at):
    other = handing_in.desk(beside=at)
    handing_in.accepted(at)
    handing_in.on_file(other)
    assert table_of(at).value("I", "total", "s_total") == 1

    moves.accept(other.report, actor=at.city)
    annex = table_of(at)

    total = annex.blocks["I"].total
    assert (total["s_total"], total["u_total"], total["f_all"]) == (2, 1, 1)
    assert (annex.rollup.u_total_sum, annex.rollup.u_total_distinct) == (2, 1)
    assert broken(annex).isdisjoint({"R30", "R31"})
    assert annex.blocks["III"].row("J")["fd"] is None
    assert annex.corrections.reasons["R22"].count(handing_in.REASONS["R22"]) == 2


def test_a_corrected_edition_counts_once_it_is_taken(at):
    handing_in.accepted(at)
    moves.correct(at.report, actor=at.clerk, note="补报")
    services.compute(at.report, actor=at.clerk)
    version = at.report.version
    services.enter(
        at.report, cell="I/total/s_seal", value="1", reason="台账外封存一项",
        base_version=version, actor=at.clerk,
    )  # fmt: skip
    assert table_of(at).value("I", "total", "s_seal") == 0
    services.take_out(
        at.report, cell="I/total/s_seal", base_version=at.report.version, actor=at.clerk
    )
    services.enter(
        at.report, cell="IV/cmp_in/cmp_in", value="2", reason="12315 平台转来",
        base_version=at.report.version, actor=at.clerk,
    )  # fmt: skip
    assert drafts.unready(at.report)[0].startswith("R27")
    services.enter(
        at.report, cell="IV/cmp_done/cmp_done", value="2", reason="12315 平台转来",
        base_version=at.report.version, actor=at.clerk,
    )  # fmt: skip
    edition = handing_in.on_file(at)
    moves.accept(at.report, actor=at.city)

    assert table_of(at).single("cmp_in") == 2
    assert "手工改为 2" in " ".join(table_of(at).notes)
    assert drafts.table_of(edition).single("cmp_done") == 2


def test_the_city_opens_its_figure_down_to_the_records_of_an_office(client, at):
    handing_in.accepted(at)
    late = handing_in.desk(beside=at)
    city = sign_in(client, at.office)

    page = city.get(reverse("reporting:consolidated"))
    assert [report.authority for report in page.context["left_out"]] == [late.report.authority]
    assert len(page.context["compared"]) == 2
    table = city.get(reverse("reporting:consolidated"), {"block": "I"})
    urls = [c.url for part in table.context["sections"] for line in part.lines for c in line.cells]
    cell = city.get(next(url for url in urls if url.endswith("I/total/s_total")))
    _, text, url = cell.context["lines"][0]

    assert text == "1"
    assert city.get(url).context["page"].paginator.count == 1
    base = reverse("reporting:consolidated_cell")
    assert city.get(base, {"cell": "I/total/nothing"}).status_code == 404
    book = city.get(reverse("reporting:consolidated_xlsx"))
    assert "按计量标准类别" in load_workbook(io.BytesIO(book.content)).sheetnames
    assert pages_of(city, reverse("reporting:consolidated_pdf")).startswith(b"%PDF")
    district = sign_in(client, at.district)
    assert district.get(reverse("reporting:consolidated")).status_code == 403


def test_nothing_accepted_is_said_in_words(client, at):
    page = sign_in(client, at.office).get(reverse("reporting:consolidated"))

    assert "还没有可以汇总的统计表" in page.content.decode()


def filled(change=None):
    """The printed form of the made-up district, with one cell written over."""
    book = load_workbook(io.BytesIO(workbook.annex3_xlsx(fixture.annex3())), data_only=True)
    if change:
        sheet, place, value = change
        book[sheet][place] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_what_was_printed_is_read_back_cell_by_cell(at):
    read = importing.read_table(filled(), "统计表.xlsx", form=fixture.annex3())

    wanted = {
        (block, row, cell.figure.id): cell.value
        for block, row, cell in fixture.annex3().cells()
        if not cell.figure.check
    }
    assert {
        (block, row, cell.figure.id): cell.value
        for block, row, cell in read.cells()
        if not cell.figure.check
    } == wanted


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("按计量标准类别", "C10", "四十八"), "C10"),
        (("按计量标准类别", "C10", -1), "不小于 0"),
        (("按计量标准类别", "C10", 1.5), "整数"),
        (("按计量标准类别", "A10", "企业"), "缺少“企业最高计量标准”一行"),
        (("按问题类别", "B4", "条数"), "缺少“发现问题数（条）”一列"),
    ],
)
def test_each_wrong_cell_of_an_imported_table_is_named(change, said):
    with pytest.raises(ValidationError) as refused:
        importing.read_table(filled(change), "统计表.xlsx", form=fixture.annex3())

    assert said in " ".join(refused.value.messages)


def uncalculated(*changes):
    """The printed form, written over by a program that calculates nothing: its formulas have lost their results."""
    book = load_workbook(io.BytesIO(workbook.annex3_xlsx(fixture.annex3())))
    for sheet, place, value in changes:
        book[sheet][place] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_sums_nobody_calculated_are_added_up(at):
    read = importing.read_table(
        uncalculated(("按计量标准类别", "C10", 50)), "统计表.xlsx", form=fixture.annex3()
    )

    rows = read.blocks["I"]
    made = {
        row: rows.row(row)["s_total"] for row in ("ent_highest", "subtotal_enterprise", "total")
    }
    assert made == {"ent_highest": 50, "subtotal_enterprise": 63, "total": 63}
    assert rows.total["ratio"] == fixture.annex3().blocks["I"].total["ratio"]


def test_another_formula_without_a_result_is_named(at):
    with pytest.raises(ValidationError) as refused:
        importing.read_table(
            uncalculated(("按计量标准类别", "C10", "=40+8")), "统计表.xlsx", form=fixture.annex3()
        )

    assert "C10：公式没有计算结果" in " ".join(refused.value.messages)


def test_an_imported_table_is_marked_and_checked_by_the_same_rules(client, at):
    clerk = sign_in(client, at.district)
    services.compute(at.report, actor=at.clerk)
    form = workbook.annex3_xlsx(drafts.draft_of(at.report).annex)
    book = load_workbook(io.BytesIO(form), data_only=True)
    page = book["按计量标准类别"]
    head = {page.cell(row=4, column=at).value: at for at in range(2, page.max_column + 1)}
    page.cell(row=13, column=head["列入检查清单单位"]).value = 3
    out = io.BytesIO()
    book.save(out)

    def send(content):
        file = SimpleUploadedFile("统计表.xlsx", content)
        return clerk.post(
            reverse("reporting:report_take_table", args=[at.report.pk]), {"file": file}
        )

    assert send(b"nothing").status_code == 422
    assert send(out.getvalue()).status_code == 302
    shown = clerk.get(at.report.get_absolute_url())

    report = StatReport.objects.get(pk=at.report.pk)
    assert report.imported_id
    assert "R02" in [rule.id for rule in shown.context["blocking"]]
    assert "由外部填写的统计表导入" in shown.content.decode()
    annex = drafts.draft_of(report).annex
    assert any("外部填写" in text for text in documents.remarks(annex))
    services.compute(report, actor=at.clerk)
    assert report.imported is None
