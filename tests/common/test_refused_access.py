"""A refusal leaves a row: somebody reads what is not theirs (scenario 11)."""

import pytest
from django.db import DatabaseError
from django.urls import reverse

from metrostd.common import audit, refused_access
from metrostd.common.models import AccessEntry
from metrostd.common.roles import Role
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.campaigns import CampaignFactory
from tests.factories.inspections import ChecklistAnswerFactory, SheetFactory, TaskFactory
from tests.factories.selfcheck import ReportFactory

pytestmark = pytest.mark.django_db


def rows() -> list[AccessEntry]:
    return list(AccessEntry.objects.filter(kind__in=refused_access.KINDS).order_by("pk"))


@pytest.mark.parametrize(
    ("role", "thing", "route"),
    [
        (Role.UNIT_USER, SheetFactory, "inspections:sheet"),  # a unit, another unit's sheet
        (Role.UNIT_USER, ReportFactory, "selfcheck:detail"),
        (Role.DISTRICT_ADMIN, TaskFactory, "inspections:task"),  # a district, another one's visit
        (Role.ASSESSOR, TaskFactory, "inspections:task"),  # an expert who is not on the team
    ],
)
def test_who_reads_what_is_not_theirs_is_on_record(client, role, thing, route):
    person = MembershipFactory(as_unit=True) if role == Role.UNIT_USER else MembershipFactory(role=role)  # fmt: skip
    obj = thing()
    url = reverse(route, args=[obj.pk])

    assert sign_in(client, person).get(url).status_code == 404

    (row,) = rows()
    assert (row.kind, row.actor, row.acting_as) == (
        "范围外（404）", person.user, person.user.acting_label,
    )  # fmt: skip
    assert row.address == "127.0.0.1"
    assert row.what == f"GET {url} {obj._meta.verbose_name}“{obj}”"[:300]


def test_a_save_of_another_ones_answer_is_on_record(client):
    url = reverse("inspections:answer", args=[ChecklistAnswerFactory().pk])

    assert sign_in(client, MembershipFactory()).post(url).status_code == 404

    assert [row.what.split()[:2] for row in rows()] == [["POST", url]]


def test_a_right_that_is_lacking_is_on_record_with_its_reason(client):
    campaign = CampaignFactory(state="open")
    sign_in(client, MembershipFactory(role=Role.AUDITOR))
    url = reverse("campaigns:edit", args=[campaign.pk])

    assert client.get(url).status_code == 403

    (row,) = rows()
    assert row.kind == "无权（403）"
    assert row.what == f"GET {url} 专项行动“{campaign}” 只有市市场监管委计量处可以办理。"


def test_what_does_not_exist_leaves_none(client):
    sign_in(client, MembershipFactory())

    for url in (reverse("inspections:task", args=[4711]), "/no/such/address/"):
        assert client.get(url).status_code == 404

    assert rows() == []


def test_a_visitor_leaves_none(client):
    TaskFactory()

    assert client.get(reverse("bulletins:bulletin", args=[1])).status_code == 404
    assert rows() == []


def test_trying_every_number_fills_no_table(client):
    sign_in(client, MembershipFactory())
    url = reverse("inspections:task", args=[TaskFactory().pk])

    for _ in range(60):
        client.get(url)

    found = rows()
    assert len(found) == refused_access.EACH + 2
    assert [row.what.split()[0] for row in found[-2:]] == [
        "本小时第30次被拒绝", "本小时第50次被拒绝",
    ]  # fmt: skip


def test_the_count_of_rows_grows_with_the_digits_alone():
    written = [n for n in range(1, 100_001) if refused_access._is_written(n)]

    assert len(written) == 20 + 2 + 3 * 4 + 1
    assert written[20:26] == [30, 50, 100, 200, 300, 500]


def test_the_refusal_stands_when_it_cannot_be_written(client, monkeypatch):
    sign_in(client, MembershipFactory())

    def fails(**_):
        raise DatabaseError

    monkeypatch.setattr(audit, "record_access", fails)

    assert client.get(reverse("inspections:task", args=[TaskFactory().pk])).status_code == 404
    assert rows() == []


def test_the_auditor_finds_them(client):
    task = TaskFactory()
    stranger = MembershipFactory()
    sign_in(client, stranger).get(reverse("inspections:task", args=[task.pk]))
    audit.record_access(actor=stranger.user, kind="export", what="示例导出")
    auditor = sign_in(client, MembershipFactory(role=Role.AUDITOR))

    page = auditor.get(
        reverse("trail:index"), {"kind": "refused", "who": stranger.user.username}
    ).content.decode()

    assert "范围外（404）" in page
    assert str(task) in page
    assert "示例导出" not in page
