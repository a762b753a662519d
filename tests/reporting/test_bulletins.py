"""Bulletins: nothing public before one is published, nobody named in it, withdrawn with a trace (scenario 13)."""

import datetime as dt
import io

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse
from pypdf import PdfReader

from inspections.models import Finding
from metrostd.common import clock, papers
from metrostd.common.models import AuditEntry
from metrostd.common.roles import Role
from metrostd.common.transitions import TransitionError
from metrostd.notices import moves as notice_moves
from metrostd.notices.enums import NoticeKind
from metrostd.registry.models import Unit
from reporting import policies
from reporting.enums import BulletinState
from reporting.models import Bulletin
from reporting.narrative import bulletins
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.inspections import TaskFactory
from tests.factories.registry import AuthorityFactory, CertificateFactory
from tests.factories.reporting import small_city

from . import handing_in

pytestmark = pytest.mark.django_db
DAY = dt.date(2021, 11, 1)
WORDS = {
    "title": "关于检查情况的通报",
    "text": "全市检查单位【I.total.u_insp】家。\n有关单位已完成整改。",
    "basis": "《政府信息公开条例》第二十条",
    "visible_from": DAY,
    "visible_until": None,
}


NOTICE = {
    "title": "关于落实示例专项监督检查的通知", "number": "津市监计量〔2021〕5号",
    "addressees": "各区市场监管局", "body": "第一段。", "basis": "市监计量发〔2021〕18号",
    "issued_on": dt.date(2021, 4, 23), "copy_to": "", "is_public": True, "without_annexes": True,
    "to_bureaus": True, "to_institutes": True, "to_units": True,
}  # fmt: skip


@pytest.fixture
def at():
    """A campaign of which one table has been taken: there are figures to publish."""
    with clock.pinned(clock.at_time(DAY)):
        made = handing_in.desk()
        handing_in.accepted(made)
        yield made


@pytest.fixture
def office(at):
    return at.office


@pytest.fixture
def campaign(at):
    return at.campaign


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
            "依据：《政府信息公开条例》第二十条；公开自2021年11月1日",
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
        ("text", "社会公用【I.sp_statutory.u_insp】家", "“【I.sp_statutory.u_insp】”现在没有数"),
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
    colleague = MembershipFactory(
        role=Role.CITY_ADMIN, authority=office.authority, user__display_name="李同事"
    )
    sign_in(client, office)
    sent = {**WORDS, "visible_from": "2021-11-02", "visible_until": "", "base_version": 0}
    client.post(reverse("reporting:bulletin_create"), sent)
    row = Bulletin.objects.get()
    page = row.get_absolute_url()
    edit, name = reverse("reporting:bulletin_edit", args=[row.pk]), "reporting:bulletin_publish"

    assert "草稿只有计量处能看到" in client.get(page).content.decode()
    assert client.post(edit, {**sent, "title": "甲", "base_version": 1}).url == page
    stale = client.post(edit, {**sent, "title": "乙", "base_version": 1})
    assert (stale.status_code, "甲" in stale.content.decode()) == (409, True)
    own = client.post(reverse(name, args=[row.pk]))
    assert (own.status_code, "由本部门李同事办理" in own.content.decode()) == (403, True)
    assert "由本部门李同事办理" in client.get(page).content.decode()
    sign_in(client, colleague)
    done = client.post(reverse(name, args=[row.pk]), follow=True).content.decode()
    assert "已发布，2021年11月2日起任何人不登录即可查看" in done
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


def test_who_corrected_a_word_has_written_it_too(campaign, office):
    row = draft(campaign, office)
    colleague = MembershipFactory(role=Role.CITY_ADMIN, authority=office.authority)
    assert policies.can_publish(colleague.user, row)

    bulletins.update(row, words={**WORDS, "title": "新"}, base_version=1, actor=colleague.user)

    assert "没有其他人员" in policies.can_publish(colleague.user, row).reason
    assert policies.can_withdraw(office.user, row).reason  # still a draft
    assert not policies.can_publish(MembershipFactory().user, row)


def test_the_paper_of_a_bulletin_is_public_as_long_as_it_is(client, campaign, office):
    row = draft(campaign, office)
    bulletins.publish(row, actor=office.user)
    address = reverse("bulletins:pdf", args=[row.pk])
    link, page = f'href="{address}"', reverse("bulletins:bulletin", args=[row.pk])
    assert client.get(address).status_code == 404  # a job makes it
    assert link not in client.get(page).content.decode()

    papers.make(bulletins.file_of(row).job, lambda *_: None)

    assert link in client.get(page).content.decode()
    pages = PdfReader(io.BytesIO(client.get(address).getvalue())).pages
    told = "".join("".join(each.extract_text() for each in pages).split())
    assert told.startswith(office.authority.name)  # the red head
    for paragraph in bulletins.published(row).paragraphs():
        assert "".join(paragraph.split()) in told
    assert "2021年11月1日（此件公开发布）" in told
    bulletins.withdraw(row, actor=office.user, note="数据有误")
    assert client.get(address).status_code == 404
    sign_in(client, office)
    kept = client.get(reverse("reporting:bulletin_pdf", args=[row.pk]))
    assert kept.getvalue().startswith(b"%PDF")


def test_before_a_bulletin_the_public_reads_the_notice_and_nothing_of_the_inspection(client):
    """Scenario 13, with everything inspected and every public page asked for."""
    city = small_city(units=12, seed=5)
    desk = MembershipFactory(role=Role.CITY_ADMIN, authority=city.organiser)
    notice = notice_moves.write(city.campaign, NoticeKind.MAIN, NOTICE, file=None, actor=desk.user)
    notice_moves.issue(notice, actor=desk.user)
    secret = {str(unit) for unit in Unit.objects.filter(tasks__isnull=False)}
    secret |= set(Finding.objects.values_list("fact", flat=True))
    assert len(secret) > 5
    words = {**WORDS, "text": "全市检查已经结束。"}
    row = bulletins.create(city.campaign, words=words, actor=desk.user)
    pages = [reverse(name) for name in ("bulletins:index", "notices_public:index")]
    pages += [reverse("notices_public:notice", args=[notice.pk])]

    with clock.pinned(clock.at_time(DAY)):
        told = "".join(client.get(page).content.decode() for page in pages)

        assert NOTICE["title"] in told
        assert row.title not in told
        assert not [word for word in secret if word in told]
        for name in ("bulletins:bulletin", "bulletins:pdf"):
            assert client.get(reverse(name, args=[row.pk])).status_code == 404

        bulletins.publish(row, actor=desk.user)
        assert row.title in client.get(reverse("bulletins:index")).content.decode()
        shown = client.get(reverse("bulletins:bulletin", args=[row.pk])).content.decode()
        assert not [word for word in secret if word in shown]
