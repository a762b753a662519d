"""Handing a report in, receiving it, sending it back, the receipt."""

import datetime as dt
import io
import itertools

import pypdf
import pytest

from metrostd.common.models import AuditEntry
from selfcheck.enums import ReportState
from tests.factories.selfcheck import (
    ProblemFactory,
    ReportFactory,
    report_with_answers,
)
from tests.printing import pages_of

from .pages import as_district, as_receiver, as_unit, url

pytestmark = pytest.mark.django_db

DECLARED = {"summary": "已逐项自查", "declaration_by": "王某", "agreed": "on"}


def test_a_complete_report_is_handed_in_and_accepted(client):
    report = report_with_answers()
    as_unit(client, report)

    handed = client.post(url("submit", report.pk), DECLARED)
    again = client.post(url("submit", report.pk), DECLARED)
    as_receiver(client, report)
    client.post(url("accept", report.pk))
    twice = client.post(url("accept", report.pk))

    report.refresh_from_db()
    assert handed.url == url("receipt", report.pk)
    assert again.status_code == 409
    assert report.state == "accepted"
    assert twice.status_code == 409


def test_a_bureau_hands_in_its_own_declaration(client):
    report = ReportFactory(as_bureau=True, state="draft")
    as_district(client, report.bureau)

    page = client.get(url("submit", report.pk)).content.decode()
    client.post(url("submit", report.pk), DECLARED)

    report.refresh_from_db()
    assert "本局已对考核工作全面自查" in page
    assert report.state == "submitted"


def test_gaps_are_listed_with_links_and_keep_what_was_typed(client):
    report = report_with_answers()
    report.answers.filter(item__code="A02").update(answer="")
    as_unit(client, report)
    standard = report.covered.get().standard_id

    page = client.get(url("submit", report.pk)).content.decode()
    refused = client.post(url("submit", report.pk), DECLARED)

    assert f"{url('form_standard', report.pk, standard)}#i-A02" in page
    assert refused.status_code == 422
    assert "A02 未填写" in refused.content.decode()
    assert "已逐项自查" in refused.content.decode()


def test_the_declaration_must_be_confirmed(client):
    report = report_with_answers()
    as_unit(client, report)

    page = client.post(url("submit", report.pk), DECLARED | {"agreed": ""})

    assert "请确认声明" in page.content.decode()
    report.refresh_from_db()
    assert report.state == "draft"


def test_what_changed_while_the_declaration_was_read_is_declared_anew(client):
    report = report_with_answers()
    as_unit(client, report)
    read = client.get(url("submit", report.pk)).context["form"]["declared"].value()
    ProblemFactory(report=report, item=None, standard=None)

    refused = client.post(url("submit", report.pk), DECLARED | {"declared": read})

    page = refused.content.decode()
    assert refused.status_code == 422
    assert "声明已随之改变" in page
    assert "除所报 1 处存在问题的项目外" in page
    report.refresh_from_db()
    assert report.state == "draft"
    read = refused.context["form"]["declared"].value()
    assert client.post(url("submit", report.pk), DECLARED | {"declared": read}).status_code == 302
    assert AuditEntry.objects.about(report).filter(note=read).exists()


def test_sending_back_from_the_page(client):
    report = report_with_answers(state="submitted")
    answer = report.answers.get(item__code="A01")
    as_receiver(client, report)
    page = client.get(url("send_back", report.pk))
    data = {"note": "请补充", "due_on": "2021-05-27", f"mark-{answer.pk}": "缺证书编号"}

    sent = client.post(url("send_back", report.pk), data)

    # 20 May 2021 is a Thursday: five work days later is Thursday 27 May.
    assert page.context["form"].initial["due_on"] == dt.date(2021, 5, 27)
    assert sent.status_code == 302
    answer.refresh_from_db()
    assert answer.review_mark == "缺证书编号"
    as_unit(client, report)
    page = client.get(url("detail", report.pk)).content.decode()
    place = f"{url('form_standard', report.pk, answer.standard_id)}#i-A01"
    assert "请补充" in page
    assert f'<a href="{place}">A01</a>' in page


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"note": "", "due_on": "2021-05-27"}, "请填写“退回理由”"),
        ({"note": "请补充", "due_on": "2021-05-19"}, "不能早于今天"),
    ],
)
def test_a_wrong_sending_back_keeps_its_marks(client, data, words):
    report = report_with_answers(state="submitted")
    answer = report.answers.first()
    as_receiver(client, report)

    page = client.post(url("send_back", report.pk), data | {f"mark-{answer.pk}": "缺证书编号"})

    assert page.status_code == 422
    assert words in page.content.decode()
    assert "缺证书编号" in page.content.decode()


def test_exempting_and_reopening_from_the_page(client):
    gone = report_with_answers(state="overdue")
    gone.covered.get().standard.certificates.update(state="withdrawn")
    accepted = report_with_answers(state="accepted")

    as_receiver(client, gone)
    exempted = client.post(url("exempt", gone.pk), {"note": "计量标准已撤销"})
    as_receiver(client, accepted)
    without = client.post(url("reopen", accepted.pk), {"note": ""})
    reopened = client.post(url("reopen", accepted.pk), {"note": "补充证书"})

    assert (exempted.status_code, reopened.status_code, without.status_code) == (302, 302, 422)
    gone.refresh_from_db()
    accepted.refresh_from_db()
    assert (gone.state, accepted.state) == ("exempted", "reopened")


@pytest.mark.parametrize(
    ("state", "who"), list(itertools.product(ReportState.values, ["subject", "receiver"]))
)
def test_the_report_page_stands_in_every_state(client, state, who):
    report = report_with_answers(state=state)
    (as_unit if who == "subject" else as_receiver)(client, report)

    assert client.get(url("detail", report.pk)).status_code == 200


def test_the_receipt_says_what_was_handed_in(client):
    report = report_with_answers()
    ProblemFactory(report=report, rectified_on=dt.date(2021, 5, 15))
    as_unit(client, report)
    early = client.get(url("receipt", report.pk))
    client.post(url("submit", report.pk), DECLARED)

    page = client.get(url("receipt", report.pk))
    reader = pypdf.PdfReader(io.BytesIO(pages_of(client, url("receipt_pdf", report.pk))))
    text = "".join(reader.pages[0].extract_text().split())

    assert early.status_code == 403
    assert "市监自查回执〔2021〕1号" in page.content.decode()
    assert len(reader.pages) == 1
    for words in (
        "自查回执〔2021〕1号",
        report.unit.name,
        "王某",
        "2021年5月20日09:00",
        "按期报送",
    ):
        assert words in text
    assert "自查发现1个，其中已完成整改1个" in text


def test_a_second_reading_shows_the_remarks_and_what_changed_since(client):
    report = report_with_answers(state="submitted")
    first, second = report.answers.filter(item__code__in=("A01", "A02")).order_by("item__code")
    as_receiver(client, report)
    client.post(url("mark", first.pk), {"mark": "缺证书编号"})
    client.post(url("mark", second.pk), {"mark": "请写明台数"})
    as_unit(client, report)
    while_reading = client.get(url("detail", report.pk)).content.decode()
    as_receiver(client, report)
    form = client.get(url("send_back", report.pk)).content.decode()
    data = {"note": "请补正", "due_on": "2021-05-27"}
    marks = {f"mark-{first.pk}": "缺证书编号", f"mark-{second.pk}": "请写明台数"}
    client.post(url("send_back", report.pk), data | marks)
    report.answers.filter(pk=first.pk).update(note="证书编号为示例字第1号")
    as_unit(client, report)
    client.post(url("submit", report.pk), DECLARED)
    as_receiver(client, report)

    page = client.get(url("detail", report.pk))
    text = page.content.decode()
    read = page.context["rereview"]

    report.refresh_from_db()
    assert "缺证书编号" not in while_reading, "the unit sees it when it is sent back"
    assert 'value="缺证书编号"' in form
    assert [(one.code, one.mark, one.is_changed) for one in read.marked] == [
        ("A01", "缺证书编号", True),
        ("A02", "请写明台数", False),
    ]
    assert "证书编号为示例字第1号" in read.marked[0].now
    assert "没有修改" in text
    assert (report.revision, read.revision) == (2, 1)
    assert "第2版" in text
    assert "2021年5月31日（含当日）；第2版2021年5月27日（含当日）" in text
    assert not report.answers.exclude(review_mark="").exists()


def test_remarks_belong_to_the_reader_of_a_report_that_lies_there(client):
    report = report_with_answers(state="accepted")
    answer = report.answers.first()
    as_receiver(client, report)
    late = client.post(url("mark", answer.pk), {"mark": "迟到的意见"})
    as_unit(client, report)
    own = client.post(url("mark", answer.pk), {"mark": "自己的意见"})

    answer.refresh_from_db()
    assert (late.status_code, own.status_code) == (409, 403)
    assert answer.review_mark == ""
