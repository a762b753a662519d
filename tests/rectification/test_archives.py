"""All papers of a visit, a unit or a campaign as one archive: what is in it, what is not yet, and who may have it."""

import hashlib
import io
import zipfile

import pytest
from django.urls import reverse
from openpyxl import load_workbook

from campaigns.current import choose_campaign
from inspections import signed_records
from inspections.models import ChecklistSheet
from metrostd.common import audit, clock, watermark
from metrostd.common.jobs import perform
from metrostd.common.models import AccessEntry, Job
from metrostd.common.roles import Role
from metrostd.common.uploads import PDF, store_bytes
from metrostd.notifications.models import Message
from rectification import archives
from rectification.models import RectificationOrder
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.inspections import StopOrderFactory
from tests.factories.rectification import ReviewedTaskFactory, issue, office_of
from tests.factories.registry import AuthorityFactory
from tests.printing import PURPOSE, text_of

from .pages import as_office, as_unit, url

pytestmark = pytest.mark.django_db

#: What a notice says, as far as an archive cares.
NOTICE = {"facts": ["示例"], "number": "津示例市监停〔2021〕1号"} | dict.fromkeys(
    [
        "authority",
        "unit",
        "credit_code",
        "address",
        "representative",
        "opening",
        "standard",
        "reviewers",
        "contact",
        "phone",
        "issued_on",
    ],
    "示例",
)


@pytest.fixture
def order():
    """Issued with its paper on file, its visit's record filed twice, a stop whose notice is not made."""
    order = issue()
    task = order.task
    RectificationOrder.objects.filter(pk=order.pk).update(document=kept("责令改正"))
    for version in (1, 2):
        record = kept(f"记录{version}")
        audit.record(
            task, actor=None, action=signed_records.ACTION, label="归档",
            after={"file": record.pk, "sha256": record.sha256, "signatures": [version]},
        )  # fmt: skip
    ChecklistSheet.objects.filter(task=task).update(signed_at=clock.now(), record=record)
    StopOrderFactory(task=task, state="approved", number="津示例市监停〔2021〕1号", paper=NOTICE)
    return order


def kept(words: str):
    return store_bytes(f"%PDF {words}".encode(), media_type=PDF)


def fetched(client, address: str) -> zipfile.ZipFile:
    job = Job.objects.get(pk=client.post(address, PURPOSE).url.rstrip("/").rpartition("/")[2])
    perform(job)
    answer = client.post(reverse("common:download", args=[job.pk]))
    assert answer["Content-Type"] == "application/zip"
    return zipfile.ZipFile(io.BytesIO(b"".join(answer.streaming_content)))


def rows_of(packed: zipfile.ZipFile) -> list[tuple]:
    return list(load_workbook(io.BytesIO(packed.read("清单.xlsx"))).active.values)


def test_an_office_takes_out_the_papers_of_a_visit_with_their_hashes(client, order):
    office = office_of(order.task.authority)
    as_office(client, order.task)

    packed = fetched(client, url("task_archive", order.task.pk))

    title, head, *rows = rows_of(packed)
    papers = {
        name.rpartition("/")[2]: packed.read(name) for name in packed.namelist() if "/" in name
    }
    notice = papers.pop("责令停止量值传递通知书 津示例市监停〔2021〕1号.pdf")
    assert "责令停止量值传递通知书" in text_of(notice)
    assert order.task.unit.name in text_of(papers.pop("空白检查表.pdf"))
    assert papers == {
        "检查记录 第1版.pdf": "%PDF 记录1".encode(),
        "检查记录 第2版.pdf": "%PDF 记录2".encode(),
        f"{order.get_kind_display()} {order.number}.pdf": "%PDF 责令改正".encode(),
    }
    assert [row[9] for row in rows] == [None] * 5
    for row in (row for row in rows if row[6]):
        place, size, digest, said = row[6:]
        content = packed.read(place)
        assert (size, digest, said) == (len(content), hashlib.sha256(content).hexdigest(), None)
        assert f"{digest}  {place}\n" in packed.read("SHA256SUMS").decode()
    assert office.user.display_name in title[0]
    assert head[0] == "序号"
    assert Message.objects.get(membership=office).subject.endswith("（5 个文件）")
    assert {"后台", "下载"} == {entry.what[:2] for entry in AccessEntry.objects.all()}


def test_letter_and_blank_sheets_are_in_the_archive_of_the_visit_alone(client, order):
    task = order.task
    as_office(client, task)
    choose_campaign(office_of(task.authority).user, task.campaign)
    names = {row[4] for row in rows_of(fetched(client, url("task_archive", task.pk)))[2:]}
    assert "检查通知书" not in names  # nobody was told
    assert "空白检查表" in names
    audit.record(task, actor=None, action="task.notify", label="通知被检查单位")

    packed = fetched(client, url("task_archive", task.pk))

    papers = {name.rpartition("/")[2]: packed.read(name) for name in packed.namelist()}
    assert task.unit.name in text_of(papers["检查通知书.pdf"])
    assert task.unit.name in text_of(papers["空白检查表.pdf"])
    assert all(row[8] for row in rows_of(packed)[2:])
    for address in (url("unit_archive", task.unit_id), url("campaign_archive")):
        assert "空白检查表" not in {row[4] for row in rows_of(fetched(client, address))[2:]}


def test_who_neither_goes_nor_sends_the_team_packs_no_blank_sheets(client, order):
    audit.record(order.task, actor=None, action="task.notify", label="通知被检查单位")
    city = MembershipFactory(authority=AuthorityFactory(city=True), role=Role.CITY_ADMIN)
    city.user.act_as(city)

    names = [name for name, _, _ in archives.went_along(order.task, city.user)]

    assert names == ["检查通知书"]


def test_what_is_not_there_is_said_and_what_was_changed_is_found_out(client, order):
    ChecklistSheet.objects.filter(task=order.task).update(record=None)
    first, second = signed_records.filed_records(order.task)
    first.file.content.storage.delete(first.file.content.name)
    type(second.file).objects.filter(pk=second.file.pk).update(sha256="0" * 64)
    as_office(client, order.task)

    said = {
        (row[4], row[5]): row[9]
        for row in rows_of(fetched(client, url("task_archive", order.task.pk)))[2:]
    }

    assert "缺失" in said["检查记录", "第1版"]
    assert "不一致" in said["检查记录", "第2版"]
    assert said["检查记录", None] == "还没有生成"


def test_papers_that_are_not_made_yet_are_made_first_without_a_mark(client, order):
    RectificationOrder.objects.filter(pk=order.pk).update(document=None)
    gone = issue(order.task)
    RectificationOrder.objects.filter(pk=gone.pk).update(
        document=None, state="withdrawn", withdrawn_at=clock.now(), withdrawal_reason="对象有误"
    )
    as_office(client, order.task)

    packed = fetched(client, url("task_archive", order.task.pk))

    papers = {name.rpartition("/")[2]: packed.read(name) for name in packed.namelist()}
    kind = order.get_kind_display()
    assert order.task.unit.name in text_of(papers[f"{kind} {order.number}.pdf"])
    taken_back = text_of(papers[f"{kind}（已撤回） {gone.number}.pdf"])
    assert "对象有误" in taken_back
    assert "对象有误" not in text_of(papers[f"{kind} {gone.number}.pdf"])
    mark = watermark.text_for(office_of(order.task.authority).user)
    assert "".join(mark.split()) not in taken_back
    order.refresh_from_db()
    with order.document.content.open("rb") as file:
        assert file.read() == papers[f"{kind} {order.number}.pdf"]
    assert [row[4] for row in rows_of(packed) if row[9] == "还没有生成"] == ["检查记录"]


def test_of_a_unit_and_of_a_campaign_within_reach(client, order):
    elsewhere = issue()
    choose_campaign(office_of(order.task.authority).user, order.task.campaign)
    as_office(client, order.task)

    for address in (url("unit_archive", order.task.unit_id), url("campaign_archive")):
        rows = rows_of(fetched(client, address))[2:]
        assert {row[1] for row in rows} == {order.task.unit.name}
        assert order.number in {row[5] for row in rows}
        assert elsewhere.number not in {row[5] for row in rows}


def test_strangers_find_nothing_and_units_are_refused(client, order):
    stranger = sign_in(client, MembershipFactory())
    assert stranger.post(url("task_archive", order.task.pk)).status_code == 404
    as_unit(client, order.task)
    for address in (
        url("task_archive", order.task.pk),
        url("unit_archive", order.task.unit_id),
        url("campaign_archive"),
    ):
        assert client.post(address).status_code == 403
    assert not Job.objects.filter(kind="common.export").exists()


def test_a_hundred_visits_cost_as_many_questions_as_two(order, django_assert_max_num_queries):
    user = office_of(order.task.authority).user
    for _ in range(2):
        issue(ReviewedTaskFactory(authority=order.task.authority))
    tasks = type(order.task).objects.visible_to(user)

    with django_assert_max_num_queries(9):
        assert len(list(archives.papers_of(tasks, title="示例", user=user).members())) >= 3
