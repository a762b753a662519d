"""Bulletins: nothing public before one is published, nobody named in it, withdrawn with a trace (scenario 13)."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from metrostd.common import clock
from metrostd.common.models import AuditEntry
from metrostd.common.roles import Role
from metrostd.common.transitions import TransitionError
from reporting.enums import BulletinState
from reporting.models import Bulletin
from reporting.narrative import bulletins
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.campaigns import CampaignFactory
from tests.factories.inspections import TaskFactory
from tests.factories.registry import AuthorityFactory, CertificateFactory

pytestmark = pytest.mark.django_db
DAY = dt.date(2021, 11, 1)
WORDS = {
    "title": "关于检查情况的通报",
    "text": "全市检查单位【I.total.u_insp】家。\n有关单位已完成整改。",
    "basis": "《政府信息公开条例》第二十条",
    "visible_from": DAY,
    "visible_until": None,
}


@pytest.fixture
def office():
    with clock.pinned(clock.at_time(DAY)):
        organiser = AuthorityFactory(level="city")
        yield MembershipFactory(role=Role.CITY_ADMIN, authority=organiser)


@pytest.fixture
def campaign(office):
    return CampaignFactory(organiser=office.authority)


def draft(campaign, office, **more):
    return bulletins.create(campaign, words={**WORDS, **more}, actor=office.user)


def public(client, row):
    return client.get(reverse("bulletins:bulletin", args=[row.pk]))


def test_nothing_is_public_before_publication_and_nothing_after_withdrawal(
    client, campaign, office
):
    row = draft(campaign, office)
    index = reverse("bulletins:index")
    assert public(client, row).status_code == 404
    assert row.title not in client.get(index).content.decode()

    bulletins.publish(row, actor=office.user)

    page = public(client, row).content.decode()
    assert "全市检查单位" in page
    assert '<span class="told-figure"' in page
    assert "《政府信息公开条例》第二十条" in page
    assert row.title in client.get(index).content.decode()
    with pytest.raises(ValidationError):
        bulletins.withdraw(row, actor=office.user, note="")
    bulletins.withdraw(row, actor=office.user, note="数据有误")
    assert public(client, row).status_code == 404
    assert row.title not in client.get(index).content.decode()
    done = AuditEntry.objects.about(row).values_list("action", "actor", "note")
    assert list(done) == [
        ("bulletin.withdraw", office.user.pk, "数据有误"),
        (
            "bulletin.publish",
            office.user.pk,
            "依据：《政府信息公开条例》第二十条；公开自2021-11-01",
        ),
        ("bulletin.create", office.user.pk, ""),
    ]


@pytest.mark.parametrize(("day", "status"), [(-1, 404), (0, 200), (3, 200), (4, 404)])
def test_a_bulletin_is_public_within_its_days(client, campaign, office, day, status):
    row = draft(campaign, office, visible_until=DAY + dt.timedelta(days=3))
    bulletins.publish(row, actor=office.user)

    with clock.pinned(clock.at_time(DAY + dt.timedelta(days=day))):
        assert public(client, row).status_code == status


@pytest.mark.parametrize(
    ("field", "text", "said"),
    [
        ("text", "联系人赵示例", "内容：“赵示例”是人员姓名，不能公开"),
        ("text", "电话 022-12345678", "是电话号码"),
        ("text", "证书〔2019〕津量标企证字第012号", "是考核证书号"),
        ("title", "赵示例的情况", "标题：“赵示例”是人员姓名"),
        ("text", "共【I.total.nothing】家", "没有这一格"),
    ],
)
def test_a_person_a_contact_or_a_figure_that_is_none_is_not_published(
    campaign, office, field, text, said
):
    task = TaskFactory(campaign=campaign)
    task.unit.contact_name = "赵示例"
    task.unit.save()
    if "012" in text:
        CertificateFactory(standard__unit=task.unit, number="〔2019〕津量标企证字第012号")
    row = draft(campaign, office, **{field: text})

    with pytest.raises(ValidationError) as refused:
        bulletins.publish(row, actor=office.user)

    assert said in refused.value.messages[0]
    row.refresh_from_db()
    assert row.state == BulletinState.DRAFT


def test_what_was_published_is_not_written_again(campaign, office):
    row = draft(campaign, office)
    bulletins.publish(row, actor=office.user)

    with pytest.raises(TransitionError, match="撤回后另拟"):
        bulletins.update(row, words=WORDS, base_version=1, actor=office.user)
    with pytest.raises(ValidationError, match="不能早于"):
        draft(campaign, office, visible_until=DAY - dt.timedelta(days=1))


def test_a_bulletin_goes_its_way_on_the_pages_of_the_municipal_office(client, campaign, office):
    sign_in(client, office)
    sent = {**WORDS, "visible_from": "2021-11-01", "visible_until": "", "base_version": 0}
    client.post(reverse("reporting:bulletin_create"), sent)
    row = Bulletin.objects.get()
    page = row.get_absolute_url()
    edit, name = reverse("reporting:bulletin_edit", args=[row.pk]), "reporting:bulletin_publish"

    assert "草稿只有计量处能看到" in client.get(page).content.decode()
    assert client.post(edit, {**sent, "title": "甲", "base_version": 1}).url == page
    stale = client.post(edit, {**sent, "title": "乙", "base_version": 1})
    assert (stale.status_code, "甲" in stale.content.decode()) == (409, True)
    client.post(reverse(name, args=[row.pk]))
    assert client.get(edit).status_code == 403
    assert reverse("bulletins:bulletin", args=[row.pk]) in client.get(page).content.decode()
    assert "甲" in client.get(reverse("reporting:bulletins")).content.decode()
    client.post(reverse("reporting:bulletin_withdraw", args=[row.pk]), {"note": "有误"})
    assert "有误" in client.get(page).content.decode()


def test_a_district_neither_reads_nor_writes_drafts(client, campaign, office):
    row = draft(campaign, office)
    sign_in(client, MembershipFactory(authority=AuthorityFactory(parent=office.authority)))

    assert client.get(row.get_absolute_url()).status_code == 404
    for name in ("reporting:bulletins", "reporting:bulletin_create"):
        assert client.get(reverse(name)).status_code == 403
