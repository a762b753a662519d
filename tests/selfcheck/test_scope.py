"""Pages of the self-check: who sees what."""

import uuid

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from metrostd.common import clock
from metrostd.common.roles import Role
from metrostd.common.uploads import store_upload
from selfcheck import services
from selfcheck.enums import ReportState
from selfcheck.models import SelfCheckFile
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.campaigns import RoutedStandardFactory
from tests.factories.registry import StandardFactory
from tests.factories.selfcheck import (
    CoveredFactory,
    ProblemFactory,
    ReportFactory,
    report_with_answers,
)

from .pages import AUTOSAVE, PDF, as_district, as_receiver, as_unit, url

pytestmark = pytest.mark.django_db


def pages_of(report):
    """Every address of a report and what belongs to it, with the method it takes."""
    answer = report.answers.first()
    problem = report.problems.first() or ProblemFactory(report=report)
    stored = store_upload(SimpleUploadedFile("a.pdf", PDF))
    added = SelfCheckFile.objects.create(
        report=report, file=stored, name="a.pdf", client_id=uuid.uuid4()
    )
    gets = ("detail", "form", "submit", "send_back", "receipt", "receipt_pdf", "problem_create")
    posts = ("start", "accept", "exempt", "reopen", "upload", "submit", "send_back")
    return [
        *(("get", url(name, report.pk)) for name in gets),
        *(("post", url(name, report.pk)) for name in posts),
        ("post", url("answer", answer.pk)),
        ("get", url("form_standard", report.pk, answer.standard_id or 1)),
        ("post", url("copy", report.pk, 1)),
        ("get", url("problem_edit", problem.pk)),
        ("post", url("problem_edit", problem.pk)),
        ("post", url("problem_remove", problem.pk)),
        ("get", url("file", added.pk)),
        ("post", url("file_remove", added.pk)),
    ]


@pytest.mark.parametrize("who", ["other unit", "other district", "expert", "auditor"])
def test_strangers_find_nothing(client, who):
    report = report_with_answers(state="submitted", receipt_no="自查回执〔2021〕1号")
    match who:
        case "other unit":
            member = MembershipFactory(as_unit=True)
        case "other district":
            member = MembershipFactory(role=Role.DISTRICT_ADMIN)
        case "expert":
            member = MembershipFactory(role=Role.INSTITUTE_EXPERT)
        case _:
            member = MembershipFactory(role=Role.AUDITOR)
    sign_in(client, member)

    answers = {
        (method, address): getattr(client, method)(address).status_code
        for method, address in pages_of(report)
    }

    assert set(answers.values()) == {404}, answers


def test_the_inspecting_office_reads_from_submission_on(client):
    routed = RoutedStandardFactory(standard=StandardFactory())
    report = ReportFactory(
        campaign=routed.campaign, unit=routed.unit, receiver=routed.issuing_authority
    )
    CoveredFactory(report=report, standard=routed.standard)
    as_district(client, routed.inspecting_authority)

    codes = {}
    for state in ReportState.values:
        type(report).objects.filter(pk=report.pk).update(
            state=state, submitted_at=clock.now(), first_submitted_at=clock.now()
        )
        codes[state] = client.get(url("detail", report.pk)).status_code
    readable = {state for state, code in codes.items() if code == 200}

    assert readable == {"submitted", "returned", "accepted", "reopened"}
    assert client.post(url("accept", report.pk)).status_code in (403, 404)


def test_the_territorial_office_that_does_not_inspect_reads_nothing(client):
    report = report_with_answers(state="submitted")
    as_district(client, report.unit.territorial_authority)

    assert client.get(url("detail", report.pk)).status_code == 404


def test_the_receiver_sees_that_a_report_is_due_but_not_its_content(client):
    report = report_with_answers(state="draft", answer="conform")
    report.answers.update(note="只有本单位知道")
    problem = ProblemFactory(report=report, description="内部问题")
    services.add_file(
        report,
        file=SimpleUploadedFile("a.pdf", PDF),
        name="a.pdf",
        client_id=uuid.uuid4(),
        actor=None,
        problem=problem,
    )
    as_receiver(client, report)

    page = client.get(url("detail", report.pk)).content.decode()
    file = client.get(url("file", report.files.get().pk))

    assert "尚未报送" in page
    assert "只有本单位知道" not in page
    assert "内部问题" not in page
    assert file.status_code == 403


def test_the_receiver_cannot_fill_in_and_the_unit_cannot_accept(client):
    report = report_with_answers(state="submitted")
    answer = report.answers.first()
    as_receiver(client, report)
    posted = {"answer": "conform", "version": 0}

    assert client.post(url("answer", answer.pk), posted, headers=AUTOSAVE).status_code == 403
    assert client.get(url("form", report.pk)).status_code == 403
    as_unit(client, report)
    assert client.post(url("accept", report.pk)).status_code == 403
    assert client.post(url("exempt", report.pk), {"note": "x"}).status_code == 403


def test_a_bureau_fills_in_its_own_report_and_the_city_receives_it(client):
    report = ReportFactory(as_bureau=True)
    as_district(client, report.bureau)

    started = client.post(url("start", report.pk))
    report.refresh_from_db()

    assert started.status_code == 302
    assert report.state == "draft"
    assert client.get(url("detail", report.pk)).status_code == 200
    as_receiver(client, report)
    assert client.get(url("detail", report.pk)).status_code == 200
    assert client.post(url("start", report.pk)).status_code == 403
