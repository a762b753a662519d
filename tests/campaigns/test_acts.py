"""Acts over thousands of units: accepted at once, done in the background, nothing else beside them, never twice."""

import datetime as dt

import pytest
from django.db.models import Count
from django.urls import reverse

from campaigns import (
    acts,
    adjusting,
    closing,
    extension,
    frames,
    listing,
    moves,
    runners,
    sampling,
    settling,
    unit_frames,
    verifying,
)
from campaigns.enums import AdjustmentCause, AnnulGround, DutyKind, PlanField
from campaigns.models import (
    ClosedEdition,
    DrawnStandard,
    DrawRun,
    Duty,
    PlanAdjustment,
    SamplingFrame,
)
from campaigns.protocol import hashing
from inspections import from_draw
from inspections.models import InspectionTask, TaskStandard
from metrostd.accounts.models import Membership
from metrostd.common import clock, jobs, turns
from metrostd.common.models import AuditEntry, Job
from metrostd.common.roles import Role
from metrostd.common.transitions import TransitionError
from metrostd.notifications.models import Message
from metrostd.registry.models import StandardCertificate
from selfcheck import postponing as reports
from selfcheck.models import SelfCheckReport
from tests import draws
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.campaigns import TemplateFactory

pytestmark = pytest.mark.django_db

OLD, NEW = dt.date(2021, 5, 31), dt.date(2021, 6, 15)


@pytest.fixture
def large(city, monkeypatch):
    """An open campaign over three units, each with a person; any number of units is many, and a slice is one."""
    monkeypatch.setattr(acts, "MANY", 1)
    monkeypatch.setattr(closing, "SLICE", 1)
    monkeypatch.setattr(reports, "SLICE", 1)
    monkeypatch.setattr(turns, "PAUSE", 0)
    TemplateFactory()
    TemplateFactory(kind="annex2", title="计量标准考核工作监督检查表")
    city.units = [city.standard().unit for _ in range(3)]
    city.people = [MembershipFactory(as_unit=True, unit=unit) for unit in city.units]
    with clock.pinned(clock.at_time(dt.date(2021, 4, 23), 9)):
        moves.open_campaign(city.campaign, actor=city.office.user)
    Message.objects.all().delete()
    return city


@pytest.fixture
def in_may():
    with clock.pinned(clock.at_time(dt.date(2021, 5, 10), 9)):
        yield


@pytest.fixture
def at_the_end():
    with clock.pinned(clock.at_time(dt.date(2021, 12, 20), 9)):
        yield


def url(name, *args):
    return reverse(f"campaigns:{name}", args=args)


def the_job():
    return Job.objects.filter(kind=acts.ACT_JOB).get()


def adjust(client, city):
    now = adjusting.values(city.campaign, None)
    given = {str(field): value for field, value in now.items()}
    given |= {"unit_self_check_due": NEW, "cause": "epidemic", "note": "示例"}
    return client.post(url("adjust", city.campaign.pk), given)


def close(client, city):
    return client.post(url("close", city.campaign.pk), {"code": city.campaign.code, "note": "示例"})


def dies(monkeypatch, module, name, *, at):
    """The worker dies when that function is called for the ``at``-th time, or once it has done its work."""
    whole, calls = getattr(module, name), []

    def dying(*given, **named):
        calls.append(given)
        if len(calls) == at:
            raise KeyboardInterrupt
        return whole(*given, **named)

    monkeypatch.setattr(module, name, dying)


def killed(monkeypatch, job):
    """The job as its worker left it, and offered again: by itself when its act is done."""
    with pytest.raises(KeyboardInterrupt):
        jobs.perform(job)
    Job.objects.filter(pk=job.pk).update(started_at=clock.now() - jobs.TAKING * 2)
    job.refresh_from_db()
    assert jobs.settle_lost() == 1
    done = bool(job.reached)
    job.refresh_from_db()
    assert job.state == ("queued" if done else "failed")
    if not done:
        jobs.retry(job)
    monkeypatch.undo()
    job.refresh_from_db()
    return done


def finished(job):
    jobs.perform(job)
    job.refresh_from_db()
    assert (job.state, job.failure) == ("done", "")
    return job


# Adjusting ---------------------------------------------------------------------------------------


def is_adjusted_once(city):
    city.campaign.refresh_from_db()
    owed = SelfCheckReport.objects.filter(campaign=city.campaign, kind="unit")
    days = Duty.objects.filter(kind=DutyKind.SELF_CHECK).values_list("due_on", flat=True)
    assert city.campaign.unit_self_check_due == NEW
    assert {*owed.values_list("due_on", flat=True), *days} == {NEW}
    assert PlanAdjustment.objects.count() == 1
    assert AuditEntry.objects.filter(action="campaign.adjust").count() == 1
    told = Message.objects.filter(membership__in=city.people).values_list("membership", flat=True)
    assert sorted(told) == sorted(member.pk for member in city.people)
    offices = Message.objects.filter(subject__endswith="的方案已调整").order_by("membership")
    counted = offices.values("membership").annotate(n=Count("pk")).values_list("n", flat=True)
    assert set(counted) == {1}
    return True


@pytest.mark.usefixtures("in_may")
def test_an_adjustment_is_accepted_checked_done_and_leads_to_its_result(large, client):
    sign_in(client, large.office)

    answer = adjust(client, large)

    job = the_job()
    assert answer.headers["Location"] == reverse("common:job", args=[job.pk])
    assert "调整" in client.get(reverse("common:job", args=[job.pk])).content.decode()
    assert not PlanAdjustment.objects.exists()
    assert f"正在办理：</b> {job.title}" in " ".join(
        client.get(large.campaign.get_absolute_url()).content.decode().split()
    ).replace("strong>", "b>")
    finished(job)
    assert is_adjusted_once(large)
    assert (job.next_url, job.done, job.total) == (large.campaign.get_absolute_url(), 3, 3)
    assert "正在办理" not in client.get(large.campaign.get_absolute_url()).content.decode()


@pytest.mark.usefixtures("in_may")
def test_what_is_wrong_with_an_adjustment_stands_beside_its_field_at_once(large, client):
    sign_in(client, large.office)

    answer = client.post(url("adjust", large.campaign.pk), {"cause": "epidemic", "note": ""})

    assert answer.status_code == 422
    assert not Job.objects.filter(kind=acts.ACT_JOB).exists()


@pytest.mark.parametrize(
    ("module", "name", "at", "done"),
    [
        (adjusting.notifications, "tell_adjusted", 1, False),
        (reports, "_move_some", 1, True),
        (reports, "_move_some", 3, True),
        (reports.notifications, "tell_due_moved", 2, True),
    ],
)
@pytest.mark.usefixtures("in_may")
def test_an_adjustment_whose_worker_dies_is_finished_and_not_made_twice(
    large, client, monkeypatch, module, name, at, done
):
    sign_in(client, large.office)
    adjust(client, large)
    dies(monkeypatch, module, name, at=at)

    assert killed(monkeypatch, the_job()) is done
    assert PlanAdjustment.objects.count() == done

    finished(the_job())
    assert is_adjusted_once(large)


@pytest.mark.usefixtures("in_may")
def test_one_adjustment_at_a_time_and_none_beside_a_closing(large, client):
    sign_in(client, large.office)
    adjust(client, large)

    for answer in (adjust(client, large), close(client, large)):
        assert answer.status_code == 409
        assert f"正在办理“{the_job().title}”，请稍候。" in answer.content.decode()


@pytest.mark.usefixtures("in_may")
def test_what_was_adjusted_again_before_the_rest_was_moved_goes_to_the_day_in_force(
    large, client, monkeypatch
):
    sign_in(client, large.office)
    adjust(client, large)
    dies(monkeypatch, reports, "_move_some", at=2)
    killed(monkeypatch, the_job())
    Job.objects.filter(pk=the_job().pk).update(state="failed")
    last = dt.date(2021, 6, 20)
    adjusting.adjust(
        large.campaign,
        authority=None,
        wanted={PlanField.UNIT_SELF_CHECK_DUE: last},
        cause=AdjustmentCause.OTHER,
        note="示例",
        actor=large.office.user,
    )

    jobs.retry(the_job())
    finished(the_job())

    owed = SelfCheckReport.objects.filter(kind="unit").values_list("due_on", flat=True)
    assert set(owed) == {last}


# Closing -----------------------------------------------------------------------------------------


def is_closed_once(city):
    city.campaign.refresh_from_db()
    assert city.campaign.state == "closed"
    edition = ClosedEdition.objects.get()
    assert edition.table is not None
    assert not Duty.objects.open().filter(campaign=city.campaign).exists()
    taken = Duty.objects.filter(campaign=city.campaign).exclude(cancelled_at=None)
    assert set(taken.values_list("cancelled_at", flat=True)) == {edition.closed_at}
    assert AuditEntry.objects.filter(action="campaign.close").count() == 1
    return True


@pytest.mark.usefixtures("at_the_end")
def test_a_closing_is_accepted_done_and_leads_to_its_result(large, client):
    sign_in(client, large.office)

    answer = close(client, large)

    job = the_job()
    assert answer.headers["Location"] == reverse("common:job", args=[job.pk])
    large.campaign.refresh_from_db()
    assert large.campaign.state == "open"
    finished(job)
    assert is_closed_once(large)
    assert job.next_url == large.campaign.get_absolute_url()


@pytest.mark.usefixtures("at_the_end")
def test_a_closing_asks_for_code_and_reason_at_once(large, client):
    sign_in(client, large.office)

    answer = client.post(url("close", large.campaign.pk), {"code": "", "note": ""})

    assert answer.status_code == 422
    assert not Job.objects.filter(kind=acts.ACT_JOB).exists()


@pytest.mark.usefixtures("at_the_end")
def test_a_closing_is_refused_when_the_right_is_gone_meanwhile(large, client):
    sign_in(client, large.office)
    close(client, large)
    Membership.objects.filter(pk=large.office.pk).update(is_active=False)

    jobs.perform(the_job())

    assert (the_job().state, "身份已失效" in the_job().failure) == ("failed", True)
    large.campaign.refresh_from_db()
    assert large.campaign.state == "open"
    assert not ClosedEdition.objects.exists()


@pytest.mark.usefixtures("at_the_end")
def test_what_came_to_stand_against_a_closing_meanwhile_is_said(large, client, monkeypatch):
    sign_in(client, large.office)
    close(client, large)
    monkeypatch.setattr(extension, "_guards", [lambda campaign: ["还有一件事。"]])

    jobs.perform(the_job())

    assert (the_job().state, the_job().failure) == ("failed", "还有一件事。")
    page = client.get(large.campaign.get_absolute_url()).content.decode()
    assert "没有办完。" in page
    assert "还有一件事。" in page


@pytest.mark.parametrize(
    ("module", "name", "at", "done"),
    [
        (moves.closing, "keep_edition", 1, False),
        (closing, "keep_table", 1, True),
        (closing.duties, "cancel_some", 1, True),
        (closing.duties, "cancel_some", 3, True),
    ],
)
@pytest.mark.usefixtures("at_the_end")
def test_a_closing_whose_worker_dies_is_finished_and_not_made_twice(
    large, client, monkeypatch, module, name, at, done
):
    sign_in(client, large.office)
    close(client, large)
    dies(monkeypatch, module, name, at=at)

    assert killed(monkeypatch, the_job()) is done
    assert ClosedEdition.objects.count() == done

    finished(the_job())
    assert is_closed_once(large)


@pytest.mark.usefixtures("at_the_end")
def test_the_rest_of_a_closing_is_done_also_when_its_owner_has_left(large, client, monkeypatch):
    sign_in(client, large.office)
    close(client, large)
    dies(monkeypatch, closing.duties, "cancel_some", at=2)
    killed(monkeypatch, the_job())
    Membership.objects.filter(pk=large.office.pk).update(is_active=False)

    finished(the_job())

    assert is_closed_once(large)


@pytest.mark.usefixtures("at_the_end")
def test_a_campaign_opened_again_before_its_closing_was_finished_keeps_what_is_owed(
    large, client, monkeypatch
):
    sign_in(client, large.office)
    close(client, large)
    assert client.post(url("reopen", large.campaign.pk), {"note": "示例"}).status_code == 409
    dies(monkeypatch, closing.duties, "cancel_some", at=2)
    killed(monkeypatch, the_job())
    Job.objects.filter(pk=the_job().pk).update(state="failed")
    large.campaign.refresh_from_db()

    moves.reopen_campaign(large.campaign, actor=large.office.user, note="示例")
    jobs.retry(the_job())
    finished(the_job())

    large.campaign.refresh_from_db()
    assert large.campaign.state == "open"
    assert ClosedEdition.objects.get().table is not None
    assert not Duty.objects.filter(campaign=large.campaign).exclude(cancelled_at=None).exists()


# Lists -------------------------------------------------------------------------------------------


@pytest.fixture
def in_june():
    with clock.pinned(clock.at_time(dt.date(2021, 6, 1), 9)):
        yield


def show(client, city):
    return client.post(url("show", city.campaign.pk, city.district.pk))


def shown(city):
    """A list that may be frozen now."""
    with clock.pinned(clock.now() - dt.timedelta(days=3)):
        return sampling.show_frame(city.campaign, city.district, actor=city.bureau.user)


def dies_at_the_end(monkeypatch):
    """Everything is written, and nobody has said so."""
    dies(monkeypatch, jobs, "_finish", at=1)


def is_whole(frame):
    frame.refresh_from_db()
    assert frame.state == "frozen"
    assert frame.hash == hashing.hash_of("frame", frames.json_of(frame)).hex()
    held = frame.entries.values_list("standard", flat=True)
    assert len(held) == len(set(held))
    for action in ("frame.freeze", "frame.hash"):
        assert AuditEntry.objects.about(frame).filter(action=action).count() == 1
    return True


@pytest.mark.usefixtures("in_june")
def test_a_list_is_shown_by_a_job_and_twice_by_nobody(large, client):
    sign_in(client, large.bureau)

    answer = show(client, large)

    job = the_job()
    assert answer.headers["Location"] == reverse("common:job", args=[job.pk])
    assert show(client, large).status_code == 409
    assert acts.said(job.title) in client.get(url("sampling")).content.decode()
    finished(job)
    frame = SamplingFrame.objects.get()
    assert (frame.entries.count(), frame.shown_by) == (3, large.bureau.user)
    assert job.next_url == frame.get_absolute_url()


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.usefixtures("in_june")
def test_a_list_whose_worker_dies_is_shown_once(large, client, monkeypatch, done):
    sign_in(client, large.bureau)
    show(client, large)
    if done:
        dies_at_the_end(monkeypatch)
    else:
        dies(monkeypatch, unit_frames.FrameExclusion.objects, "bulk_create", at=1)

    assert killed(monkeypatch, the_job()) is done
    assert SamplingFrame.objects.count() == done

    finished(the_job())
    assert SamplingFrame.objects.get().entries.count() == 3


@pytest.mark.usefixtures("in_june")
def test_a_list_is_frozen_by_a_job_and_nothing_is_done_to_it_beside(large, client):
    frame = shown(large)
    kept = set(frame.entries.values_list("pk", flat=True))
    sign_in(client, large.bureau)

    answer = client.post(url("freeze", frame.pk))

    job = the_job()
    assert answer.headers["Location"] == reverse("common:job", args=[job.pk])
    for name in ("freeze", "withdraw_frame"):
        beside = client.post(url(name, frame.pk), {"note": "示例"})
        assert beside.status_code == 409
        assert acts.said(job.title) in beside.content.decode()
    assert acts.said(job.title) in client.get(frame.get_absolute_url()).content.decode()
    finished(job)
    assert is_whole(frame)
    assert set(frame.entries.values_list("pk", flat=True)) == kept
    assert (frame.frozen_by, job.next_url) == (large.bureau.user, frame.get_absolute_url())
    assert frame.changes == {"left": [], "joined": []}


@pytest.mark.usefixtures("in_june")
def test_what_changes_between_reading_a_list_and_freezing_it_is_in_it(large, client, monkeypatch):
    frame = shown(large)
    gone, late = frame.entries.all()[:2]
    sign_in(client, large.bureau)
    client.post(url("freeze", frame.pk))
    StandardCertificate.objects.filter(standard=late.standard).update(state="sealed")
    whole, read = listing.prepare, []

    def read_and_changed(frame):
        prepared = whole(frame)
        if not read:
            StandardCertificate.objects.filter(standard=gone.standard).update(state="sealed")
        read.append(prepared)
        return prepared

    monkeypatch.setattr(listing, "prepare", read_and_changed)
    finished(the_job())

    assert is_whole(frame)
    assert len(read) == 2
    assert frame.entries.count() == 1
    left = {line["standard"] for line in frame.changes["left"]}
    assert left == {gone.standard_key, late.standard_key}
    assert frame.exclusions.filter(reason="证书状态：封存").count() == 2


@pytest.mark.parametrize("done", [False, True])
@pytest.mark.usefixtures("in_june")
def test_a_list_whose_worker_dies_is_frozen_once(large, client, monkeypatch, done):
    frame = shown(large)
    sign_in(client, large.bureau)
    client.post(url("freeze", frame.pk))
    if done:
        dies_at_the_end(monkeypatch)
    else:
        dies(monkeypatch, jobs, "reach", at=1)
        monkeypatch.setattr(runners, "reach", jobs.reach)

    assert killed(monkeypatch, the_job()) is done
    frame.refresh_from_db()
    assert frame.state == ("frozen" if done else "shown")

    finished(the_job())
    assert is_whole(frame)


@pytest.mark.usefixtures("in_june")
def test_a_list_is_not_frozen_for_somebody_who_left_the_office(large, client):
    frame = shown(large)
    sign_in(client, large.bureau)
    client.post(url("freeze", frame.pk))
    Membership.objects.filter(pk=large.bureau.pk).update(authority=large.other)

    jobs.perform(the_job())

    assert (the_job().state, the_job().failure) == ("failed", "只能办理本部门的抽查。")
    frame.refresh_from_db()
    assert frame.state == "shown"


@pytest.mark.usefixtures("in_june")
def test_the_list_of_one_office_does_not_keep_another_from_its_own(large, client):
    frame = shown(large)
    sign_in(client, large.bureau)
    client.post(url("freeze", frame.pk))

    assert acts.busy(large.campaign, about=acts.list_key(frame))
    assert not acts.busy(large.campaign, about=acts.list_of(large.other.pk))
    assert acts.busy(large.campaign)


# Draws -------------------------------------------------------------------------------------------


@pytest.fixture
def entered(large, monkeypatch):
    """Terms of the district's list with the value entered, a slice of visits being one."""
    monkeypatch.setattr(from_draw, "SLICE", 1)
    frame = draws.freeze(large.campaign, large.district, actor=large.bureau.user)
    row = draws.announce(frame, ratio=100, actor=large.bureau.user)
    draws.acknowledge(row, actor=large.office.user)
    with clock.pinned(clock.now() + dt.timedelta(minutes=1)):
        settling.enter_value(row, issue=draws.ISSUE, numbers=draws.NUMBERS, actor=large.bureau.user)
        Message.objects.all().delete()
        yield row


def confirm(client, row, numbers=draws.NUMBERS):
    return client.post(url("confirm_value", row.pk), {"issue": draws.ISSUE, "numbers": numbers})


def is_drawn_once(city, row):
    run = DrawRun.objects.get()
    assert verifying.verify_draw(run) == []
    row.refresh_from_db()
    assert (row.state, row.confirmed_by, row.entered_by) == (
        "drawn",
        city.office.user,
        city.bureau.user,
    )
    tasks = InspectionTask.objects.values_list("drawn_unit", flat=True)
    assert sorted(tasks) == sorted(run.drawn.values_list("pk", flat=True))
    assert run.drawn.count() == 3
    assert TaskStandard.objects.count() == DrawnStandard.objects.count() == 3
    owed = Duty.objects.open().filter(kind=DutyKind.INSPECTION)
    assert owed.count() == owed.values("target_id").distinct().count() == 3
    for action, many in (("terms.draw", 1), ("draw.commit", 1), ("task.create", 3)):
        assert AuditEntry.objects.filter(action=action).count() == many
    assert Message.objects.filter(subject__startswith="已抽取").count() == 1
    return True


@pytest.mark.usefixtures("in_june")
def test_a_draw_is_made_by_a_job_as_of_the_moment_both_agreed(large, entered, client):
    sign_in(client, large.office)
    moment = clock.now()

    answer = confirm(client, entered)

    job = the_job()
    assert answer.headers["Location"] == reverse("common:job", args=[job.pk])
    entered.refresh_from_db()
    assert (entered.state, entered.nonce, DrawRun.objects.count()) == ("entered", "", 0)
    page = client.get(entered.get_absolute_url()).content.decode()
    assert job.title in page
    with clock.pinned(moment + dt.timedelta(minutes=5)):
        finished(job)
    assert is_drawn_once(large, entered)
    assert entered.confirmed_at == moment
    run = DrawRun.objects.get()
    assert (run.run_at, job.next_url) == (
        moment + dt.timedelta(minutes=5),
        run.get_absolute_url(),
    )
    acting = AuditEntry.objects.get(action="draw.commit")
    assert (acting.actor_id, acting.acting_as) == (
        large.office.user.pk,
        str(large.office.label),
    )


@pytest.mark.usefixtures("in_june")
def test_two_that_differ_are_told_at_once(large, entered, client):
    sign_in(client, large.office)

    confirm(client, entered, numbers="02 07 12 18 25 33 09")

    entered.refresh_from_db()
    assert entered.state == "acknowledged"
    assert not Job.objects.filter(kind=acts.ACT_JOB).exists()


@pytest.mark.usefixtures("in_june")
def test_nothing_is_done_to_terms_or_list_while_they_are_drawn_from(large, entered, client):
    sign_in(client, large.office)
    confirm(client, entered)
    given = {"ground": AnnulGround.values[0], "note": "示例"}

    for answer in (
        confirm(client, entered),
        confirm(client, entered, numbers="02 07 12 18 25 33 09"),
        client.post(url("annul", entered.frame_id), given),
        close(client, large),
    ):
        assert answer.status_code in (409, 422)
    with pytest.raises(TransitionError, match="正在办理"):
        moves.annul_freeze(
            entered.frame, ground=AnnulGround.values[0], actor=large.office.user, note="示例"
        )
    entered.refresh_from_db()
    assert entered.state == "entered"


@pytest.mark.usefixtures("in_june")
def test_nothing_is_drawn_for_somebody_who_is_not_above_any_more(large, entered, client):
    sign_in(client, large.office)
    confirm(client, entered)
    left = {"role": Role.DISTRICT_ADMIN, "authority": large.other}
    Membership.objects.filter(pk=large.office.pk).update(**left)

    jobs.perform(the_job())

    assert the_job().state == "failed"
    entered.refresh_from_db()
    assert (entered.state, entered.nonce, DrawRun.objects.count()) == ("entered", "", 0)


@pytest.mark.usefixtures("in_june")
def test_a_list_that_was_altered_is_not_drawn_from(large, entered, client):
    sign_in(client, large.office)
    confirm(client, entered)
    entered.frame.entries.first().delete()

    jobs.perform(the_job())

    assert "与其哈希不一致" in the_job().failure
    assert not DrawRun.objects.exists()


@pytest.mark.parametrize(
    ("module", "name", "at", "done"),
    [
        (settling, "result_of", 1, False),
        (settling, "_store_units", 1, False),
        (settling.notifications, "tell_drawn", 1, False),
        (from_draw, "_create_some", 1, True),
        (from_draw, "_create_some", 3, True),
        (jobs, "_finish", 1, True),
    ],
)
@pytest.mark.usefixtures("in_june")
def test_a_draw_whose_worker_dies_is_made_once_and_its_visits_are_listed(
    large, entered, client, monkeypatch, module, name, at, done
):
    sign_in(client, large.office)
    confirm(client, entered)
    dies(monkeypatch, module, name, at=at)

    assert killed(monkeypatch, the_job()) is done
    assert DrawRun.objects.count() == done
    entered.refresh_from_db()
    assert bool(entered.nonce) is done

    finished(the_job())
    assert is_drawn_once(large, entered)
