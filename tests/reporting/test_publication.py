"""抽取结果, 检查结果 and requests to see a record: published as an act, verifiable, withdrawn, logged (clauses 56, 69)."""

import datetime as dt
import json
import subprocess
import sys

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.urls import reverse

from campaigns.enums import DrawKind, DutyKind
from campaigns.models import Duty
from inspections.enums import TaskState
from inspections.models import InspectionTask
from metrostd.common import clock, public_pages
from metrostd.common.calendar import add_workdays
from metrostd.common.roles import Role
from reporting import disclosure
from reporting.enums import BulletinKind, BulletinState, RequestDecision, RequestState
from reporting.models import Bulletin, RecordRequest
from reporting.narrative import bulletins, outcomes
from tests import draws
from tests.duties import idle
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.campaigns import RoutedStandardFactory, routing_rules
from tests.factories.inspections import FindingFactory, TaskFactory
from tests.factories.registry import AuthorityFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def run():
    routing_rules()
    first = RoutedStandardFactory()
    for _ in range(4):
        RoutedStandardFactory(
            campaign=first.campaign,
            standard__unit__territorial_authority=first.inspecting_authority,
        )
    return draws.draw(draws.freeze(first.campaign, first.inspecting_authority))


@pytest.fixture
def campaign(run):
    return run.frame.campaign


@pytest.fixture
def writer(campaign):
    return MembershipFactory(role=Role.CITY_ADMIN, authority=campaign.organiser)


@pytest.fixture
def publisher(campaign):
    return MembershipFactory(role=Role.CITY_ADMIN, authority=campaign.organiser)


def told(run):
    """Everybody drawn knows of the visit."""
    InspectionTask.objects.filter(drawn_unit__run=run).update(state=TaskState.NOTIFIED)


def words(**other):
    return {
        "title": "示例区局抽取结果", "text": "现将结果公开如下。", "basis": outcomes.basis(clock.today()),
        "visible_from": clock.today(), "visible_until": None,
    } | other  # fmt: skip


def of_draw(run, writer):
    about = next(one for one in outcomes.owed(run.frame.campaign) if one.run == run)
    return bulletins.create(run.frame.campaign, words=words(), actor=writer.user, about=about)


def of_results(campaign, office, writer):
    about = outcomes.About(BulletinKind.RESULTS, office, clock.today())
    made = words(title="示例区局检查结果")
    return bulletins.create(campaign, words=made, actor=writer.user, about=about)


def test_a_draw_is_to_be_public_within_twenty_work_days(run, campaign):
    (one,) = outcomes.owed(campaign)

    assert (one.kind, one.authority) == (BulletinKind.DRAW, run.frame.authority)
    assert one.due_on == add_workdays(one.formed_on, 20)


def test_nobody_learns_of_a_visit_from_the_archive(run, writer, publisher):
    row = of_draw(run, writer)
    InspectionTask.objects.filter(drawn_unit__run=run).update(state=TaskState.PLANNED)

    with pytest.raises(ValidationError, match="没有收到检查通知"):
        bulletins.publish(row, actor=publisher.user)


def test_what_is_published_of_a_draw_is_computed_again_by_anybody(
    client, run, writer, publisher, tmp_path
):
    told(run)
    row = of_draw(run, writer)
    bulletins.publish(row, actor=publisher.user)
    page = client.get(reverse("bulletins:bulletin", args=[row.pk])).content.decode()
    drawn = run.drawn.first()

    assert drawn.named in page
    assert run.result_hash in page
    record = tmp_path / "record.json"
    record.write_bytes(client.get(reverse("bulletins:record", args=[row.pk])).content)
    program = tmp_path / "verify.py"
    program.write_bytes(client.get(reverse("bulletins:verifier")).content)
    assert program.read_bytes() == (settings.BASE_DIR / "docs/verify_draw.py").read_bytes()
    said = subprocess.run(
        [sys.executable, program, record], capture_output=True, text=True, check=True
    )
    assert said.stdout.split() == ["OK", run.result_hash]
    assert outcomes.owed(run.frame.campaign) == []

    # Terms that were changed are not let through by calling something in them withheld.
    bent = json.loads(record.read_bytes())
    bent["terms"] |= {"withheld": ["witnesses"], "moment": bent["drawn_at"]}
    record.write_text(json.dumps(bent), encoding="utf-8")
    said = subprocess.run([sys.executable, program, record], capture_output=True, text=True)
    assert (said.returncode, said.stdout.split()[0]) == (2, "PARTLY")


def test_no_persons_and_no_reasons_of_directed_checks_are_in_the_record(run, writer, publisher):
    told(run)
    drawn = run.drawn.first()
    drawn.kind, drawn.reason = DrawKind.DIRECTED, "示例举报较多"
    drawn.save()
    row = of_draw(run, writer)
    bulletins.publish(row, actor=publisher.user)
    row.refresh_from_db()

    everything = json.dumps([row.record, row.published], ensure_ascii=False)
    for person in ("office", "above"):
        assert draws.person(person).display_name not in everything
    assert "示例举报较多" not in everything
    assert "receipts" not in row.record


def test_a_void_draw_is_not_published(run, writer, publisher):
    told(run)
    row = of_draw(run, writer)
    row.run.state = "void"
    row.run.save()

    with pytest.raises(ValidationError, match="抽取已作废"):
        bulletins.publish(row, actor=publisher.user)


def test_results_bring_reviewed_visits_that_nobody_disputes(
    client, run, campaign, writer, publisher
):
    told(run)
    office = run.frame.authority
    given = {"campaign": campaign, "authority": office, "conclusion": "conform"}
    done = TaskFactory(state="reviewed", **given)
    waiting = TaskFactory(state="concluded", **given)
    disputed = TaskFactory(state="reviewed", **given)
    FindingFactory(sheet__task=disputed, state="disputed")
    row = of_results(campaign, office, writer)

    bulletins.publish(row, actor=publisher.user)

    page = client.get(reverse("bulletins:bulletin", args=[row.pk])).content.decode()
    assert done.unit.name in page
    assert waiting.unit.name not in page
    assert disputed.unit.name not in page
    row.refresh_from_db()
    assert row.visits == [done.pk]
    again = of_results(campaign, office, writer)
    with pytest.raises(ValidationError, match="没有审核完毕"):
        bulletins.publish(again, actor=publisher.user)
    found = client.get(reverse("bulletins:index"), {"q": done.unit.name}).content.decode()
    assert row.title in found
    for asked in ({"q": waiting.unit.name}, {"kind": "draw"}):
        assert row.title not in client.get(reverse("bulletins:index"), asked).content.decode()

    bulletins.withdraw(row, actor=writer.user, note="结论更正")
    assert client.get(reverse("bulletins:bulletin", args=[row.pk])).status_code == 404
    assert {one.kind for one in outcomes.owed(campaign)} == {
        BulletinKind.DRAW, BulletinKind.RESULTS,
    }  # fmt: skip


def test_a_draft_is_begun_from_what_is_owed_and_published_by_another(
    client, run, campaign, writer, publisher
):
    told(run)
    sign_in(client, writer)
    index = client.get(reverse("reporting:bulletins"))
    assert "待公开" in index.content.decode()
    url = f"{reverse('reporting:bulletin_create')}?kind=draw&office={run.frame.authority_id}"
    assert "公开抽取结果" in client.get(url).content.decode()
    assert client.get(url.replace("kind=draw", "kind=results")).status_code == 404
    sent = {name: str(value or "") for name, value in words().items()} | {"base_version": "0"}
    client.post(url, sent)
    row = Bulletin.objects.get()
    assert (row.kind, row.run, row.formed_on) == (
        BulletinKind.DRAW, run, clock.today(),
    )  # fmt: skip
    publish = reverse("reporting:bulletin_publish", args=[row.pk])
    assert client.post(publish).status_code == 403
    sign_in(client, publisher)
    client.post(publish)
    row.refresh_from_db()
    assert row.state == BulletinState.PUBLISHED


class TestPagesForAnybody:
    @pytest.fixture(autouse=True)
    def _kept(self, settings):
        settings.PUBLIC_PAGES_SECONDS = 30
        public_pages.forget()
        yield
        public_pages.forget()

    def test_they_are_made_once_and_read_nothing_of_who_asks(
        self, client, publisher, django_assert_num_queries
    ):
        url = reverse("bulletins:index")
        first = client.get(url)
        assert first["Cache-Control"] == "public, max-age=30"
        assert "Set-Cookie" not in first.headers
        sign_in(client, publisher)

        with django_assert_num_queries(0):
            second = client.get(url)

        assert second.content == first.content
        assert "Cookie" not in second.get("Vary", "")
        assert second["X-Frame-Options"] == "DENY"
        assert second["Content-Security-Policy"] == first["Content-Security-Policy"]

    def test_what_is_withdrawn_is_gone_at_once(
        self, client, run, writer, publisher, django_capture_on_commit_callbacks
    ):
        told(run)
        row = of_draw(run, writer)
        index, page = reverse("bulletins:index"), reverse("bulletins:bulletin", args=[row.pk])
        assert row.title not in client.get(index).content.decode()
        with django_capture_on_commit_callbacks(execute=True):
            bulletins.publish(row, actor=publisher.user)
        assert row.title in client.get(index).content.decode()
        assert client.get(page).status_code == 200

        with django_capture_on_commit_callbacks(execute=True):
            bulletins.withdraw(row, actor=writer.user, note="有误")

        assert row.title not in client.get(index).content.decode()
        assert client.get(page).status_code == 404

    def test_only_so_many_are_kept_and_none_over_a_megabyte(self, client, monkeypatch):
        monkeypatch.setattr(public_pages, "_KEPT", 2)
        for number in range(4):
            client.get(reverse("bulletins:index"), {"q": f"示例{number}"})

        assert len(public_pages._pages) == 2

    def test_a_broken_address_and_pages_inside_go_the_ordinary_way(self, client):
        assert client.get(f"{reverse('bulletins:index')}?q=%00").status_code == 400
        assert client.get("/bulletins/nothing/").status_code == 404
        assert "no-store" in client.get(reverse("accounts:sign_in"))["Cache-Control"]


@pytest.fixture
def office():
    return MembershipFactory(
        authority=AuthorityFactory(code="120111", parent=AuthorityFactory(city=True))
    )


def logged(client, office, **other):
    sign_in(client, office)
    sent = {
        "received_on": clock.today().isoformat(), "applicant": "示例申请人", "contact": "13800001234",
        "wanted": "示例单位2021年的检查记录",
    } | other  # fmt: skip
    return client.post(reverse("reporting:request_create"), sent)


def test_a_request_is_logged_and_owed_within_twenty_work_days(client, office):
    assert logged(client, office).status_code == 302

    row = RecordRequest.objects.get()
    duty = Duty.objects.open().get(kind=DutyKind.RECORD_REQUEST)
    assert (duty.authority, duty.due_on) == (
        office.authority, disclosure.answer_by(clock.today()),
    )  # fmt: skip
    assert "示例申请人" not in row.sealed_applicant
    assert idle() == []
    tomorrow = (clock.today() + dt.timedelta(days=1)).isoformat()
    assert logged(client, office, received_on=tomorrow).status_code == 422


@pytest.mark.parametrize(
    ("sent", "sentence"),
    [
        ({"decision": "refused"}, "请写明理由和依据"),
        ({"decision": "granted"}, "请写明提供了哪些记录"),
    ],
)
def test_an_answer_says_why_or_what(client, office, sent, sentence):
    logged(client, office)
    row = RecordRequest.objects.get()

    page = client.post(reverse("reporting:request_decide", args=[row.pk]), sent)

    assert page.status_code == 422
    assert sentence in page.content.decode()


def test_it_is_answered_by_the_office_that_was_asked(client, office):
    logged(client, office)
    row = RecordRequest.objects.get()
    url = reverse("reporting:request_decide", args=[row.pk])
    city = MembershipFactory(authority=office.authority.parent, role=Role.CITY_ADMIN)
    sign_in(client, city)
    assert "示例申请人" not in client.get(row.get_absolute_url()).content.decode()
    assert client.post(url, {"decision": "absent", "reason": "没有"}).status_code == 403
    sign_in(client, MembershipFactory())
    assert client.get(row.get_absolute_url()).status_code == 404

    sign_in(client, office)
    assert "示例申请人" in client.get(row.get_absolute_url()).content.decode()
    client.post(url, {"decision": "refused", "reason": "属于执法案卷信息（第十六条）"})

    row.refresh_from_db()
    assert (row.state, row.decision) == (RequestState.DECIDED, RequestDecision.REFUSED)
    assert not Duty.objects.open().exists()
    page = client.get(reverse("reporting:requests")).content.decode()
    assert "不予公开" in page
    sign_in(client, MembershipFactory(role=Role.DISTRICT_INSPECTOR, authority=office.authority))
    assert client.get(reverse("reporting:requests")).status_code == 403
