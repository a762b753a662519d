import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from metrostd.common.enums import JobState
from metrostd.common.models import Job
from metrostd.common.roles import Role
from metrostd.lists import imports
from metrostd.registry.models import ImportBatch, StandardCertificate, Unit
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.campaigns import CampaignFactory
from tests.factories.lists import HEADERS, row, sheet
from tests.queries import cost_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def office(client, city, xiqing):
    return sign_in(client, MembershipFactory(role=Role.CITY_ADMIN, authority=city))


def _upload(client, data, city, name="名单.xlsx", **more):
    return client.post(
        reverse("lists:upload"),
        {
            "file": SimpleUploadedFile(name, data),
            "category": "ent_highest",
            "issuing_authority": city.pk,
            **more,
        },
    )


def test_a_list_that_breaks_off_while_it_is_read_answers_beside_the_field(office, city):
    lines = [f"{n},西青区,天津示例{n}号厂,," for n in range(1, 2500)]
    lines[2] += '"二等'
    text = "\n".join(["序号,所属区,单位名称,信用代码,备注", *lines])
    response = _upload(office, text.encode(), city)

    assert response.status_code == 422
    assert "第4行的引号" in response.context["form"].errors["file"][0]
    assert not ImportBatch.objects.exists()


def test_a_campaign_that_does_not_exist_is_refused_on_the_page(office, city):
    response = _upload(office, sheet(row(1)), city, campaign_code="nope")

    assert response.status_code == 422
    assert not ImportBatch.objects.exists()


def _url(name, batch):
    return reverse(f"lists:{name}", args=[batch.pk])


def test_upload_leads_to_the_preview_and_writes_nothing_yet(office, city):
    CampaignFactory(code="2021-01")
    response = _upload(office, sheet(row(1)), city, campaign_code="2021-01")

    batch = ImportBatch.objects.get()
    assert response.url == batch.get_absolute_url()
    assert batch.campaign_code == "2021-01"
    page = office.get(response.url)
    assert page.context["grid"].rows[0].cells[1].text == "天津示例1号仪器有限公司"
    assert page.context["actions"][-1].verdict
    assert not Unit.objects.exists()


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"%PDF-1.4", "PDF"), (b"", "空"), (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "损坏")],
)
def test_unreadable_upload_comes_back_with_the_reason(office, city, data, words):
    response = _upload(office, data, city)

    assert response.status_code == 422
    assert words in response.context["form"].errors["file"][0]
    assert not ImportBatch.objects.exists()


def test_error_stands_beside_its_cell_and_is_fixed_there(office, city):
    response = _upload(office, sheet(row(1, 有效期至="2021-02-30")), city)
    assert response.url.endswith("?change=error")
    batch = ImportBatch.objects.get()
    page = office.get(response.url)
    cell = next(c for c in page.context["grid"].rows[0].cells if c.address == "L3")
    assert (cell.tone, cell.notes[0].title) == ("bad", "日期不存在")
    assert "还有 1 处错误" in page.context["actions"][-1].verdict.reason

    fixed = office.post(
        _url("reread", batch),
        {f"was:{cell.key}": cell.raw, cell.key: "2023-05-31", "change": "error"},
    )

    assert fixed.url == batch.get_absolute_url()
    batch.refresh_from_db()
    assert batch.edits == {"名单": {"L3": "2023-05-31"}}
    assert batch.summary["issues"]["error"] == 0


def test_cell_sent_unchanged_is_no_edit(office, city):
    _upload(office, sheet(row(1, 有效期至="2021-02-30")), city)
    batch = ImportBatch.objects.get()

    office.post(
        _url("reread", batch), {"was:edit:名单!L3": "2021-02-30", "edit:名单!L3": "2021-02-30"}
    )

    batch.refresh_from_db()
    assert batch.edits == {}


def test_unknown_column_is_named_by_hand(office, city):
    _upload(office, sheet(row(1), headers=[*HEADERS[:-1], "放在哪里"]), city)
    batch = ImportBatch.objects.get()
    page = office.get(batch.get_absolute_url())
    assert page.context["unknown_columns"] == 1
    columns = {c.key: c.target for c in page.context["maps"][0].columns}

    office.post(_url("reread", batch), columns | {"map:名单!12": "storage_place"})

    batch.refresh_from_db()
    assert batch.header_map == {"名单": {"12": "storage_place"}}
    assert batch.rows.get().values["storage_place"][0] == "计量室1"


def test_list_without_header_offers_its_first_rows(office, city):
    _upload(office, sheet(row(1), headers=[f"甲{n}" for n in range(13)]), city)
    batch = ImportBatch.objects.get()
    page = office.get(batch.get_absolute_url())
    assert page.context["no_header"]
    assert page.context["maps"][0].sample[1][1][0] == "甲0"

    office.post(
        _url("reread", batch),
        {"map:名单!1": "district", "map:名单!2": "unit_name", "map:名单!7": "standard_name"},
    )

    batch.refresh_from_db()
    assert batch.summary["units"]["new"] == 1


def test_changed_row_shows_old_and_new(office, city, commit):
    commit(sheet(row(1)))
    _upload(office, sheet(row(1, 有效期至="2022-05-31", 所属区="西青区")), city)

    page = office.get(ImportBatch.objects.first().get_absolute_url() + "?change=changed")

    cell = next(c for c in page.context["grid"].rows[0].cells if c.changed)
    assert (cell.old, cell.text) == ("2023年5月31日", "2022年5月31日")


def test_commit_runs_in_the_background_and_a_second_one_is_refused(
    office, city, django_capture_on_commit_callbacks
):
    _upload(office, sheet(row(1)), city)
    batch = ImportBatch.objects.get()

    first = office.post(_url("commit", batch))
    assert office.post(_url("commit", batch)).status_code == 409

    job = Job.objects.get()
    assert first.url == reverse("common:job", args=[job.pk])
    from metrostd.common.jobs import perform

    perform(job)
    job.refresh_from_db()
    assert (job.state, job.next_url) == (JobState.DONE, batch.get_absolute_url())
    assert StandardCertificate.objects.count() == 1
    assert office.post(_url("commit", batch)).status_code == 409
    assert office.post(_url("discard", batch)).status_code == 409


def test_list_with_errors_cannot_be_sent_in(office, city):
    _upload(office, sheet(row(1, 有效期至="长期")), city)

    response = office.post(_url("commit", ImportBatch.objects.get()))

    assert response.status_code == 403
    assert "还有 1 处错误" in response.content.decode()
    assert not Job.objects.exists()


def test_committed_list_is_not_read_again(office, commit):
    batch = commit(sheet(row(1)))

    assert office.post(_url("reread", batch), {"edit:名单!F3": "另一人"}).status_code == 409


def test_undo_asks_for_a_reason(office, city, commit):
    batch = commit(sheet(row(1)))

    assert office.post(_url("undo", batch), {"note": ""}).status_code == 422
    assert office.post(_url("undo", batch), {"note": "传错"}).status_code == 302
    assert not Unit.objects.exists()


def test_long_list_is_taken_back_in_the_background(office, commit, monkeypatch):
    batch = commit(sheet(row(1), row(2), row(3)))
    monkeypatch.setattr(imports.queueing, "BIG_ROWS", 2)

    assert office.post(_url("undo", batch), {"note": " "}).status_code == 422
    assert not Job.objects.exists()
    response = office.post(_url("undo", batch), {"note": "传错"})

    job = Job.objects.get()
    assert response.url == reverse("common:job", args=[job.pk])
    assert Unit.objects.exists()
    assert office.post(_url("undo", batch), {"note": "又一次"}).status_code == 409
    from metrostd.common.jobs import perform

    perform(job)
    job.refresh_from_db()
    assert (job.state, job.next_url) == (JobState.DONE, batch.get_absolute_url())
    assert job.done == job.total == 6
    assert not Unit.objects.exists()
    assert office.post(_url("undo", batch), {"note": "又一次"}).status_code == 409


def test_why_a_long_list_stays_is_told_by_its_job(office, commit, monkeypatch):
    batch = commit(sheet(row(1)))
    monkeypatch.setattr(imports.queueing, "BIG_ROWS", 0)
    office.post(_url("undo", batch), {"note": "传错"})
    Unit.objects.update(version=2)
    from metrostd.common.jobs import perform

    job = Job.objects.get()
    perform(job)

    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "入库后修改过的" in job.failure
    batch.refresh_from_db()
    assert batch.state == "committed"


def test_discard_keeps_the_file_on_record(office, city, read):
    batch = read(sheet(row(1)))

    office.post(_url("discard", batch))

    batch.refresh_from_db()
    assert batch.state == "discarded"
    assert b"".join(office.get(_url("file", batch)).streaming_content) == sheet_bytes(batch)


def sheet_bytes(batch):
    with batch.file.content.open("rb") as source:
        return source.read()


def test_long_list_is_read_in_the_background(office, city, monkeypatch):
    monkeypatch.setattr(imports.batches, "BIG_ROWS", 2)
    monkeypatch.setattr(imports.queueing, "BIG_ROWS", 2)

    response = _upload(office, sheet(row(1), row(2), row(3)), city)

    job = Job.objects.get()
    assert response.url == reverse("common:job", args=[job.pk])
    assert not ImportBatch.objects.exists()
    from metrostd.common.jobs import perform

    perform(job)
    batch = ImportBatch.objects.get()
    office.post(_url("reread", batch), {"was:edit:名单!F3": "示例人", "edit:名单!F3": "另一人"})
    perform(Job.objects.first())
    batch.refresh_from_db()
    assert batch.edits == {"名单": {"F3": "另一人"}}


@pytest.mark.parametrize("role", [Role.DISTRICT_ADMIN, Role.AUDITOR, Role.CITY_INSPECTOR])
def test_others_are_told_why_not_and_find_no_list(client, city, read, role):
    batch = read(sheet(row(1)))
    sign_in(client, MembershipFactory(role=role, authority=city))

    refused = client.get(reverse("lists:index"))
    assert refused.status_code == 403
    assert "只有计量处和系统管理员" in refused.content.decode()
    assert client.get(reverse("lists:upload")).status_code == 403
    for name in ("detail", "file"):
        assert client.get(_url(name, batch)).status_code == 404
    for name in ("reread", "commit", "discard", "undo"):
        assert client.post(_url(name, batch)).status_code == 404


def test_list_of_imports_does_not_grow_in_queries(office, read):
    url = reverse("lists:index")
    read(sheet(row(1)), name="1.xlsx")
    one = cost_of(office, url)
    for n in (2, 3, 4):
        read(sheet(row(n)), name=f"{n}.xlsx")

    assert cost_of(office, url) == one < 12


def test_preview_does_not_grow_in_queries(office, read):
    short, longer = read(sheet(row(1))), read(sheet(*(row(n) for n in (1, 2, 3, 4))))

    one = cost_of(office, short.get_absolute_url())

    assert cost_of(office, longer.get_absolute_url()) == one


def test_empty_list_page_and_template(office):
    assert "还没有导入过名单" in office.get(reverse("lists:index")).content.decode()
    assert office.get(reverse("lists:template")).content.startswith(b"PK")


def test_a_worker_that_dies_after_its_work_leaves_one_list(office, city, monkeypatch):
    """Killed between keeping the list and saying so, the job is begun again and finds what it kept."""
    from metrostd.common.jobs import perform

    monkeypatch.setattr(imports.batches, "BIG_ROWS", 2)
    monkeypatch.setattr(imports.queueing, "BIG_ROWS", 2)
    _upload(office, sheet(row(1), row(2), row(3)), city)

    def again(job: Job) -> Job:
        perform(job)
        Job.objects.filter(pk=job.pk).update(state=JobState.QUEUED)
        perform(job)
        job.refresh_from_db()
        return job

    read = again(Job.objects.get())
    batch = ImportBatch.objects.get()
    assert (read.state, read.attempt, read.next_url) == ("done", 2, batch.get_absolute_url())
    for act, data, state in (("commit", {}, "committed"), ("undo", {"note": "传错"}, "undone")):
        office.post(_url(act, batch), data)
        job = again(Job.objects.first())
        batch.refresh_from_db()
        assert (job.state, job.failure, batch.state) == ("done", "", state)
