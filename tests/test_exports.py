"""Taking lists out: short ones at once, long ones by a job whose file only its owner fetches, for some days."""

import datetime as dt
import io
from pathlib import Path

import pytest
from django.conf import settings
from django.urls import reverse
from openpyxl import load_workbook

from metrostd.common import clock, exports, jobs
from metrostd.common.enums import JobState
from metrostd.common.models import AccessEntry, ExportedFile, Job
from metrostd.common.roles import Role
from metrostd.notifications.models import Message
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.campaigns import CampaignFactory, DrawnStandardFactory
from tests.factories.registry import AuthorityFactory, StandardFactory
from tests.printing import PURPOSE
from tests.test_routes import ROUTES

pytestmark = pytest.mark.django_db

#: Every page that takes a list out.
LISTS = {
    "accounts:access_export",
    "accounts:people_export",
    "campaigns:draw_export",
    "campaigns:duties_export",
    "campaigns:frame_export",
    "campaigns:record",
    "campaigns:terms_paper",
    "complaints:export",
    "notices:export",
    "plans:paper",
    "risk:export",
    "risk:warnings_export",
    "changes:export",
    "inspections:export",
    "inspections:record_draft",
    "inspections:single_issues_export",
    "lists:hand_over_export",
    "lists:hand_over_receipt",
    "rectification:campaign_archive",
    "rectification:export",
    "rectification:task_archive",
    "rectification:unit_archive",
    "registry:standards_export",
    "registry:trail_export",
    "registry:units_export",
    "registry:warnings_export",
    "reporting:annex3_pdf",
    "reporting:cockpit_table",
    "reporting:consolidated_pdf",
    "reporting:records_xlsx",
    "selfcheck:export",
    "trail:export",
}
STANDARDS = "registry:standards_export"


@pytest.fixture
def few(monkeypatch):
    """A list of three rows is a long one here."""
    monkeypatch.setattr(exports, "AT_ONCE", 2)


@pytest.fixture
def member(db):
    return MembershipFactory(role=Role.CITY_ADMIN, authority=AuthorityFactory(city=True))


@pytest.fixture
def office(client, member):
    return sign_in(client, member)


def asked(client, query="", name=STANDARDS, *, rows=3) -> Job:
    """The job of an export nobody has done yet."""
    StandardFactory.create_batch(rows)
    answer = client.post(reverse(name) + query)
    job = Job.objects.get()
    assert answer.url == reverse("common:job", args=[job.pk])
    return job


def done(job: Job) -> Job:
    jobs.perform(job)
    job.refresh_from_db()
    return job


def page(client, job: Job) -> str:
    return client.get(reverse("common:job", args=[job.pk])).content.decode()


def download(client, job: Job):
    return client.post(reverse("common:download", args=[job.pk]))


def cells(answer) -> list:
    return list(load_workbook(io.BytesIO(b"".join(answer.streaming_content))).active.values)


def test_every_list_goes_through_one_mechanism():
    marked = {name for name, entry in ROUTES.items() if hasattr(entry.callback, "build")}

    assert marked == LISTS


def test_no_other_code_hands_out_a_table_of_rows():
    """Beside exports: the statistics table and the blank list, whose sizes never grow."""
    apps = ("metrostd", "campaigns", "selfcheck", "inspections", "rectification", "reporting")
    users = {
        str(path.relative_to(settings.BASE_DIR))
        for app in apps
        for path in Path(settings.BASE_DIR, app).rglob("*.py")
        if "xlsx_response(" in path.read_text()
    }

    assert users == {
        "metrostd/common/exports.py",
        "metrostd/common/spreadsheet.py",
        "campaigns/views/routing_tables.py",
        "inspections/views/checklists.py",
        "metrostd/lists/views/imports.py",
        "reporting/views/annex3_forms.py",
        "reporting/views/city.py",
        "reporting/views/tables.py",
    }


def test_a_short_list_is_handed_out_at_once_and_noted_with_its_rows(office, member):
    StandardFactory.create_batch(3)

    answer = office.post(reverse(STANDARDS))

    assert len(list(load_workbook(io.BytesIO(answer.content)).active.values)) == 2 + 3
    entry = AccessEntry.objects.get()
    assert (entry.kind, entry.actor, entry.what) == ("export", member.user, "计量标准台账（3 行）")
    assert not Job.objects.exists()


@pytest.mark.parametrize("came", ["http://[", "http://[::1", "http://test\u2100server/x", "//", ""])
def test_where_somebody_came_from_may_be_no_address(office, came):
    CampaignFactory()

    answer = office.get(reverse("inspections:export"), headers={"Referer": came})

    assert answer.status_code == 200
    assert 'href="/"' in answer.content.decode()


def test_a_long_list_becomes_a_file_behind_its_job(office, member, few):
    job = done(asked(office))
    message = Message.objects.get()
    answer = download(office, job)

    assert (job.state, job.done, job.total, job.step) == (JobState.DONE, 3, 3, "保存文件")
    assert jobs.queue_of(job) == jobs.PEOPLE
    assert "共 3 行" in page(office, job)
    assert message.membership == member
    assert message.url == reverse("common:job", args=[job.pk])
    assert message.subject.endswith("（3 行）")
    assert len(cells(answer)) == 2 + 3
    notes = AccessEntry.objects.order_by("pk").values_list("actor", "what")
    assert list(notes) == [
        (member.user.pk, "后台导出 计量标准台账（3 行）"),
        (member.user.pk, "下载 计量标准台账（3 行）"),
    ]


def test_the_file_holds_what_the_address_asked_for(office, few):
    shown = StandardFactory.create_batch(3, unit__name="示例甲厂")
    StandardFactory(unit__name="示例乙厂")
    office.post(reverse(STANDARDS) + "?q=示例甲厂")

    held = cells(download(office, done(Job.objects.get())))

    assert sorted(row[3] for row in held[2:]) == sorted(standard.name for standard in shown)


def test_asked_for_twice_it_is_one_job(office, few):
    job = asked(office)

    answer = office.post(reverse(STANDARDS))

    assert answer.url == reverse("common:job", args=[job.pk])
    assert Job.objects.count() == 1


def test_a_job_done_again_leaves_one_file_and_one_message(office, few):
    job = done(asked(office))
    Job.objects.filter(pk=job.pk).update(state=JobState.QUEUED)

    done(job)

    assert ExportedFile.objects.count() == Message.objects.count() == 1


def test_nobody_else_and_no_other_capacity_fetches_the_file(office, member, few):
    job = done(asked(office))
    other = MembershipFactory(user=member.user)
    stranger = type(office)()
    sign_in(stranger, MembershipFactory(role=Role.CITY_ADMIN, authority=member.authority))

    assert download(stranger, job).status_code == 404
    sign_in(office, other)
    refused = download(office, job)
    assert refused.status_code == 403
    assert "以另一身份导出" in refused.content.decode()


def test_who_has_lost_the_capacity_gets_nothing_written(office, member, few):
    job = asked(office)
    member.is_active = False
    member.save()

    done(job)

    assert (job.state, ExportedFile.objects.exists()) == (JobState.FAILED, False)
    assert "身份已失效" in job.failure


def test_a_right_that_ended_is_asked_for_again_when_the_job_runs_and_when_it_is_fetched(
    office, member, few, monkeypatch
):
    """The trail is read by offices only: an office that became something else gets neither."""
    StandardFactory.create_batch(3)
    monkeypatch.setattr(exports, "AT_ONCE", -1)
    office.post(reverse("registry:trail_export"))
    waiting = Job.objects.get()
    ready = done(
        Job.objects.create(
            kind=exports.JOB,
            title="示例",
            owner=member.user,
            acting=member.pk,
            arguments=waiting.arguments,
        )
    )
    member.role = Role.ENFORCEMENT_LIAISON
    member.save()

    done(waiting)

    assert (ready.state, waiting.state) == (JobState.DONE, JobState.FAILED)
    sign_in(office, member)
    assert download(office, ready).status_code == 403


def test_the_campaign_is_the_one_that_was_chosen_when_it_was_asked(
    office, member, few, monkeypatch
):
    from campaigns.current import choose_campaign

    first, second = CampaignFactory(state="open"), CampaignFactory(state="open")
    monkeypatch.setattr(exports, "AT_ONCE", -1)
    choose_campaign(member.user, first)
    office.post(reverse("rectification:export"), PURPOSE)
    choose_campaign(member.user, second)

    done(Job.objects.get())

    assert ExportedFile.objects.get().what.startswith(str(first))


def test_a_file_expires_and_its_page_says_so(office, few):
    job = done(asked(office))
    made = ExportedFile.objects.get()
    place = Path(made.content.path)
    assert place.exists()

    with clock.pinned(made.expires_at + dt.timedelta(seconds=1)):
        before = download(office, job).status_code
        forgotten = exports.forget_expired(), exports.forget_expired()
        said = page(office, job)

    assert (before, forgotten, place.exists()) == (404, (1, 0), False)
    assert "文件已过期" in said


@pytest.mark.parametrize("name", ["units", "standards"])
def test_a_search_that_finds_many_is_counted_whole(office, name, monkeypatch):
    monkeypatch.setattr("metrostd.common.keyed.MANY", 1)
    monkeypatch.setattr(exports, "AT_ONCE", 2)
    for _ in range(3):
        StandardFactory(unit__name="示例厂")

    office.post(f"{reverse(f'registry:{name}_export')}?q=示例厂")

    assert Job.objects.get().title.endswith("（3 行）")


def test_a_record_of_a_draw_is_made_by_a_job(client):
    run = DrawnStandardFactory().drawn_unit.run
    sign_in(client, MembershipFactory(authority=run.frame.authority))

    answer = client.get(reverse("campaigns:record", args=[run.pk]))

    job = Job.objects.get()
    assert answer.url == reverse("common:job", args=[job.pk])
    assert job.title.startswith("生成抽取记录")
    done(job)
    paper = download(client, job)
    assert paper["Content-Type"] == "application/pdf"
    assert b"".join(paper.streaming_content).startswith(b"%PDF")
    assert list(AccessEntry.objects.values_list("kind", flat=True)) == ["export", "export"]
