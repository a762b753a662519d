"""What goes wrong at the end of a campaign is a sentence, and nothing is lost."""

import datetime as dt

import pytest
from django.urls import reverse

from campaigns.enums import DutyKind
from campaigns.models import Duty, FrameStandard, RoutedStandard
from metrostd.common import clock
from reporting import drafts, moves, services
from reporting.enums import Chapter, StatReportState
from reporting.models import ReportChapter
from reporting.narrative import writing
from reporting.narrative.suggesting import suggested
from tests.factories.accounts import sign_in

from . import handing_in
from .handing_in import save

pytestmark = pytest.mark.django_db
TODAY = clock.at_time(handing_in.DAY, 9)


@pytest.fixture
def at():
    with clock.pinned(TODAY):
        yield handing_in.desk()


def test_a_district_without_data_hands_in_noughts_and_is_told_what_is_missing(client, at):
    FrameStandard.objects.all().delete()
    RoutedStandard.objects.all().delete()
    services.compute(at.report, actor=at.clerk)
    draft = drafts.draft_of(at.report)

    assert not any(
        cell.value for _, _, cell in draft.annex.cells() if cell.figure.id.startswith("u_")
    )
    assert draft.blocking == []
    for chapter, text in suggested(draft.annex, office="某局").items():
        writing.save_chapter(at.report, Chapter(chapter), text, save(at))
    said = {one.id: "辖区没有计量标准" for one in draft.warned}
    services.explain(at.report, said, base_version=at.report.version, actor=at.clerk)
    sign_in(client, at.district)
    for page in ("report", "narrative"):
        assert client.get(reverse(f"reporting:{page}", args=[at.report.pk])).status_code == 200
    moves.check(at.report, actor=at.clerk)
    assert at.report.state == StatReportState.SELF_CHECKED


def test_what_is_given_back_after_the_day_is_due_five_days_later_and_was_in_time(at):
    edition = handing_in.submitted(at)
    later = at.campaign.summary_due + dt.timedelta(days=3)
    with clock.pinned(clock.at_time(later, 9)):
        moves.send_back(at.report, actor=at.city, note="请核对合计")
        duty = Duty.objects.filter(kind=DutyKind.SUMMARY, authority=at.report.authority).latest(
            "pk"
        )
        moves.resume(at.report, actor=at.clerk)
        handing_in.signed(at)
        again = moves.submit(at.report, actor=at.clerk)

    assert duty.due_on == later + dt.timedelta(days=5)
    assert (edition.receipt["is_late"], again.receipt["is_late"]) == (False, False)
    assert again.number == edition.number + 1
    assert again.correction_note == "按退回意见修改：请核对合计"


def test_a_save_without_a_session_leads_to_the_sign_in_and_writes_nothing(client, at):
    address = reverse("reporting:save_chapter", args=[at.report.pk, "basics"])

    lost = client.post(
        address, {"text": "写了很久", "version": 0}, headers={"X-Requested-With": "autosave"}
    )

    # autosave.js takes a redirect for the end of the session and keeps the words on the device.
    assert (lost.status_code, lost.url.partition("?")[0]) == (302, reverse("accounts:sign_in"))
    assert not ReportChapter.objects.exists()
    sign_in(client, at.district)
    kept = client.post(
        address, {"text": "写了很久", "version": 0}, headers={"X-Requested-With": "autosave"}
    )
    assert kept.json()["version"] == 1
