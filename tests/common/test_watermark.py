"""Whose copy it is: over confidential pages, in PDF, Word and workbook; what restricted material is taken out for."""

import io

import pytest
from django.urls import reverse
from docx import Document
from openpyxl import load_workbook
from pypdf import PdfReader

from metrostd.common import clock, exports, jobs, watermark
from metrostd.common.models import AccessEntry, Job
from metrostd.common.rendering import render_pdf
from metrostd.common.roles import Role
from metrostd.common.spreadsheet import Column, Sheet, workbook
from reporting.narrative.paper import Paper
from reporting.narrative.word import report_docx
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.inspections import TaskFactory
from tests.printing import PURPOSE

pytestmark = pytest.mark.django_db
EXPORT = "inspections:export"


@pytest.fixture
def office(client):
    task = TaskFactory()
    member = MembershipFactory(role=Role.DISTRICT_ADMIN, authority=task.authority)
    member.user.display_name = "示例<科长>"
    member.user.save()
    sign_in(client, member)
    return member


@pytest.mark.parametrize(
    ("page", "marked"),
    [
        ("inspections:index", True),
        ("rectification:index", True),
        ("desk", False),
        ("registry:units", False),
    ],
)
def test_confidential_pages_name_their_reader(client, office, page, marked):
    shown = client.get(reverse(page)).content.decode()

    assert ('class="watermark"' in shown) is marked
    assert ("示例&lt;科长&gt; 区局计量科" in shown) is marked
    assert "style=" not in shown.partition('class="watermark"')[2].partition("</svg>")[0]


def test_a_workbook_says_whose_copy_it_is():
    sheet = Sheet("表", "标题", [Column("甲"), Column("乙"), Column("丙")], [("1", "2", "3")])

    with watermark.marked("示例人员 & 某局"):
        page = load_workbook(io.BytesIO(workbook([sheet]))).active
    plain = load_workbook(io.BytesIO(workbook([sheet]))).active

    assert [cell.value for cell in page[1]] == ["标题", None, "示例人员 & 某局"]
    assert page.oddFooter.center.text == "示例人员 && 某局"
    assert [cell.value for cell in plain[1]][1:] == [None, None]


def test_a_pdf_says_it_on_every_page():
    said = dict.fromkeys(
        ("title", "campaign", "organiser", "basis", "named", "acting_as", "version"), "示例"
    )
    said |= {"lines": ["很长的一段。" * 60] * 20, "signed_at": clock.now()}
    context = {"pledge": said}
    with watermark.marked("示例人员 2021年"):
        made = PdfReader(io.BytesIO(render_pdf("campaigns/pdf/pledge.html", context)))

    assert len(made.pages) > 1
    for page in made.pages:
        assert "示例人员2021年" in "".join(page.extract_text().split())


def test_a_word_file_says_it_above_the_text():
    paper = Paper(
        title=("示例报告",), addressee="", blocks=(), attached="", office="示例局", day=""
    )
    with watermark.marked("示例人员"):
        marked = Document(io.BytesIO(report_docx(paper)))

    assert marked.sections[0].header.paragraphs[0].text == "示例人员"
    assert marked.sections[0].even_page_header.paragraphs[0].text == "示例人员"
    assert Document(io.BytesIO(report_docx(paper))).sections[0].header.paragraphs[0].text == ""


def test_restricted_material_asks_what_for_and_keeps_it(client, office):
    asked = client.get(reverse(EXPORT), {"state": "planned"})

    assert asked.templates[0].name == "common/purpose.html"
    assert ("state", "planned") in asked.context["carried"]
    assert not AccessEntry.objects.filter(kind="export").exists()
    assert client.get(reverse(EXPORT), {"purpose_kind": "other"}).status_code == 422
    assert not AccessEntry.objects.filter(kind="export").exists()

    given = {"state": "planned", "purpose_kind": "other", "purpose_note": "调阅"}
    made = client.get(reverse(EXPORT), given)

    book = load_workbook(io.BytesIO(made.content))
    row = AccessEntry.objects.get(kind="export")
    assert (row.purpose, "purpose" in row.what) == ("其他：调阅", False)
    assert book.active.oddFooter.center.text.startswith("示例<科长>")


def test_a_long_list_keeps_its_purpose_until_it_is_fetched(client, office, monkeypatch):
    monkeypatch.setattr(exports, "AT_ONCE", -1)
    client.get(reverse(EXPORT), PURPOSE)
    job = Job.objects.get()
    jobs.perform(job)

    answer = client.post(reverse("common:download", args=[job.pk]))
    b"".join(answer.streaming_content)

    rows = AccessEntry.objects.filter(kind="export")
    assert list(rows.values_list("purpose", flat=True)) == ["归档留存", "归档留存"]


def test_a_stranger_is_refused_before_being_asked(client):
    sign_in(client, MembershipFactory(role=Role.ENFORCEMENT_LIAISON))
    answer = client.post(reverse("rectification:campaign_archive"))

    assert answer.status_code == 403
