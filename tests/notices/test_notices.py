"""A campaign begins with a notice that people demonstrably received (clauses 1, 2, 4, 20, 68–70)."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from campaigns import cloning
from campaigns.models import Campaign
from metrostd.accounts.models import Membership
from metrostd.common import clock, jobs, turns
from metrostd.common.models import AuditEntry, Job
from metrostd.common.roles import Role
from metrostd.notices import delivering, moves
from metrostd.notices.enums import NoticeKind, NoticeState, RecipientKind
from metrostd.notices.models import Delivery, Notice
from metrostd.notifications.models import Line, Message
from metrostd.registry.enums import UnitType
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.campaigns import CampaignFactory
from tests.factories.registry import AuthorityFactory, StandardFactory

pytestmark = pytest.mark.django_db
WORDS = {
    "title": "关于落实示例专项监督检查的通知", "number": "津市监计量〔2021〕5号",
    "addressees": "各区市场监管局，各计量技术机构，各有关单位", "body": "第一段，2021年。\n第二段。",
    "basis": "市监计量发〔2021〕18号", "issued_on": dt.date(2021, 4, 23),
    "copy_to": "委综合行政执法总队", "is_public": True, "without_annexes": False,
    "to_bureaus": True, "to_institutes": True, "to_units": True,
}  # fmt: skip


@pytest.fixture
def city():
    return AuthorityFactory(city=True)


@pytest.fixture
def desk(city):
    return MembershipFactory(authority=city, role=Role.CITY_ADMIN)


@pytest.fixture
def people(city):
    """One of each class, and the corps."""
    bureau = AuthorityFactory(code="120111", parent=city)
    unit = StandardFactory(unit__territorial_authority=bureau).unit
    institute = StandardFactory(
        unit__unit_type=UnitType.STATUTORY_INSTITUTE, unit__territorial_authority=bureau
    ).unit
    return {
        RecipientKind.BUREAU: MembershipFactory(authority=bureau),
        RecipientKind.UNIT: MembershipFactory(as_unit=True, unit=unit),
        RecipientKind.INSTITUTE: MembershipFactory(as_unit=True, unit=institute),
        RecipientKind.COPY: MembershipFactory(authority=city, role=Role.ENFORCEMENT_LIAISON),
    }


def pdf(name="附件.pdf"):
    return SimpleUploadedFile(name, b"%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<<>>\n%%EOF")


def written(desk, *, annexes=1, **other):
    campaign = Campaign.objects.first() or CampaignFactory(organiser=desk.authority)
    row = moves.write(campaign, NoticeKind.MAIN, WORDS | other, file=None, actor=desk.user)
    for n in range(annexes):
        moves.NoticeAnnex.objects.create(
            notice=row, place=n + 1, title=f"示例附件{n + 1}",
            file=moves.store_upload(SimpleUploadedFile("a.docx", _docx()), accept=moves.PAPERS),
        )  # fmt: skip
    return row


def _docx() -> bytes:
    import io

    from docx import Document

    made = io.BytesIO()
    Document().save(made)
    return made.getvalue()


def issued(desk, **other):
    row = written(desk, **other)
    moves.issue(row, actor=desk.user)
    delivering.deliver(row)
    row.refresh_from_db()
    return row


def test_it_goes_to_the_three_classes_and_the_copy(desk, people):
    row = issued(desk)

    sent = {d.kind: d.recipient for d in row.deliveries.all()}
    assert set(sent) == set(RecipientKind.values)
    assert sent[RecipientKind.COPY] == "抄送委综合行政执法总队"
    told = set(Message.objects.values_list("membership", flat=True))
    assert {m.pk for m in people.values()} <= told


def test_whoever_leaves_out_a_class_or_the_copy_does_not_send_to_it(desk, people):
    row = issued(desk, copy_to="", to_units=False)

    assert set(row.deliveries.values_list("kind", flat=True)) == {"bureau", "institute"}


def test_a_worker_that_begins_again_tells_nobody_twice(desk, people):
    row = written(desk)
    moves.issue(row, actor=desk.user)
    job = Job.objects.get(kind=moves.DELIVERY_JOB)

    for _ in range(2):
        Job.objects.filter(pk=job.pk).update(state="queued")
        jobs.perform(job)

    assert row.deliveries.count() == 4
    assert Message.objects.filter(url=row.get_absolute_url()).count() == 4


@pytest.fixture
def slices(people, monkeypatch):
    """Five more units with a person each, of a slice of two: offices, and four slices of units."""
    monkeypatch.setattr(delivering, "SLICE", 2)
    monkeypatch.setattr(turns, "PAUSE", 0)
    west = people[RecipientKind.BUREAU].authority
    units = [StandardFactory(unit__territorial_authority=west).unit for _ in range(5)]
    return [MembershipFactory(as_unit=True, unit=unit) for unit in units]


def breaks_at(patched, number):
    """Telling the recipients of that slice fails, when they are written down."""
    whole, calls = delivering.tell, []

    def tell(*given, **named):
        calls.append(given)
        if len(calls) == number:
            raise OSError("ends here")
        return whole(*given, **named)

    patched.setattr(delivering, "tell", tell)


def asked_for(desk, **other):
    row = written(desk, **other)
    return row, moves.issue(row, actor=desk.user)


def everybody_once(row, people, more):
    row.refresh_from_db()
    assert row.delivered_at
    got = [(d.authority_id, d.unit_id, d.kind) for d in row.deliveries.all()]
    assert len(got) == len(set(got)) == 9
    told = Message.objects.filter(url=row.get_absolute_url()).values_list("membership", flat=True)
    assert sorted(told) == sorted(m.pk for m in [*people.values(), *more])
    assert AuditEntry.objects.filter(action="notice.deliver").get().after == {"recipients": 9}
    batches = AuditEntry.objects.filter(action="notice.deliver_some").values_list(
        "after", flat=True
    )
    assert sum(batch["recipients"] for batch in batches) == 9
    return True


@pytest.mark.parametrize(("number", "there"), [(1, 0), (2, 2), (4, 6), (5, 8)])
def test_a_delivery_that_fails_in_a_slice_keeps_those_before_it_whole_and_goes_on(
    desk, people, slices, monkeypatch, number, there
):
    row, job = asked_for(desk)

    with monkeypatch.context() as patched:
        breaks_at(patched, number)
        jobs.perform(job)
    job.refresh_from_db()
    assert job.state == "failed"
    told = Message.objects.filter(url=row.get_absolute_url())
    assert row.deliveries.count() == told.count() == there
    jobs.retry(job)
    jobs.perform(job)

    assert everybody_once(row, people, slices)
    job.refresh_from_db()
    assert (job.state, job.done, job.total, job.step) == ("done", 9, 9, "送达收件箱")


def test_two_deliveries_at_once_tell_nobody_twice(desk, people, slices, monkeypatch):
    """The second one begins and ends in the middle of the first."""
    row, _ = asked_for(desk)
    whole, begun = turns.turn, []

    def turn():
        begun.append(1)
        if len(begun) == 3:
            assert delivering.deliver(row) == 9
        return whole()

    monkeypatch.setattr(turns, "turn", turn)

    assert delivering.deliver(row) == 9
    assert everybody_once(row, people, slices)


def test_a_unit_that_comes_into_scope_meanwhile_gets_it_and_one_that_leaves_does_not(
    desk, people, slices, monkeypatch
):
    """The one stands before those that have it already, the other behind them."""
    late, gone = slices[0].unit, slices[4].unit
    late.standards.update(in_scope=False)
    row, _ = asked_for(desk)
    whole, begun = turns.turn, []

    def turn():
        begun.append(1)
        if len(begun) == 4:
            late.standards.update(in_scope=True)
            gone.standards.update(in_scope=False)
        return whole()

    monkeypatch.setattr(turns, "turn", turn)
    delivering.deliver(row)

    sent = set(row.deliveries.values_list("unit", flat=True))
    assert late.pk in sent
    assert gone.pk not in sent


def test_a_notice_withdrawn_while_it_is_delivered_goes_no_further(
    desk, people, slices, monkeypatch
):
    row, job = asked_for(desk)
    whole, begun = turns.turn, []

    def turn():
        begun.append(1)
        if len(begun) == 3:
            moves.withdraw(row, note="示例理由", actor=desk.user)
        return whole()

    monkeypatch.setattr(turns, "turn", turn)
    jobs.perform(job)

    assert row.deliveries.count() == Message.objects.filter(url=row.get_absolute_url()).count() == 4
    row.refresh_from_db()
    assert row.delivered_at is None


def test_what_has_begun_is_delivered_also_when_its_sender_has_left(
    desk, people, slices, monkeypatch
):
    desk.user.act_as(desk)
    row, job = asked_for(desk)
    with monkeypatch.context() as patched:
        breaks_at(patched, 3)
        jobs.perform(job)
    Membership.objects.filter(pk=desk.pk).update(is_active=False)

    jobs.retry(job)
    jobs.perform(job)

    assert everybody_once(row, people, slices)


def test_the_page_says_how_far_it_is_and_anybody_of_the_office_goes_on(
    client, desk, people, slices, monkeypatch
):
    row, job = asked_for(desk)
    other = MembershipFactory(authority=desk.authority, role=Role.CITY_ADMIN)
    sign_in(client, other)
    go_on = reverse("notices:go_on_delivering", args=[row.pk])
    page = client.get(row.get_absolute_url()).content.decode()
    assert "正在送达。" in page
    assert go_on not in page
    assert client.post(go_on).status_code == 409

    with monkeypatch.context() as patched:
        breaks_at(patched, 3)
        jobs.perform(job)
    page = client.get(row.get_absolute_url()).content.decode()
    assert "没有送达完。" in page
    assert go_on in page
    answer = client.post(go_on)
    second = Job.objects.filter(kind=moves.DELIVERY_JOB).first()
    assert answer.headers["Location"] == reverse("common:job", args=[second.pk])
    jobs.perform(second)

    assert everybody_once(row, people, slices)
    assert go_on not in client.get(row.get_absolute_url()).content.decode()
    assert client.post(go_on).status_code == 409
    sign_in(client, people[RecipientKind.BUREAU])
    assert client.post(go_on).status_code in (403, 404)


def test_opening_it_is_the_receipt(client, desk, people):
    row = issued(desk)
    for member in people.values():
        sign_in(client, member)
        client.get(row.get_absolute_url())
        client.get(row.get_absolute_url())

    assert {d.read_by for d in row.deliveries.all()} == {m.user for m in people.values()}
    assert AuditEntry.objects.filter(action="notice.read").count() == 4
    sign_in(client, desk)
    assert client.get(row.get_absolute_url()).context["counts"] == [
        (kind.label, 1, 1) for kind in RecipientKind
    ]


def test_the_municipal_office_reads_for_nobody(client, desk, people):
    row = issued(desk)
    sign_in(client, desk)
    client.get(row.get_absolute_url())

    assert not row.deliveries.exclude(read_at=None).exists()


def test_those_who_have_not_read_it_are_urged_once_a_day(client, desk, people):
    row = issued(desk)
    sign_in(client, people[RecipientKind.UNIT])
    client.get(row.get_absolute_url())
    sign_in(client, desk)
    url = reverse("notices:chase", args=[row.pk])

    for _ in range(2):
        client.post(url, {"all": "1", "text": "请今天阅收"})

    chased = {line.membership for line in Line.objects.filter(origin="chase")}
    assert chased == {m for kind, m in people.items() if kind != RecipientKind.UNIT}
    assert AuditEntry.objects.filter(action="notice.chase").count() == 3


def test_a_district_sees_its_own_and_its_units_delivery(client, desk, people):
    row = issued(desk)
    sign_in(client, people[RecipientKind.BUREAU])

    listed = client.get(row.get_absolute_url()).context["list"]

    assert {d.kind for d in listed} == {"bureau", "unit", "institute"}
    sign_in(client, people[RecipientKind.UNIT])
    assert client.get(row.get_absolute_url()).context["list"] is None


def test_anybody_reads_the_issued_notice_and_its_annexes_and_nothing_else(client, desk, people):
    row = written(desk)
    page = reverse("notices_public:notice", args=[row.pk])
    annex = reverse("notices_public:annex", args=[row.annexes.get().pk])
    assert client.get(page).status_code == client.get(annex).status_code == 404
    moves.issue(row, actor=desk.user)

    shown = client.get(page).content.decode()

    for words in ("第一段", "（主动公开）", "抄送：委综合行政执法总队", "2021年4月23日", "附件1"):
        assert words in shown
    given = client.get(annex)
    assert given.status_code == 200
    assert given.getvalue()
    assert row.title in client.get(reverse("notices_public:index")).content.decode()
    assert client.get(reverse("notices_public:file", args=[row.pk])).status_code == 404
    moves.withdraw(row, note="文号有误", actor=desk.user)
    assert client.get(page).status_code == client.get(annex).status_code == 404


def test_a_notice_that_is_not_public_is_for_those_it_went_to(client, desk, people):
    row = issued(desk, is_public=False, to_units=False, copy_to="")

    assert client.get(reverse("notices_public:notice", args=[row.pk])).status_code == 404
    for kind, status in ((RecipientKind.BUREAU, 200), (RecipientKind.UNIT, 404)):
        sign_in(client, people[kind])
        assert client.get(row.get_absolute_url()).status_code == status


def test_a_notice_without_annexes_is_not_issued_unless_it_says_so(client, desk):
    row = written(desk, annexes=0)
    sign_in(client, desk)

    page = client.get(row.get_absolute_url()).content.decode()
    with pytest.raises(ValidationError, match="通知还没有附件"):
        moves.issue(row, actor=desk.user)

    assert "还不能印发" in page
    row.without_annexes = True
    row.save()
    assert moves.ISSUE.verdict(row)
    both = written_further(desk, annexes=1, without_annexes=True)
    assert "却有 1 个附件" in moves.not_ready(both)[0]


def written_further(desk, *, annexes=0, **other):
    campaign = Campaign.objects.get()
    row = moves.write(campaign, NoticeKind.FURTHER, WORDS | other, file=None, actor=desk.user)
    for n in range(annexes):
        moves.NoticeAnnex.objects.create(
            notice=row, place=n + 1, title="附件", file=moves.store_upload(
                SimpleUploadedFile("a.docx", _docx()), accept=moves.PAPERS
            ),
        )  # fmt: skip
    return row


def test_a_campaign_has_one_notice_and_further_ones_later(client, desk):
    issued(desk)
    with pytest.raises(ValidationError, match="已经有通知"):
        written(desk)
    sign_in(client, desk)
    client.get(reverse("campaigns:detail", args=[Campaign.objects.get().pk]))

    form = {k: v for k, v in WORDS.items() if v not in (False,)} | {
        "title": "关于现场检查安排的通知", "issued_on": "2021-05-28", "base_version": 0,
    }  # fmt: skip
    answer = client.post(reverse("notices:create") + "?kind=further", form)

    further = Notice.objects.get(kind=NoticeKind.FURTHER)
    assert answer.url == further.get_absolute_url()
    assert further.state == NoticeState.DRAFT


def test_annexes_are_added_moved_up_and_checked(client, desk):
    row = written(desk, annexes=2)
    sign_in(client, desk)
    url = reverse("notices:add_annex", args=[row.pk])

    wrong = client.post(url, {"title": "附件", "file": SimpleUploadedFile("a.exe", b"MZ\0\0")})
    client.post(url, {"title": "第三个", "file": SimpleUploadedFile("b.docx", _docx())})
    client.post(reverse("notices:drop_annex", args=[row.annexes.first().pk]))

    assert "只接受" in wrong.content.decode()
    assert [(a.place, a.title) for a in row.annexes.all()] == [(1, "示例附件2"), (2, "第三个")]


def test_two_people_write_the_same_draft(client, desk):
    row = written(desk)
    sign_in(client, desk)
    url = reverse("notices:edit", args=[row.pk])
    form = {k: v for k, v in WORDS.items() if v is not False} | {"issued_on": "2021-04-23"}

    first = client.post(url, form | {"title": "甲的标题", "base_version": 0})
    second = client.post(url, form | {"title": "乙的标题", "base_version": 0})

    assert first.status_code == 302
    assert second.status_code == 409
    assert "甲的标题" in second.content.decode()
    assert "乙的标题" in second.content.decode()


def test_what_was_issued_stays_and_only_the_municipal_office_writes(client, desk, people):
    row = issued(desk)
    sign_in(client, people[RecipientKind.BUREAU])
    for name in ("edit", "issue", "withdraw", "add_annex"):
        assert client.post(reverse(f"notices:{name}", args=[row.pk])).status_code == 403
    sign_in(client, desk)
    assert client.get(reverse("notices:edit", args=[row.pk])).status_code == 403
    assert client.post(reverse("notices:issue", args=[row.pk])).status_code == 409


def test_the_delivery_list_is_taken_out_as_it_was_filtered(client, desk, people):
    row = issued(desk)
    sign_in(client, desk)

    answer = client.get(reverse("notices:export", args=[row.pk]), {"kind": "unit", "read": "no"})

    assert answer.status_code == 200
    assert answer["Content-Type"].endswith("sheet")


def test_the_list_costs_the_same_however_many(client, desk, people, django_assert_num_queries):
    row = issued(desk)
    sign_in(client, desk)
    client.get(row.get_absolute_url())
    with django_assert_num_queries(13) as seen:
        client.get(row.get_absolute_url())
    for _ in range(5):
        unit = StandardFactory().unit
        Delivery.objects.create(notice=row, kind=RecipientKind.UNIT, unit=unit)
    with django_assert_num_queries(len(seen)):
        client.get(row.get_absolute_url())


# Cloning ------------------------------------------------------------------------------------------


def test_dates_keep_month_and_day_and_limits_go_to_a_work_day(desk):
    source = CampaignFactory(organiser=desk.authority, title="2021年全市专项监督检查")

    calendar, said = cloning.moved_to(source, 2022)

    assert calendar.notice_on == dt.date(
        2022, 4, 23
    )  # a Saturday: a notice may be dated on any day
    assert calendar.unit_self_check_due == dt.date(2022, 5, 31)
    # 15 October 2022 is a Saturday: whoever hands in has the Monday after it.
    assert calendar.summary_due == dt.date(2022, 10, 17)
    note = next(row.note for row in said if row.after == calendar.summary_due)
    assert note.startswith("2022年10月15日不是工作日，顺延至下一个工作日")
    assert cloning.title_in(source, 2022) == "2022年全市专项监督检查"


def test_the_29th_of_february_is_the_28th():
    assert cloning._same_day(dt.date(2024, 2, 29), 2025) == dt.date(2025, 2, 28)


def test_last_years_campaign_is_taken_over_with_its_notice(client, desk):
    source = CampaignFactory(
        organiser=desk.authority, title="2021年检查", basis="依据", default_ratio=25
    )
    written(desk)
    sign_in(client, desk)
    url = f"{reverse('campaigns:create')}?from={source.pk}"

    with clock.pinned(clock.at_time(dt.date(2021, 12, 1))):
        form = client.get(url).context["form"]
        sent = {name: form[name].value() for name in form.fields}
        answer = client.post(url, sent, follow=True)

    made = Campaign.objects.exclude(pk=source.pk).get()
    assert (made.title, made.basis, made.default_ratio) == ("2022年检查", "依据", 25)
    notice = made.notices.get()
    assert notice.state == NoticeState.DRAFT
    assert notice.body.startswith("第一段，2022年。")
    assert notice.annexes.get().title == "示例附件1"
    assert "请逐项核对" in answer.content.decode()
    assert AuditEntry.objects.about(made).filter(action="campaign.clone").exists()
