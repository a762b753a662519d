"""The auditors' desk."""

import json

import pytest
from django.urls import reverse

from metrostd.common import audit
from metrostd.common.models import AccessEntry, ExportedFile
from metrostd.common.roles import Role
from metrostd.trail import protection, sealing
from tests.factories.accounts import MembershipFactory, sign_in

from .test_sealing import noted_outside

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor(client, settings, tmp_path):
    settings.VAR_DIR = tmp_path
    return sign_in(client, MembershipFactory(role=Role.AUDITOR))


@pytest.fixture
def office():
    row = MembershipFactory()
    audit.record(row.authority, actor=row.user, action="a.b", label="改电话", note="口头通知")
    audit.record_access(actor=row.user, kind="下载", what="示例附件")
    return row


@pytest.mark.parametrize(
    ("asked", "there"),
    [("", True), ("q=口头", True), ("q=书面", False), ("act=电话", True), ("act=地址", False),
     ("address=203.", False), ("until=2020-01-01", False), ("since=nonsense", True)],
)  # fmt: skip
def test_changes_are_found(auditor, office, asked, there):
    page = auditor.get(f"{reverse('trail:index')}?{asked}").content.decode()

    assert ("改电话" in page) is there


def test_the_kind_says_what_is_listed_and_offers_no_list_of_all(auditor, office):
    page = auditor.get(reverse("trail:index")).content.decode()
    kinds = page.partition('name="kind"')[2].partition("</select>")[0]

    assert '<option value="change" selected>' in kinds
    assert "全部" not in kinds


def test_people_are_found(auditor, office):
    url = reverse("trail:index")

    assert "改电话" in auditor.get(url, {"who": office.user.username}).content.decode()
    assert "改电话" not in auditor.get(url, {"who": "无此人"}).content.decode()


def test_accesses_are_found_and_looking_is_one(auditor, office):
    url = reverse("trail:index")

    assert (
        "示例附件"
        in auditor.get(url, {"kind": "access", "q": "附件", "act": "下载"}).content.decode()
    )
    assert AccessEntry.objects.filter(kind="审计查询").count() == 1


def test_blocks_are_shown_with_their_heads(auditor, office):
    url = reverse("trail:blocks")
    assert "还没有封存的记录" in auditor.get(url).content.decode()
    sealing.seal()

    assert "第1块" in auditor.get(url).content.decode()


@pytest.mark.parametrize("role", [Role.SYSTEM_ADMIN, Role.DISCIPLINE])
def test_others_are_refused_with_the_reason(client, role):
    person = sign_in(client, MembershipFactory(role=role))

    for name in ("index", "blocks", "unusual", "export", "check"):
        url = reverse(f"trail:{name}")
        response = person.post(url) if name == "check" else person.get(url)
        assert response.status_code == 403
        assert "审计记录由审计员查看" in response.content.decode()


def test_the_state_of_the_seal_is_said_at_once(auditor, office):
    sealing.seal()
    audit.record(office.authority, actor=office.user, action="a.b", label="改电话")

    page = auditor.get(reverse("trail:blocks"))

    assert page.context["state"]["waiting"] == 1
    assert "数据库触发器不在或已停用" in page.content.decode()  # tests go without them


def test_a_tail_that_was_cut_off_is_said_at_once(auditor, office):
    for text, said in (
        (json.dumps({"number": 9, "head": "0" * 64}), "库外留存过第9块的校验值，库中没有"),
        ("{", "库外留存的校验值不能读取"),
    ):
        noted_outside(text)

        assert said in auditor.get(reverse("trail:blocks")).content.decode()


@pytest.mark.parametrize("guarded", [True, False])
def test_an_auditor_has_the_whole_seal_computed_again(
    auditor, office, guarded, django_capture_on_commit_callbacks
):
    if guarded:
        protection.install()
    try:
        with django_capture_on_commit_callbacks(execute=True):
            auditor.post(reverse("trail:check"))
        page = auditor.get(reverse("trail:blocks")).content.decode()
    finally:
        protection.remove()

    assert ("：无异常" in page) is guarded
    assert ("：数据库触发器" in page) is not guarded


def test_rows_are_exported_with_their_proof(auditor, office, django_capture_on_commit_callbacks):
    sealing.seal()

    with django_capture_on_commit_callbacks(execute=True):
        answer = auditor.get(reverse("trail:export"), {"q": "口头", "purpose_kind": "case"})
    made = ExportedFile.objects.get()

    assert answer.url == reverse("common:job", args=[made.job_id])
    with made.content.open() as content:
        assert [row["fact"]["note"] for row in json.load(content)["rows"]] == ["口头通知"]
    fetched = auditor.post(reverse("common:download", args=[made.job_id]))
    assert fetched["Content-Type"] == "application/json"
    fetched.close()
