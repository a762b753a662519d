"""Freezing names the district and can be taken back before the draw; the first list is kept."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from campaigns import extension, moves, sampling
from campaigns.enums import FrameState
from metrostd.common import clock
from metrostd.common.models import AuditEntry
from metrostd.common.transitions import TransitionError
from metrostd.notifications.models import Message
from reporting.queries import Scope
from reporting.queries.families import frame_entries
from tests.factories.accounts import sign_in
from tests.factories.hand_overs import HandOverFactory

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def no_other_stages(monkeypatch):
    for name in ("_opening", "_drawn"):
        monkeypatch.setattr(extension, name, [])


@pytest.fixture
def running(city):
    city.standard()
    moves.open_campaign(city.campaign, actor=city.office.user)
    return city


@pytest.fixture
def frame(running):
    with clock.pinned(clock.at_time(dt.date(2021, 6, 1))):
        yield sampling.freeze_frame(running.campaign, running.district, actor=None)


def test_a_freeze_is_taken_back_and_made_again(running, frame):
    sampling.lift_frame(frame, actor=None, note="名单有误")
    again = sampling.freeze_frame(running.campaign, running.district, actor=None)

    frame.refresh_from_db()
    assert (frame.state, again.state) == (FrameState.LIFTED, FrameState.FROZEN)
    assert (frame.entries.count(), again.entries.count()) == (1, 1)
    assert AuditEntry.objects.about(frame).filter(action="frame.lift").get().note == "名单有误"
    assert Message.objects.filter(subject__contains="已撤回冻结").exists()
    with pytest.raises(TransitionError, match="冻结已撤回"):
        sampling.run_draw(frame, ratio=20, seed="42", actor=None)


@pytest.mark.parametrize("void", [False, True])
def test_what_was_drawn_from_stays_frozen(running, frame, void):
    run = sampling.run_draw(frame, ratio=20, seed="42", actor=None)
    if void:
        moves.void_draw(run, actor=None, note="操作失误")

    with pytest.raises(ValidationError, match="已在这份名单上抽取过"):
        sampling.lift_frame(frame, actor=None, note="名单有误")


def test_taking_back_needs_a_reason(frame):
    with pytest.raises(ValidationError, match="请说明理由"):
        sampling.lift_frame(frame, actor=None, note=" ")


def test_figures_of_the_days_between_keep_the_list_that_stood_then(running, frame):
    with clock.pinned(clock.at_time(dt.date(2021, 6, 5))):
        sampling.lift_frame(frame, actor=None, note="名单有误")

    def counted(day):
        return frame_entries(Scope.of(running.campaign, running.district, day)).count()

    assert [counted(dt.date(2021, 6, day)) for day in (1, 4, 5)] == [1, 1, 0]


def test_button_and_dialog_name_the_district_and_an_unsigned_list(running, client):
    HandOverFactory(authority=running.district)
    sign_in(client, running.office)

    page = client.get(reverse("campaigns:sampling")).content.decode()

    office = running.district
    assert f"冻结{office.short_name}名单" in page
    assert f"{office}还有 1 份移交的名单没有签收，名单可能还会变动。" in page
    assert "1 份名单未签收" in page


def test_the_page_of_a_list_takes_it_back(running, frame, client):
    sign_in(client, running.bureau)
    url = reverse("campaigns:lift", args=[frame.pk])

    page = client.get(frame.get_absolute_url()).content.decode()
    answer = client.post(url, {"note": "名单有误"}, follow=True)
    again = client.post(url, {"note": "名单有误"})

    assert f"撤回{running.district.short_name}的冻结" in page
    assert "已撤回冻结" in answer.content.decode()
    assert again.status_code == 409
