"""Decisions in the browser: on reports, objections, extensions, certificates, cases."""

import datetime as dt
import uuid

import pytest

from inspections.enums import FindingState
from metrostd.common import clock
from rectification import drafts
from rectification.models import (
    CaseReferral,
    CertificateDisposition,
    ExtensionRequest,
)
from rectification.moves import disposition as disposition_moves
from rectification.moves import report as report_moves
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.rectification import (
    RaisedFindingFactory,
    ReviewedTaskFactory,
    SheetFactory,
    city,
    failed_finding,
    issue,
    office_of,
    submitted,
    user_of,
)
from tests.factories.registry import StandardFactory

from .pages import as_office, as_unit, finding_of, url

pytestmark = pytest.mark.django_db


def review(client, finding, result, *, opinion="", back="order"):
    prefix = f"f{finding.pk}"
    return client.post(
        url("review", finding.pk),
        {
            f"{prefix}-result": result,
            f"{prefix}-method": "documents",
            f"{prefix}-opinion": opinion,
            "back": back,
        },
    )


def test_deciding_in_the_browser(client):
    order = submitted(issue(findings=2))
    first, second = (item.finding for item in order.items.order_by("pk"))
    as_office(client, order.task)

    with clock.pinned(clock.at_time(dt.date(2021, 8, 10))):
        refused = review(client, first, "returned")
        passed = review(client, first, "passed")
        twice = review(client, first, "passed")
        returned = review(client, second, "returned", opinion="请补充", back="")
        page = client.get(url("order", order.pk))

    assert refused.status_code == 422
    assert "请写明意见" in refused.content.decode()
    assert passed.url == order.get_absolute_url()
    assert twice.status_code == 409
    assert returned.url == second.get_absolute_url()
    assert page.context["order"].state == "partially_verified"


def test_returning_is_not_offered_after_the_due_day(client):
    finding = finding_of(submitted(issue()))
    as_office(client, finding.task)

    with clock.pinned(clock.at_time(dt.date(2021, 8, 20))):
        card = client.get(finding.get_absolute_url()).context["card"]

    assert [value for value, _ in card.review_form.fields["result"].choices] == ["passed", "failed"]


def test_a_returned_finding_shows_the_opinion_and_its_rounds(client):
    order = submitted(issue())
    finding = finding_of(order)
    with clock.pinned(clock.at_time(dt.date(2021, 8, 10))):
        report_moves.review_finding(
            finding, method="documents", result="returned", opinion="请补充新证书", actor=None
        )
    as_unit(client, order.task)
    assert "请补充新证书" in client.get(order.get_absolute_url()).content.decode()

    submitted(order, on=dt.date(2021, 8, 12))
    page = client.get(finding.get_absolute_url())
    assert "此前的报送" in page.content.decode()
    assert len(page.context["card"].reported) == 2


def test_objections_in_the_browser(client):
    finding = RaisedFindingFactory()
    as_unit(client, finding.task)
    with clock.pinned(clock.at_time(dt.date(2021, 7, 14))):
        empty = client.post(url("dispute", finding.pk), {"reason": ""})
        sent = client.post(url("dispute", finding.pk), {"reason": "停用期间"})
        as_office(client, finding.task)
        page = client.get(finding.get_absolute_url())
        answered = client.post(
            url("decide", finding.pk), {"outcome": "withdraw", "decision": "采纳"}
        )

    assert empty.status_code == 422
    assert sent.status_code == answered.status_code == 302
    assert "decide" in page.context["forms"]
    finding.refresh_from_db()
    assert finding.state == FindingState.WITHDRAWN


def test_a_late_objection_says_why(client):
    finding = RaisedFindingFactory()
    as_unit(client, finding.task)

    page = client.get(finding.get_absolute_url())
    answer = client.post(url("dispute", finding.pk), {"reason": "太晚了"})

    assert "已于2021年7月15日截止" in page.content.decode()
    assert answer.status_code == 422


def test_correcting_on_the_spot_in_the_browser(client):
    finding = RaisedFindingFactory()
    as_office(client, finding.task)

    assert client.post(url("correct", finding.pk), {"note": ""}).status_code == 422
    client.post(url("correct", finding.pk), {"note": "当场补贴标志"})

    finding.refresh_from_db()
    assert finding.state == FindingState.NO_ACTION
    assert "当场补贴标志" in client.get(finding.get_absolute_url()).content.decode()


def test_extensions_in_the_browser(client):
    finding = finding_of(issue(findings=1))
    other = finding_of(issue(finding.task))
    as_unit(client, finding.task)
    for row in (finding, other):
        client.post(url("ask_extension", row.pk), {"wanted_on": "2021-09-01", "reason": "考核排期"})
    too_far = client.post(
        url("ask_extension", finding.pk), {"wanted_on": "2021-11-01", "reason": "考核排期"}
    )
    waiting = client.get(finding.get_absolute_url())

    as_office(client, finding.task)
    page = client.get(finding.get_absolute_url())
    granted = client.post(url("extend", finding.pk), {"due_on": "2021-08-25", "reason": "同意"})
    request = ExtensionRequest.objects.get(finding=other)
    refused = client.post(url("refuse_extension", request.pk), {"note": "理由不充分"})

    assert too_far.status_code == 422
    assert "延期申请已提交，等待批准" in waiting.content.decode()
    assert page.context["forms"]["extend"].initial["due_on"] == dt.date(2021, 9, 1)
    assert granted.status_code == refused.status_code == 302
    finding.refresh_from_db()
    other.refresh_from_db()
    assert (finding.due_on, other.due_on) == (dt.date(2021, 8, 25), dt.date(2021, 8, 15))
    after = client.get(finding.get_absolute_url()).context
    assert "每个问题只能延期一次" in after["can"]["extend"].reason


def test_dispositions_in_the_browser(client):
    finding = failed_finding()
    with clock.pinned(clock.at_time(dt.date(2021, 9, 6))):
        as_office(client, finding.task)
        page = client.get(finding.get_absolute_url())
        refused = client.post(
            url("propose", finding.pk), {"action": "deregistered", "reason": "示例"}
        )
        client.post(url("propose", finding.pk), {"action": "sealed", "reason": "示例"})
        disposition = CertificateDisposition.objects.get()
        seen = client.get(disposition.get_absolute_url())
        foreign = client.post(disposition.get_absolute_url(), {"outcome": "accept"})

        sign_in(client, office_of(disposition.decider))
        listed = client.get(url("dispositions"), {"state": "proposed"})
        empty = client.post(disposition.get_absolute_url(), {"outcome": "accept"})
        data = {"outcome": "accept", "decision_no": "津〔2021〕9号", "decided_on": "2021-09-06"}
        decided = client.post(disposition.get_absolute_url(), data)
        twice = client.post(disposition.get_absolute_url(), data)

    actions = [value for value, _ in page.context["forms"]["propose"].fields["action"].choices]
    assert actions == ["sealed", "revoked", "annulled"]
    assert refused.status_code == 422
    assert "不能注销" in refused.content.decode()
    assert seen.context["form"] is None
    assert foreign.status_code == 403
    assert list(listed.context["page"]) == [disposition]
    assert empty.status_code == 422
    assert "请填写决定文号" in empty.content.decode()
    assert decided.status_code == 302
    assert twice.status_code == 409


def test_an_issuer_decides_without_seeing_the_inspection(client):
    """A district that issued a public standard decides on what the city found."""
    issuer = MembershipFactory().authority
    task = ReviewedTaskFactory(authority=city())
    standard = StandardFactory(unit=task.unit, issuing_authority=issuer)
    finding = RaisedFindingFactory(
        task=task, sheet=SheetFactory(task=task, standard=standard), state="failed"
    )
    disposition = disposition_moves.propose_disposition(
        finding, action="revoked", reason="示例", actor=None
    )
    sign_in(client, office_of(issuer))

    page = client.get(disposition.get_absolute_url())

    assert page.context["can_open_finding"] is False
    assert finding.fact in page.content.decode()
    assert client.get(finding.get_absolute_url()).status_code == 404


def test_cases_in_the_browser(client):
    finding = failed_finding()
    as_office(client, finding.task)
    refused = client.post(url("refer", finding.pk), {"sent_to": "示例总队"})
    client.post(
        url("refer", finding.pk),
        {
            "recipient": "other",
            "sent_to": "示例总队",
            "legal_basis": "《计量法》第二十五条",
            "reason": "拒不改正",
        },
    )
    referral = CaseReferral.objects.get()
    address = referral.get_absolute_url()
    page = client.get(address)
    incomplete = client.post(address, {"state": "filed"})
    client.post(
        address,
        {"state": "result_returned", "case_no": "1号", "fine": "800.00", "outcome": "罚款"},
    )
    done = client.get(address)
    again = client.post(address, {"state": "result_returned", "outcome": "罚款"})
    listed = client.get(url("referrals"), {"state": "result_returned"})

    assert refused.status_code == 422
    assert "received" in [value for value, _ in page.context["form"].fields["state"].choices]
    assert incomplete.status_code == 422
    assert "请填写案号" in incomplete.content.decode()
    assert done.context["form"] is None
    assert again.status_code == 409
    assert list(listed.context["page"]) == [referral]
    finding.refresh_from_db()
    assert finding.state == FindingState.HANDLED


def test_a_second_report_is_read_beside_the_reason_of_the_first_return(client):
    order = submitted(issue())
    finding = finding_of(order)
    with clock.pinned(clock.at_time(dt.date(2021, 8, 3))):
        report_moves.review_finding(
            finding, method="documents", result="returned", opinion="请补充新证书", actor=None
        )
    unit = user_of(order.task.unit).user
    report = finding.rectifications.latest("round")
    with clock.pinned(clock.at_time(dt.date(2021, 8, 4))):
        drafts.save_rectification(
            finding,
            cause=report.cause,
            action="已取得新证书，编号为示例字第2号",
            prevention=report.prevention,
            base_version=report.version,
            client_id=uuid.uuid4(),
            actor=unit,
        )
        order.refresh_from_db()
        report_moves.submit_rectification(order, actor=unit)
    as_office(client, order.task)

    pages = [
        client.get(where).content.decode()
        for where in (finding.get_absolute_url(), order.get_absolute_url())
    ]

    for page in pages:
        assert "上次退回意见" in page
        assert "请补充新证书" in page
        assert "已修改整改措施；未修改原因分析、预防措施；没有新增证明材料。" in page
