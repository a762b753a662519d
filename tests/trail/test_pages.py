"""The auditors' desk."""

import pytest
from django.urls import reverse

from metrostd.common import audit
from metrostd.common.models import AccessEntry
from metrostd.common.roles import Role
from metrostd.trail import sealing
from tests.factories.accounts import MembershipFactory, sign_in

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

    for name in ("trail:index", "trail:blocks"):
        response = person.get(reverse(name))
        assert response.status_code == 403
        assert "审计记录由审计员查看" in response.content.decode()
