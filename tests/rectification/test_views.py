"""Screens: who sees what, what a refusal looks like, what a list costs."""

import datetime as dt
import io
import uuid

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from inspections.enums import FindingState, StopState
from inspections.models import Evidence, StopTransferOrder
from metrostd.accounts.enums import Role
from metrostd.common import clock
from metrostd.common.jobs import perform
from metrostd.common.models import AccessEntry, AuditEntry, Job
from metrostd.common.uploads import PDF, store_bytes
from rectification import services
from rectification.models import (
    CaseReferral,
    CertificateDisposition,
    ExtensionRequest,
    RectificationFile,
    RectificationOrder,
)
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.campaigns import CampaignFactory
from tests.factories.inspections import TeamMemberFactory
from tests.factories.rectification import (
    RaisedFindingFactory,
    ReviewedTaskFactory,
    SheetFactory,
    city,
    failed_finding,
    fill,
    issue,
    office_of,
    photo,
    stored_photo,
    submitted,
    user_of,
)
from tests.factories.registry import StandardFactory, UnitFactory

pytestmark = pytest.mark.django_db

AUTOSAVE = {"X-Requested-With": "autosave"}


def url(name, *args):
    return reverse(f"rectification:{name}", args=args)


def as_office(client, task):
    return sign_in(client, office_of(task.authority))


def as_unit(client, task):
    return sign_in(client, user_of(task.unit))


def body(answer):
    """The bytes of a file, read to the end so that it is closed."""
    return b"".join(answer.streaming_content)


def finding_of(order):
    return order.items.order_by("pk").first().finding


def pages_of_everything():
    """One object of every kind, with all the addresses that lead to it."""
    order = submitted(issue())
    finding = finding_of(order)
    file = RectificationFile.objects.get()
    services.refer_case(finding, sent_to="示例", reason="示例", legal_basis="示例", actor=None)
    failed = RaisedFindingFactory(
        task=order.task, sheet=SheetFactory(task=order.task), state="failed"
    )
    disposition = services.propose_disposition(failed, action="revoked", reason="示例", actor=None)
    ordered = RaisedFindingFactory(task=order.task, sheet=SheetFactory(task=order.task))
    other = services.issue_order(
        order.task,
        findings=[ordered],
        kind="notice",
        due_on=dt.date(2021, 8, 15),
        requirement="示例",
        actor=None,
    )
    asked = services.ask_extension(
        ordered, wanted_on=dt.date(2021, 9, 1), reason="示例", actor=None
    )
    gets = [
        url("issue", order.task.pk),
        url("order", order.pk),
        url("order_pdf", order.pk),
        url("confirmation_pdf", order.pk),
        url("finding", finding.pk),
        url("file", file.pk),
        url("disposition", disposition.pk),
        url("referral", CaseReferral.objects.get().pk),
    ]
    posts = [
        url("issue", order.task.pk),
        url("render_papers", order.pk),
        url("submit", other.pk),
        url("save", ordered.pk),
        url("upload", ordered.pk),
        url("withdraw_file", file.pk),
        url("dispute", finding.pk),
        url("decide", finding.pk),
        url("correct", finding.pk),
        url("review", finding.pk),
        url("ask_extension", finding.pk),
        url("extend", finding.pk),
        url("refuse_extension", asked.pk),
        url("propose", failed.pk),
        url("refer", finding.pk),
        url("disposition", disposition.pk),
        url("referral", CaseReferral.objects.get().pk),
    ]
    return order, gets, posts


@pytest.mark.parametrize("who", ["district", "unit", "approver", "auditor", "inspector"])
def test_strangers_find_nothing(client, who):
    order, gets, posts = pages_of_everything()
    membership = {
        "district": lambda: MembershipFactory(),
        "unit": lambda: MembershipFactory(as_unit=True),
        "approver": lambda: MembershipFactory(
            role=Role.DISTRICT_APPROVER, authority=order.task.authority
        ),
        "auditor": lambda: MembershipFactory(role=Role.AUDITOR, authority=order.task.authority),
        "inspector": lambda: MembershipFactory(
            role=Role.DISTRICT_INSPECTOR, authority=order.task.authority
        ),
    }[who]()
    sign_in(client, membership)

    assert {address: client.get(address).status_code for address in gets} == dict.fromkeys(
        gets, 404
    )
    assert {address: client.post(address).status_code for address in posts} == dict.fromkeys(
        posts, 404
    )


def test_the_team_reads_and_does_nothing(client):
    order, _, posts = pages_of_everything()
    member = TeamMemberFactory(task=order.task)
    sign_in(client, member.membership)

    assert client.get(url("order", order.pk)).status_code == 200
    assert client.get(url("finding", finding_of(order).pk)).status_code == 200
    assert list(client.get(f"{url('index')}").context["page"])
    seen = {client.post(address).status_code for address in posts}
    assert seen <= {403, 404}


def test_another_office_reads_and_does_nothing(client):
    """The municipal office sees the districts' work and leaves it to them."""
    order, _, posts = pages_of_everything()
    CertificateDisposition.objects.update(decider=order.task.authority)
    sign_in(client, office_of(city()))

    assert client.get(url("order", order.pk)).status_code == 200
    assert {client.post(address).status_code for address in posts} == {403}


def test_a_unit_decides_nothing_and_an_office_writes_nothing(client):
    order = submitted(issue())
    finding = finding_of(order)
    as_unit(client, order.task)
    for name in ("decide", "correct", "review", "extend", "propose", "refer"):
        assert client.post(url(name, finding.pk)).status_code == 403, name
    assert client.post(url("render_papers", order.pk)).status_code == 403

    as_office(client, order.task)
    for name in ("save", "upload", "dispute", "ask_extension"):
        assert client.post(url(name, finding.pk)).status_code == 403, name
    assert client.post(url("submit", order.pk)).status_code == 403
    assert client.post(url("withdraw_file", RectificationFile.objects.get().pk)).status_code == 403


def test_drafts_are_the_unit_s_own(client):
    order = issue()
    finding = finding_of(order)
    fill(finding, actor=None)
    file = RectificationFile.objects.get()

    as_office(client, order.task)
    page = client.get(url("finding", finding.pk))
    assert "示例原因" not in page.content.decode()
    assert client.get(file.get_absolute_url()).status_code == 404

    as_unit(client, order.task)
    assert "示例原因" in client.get(url("finding", finding.pk)).content.decode()
    answer = client.get(file.get_absolute_url())
    assert body(answer).startswith(b"\xff\xd8")


def test_a_unit_does_not_see_drafted_findings_nor_undecided_proposals(client):
    finding = failed_finding()
    drafted = RaisedFindingFactory(
        task=finding.task, sheet=SheetFactory(task=finding.task), state="draft"
    )
    with clock.pinned(clock.at_time(dt.date(2021, 9, 6))):
        disposition = services.propose_disposition(
            finding, action="revoked", reason="示例理由甲", actor=None
        )
        as_unit(client, finding.task)
        assert client.get(drafted.get_absolute_url()).status_code == 404
        assert client.get(disposition.get_absolute_url()).status_code == 404
        assert "示例理由甲" not in client.get(finding.get_absolute_url()).content.decode()

        services.decide_disposition(
            disposition,
            actor=None,
            decision_no="津〔2021〕1号",
            decided_on=dt.date(2021, 9, 6),
            accept=True,
        )
    assert client.get(disposition.get_absolute_url()).status_code == 200


@pytest.mark.parametrize("findings", [1, 4])
def test_the_list_costs_the_same(client, django_assert_num_queries, findings):
    order = submitted(issue(findings=findings))
    as_office(client, order.task)
    client.get(url("index"))

    with django_assert_num_queries(11):
        page = client.get(url("index")).context["page"]

    assert len(page) == findings


@pytest.mark.parametrize("orders", [1, 4])
def test_the_unit_s_list_costs_the_same(client, django_assert_num_queries, orders):
    task = ReviewedTaskFactory()
    for _ in range(orders):
        issue(task)
    RaisedFindingFactory(task=task, sheet=SheetFactory(task=task))
    as_unit(client, task)
    client.get(url("index"))

    with django_assert_num_queries(13):
        page = client.get(url("index")).context["page"]

    assert len(page) == orders


@pytest.mark.parametrize("findings", [1, 4])
@pytest.mark.parametrize("side", [as_unit, as_office])
def test_an_order_costs_the_same(client, django_assert_max_num_queries, findings, side):
    order = submitted(issue(findings=findings))
    for item in order.items.all():
        Evidence.objects.create(
            answer=item.finding.answer,
            sheet=item.finding.sheet,
            kind="photo",
            file=stored_photo(),
            name="检查.jpg",
            client_id=uuid.uuid4(),
        )
    side(client, order.task)
    client.get(url("order", order.pk))

    with django_assert_max_num_queries(23):
        answer = client.get(url("order", order.pk))

    assert len(answer.context["cards"]) == findings


@pytest.mark.parametrize("rows", [1, 4])
def test_dispositions_and_referrals_cost_the_same(client, django_assert_num_queries, rows):
    task = ReviewedTaskFactory()
    for _ in range(rows):
        finding = RaisedFindingFactory(task=task, sheet=SheetFactory(task=task), state="failed")
        services.propose_disposition(finding, action="revoked", reason="示例", actor=None)
        services.refer_case(finding, sent_to="示例", reason="示例", legal_basis="示例", actor=None)
    as_office(client, task)
    client.get(url("dispositions"))

    with django_assert_num_queries(9):
        assert len(client.get(url("dispositions")).context["page"]) == rows
    with django_assert_num_queries(9):
        assert len(client.get(url("referrals")).context["page"]) == rows


def test_the_list_filters_and_says_what_is_next(client):
    campaign = CampaignFactory()
    unit = UnitFactory(name="天津示例热工有限公司")
    task = ReviewedTaskFactory(campaign=campaign, unit=unit)
    raised = RaisedFindingFactory(task=task, sheet=SheetFactory(task=task), severity="nonconform")
    late = finding_of(issue(task, due_on=dt.date(2021, 7, 20)))
    soon = finding_of(issue(task, due_on=dt.date(2021, 7, 30)))
    sent = finding_of(submitted(issue(task), on=dt.date(2021, 7, 18)))
    as_office(client, task)

    def shown(**query):
        with clock.pinned(clock.at_time(dt.date(2021, 7, 28))):
            return list(client.get(url("index"), query).context["page"])

    assert shown() == [late, soon, sent, raised]
    assert shown(state="to_order") == [raised]
    assert shown(state="submitted") == [sent]
    assert shown(overdue="yes") == [late]
    assert shown(overdue="soon") == [soon]
    assert shown(severity="nonconform") == [raised]
    assert shown(q="热工") == [late, soon, sent, raised]
    assert shown(q="没有的") == []
    number = soon.order_item.order.number
    assert shown(q=number) == shown(q=number.replace("〔", "[").replace("〕", "]")) == [soon]
    assert shown(district=str(task.authority_id), sort="-due") == [sent, soon, late, raised]
    assert [finding.next_label for finding in shown()] == ["查看", "查看", "确认", "下达整改"]
    with clock.pinned(clock.at_time(dt.date(2021, 7, 28))):
        figures = client.get(url("index")).context["figures"]
    assert (figures.to_order, figures.with_unit, figures.to_review) == (1, 2, 1)
    assert (figures.overdue, figures.total) == (1, 4)


def test_the_export_has_exactly_the_rows_shown(client):
    task = ReviewedTaskFactory(unit=UnitFactory(name="=cmd 示例单位"))
    late = finding_of(issue(task, due_on=dt.date(2021, 7, 20)))
    issue(task)
    issue(ReviewedTaskFactory(campaign=task.campaign), due_on=dt.date(2021, 7, 20))
    as_office(client, task)

    with clock.pinned(clock.at_time(dt.date(2021, 7, 28))):
        answer = client.post(f"{url('export')}?overdue=yes")

    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    rows = list(sheet.iter_rows(min_row=3, values_only=True))
    assert [row[4] for row in rows] == [late.fact]
    assert rows[0][0] == "'=cmd 示例单位"
    assert rows[0][8] == 8
    assert "（1条）" in AccessEntry.objects.get(kind="xlsx").what


def test_issuing_in_the_browser(client):
    first = RaisedFindingFactory(severity="nonconform")
    second = RaisedFindingFactory(task=first.task, sheet=first.sheet)
    as_office(client, first.task)
    page = client.get(url("issue", first.task.pk))
    form = page.context["form"]
    assert form.initial["kind"] == "correction"
    assert form.initial["due_on"] == dt.date(2021, 8, 15)

    answer = client.post(
        url("issue", first.task.pk),
        {
            "kind": "notice",
            "due_on": "2021-08-20",
            "requirement": "整改到位",
            "findings": [first.pk],
            f"own_{first.pk}": "送检",
            f"own_{second.pk}": "",
        },
    )

    order = RectificationOrder.objects.get()
    assert answer.url == order.get_absolute_url()
    assert [(i.finding, i.requirement) for i in order.items.all()] == [(first, "送检")]
    second.refresh_from_db()
    assert second.state == FindingState.RAISED


def test_a_bad_order_comes_back_filled(client):
    finding = RaisedFindingFactory()
    as_office(client, finding.task)

    answer = client.post(
        url("issue", finding.task.pk),
        {"kind": "notice", "due_on": "2021-10-16", "requirement": "写好的要求"},
    )

    assert answer.status_code == 422
    text = answer.content.decode()
    assert "请至少选择一项问题" in text
    assert "写好的要求" in text
    late = client.post(
        url("issue", finding.task.pk),
        {
            "kind": "notice",
            "due_on": "2021-10-16",
            "requirement": "写好的要求",
            "findings": [finding.pk],
        },
    )
    assert "不能晚于2021年10月15日" in late.content.decode()


def test_issuing_needs_a_reviewed_task(client):
    task = ReviewedTaskFactory(state="concluded")
    as_office(client, task)

    answer = client.get(url("issue", task.pk))

    assert answer.status_code == 403
    assert "审核后、办结前" in answer.content.decode()


def test_autosave_answers_with_version_and_progress(client):
    order = issue(findings=2)
    finding = finding_of(order)
    as_unit(client, order.task)
    data = {
        "cause": "甲",
        "action": "乙",
        "prevention": "丙",
        "version": 0,
        "client_id": str(uuid.uuid4()),
    }

    saved = client.post(url("save", finding.pk), data, headers=AUTOSAVE).json()
    again = client.post(url("save", finding.pk), data, headers=AUTOSAVE).json()
    data |= {"client_id": str(uuid.uuid4()), "cause": "丁"}
    stale = client.post(url("save", finding.pk), data, headers=AUTOSAVE)

    assert (saved["version"], again["version"]) == (1, 1)
    assert saved["progress"]["total"] == 2
    assert "还缺：证明材料" in saved["html"]
    assert stale.status_code == 409
    assert stale.json()["theirs"]["cause"] == "甲"
    assert stale.json()["version"] == 1


def test_without_scripts_saving_is_a_plain_form(client):
    order = issue()
    finding = finding_of(order)
    as_unit(client, order.task)

    answer = client.post(url("save", finding.pk), {"cause": "甲", "version": 0})

    assert answer.url == order.get_absolute_url()
    assert finding.rectifications.get().cause == "甲"
    refused = client.post(url("save", finding.pk), {"cause": "甲", "version": ""})
    assert refused.status_code == 302
    too_long = client.post(
        url("save", finding.pk), {"cause": "甲" * 4001, "version": 1}, headers=AUTOSAVE
    )
    assert too_long.status_code == 422
    assert "cause" in too_long.json()["errors"]


def test_uploads_in_the_browser(client):
    order = issue()
    finding = finding_of(order)
    as_unit(client, order.task)
    client_id = str(uuid.uuid4())

    for _ in range(2):
        answer = client.post(
            url("upload", finding.pk), {"file": photo(), "client_id": client_id}, headers=AUTOSAVE
        )
    fake = SimpleUploadedFile("证书.pdf", b"not a pdf")
    refused = client.post(
        url("upload", finding.pk),
        {"file": fake, "client_id": str(uuid.uuid4())},
        headers=AUTOSAVE,
    )
    missing = client.post(url("upload", finding.pk), headers=AUTOSAVE)
    plain = client.post(url("upload", finding.pk), {"file": photo("第二张.jpg", shade=7)})

    assert "整改后.jpg" in answer.content.decode()
    assert refused.status_code == 422
    assert "证书.pdf" in refused.json()["errors"]["__all__"][0]
    assert missing.json()["errors"]["__all__"] == ["请选择文件。"]
    assert plain.url == order.get_absolute_url()
    assert RectificationFile.objects.count() == 2


def test_a_file_is_withdrawn_in_the_browser(client):
    order = issue()
    fill(finding_of(order), actor=None)
    as_unit(client, order.task)

    answer = client.post(url("withdraw_file", RectificationFile.objects.get().pk))

    assert answer.url == order.get_absolute_url()
    assert not RectificationFile.objects.standing().exists()


def test_submitting_in_the_browser(client):
    order = issue()
    finding = finding_of(order)
    as_unit(client, order.task)

    refused = client.post(url("submit", order.pk))
    fill(finding, actor=user_of(order.task.unit).user)
    answer = client.post(url("submit", order.pk))
    twice = client.post(url("submit", order.pk))

    assert refused.status_code == 422
    assert f"{finding.item.code}：缺少" in refused.content.decode()
    assert answer.url == order.get_absolute_url()
    assert twice.status_code == 409


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
        services.review_finding(
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
    assert actions == ["sealed", "withdrawn", "revoked"]
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
    disposition = services.propose_disposition(finding, action="revoked", reason="示例", actor=None)
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


def test_papers_are_shown_when_they_are_there(client):
    order = issue()
    as_unit(client, order.task)
    waiting = client.get(url("order_pdf", order.pk))
    no_confirmation = client.get(url("confirmation_pdf", order.pk))
    assert waiting.url == no_confirmation.url == order.get_absolute_url()

    perform(Job.objects.get())
    answer = client.get(url("order_pdf", order.pk))
    RectificationOrder.objects.update(confirmation=store_bytes(b"%PDF-1.4 x", media_type=PDF))

    assert answer["Content-Type"] == "application/pdf"
    assert body(answer).startswith(b"%PDF")
    assert body(client.get(url("confirmation_pdf", order.pk))) == b"%PDF-1.4 x"
    assert AuditEntry.objects.about(order).exists()


def test_a_paper_that_failed_is_rendered_again(client):
    order = issue()
    Job.objects.update(state="failed", failure="字体缺失")
    as_office(client, order.task)

    page = client.get(order.get_absolute_url())
    again = client.post(url("render_papers", order.pk))

    assert "字体缺失" in page.content.decode()
    assert again.url == reverse("common:job", args=[Job.objects.first().pk])
    perform(Job.objects.first())
    assert client.post(url("render_papers", order.pk)).url == order.get_absolute_url()
    RectificationOrder.objects.filter(pk=order.pk).update(state="verified")
    confirmation = client.post(url("render_papers", order.pk))
    assert confirmation.url == reverse("common:job", args=[Job.objects.first().pk])


def test_the_stop_order_stands_on_every_page_until_lifted(client):
    order = issue()
    finding = finding_of(order)
    stop = StopTransferOrder.objects.create(
        task=order.task,
        standard=finding.standard,
        basis="示例",
        in_force_from=dt.date(2021, 7, 9),
        state=StopState.IN_FORCE,
    )
    as_unit(client, order.task)
    pages = [order.get_absolute_url(), finding.get_absolute_url()]

    assert all("责令停止量值传递" in client.get(page).content.decode() for page in pages)
    StopTransferOrder.objects.filter(pk=stop.pk).update(state=StopState.LIFTED)
    assert not any("责令停止量值传递" in client.get(page).content.decode() for page in pages)


def test_empty_lists_say_what_comes_next(client):
    task = ReviewedTaskFactory()
    as_office(client, task)
    assert "还没有需要整改的问题" in client.get(url("index")).content.decode()
    assert "没有证书处置建议" in client.get(url("dispositions")).content.decode()
    assert "没有移送的案件" in client.get(url("referrals")).content.decode()
    assert "没有符合条件" in client.get(url("index"), {"q": "甲"}).content.decode()
    assert "没有待下达的问题" in client.get(url("issue", task.pk)).content.decode()
    as_unit(client, task)
    assert "没有需要整改的问题" in client.get(url("index")).content.decode()


def test_a_unit_level_finding_and_papers_before_and_after(client):
    task = ReviewedTaskFactory()
    sheet = SheetFactory(task=task, standard=None)
    order = issue(task)
    finding = finding_of(order)
    type(finding).objects.filter(pk=finding.pk).update(standard=None, sheet=sheet, is_key=True)
    Evidence.objects.create(
        answer=finding.answer,
        sheet=sheet,
        kind="scan",
        file=store_bytes(b"%PDF-1.4 before", media_type=PDF),
        name="检查记录.pdf",
        client_id=uuid.uuid4(),
    )
    as_unit(client, task)
    client.post(
        url("upload", finding.pk), {"file": SimpleUploadedFile("新证书.pdf", b"%PDF-1.4 after")}
    )

    text = client.get(finding.get_absolute_url()).content.decode()

    assert "单位层面" in text
    assert "检查记录.pdf" in text
    assert "新证书.pdf" in text
