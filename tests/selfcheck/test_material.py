"""Problems of a report and its files."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from metrostd.common import clock
from metrostd.notifications.models import Message
from tests.factories.accounts import MembershipFactory
from tests.factories.selfcheck import (
    ProblemFactory,
    report_with_answers,
)

from .pages import AUTOSAVE, PDF, as_unit, url

pytestmark = pytest.mark.django_db

PROBLEM = {
    "description": "压力表超期",
    "measure": "送检",
    "prevention_measure": "到期提醒",
    "found_on": "2021-05-18",
    "late_reason": "纸质记录，集中录入",
    "base_version": 0,
}


def test_a_problem_is_recorded_for_its_item(client):
    report = report_with_answers(answer="deficient")
    as_unit(client, report)
    answer = report.answers.get(item__code="A01")
    data = PROBLEM | {"answer": answer.pk, "client_id": str(uuid.uuid4())}

    first = client.post(url("problem_create", report.pk), data)
    client.post(url("problem_create", report.pk), data)

    problem = report.problems.get()
    assert first.url.endswith("#i-A01")
    assert (problem.item, problem.standard) == (answer.item, answer.standard)


def test_a_refused_problem_comes_back_filled_in(client):
    report = report_with_answers()
    as_unit(client, report)

    page = client.post(url("problem_create", report.pk), PROBLEM | {"found_on": "2021-06-18"})

    assert page.status_code == 422
    assert "发现日期不能晚于今天" in page.content.decode()
    assert "压力表超期" in page.content.decode()


def test_a_problem_changed_meanwhile_shows_both_and_can_then_be_saved(client):
    problem = ProblemFactory(report=report_with_answers())
    as_unit(client, problem.report)
    address = url("problem_edit", problem.pk)
    client.post(address, PROBLEM | {"base_version": 1, "measure": "同事的措施"})

    stale = client.post(address, PROBLEM | {"base_version": 1, "measure": "我的措施"})
    form = stale.context["form"]
    again = client.post(
        address, PROBLEM | {"base_version": form["base_version"].value(), "measure": "我的措施"}
    )

    assert stale.status_code == 409
    assert "同事的措施" in stale.content.decode()
    assert "我的措施" in stale.content.decode()
    assert again.status_code == 302
    problem.refresh_from_db()
    assert (problem.measure, problem.version) == ("我的措施", 3)


def test_a_problem_is_removed(client):
    problem = ProblemFactory(report=report_with_answers())
    as_unit(client, problem.report)

    assert client.get(url("problem_edit", problem.pk)).status_code == 200
    client.post(url("problem_remove", problem.pk))

    assert not problem.report.problems.exists()


def test_files_are_uploaded_read_and_removed(client):
    problem = ProblemFactory(report=report_with_answers())
    as_unit(client, problem.report)
    upload = SimpleUploadedFile("证书.pdf", PDF)
    data = {"file": upload, "problem": problem.pk, "client_id": str(uuid.uuid4())}

    answer = client.post(url("upload", problem.report.pk), data, headers=AUTOSAVE)
    added = problem.files.get()
    read = client.get(added.get_absolute_url())

    assert "证书.pdf" in answer.content.decode()
    assert b"".join(read.streaming_content) == PDF
    client.post(url("file_remove", added.pk))
    assert not problem.files.exists()


@pytest.mark.parametrize(
    ("name", "data", "words"),
    [("照片.jpg", b"MZ\x90\x00" + bytes(64), "只接受"), ("空.pdf", b"", "空文件")],
)
def test_a_refused_file_says_why(client, name, data, words):
    report = report_with_answers()
    as_unit(client, report)

    answer = client.post(
        url("upload", report.pk), {"file": SimpleUploadedFile(name, data)}, headers=AUTOSAVE
    )

    assert answer.status_code == 422
    assert words in str(answer.json()["errors"])
    assert not report.files.exists()


def test_an_upload_without_a_file_and_one_too_large_are_refused(client, settings):
    report = report_with_answers()
    as_unit(client, report)
    settings.UPLOAD_MAX_BYTES = 10

    empty = client.post(url("upload", report.pk), {}, headers=AUTOSAVE)
    large = client.post(
        url("upload", report.pk), {"file": SimpleUploadedFile("a.pdf", PDF)}, headers=AUTOSAVE
    )

    assert "请选择" in str(empty.json()["errors"])
    assert "超过" in str(large.json()["errors"])


def test_a_problem_beside_the_checklist_leads_back_to_the_report(client):
    report = report_with_answers()
    as_unit(client, report)

    page = client.get(url("problem_create", report.pk))
    saved = client.post(url("problem_create", report.pk), PROBLEM)
    edited = client.post(
        url("problem_edit", report.problems.get().pk),
        PROBLEM | {"base_version": 1, "description": ""},
    )

    assert page.status_code == 200
    assert saved.url == report.get_absolute_url()
    assert edited.status_code == 422


def test_a_problem_of_an_accepted_report_is_reported_corrected_later(client):
    report = report_with_answers(state="accepted", submitted_at=clock.now())
    problem = ProblemFactory(report=report, rectified_on=None)
    receiver = MembershipFactory(authority=report.receiver, role="district_admin")
    as_unit(client, report)
    address = url("problem_corrected", problem.pk)
    data = {"rectified_on": clock.today().isoformat(), "how": "已送检，证书见附件"}

    assert address in client.get(report.get_absolute_url()).content.decode()
    early = client.post(address, data | {"rectified_on": "2021-05-01"})
    empty = client.post(address, data | {"how": ""})
    done = client.post(address, data | {"file": SimpleUploadedFile("证书.pdf", PDF)})
    twice = client.post(address, data)

    assert (early.status_code, empty.status_code) == (422, 422)
    assert (done.status_code, twice.status_code) == (302, 409)
    problem.refresh_from_db()
    report.refresh_from_db()
    assert (problem.rectified_on, report.state) == (clock.today(), "accepted")
    assert problem.files.get().name == "证书.pdf"
    assert problem.earlier.get().rectified_on is None
    assert Message.objects.get(membership=receiver).subject.endswith("登记自查问题整改完成")


def test_a_problem_still_being_written_is_corrected_in_its_own_form(client):
    problem = ProblemFactory(report=report_with_answers(), rectified_on=None)
    as_unit(client, problem.report)

    assert client.get(url("problem_corrected", problem.pk)).status_code == 403
