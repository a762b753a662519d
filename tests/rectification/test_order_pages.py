"""An order in the browser: issuing it, reporting on it, its papers."""

import datetime as dt
import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from inspections.enums import FindingState, StopState
from inspections.models import Evidence, StopTransferOrder
from metrostd.accounts.models import User
from metrostd.common import clock
from metrostd.common.jobs import perform
from metrostd.common.models import AuditEntry, Job
from metrostd.common.uploads import PDF, store_bytes
from rectification.models import (
    RectificationFile,
    RectificationOrder,
)
from rectification.moves import withdrawal as withdrawal_moves
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.rectification import (
    RaisedFindingFactory,
    ReviewedTaskFactory,
    SheetFactory,
    fill,
    issue,
    photo,
    user_of,
)
from tests.files import pdf

from .pages import AUTOSAVE, as_office, as_unit, body, finding_of, url

pytestmark = pytest.mark.django_db

ISSUE = {"kind": "correction", "due_on": "2021-08-20", "requirement": "整改到位"}


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


def test_papers_are_shown_when_they_are_there(client):
    order = issue()
    as_unit(client, order.task)
    waiting = client.get(url("order_pdf", order.pk))
    no_confirmation = client.get(url("confirmation_pdf", order.pk))
    assert (waiting.status_code, Job.objects.count()) == (202, 1)
    assert "正在生成" in waiting.content.decode()
    assert no_confirmation.url == order.get_absolute_url()

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
    words = RectificationOrder.objects.values_list("words", flat=True).get()
    type(order.task.unit).objects.update(name="改名后的单位")
    as_office(client, order.task)

    page = client.get(order.get_absolute_url())
    again = client.post(url("render_papers", order.pk))

    assert "字体缺失" in page.content.decode()
    assert again.url == reverse("common:job", args=[Job.objects.first().pk])
    perform(Job.objects.first())
    assert client.post(url("render_papers", order.pk)).url == order.get_absolute_url()
    order.refresh_from_db()
    assert order.words == words, "what it says was settled when it was issued"
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
    client.post(url("upload", finding.pk), {"file": SimpleUploadedFile("新证书.pdf", pdf("after"))})

    text = client.get(finding.get_absolute_url()).content.decode()

    assert "单位层面" in text
    assert "检查记录.pdf" in text
    assert "新证书.pdf" in text


@pytest.mark.parametrize(
    ("of", "field", "word"),
    [
        ("unit", "legal_representative", "法定代表人没有登记"),
        ("unit", "registered_address", "注册地址或者实际地址没有登记"),
        ("authority", "phone", "联系电话没有登记"),
    ],
)
def test_an_order_waits_for_the_parties_it_has_to_name(client, of, field, word):
    task = ReviewedTaskFactory()
    RaisedFindingFactory(task=task, sheet=SheetFactory(task=task))
    owner = getattr(task, of)
    type(owner).objects.filter(pk=owner.pk).update(**{field: ""})
    as_office(client, task)
    User.objects.update(sealed_phone="")
    form = {**ISSUE, "findings": [task.findings.get().pk]}

    with clock.pinned(clock.at_time(dt.date(2021, 7, 20))):
        page = client.get(url("issue", task.pk)).content.decode()
        answer = client.post(url("issue", task.pk), form)

    where = "/edit/" if of == "unit" else reverse("accounts:office_edit", args=[owner.pk])
    assert word in page
    assert where in page
    assert answer.status_code == 422
    assert word in answer.content.decode()
    assert not RectificationOrder.objects.exists()


def test_a_preview_is_the_paper_and_takes_no_number(client):
    task = ReviewedTaskFactory()
    finding = RaisedFindingFactory(task=task, sheet=SheetFactory(task=task))
    as_office(client, task)
    form = {**ISSUE, "findings": [finding.pk], f"own_{finding.pk}": "送检合格后恢复使用"}

    with clock.pinned(clock.at_time(dt.date(2021, 7, 20))):
        seen = client.post(url("issue", task.pk), {**form, "preview": "1"})
        refused = client.post(url("issue", task.pk), {"preview": "1"})
        issued = client.post(url("issue", task.pk), form)

    text = seen.content.decode()
    assert "预览：未编号、未下达，不得送达" in text
    assert finding.fact in text
    assert "送检合格后恢复使用" in text
    assert refused.status_code == 422
    assert issued.status_code == 302
    order = RectificationOrder.objects.get()
    assert order.number.endswith("1号"), "the preview took none"
    assert "预览" not in str(order.words)


def test_the_service_of_an_order_is_on_record_once(client):
    order = issue()
    as_office(client, order.task)
    known = {"how": "mail", "by": "示例甲", "to": "示例法人 总经理", "note": ""}

    with clock.pinned(clock.at_time(dt.date(2021, 7, 25))):
        too_early = client.post(
            url("serve", order.pk), known | {"served_on": "2021-07-01", "note": "单号1"}
        )
        no_proof = client.post(url("serve", order.pk), known | {"served_on": "2021-07-24"})
        done = client.post(
            url("serve", order.pk),
            known
            | {
                "served_on": "2021-07-20",
                "late_reason": "回执后到",
                "note": "邮寄单号 EX1",
                "receipt": SimpleUploadedFile("回证.pdf", pdf(), "application/pdf"),
            },
        )
        again = client.post(
            url("serve", order.pk), known | {"served_on": "2021-07-21", "note": "单号2"}
        )

    order.refresh_from_db()
    page = client.get(order.get_absolute_url()).content.decode()
    assert (too_early.status_code, no_proof.status_code) == (422, 422)
    assert "送达日期不能早于文书日期（2021年7月16日）。" in too_early.content.decode()
    assert "邮寄送达的，请写明邮寄单号。" in no_proof.content.decode()
    assert done.status_code == 302
    assert again.status_code == 409
    assert (order.served_on, order.served_how, order.served_to) == (
        dt.date(2021, 7, 20),
        "mail",
        "示例法人 总经理",
    )
    assert "邮寄单号 EX1" in page
    assert body(client.get(url("receipt", order.pk)))
    assert (
        AuditEntry.objects.about(order).filter(action="rectification.record_service").count() == 1
    )


def test_an_order_is_taken_back_in_the_browser_and_its_number_still_finds_it(client):
    order = issue()
    finding = finding_of(order)
    sign_in(client, MembershipFactory(authority=order.task.authority, role="district_admin"))
    offered = client.get(order.get_absolute_url()).content.decode()

    empty = client.post(url("withdraw", order.pk), {"note": " "})
    answer = client.post(url("withdraw", order.pk), {"note": "依据写错"})
    second = client.post(url("withdraw", order.pk), {"note": "依据写错"})

    assert url("withdraw", order.pk) in offered
    assert (empty.status_code, answer.url, second.status_code) == (
        422,
        order.get_absolute_url(),
        409,
    )
    page = client.get(order.get_absolute_url()).content.decode()
    assert "理由：依据写错" in page
    assert url("issue", order.task.pk) in page
    assert url("withdraw", order.pk) not in page
    refused = client.get(url("withdraw", order.pk))
    assert refused.status_code == 403
    assert "由事项目前的状态决定的" in refused.content.decode()
    assert "该文书已撤回" in client.get(url("finding", finding.pk)).content.decode()
    listed = client.get(url("index"), {"q": order.number})
    assert [row.pk for row in listed.context["page"]] == [finding.pk]
    found = client.get(reverse("registry:search"), {"q": order.number}).content.decode()
    assert "已撤回" in found


def test_the_unit_sees_that_an_order_was_taken_back_and_cannot_report_on_it(client):
    order = issue()
    withdrawal_moves.withdraw(order, reason="依据写错", actor=None)
    as_unit(client, order.task)

    own = client.get(url("index")).content.decode()
    answer = client.post(url("submit", order.pk))

    assert "不再执行" in own
    assert answer.status_code == 409


def test_a_telephone_that_is_missing_is_entered_by_the_office_itself(client):
    finding = RaisedFindingFactory()
    office = finding.task.authority
    office.phone = ""
    office.save()
    as_office(client, finding.task)

    page = client.get(url("issue", finding.task.pk)).content.decode()
    where = reverse("accounts:office_edit", args=[office.pk])
    form = client.get(where).context["form"]

    assert where in page
    assert "phone" in form.fields
