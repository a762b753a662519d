"""A visit not performed has somebody who sees to it; the second time the office above says what is to be done."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from campaigns.enums import DutyKind
from campaigns.models import Duty
from inspections import escalating
from inspections.enums import TaskState
from inspections.models import InspectionTask
from inspections.moves import not_performed as moves
from metrostd.common import clock
from metrostd.common.roles import Role
from metrostd.common.transitions import TransitionError
from metrostd.notifications.models import Message
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.inspections import png

from .story import VISIT, make_visit

pytestmark = pytest.mark.django_db
DETAIL = "到场后大门关闭，联系人电话停机，物业证实已停产。"
DUE = dt.date(2021, 7, 15)


def fail(task, visit, **changes):
    values = {"reason": "suspended", "detail": DETAIL, "attempted_at": VISIT, "follow_up_due": DUE}
    return moves.record_not_performed(task, actor=visit.office.user, **(values | changes))


@pytest.fixture
def above(visit):
    return MembershipFactory(role=Role.CITY_ADMIN, authority=visit.task.campaign.organiser)


@pytest.fixture
def twice(visit, above) -> InspectionTask:
    fail(visit.task, visit)
    follow_up = moves.arrange_follow_up(visit.task, actor=visit.office.user, due_on=DUE)
    fail(follow_up, visit, follow_up_owner=visit.officer)
    return follow_up


def open_duties(task):
    return Duty.objects.open().filter(target_id=task.pk, kind=DutyKind.FOLLOW_UP)


def test_whoever_is_named_is_told_by_when_and_stands_in_the_duty(visit):
    record = fail(visit.task, visit, follow_up_owner=visit.officer)

    assert record.follow_up_owner == visit.officer
    assert open_duties(visit.task).get().detail == f"责任人：{visit.officer.user}"
    told = Message.objects.get(membership=visit.officer)
    assert "2021年7月15日" in told.body


def test_nobody_named_whoever_records_it_sees_to_it(visit):
    visit.office.user.act_as(visit.office)

    assert fail(visit.task, visit).follow_up_owner == visit.office


def test_a_final_reason_has_nobody_to_see_to_it(visit):
    record = fail(visit.task, visit, reason="dissolved", follow_up_due=None)

    assert record.follow_up_owner is None
    assert record.escalated_to is None


def test_the_second_failure_is_owed_a_decision_above_by_the_same_day(visit, twice, above):
    record = twice.not_performed

    assert record.escalated_to == above.authority
    duty = open_duties(twice).get(authority=above.authority)
    assert (duty.due_on, duty.detail) == (DUE, f"后续责任人：{visit.officer.user}")
    assert open_duties(twice).filter(authority=visit.task.authority).count() == 1
    assert not visit.task.not_performed.escalated_to


def test_what_is_decided_above_goes_to_the_office_which_acts_on_it(client, visit, twice, above):
    page = sign_in(client, above).get(twice.get_absolute_url()).content.decode()
    assert "提出处理意见" in page

    answer = client.post(
        reverse("inspections:settle_escalated", args=[twice.pk]), {"note": "移送执法并通报辖区。"}
    )

    assert answer.status_code == 302
    record = twice.not_performed
    record.refresh_from_db()
    assert (record.outcome, record.outcome_by) == ("移送执法并通报辖区。", above.user)
    assert not open_duties(twice).filter(authority=above.authority).exists()
    assert Message.objects.filter(membership=visit.office, body="移送执法并通报辖区。").exists()
    page = sign_in(client, visit.office).get(twice.get_absolute_url()).content.decode()
    assert "移送执法并通报辖区。" in page
    moves.close_not_performed(twice, actor=visit.office.user, note="已按市局意见移送")
    assert twice.state == TaskState.CLOSED


def test_it_is_decided_once_and_in_words(visit, twice, above):
    with pytest.raises(ValidationError):
        escalating.settle(twice.not_performed, actor=above.user, outcome=" ")
    escalating.settle(twice.not_performed, actor=above.user, outcome="移送")

    with pytest.raises(TransitionError):
        escalating.settle(twice.not_performed, actor=above.user, outcome="不移送")
    with pytest.raises(TransitionError):
        escalating.settle(visit.task.not_performed, actor=above.user, outcome="没有上报")


def test_the_office_itself_does_not_decide_about_its_own_report(client, visit, twice):
    address = reverse("inspections:settle_escalated", args=[twice.pk])

    assert sign_in(client, visit.office).post(address, {"note": "自行处理"}).status_code == 403


def test_the_citys_own_visit_has_nobody_above(above):
    visit = make_visit(authority=above.authority, campaign__organiser=above.authority)
    fail(visit.task, visit)
    follow_up = moves.arrange_follow_up(visit.task, actor=above.user, due_on=DUE)

    record = fail(follow_up, visit)

    assert record.escalated_to is None
    assert open_duties(follow_up).count() == 1


def test_the_form_asks_who_sees_to_it_and_keeps_attempts_and_evidence(client, visit):
    sign_in(client, visit.office)
    address = reverse("inspections:not_performed", args=[visit.task.pk])
    sent = {
        "reason": "suspended",
        "detail": DETAIL,
        "attempted_at": "2021-06-15T09:30",
        "attempts": "6月14日 电话联系无人接听",
        "follow_up_due": DUE.isoformat(),
    }
    refused = client.post(address, sent)
    assert refused.status_code == 422
    assert "请指定后续检查责任人" in refused.content.decode()

    proof = SimpleUploadedFile("停产公告.png", png(), "image/png")
    done = client.post(address, sent | {"follow_up_owner": visit.officer.pk, "evidence": proof})

    assert done.status_code == 302
    visit.task.refresh_from_db()
    record = visit.task.not_performed
    assert (record.follow_up_owner, record.attempts) == (visit.officer, sent["attempts"])
    shown = client.get(reverse("inspections:not_performed_proof", args=[visit.task.pk]))
    assert b"".join(shown).startswith(b"\x89PNG")
    assert str(visit.officer.user) in client.get(visit.task.get_absolute_url()).content.decode()


def test_the_days_before_are_named_when_they_are_over(visit, twice, above):
    with clock.pinned(clock.at_time(DUE + dt.timedelta(days=1))):
        late = Duty.objects.overdue(clock.today()).filter(target_id=twice.pk)
        assert {duty.authority for duty in late} == {visit.task.authority, above.authority}
