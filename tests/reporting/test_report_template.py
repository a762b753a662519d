"""The office's own Word form: what may stand in it, what is said of what may not, and how it is filled."""

import io

import docx
import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from metrostd.common import clock
from metrostd.common.models import AuditEntry, Job
from metrostd.common.transitions import TransitionError
from reporting import drafts, runners
from reporting.models import ReportTemplate, StatEdition
from reporting.narrative import keeping, own_form
from reporting.narrative.paper import Told, compose, from_plain
from tests.factories.accounts import sign_in

from . import handing_in

FORM = (
    "{{报送单位}}文件",
    "{{标题}}",
    "{{基本情况}}",
    "{%p for 段 in 主要做法 %}",
    "　　{{ 段 }}",
    "{%p endfor %}",
    "共{{ 数['I.total.u_total'] }}家",
    "{{成文日期}}",
)


def form(*paragraphs, header=""):
    made = docx.Document()
    for text in paragraphs:
        made.add_paragraph(text)
    made.sections[0].header.paragraphs[0].text = header
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def upload(data, name="示例模板.docx"):
    return SimpleUploadedFile(name, data)


def test_a_form_without_a_placeholder_would_say_nothing_of_a_report():
    with pytest.raises(ValidationError, match="里面没有占位符"):
        own_form.check(form("总结报告", header="示例局文件"))

    own_form.check(form("总结报告", header="{{报送单位}}文件"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{{ 报送单未 }}", "第 2 段“{{ 报送单未 }}”用到的名称“报送单未”不在可用的占位符之内"),
        ("{{ 报送单位", "占位符没有写完整"),
        ("{%p for 段 in 基本情况 %}", "占位符没有写完整"),
        ("}} 标题", "“}}”没有替换"),
        ("{{ 数['I.total.u_none'] }}", "统计表没有的格"),
        ("{{ 数['I.total.visits'] }}", "统计表没有的格"),
        ('{% for a in 表["VII"] %}{% endfor %}', "用到的名称“VII”不在可用"),
        ('{% for a in 表["III"] %}{{ a["fd_none"] }}{% endfor %}', "用到的名称“fd_none”不在可用"),
        ('{% for a in 案例 %}{{ a["单位"] }}{% endfor %}', "用到的名称“单位”不在可用"),
        ("{{ 案例 }}", "要用 for 循环逐行填入"),
        ('{{ 表["I"] }}', "要用 for 循环逐行填入"),
        ("{{ ''.__class__ }}", "只能用占位符"),
        ("{{ '大' * 999999999 }}", "只能用占位符"),
        ("{{ 标题|upper }}", "只能用占位符"),
        ("{% set x = 1 %}", "只能用占位符"),
        ("{% for a in 基本情况 %}{% for b in 基本情况 %}{% endfor %}{% endfor %}", "单层 for"),
    ],
)
def test_what_is_wrong_with_a_form_is_said_in_a_sentence(text, said):
    with pytest.raises(ValidationError) as refused:
        own_form.check(form("{{标题}}", text))

    assert said in refused.value.messages[0]


def test_names_in_head_lines_are_looked_at_and_every_unknown_one_is_told():
    with pytest.raises(ValidationError) as refused:
        own_form.check(form("{{甲}}{{标题}}{{乙}}", header="{{丙}}"))

    assert [text.partition("用到")[0] for text in refused.value.messages][
        -1
    ] == "页眉、页脚或文档属性"
    assert all(name in "".join(refused.value.messages) for name in "甲乙丙")


@pytest.fixture
def at(db):
    with clock.pinned(clock.at_time(handing_in.DAY, 9)):
        yield handing_in.desk()


def test_a_report_is_filled_into_the_form_in_use_when_it_was_handed_in(at):
    office = at.report.authority
    keeping.take(office, upload(form("{{标题}}")), actor=at.clerk)
    kept = keeping.take(office, upload(form(*FORM)), actor=at.clerk)
    edition = handing_in.submitted(at)
    keeping.retire(office, actor=at.clerk)
    runners.make_files(Job.objects.get(kind="reporting.edition_files"), lambda *_: None)

    edition = StatEdition.objects.get(pk=edition.pk)
    with edition.report_own.content.open("rb") as filled:
        words = [p.text for p in docx.Document(filled).paragraphs]
    paper = from_plain(edition.narrative)
    assert words == [
        f"{office.name}文件", "".join(paper.title), "有建标单位1家。", "实际检查0家。",
        "　　（一）周密部署", "　　逐级落实责任。", "共1家", "2021年10月12日",
    ]  # fmt: skip
    assert edition.template == kept
    done = AuditEntry.objects.about(kept).values_list("action", flat=True)
    assert list(done) == ["report_template.retire", "report_template.take"]
    with pytest.raises(TransitionError):
        keeping.retire(office, actor=at.clerk)


def test_a_form_is_uploaded_and_taken_out_of_use_on_a_page(client, at):
    sign_in(client, at.district)
    page = reverse("reporting:template")

    refused = client.post(page, {"file": upload(form("{{报送单未}}"))})
    assert refused.status_code == 422
    assert "“报送单未”不在可用的占位符之内" in refused.content.decode()
    assert client.post(page, {"file": upload(b"%PDF-1.4", "x.docx")}).status_code == 422
    assert client.post(page, {"file": upload(form(*FORM))}).status_code == 302
    row = ReportTemplate.objects.get()
    assert "示例模板.docx" in client.get(page).content.decode()
    file = reverse("reporting:template_file", args=[row.pk])
    assert client.get(file).getvalue().startswith(b"PK")
    client.post(reverse("reporting:template_retire"))
    assert not ReportTemplate.objects.in_use().exists()


def tables_form():
    """A form with a table of a block and one of the cases, a row to repeat in each."""
    made = docx.Document()
    for loop, cells in (
        ('{%tr for 行 in 表["I"] %}', ('{{ 行["名称"] }}', '{{ 行["u_total"] }}', '{{ 行["实际检查单位"] }}')),
        ("{%tr for 例 in 案例 %}", ('{{ 例["序号"] }}', '{{ 例["标题"] }}', '{{ 例["内容"] }}')),
    ):  # fmt: skip
        table = made.add_table(rows=3, cols=3)
        table.rows[0].cells[0].text, table.rows[2].cells[0].text = loop, "{%tr endfor %}"
        for cell, text in zip(table.rows[1].cells, cells, strict=True):
            cell.text = text
    out = io.BytesIO()
    made.save(out)
    return out.getvalue()


def test_tables_and_cases_are_repeated_row_by_row(at):
    handing_in.services.compute(at.report, actor=at.clerk)
    annex = drafts.draft_of(at.report).annex
    cases = (
        ("某企业未送检", "检查发现：证书过期。\n已责令改正。"),
        ("某单位记录不全", "缺原始记录。"),
    )
    told = [Told("典型案例", "共两例。", cases)]
    paper = compose(told, annex, title=("题",), addressee="", office="局")
    own_form.check(tables_form())

    filled = own_form.fill(tables_form(), paper, annex, campaign="行动")

    block, typical = docx.Document(io.BytesIO(filled)).tables
    rows = [[cell.text for cell in row.cells] for row in block.rows]
    assert rows[-1] == ["合计（单位去重）", "1", "0"]
    assert all(row[1] != "0" for row in rows[:-1])  # rows that say nothing are left out
    assert [[cell.text for cell in row.cells] for row in typical.rows] == [
        ["一", "某企业未送检", "检查发现：证书过期。\n已责令改正。"],
        ["二", "某单位记录不全", "缺原始记录。"],
    ]
