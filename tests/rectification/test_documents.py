"""The papers: what they say, read back from the PDF."""

import datetime as dt
import io

import pytest
from pypdf import PdfReader

from metrostd.common import clock
from metrostd.common.jobs import perform
from metrostd.common.models import Job
from metrostd.registry.models import Unit
from rectification import documents, papers, wording
from rectification.enums import OrderKind
from rectification.models import RectificationOrder
from rectification.moves import report as report_moves
from tests.factories.rectification import (
    ReviewedTaskFactory,
    city,
    issue,
    office_of,
    submitted,
)
from tests.factories.registry import AuthorityFactory, UnitFactory

pytestmark = pytest.mark.django_db


def text_of(stored):
    with stored.content.open("rb") as file:
        pages = PdfReader(io.BytesIO(file.read())).pages
        return "".join("".join(page.extract_text().split()) for page in pages), pages


def district_task():
    bureau = AuthorityFactory(
        code="120111",
        name="天津市西青区市场监督管理局",
        region_name="西青区",
        document_prefix="津西青",
        phone="022-12345678",
        office="计量科",
        parent=city(),
    )
    unit = UnitFactory(
        name="天津示例精密仪器有限公司",
        uscc="91120111MA00000000",
        territorial_authority=bureau,
        registered_address="天津市西青区示例路18号",
        legal_representative="示例法人",
    )
    return ReviewedTaskFactory(unit=unit)


def test_the_order_says_everything_it_has_to():
    order = issue(district_task(), findings=2, severity="nonconform")
    finding = order.items.first().finding
    number = finding.standard.certificates.get().number

    text, pages = text_of(papers.store_order_paper(order))

    for words in (
        "天津市西青区市场监督管理局",
        "责令改正通知书",
        "津西青市监责改〔2021〕1号",
        "当事人：天津示例精密仪器有限公司",
        "91120111MA00000000",
        "天津市西青区示例路18号",
        "示例法人",
        "2021年7月8日",
        finding.standard.name,
        number,
        finding.fact,
        "4.1.3",
        "2021年8月15日前（含当日）",
        "视为整改不合格",
        "西青区人民政府或者天津市市场监督管理委员会申请行政复议",
        "人民法院提起行政诉讼",
        "022-12345678",
        "2021年7月16日",
        "（盖章）",
        "本文书一式两份",
    ):
        assert words in text, words
    box = pages[0].mediabox
    assert (round(float(box.width) / 72 * 25.4), round(float(box.height) / 72 * 25.4)) == (210, 297)
    assert "—1—" in text


def test_a_notice_is_softer():
    order = issue(district_task(), kind=OrderKind.NOTICE)

    text, _ = text_of(papers.store_order_paper(order))

    assert "整改通知书" in text
    assert "津西青市监整改〔2021〕1号" in text
    assert "请你单位" in text
    assert "行政复议" not in text
    assert "责令" not in text


def test_own_requirements_name_their_finding():
    order = issue(findings=2)
    second = order.items.last()
    second.requirement = "送检合格后恢复使用"
    second.save()

    paper = documents.order_paper(order, order.items.all(), certificates={})

    assert paper.requirements == (
        f"1.{wording.DEFAULT_REQUIREMENT}",
        "2.对第2项问题：送检合格后恢复使用。",
    )


def test_what_is_not_known_is_left_open_not_invented():
    unit = UnitFactory(uscc="", uscc_missing_reason="尚未换证")
    task = ReviewedTaskFactory(unit=unit, place="")
    order = issue(task)
    item = order.items.get()
    item.finding.standard = None

    paper = documents.order_paper(order, [item], certificates={})

    assert paper.credit_code == "无（尚未换证）"
    assert paper.findings[0].subject == ""
    assert "国家市场监督管理总局" in paper.remedy


def test_the_job_stores_the_paper_once():
    order = issue()
    job = Job.objects.get(kind="rectification.order_pdf")

    perform(job)

    order.refresh_from_db()
    job.refresh_from_db()
    assert (job.state, job.next_url) == ("done", order.get_absolute_url())
    first = order.document
    assert papers.store_order_paper(order) == first


def test_the_confirmation_lists_what_was_confirmed():
    order = submitted(issue(findings=2))
    actor = office_of(order.task.authority).user
    with clock.pinned(clock.at_time(dt.date(2021, 8, 10))):
        for item in order.items.all():
            report_moves.review_finding(
                item.finding,
                method="on_site",
                result="passed",
                opinion="现场核对无误",
                actor=actor,
            )

    perform(Job.objects.get(kind="rectification.confirmation_pdf"))

    order.refresh_from_db()
    text, _ = text_of(order.confirmation)
    for words in (
        "整改情况确认单",
        order.number,
        "示例措施：已送检并取得证书",
        "现场复核",
        "现场核对无误",
        "2项问题已整改合格",
        "2021年8月10日",
        "（盖章）",
    ):
        assert words in text, words
    assert papers.store_confirmation_paper(order) == order.confirmation


@pytest.mark.parametrize("kind", OrderKind.values)
def test_every_kind_has_its_words(kind):
    day = dt.date(2021, 8, 31)

    laws = wording.laws(on=day)
    assert "2021年8月31日" in wording.demand(kind, day, laws=laws)
    assert "整改不合格" in wording.consequence(kind, laws=laws)
    assert wording.remedy(kind, reviewer="示例机关")


def test_papers_say_what_was_so_when_the_office_acted():
    order = issue(district_task(), findings=1, severity="nonconform")
    Unit.objects.filter(pk=order.task.unit_id).update(name="改名后的单位")
    order = RectificationOrder.objects.get(pk=order.pk)

    text, _ = text_of(papers.store_order_paper(order))

    assert "天津示例精密仪器有限公司" in text
    assert "改名后的单位" not in text


def test_an_order_names_a_person_to_ask():
    order = issue(district_task())
    contact = documents.order_paper_of(order.words).contact

    assert contact.startswith("计量科")
    assert order.issued_by is None or order.issued_by.display_name in contact
