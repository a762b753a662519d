"""A list is shown, then frozen; what takes it back is decided above, and the first list is kept."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from campaigns import extension, moves, record, routing, sampling
from campaigns.enums import FrameState
from metrostd.common import clock
from metrostd.common.models import AuditEntry
from metrostd.common.roles import Role
from metrostd.common.transitions import TransitionError
from metrostd.notifications.models import Message
from metrostd.registry.models import MeasurementStandard, StandardCertificate
from reporting.queries import Scope
from reporting.queries.families import frame_entries
from tests import draws
from tests.factories.accounts import MembershipFactory, sign_in
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
        yield draws.freeze(running.campaign, running.district)


def route(city):
    """What came after the opening gets its office, too."""
    standards = MeasurementStandard.objects.all()
    rules = routing.Rules.in_force()
    routing.route(city.campaign, standards, rules=rules, progress=lambda done: None)
    routing.settle(city.campaign, rules)


def test_a_list_is_shown_for_three_days_and_what_left_it_is_told(running):
    watch = MembershipFactory(role=Role.DISCIPLINE, authority=running.commission)
    kept = running.standard()
    gone, sealed = running.standard(), running.standard(kept.unit)
    route(running)
    shown = clock.at_time(dt.date(2021, 5, 28))
    with clock.pinned(shown):
        frame = sampling.show_frame(running.campaign, running.district, actor=None)
    StandardCertificate.objects.filter(standard=sealed).update(state="sealed")
    running.campaign.routed.filter(standard=gone).delete()
    early = clock.pinned(shown + dt.timedelta(days=3, seconds=-1))
    with early, pytest.raises(ValidationError, match="须公示3天"):
        sampling.freeze_frame(frame, actor=None)
    with clock.pinned(shown + dt.timedelta(days=3)):
        frame = sampling.freeze_frame(frame, actor=None)

    left = {line["standard_name"]: line["reason"] for line in frame.changes["left"]}
    assert set(left) == {gone.name, sealed.name}
    assert "封存" in left[sealed.name]
    assert Message.objects.filter(membership=watch, subject__contains="公示期间移出2项").exists()

    StandardCertificate.objects.filter(standard=sealed).update(state="valid")
    with clock.pinned(shown + dt.timedelta(days=60)):
        assert [sampling.watch_returns(), sampling.watch_returns()] == [1, 0]
    assert Message.objects.filter(membership=watch, subject__contains="90天内已恢复").exists()


def test_what_is_only_shown_is_taken_back_by_the_office(running):
    frame = sampling.show_frame(running.campaign, running.district, actor=None)
    with pytest.raises(ValidationError, match="请说明理由"):
        sampling.withdraw_frame(frame, actor=None, note=" ")

    sampling.withdraw_frame(frame, actor=None, note="漏了一家单位")

    frame.refresh_from_db()
    assert frame.state == FrameState.LIFTED
    assert draws.freeze(running.campaign, running.district).state == FrameState.FROZEN
    assert Message.objects.filter(subject__contains="已撤回").exists()


def test_a_frozen_list_is_given_up_above_with_draw_and_terms_and_later_records_say_so(
    running, frame
):
    first = draws.draw(frame, ratio=100)
    moves.annul_freeze(frame, ground="frame_forged", actor=None, note="名单被改动")
    again = draws.freeze(running.campaign, running.district)
    second = draws.draw(again, ratio=100)

    frame.refresh_from_db()
    first.refresh_from_db()
    assert (frame.state, first.state, first.terms.state) == ("lifted", "void", "annulled")
    assert AuditEntry.objects.about(frame).get(action="frame.lift").note.endswith("名单被改动")
    (earlier,) = record.of_run(second)["earlier"]
    assert (earlier["number"], earlier["state"]) == (1, "annulled")
    assert earlier["nonce"] == first.terms.nonce
    assert [unit["order"] for unit in earlier["drawn"]] == [1]
    assert second.terms.number == 2
    with pytest.raises(TransitionError, match="没有冻结"):
        draws.announce(frame)


@pytest.mark.parametrize(("ground", "note"), [("", "名单被改动"), ("source_failed", " ")])
def test_giving_up_needs_one_of_the_grounds_and_its_story(running, frame, ground, note):
    with pytest.raises(ValidationError):
        moves.annul_freeze(frame, ground=ground, actor=None, note=note)


def test_figures_of_the_days_between_keep_the_list_that_stood_then(running, frame):
    with clock.pinned(clock.at_time(dt.date(2021, 6, 5))):
        moves.annul_freeze(frame, ground="frame_forged", actor=None, note="名单有误")

    def counted(day):
        return frame_entries(Scope.of(running.campaign, running.district, day)).count()

    assert [counted(dt.date(2021, 6, day)) for day in (1, 4, 5)] == [1, 1, 0]


def test_button_and_dialog_name_the_district_and_an_unsigned_list(running, client):
    HandOverFactory(authority=running.district)
    sign_in(client, running.office)

    page = client.get(reverse("campaigns:sampling")).content.decode()

    office = running.district
    assert f"公示{office.short_name}名单" in page
    assert f"{office}还有 1 份移交的名单没有签收，名单可能还会变动。" in page
    assert "1 份名单未签收" in page


def test_the_page_of_a_list_gives_it_up_for_those_above_alone(running, frame, client):
    url = reverse("campaigns:annul", args=[frame.pk])
    answers = []
    for who in (running.bureau, running.office):
        sign_in(client, who)
        answers.append(client.post(url, {"ground": "frame_forged", "note": "名单被改动"}))

    assert [answer.status_code for answer in answers] == [403, 302]
    assert client.get(url).status_code == 200
    assert client.post(url, {"ground": "frame_forged", "note": "再来"}).status_code == 409
    frame.refresh_from_db()
    assert frame.state == FrameState.LIFTED
