"""Somebody of a team leaves: who takes over, what has to be finished first, expired certificates."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from campaigns import duties
from campaigns.enums import DutyKind
from campaigns.models import Duty
from inspections.enums import TeamRole
from inspections.models import TeamMember
from inspections.moves import result as result_moves
from inspections.team import team_problems
from metrostd.accounts import clockwork, leaving, staffing
from metrostd.common import clock
from metrostd.common.models import AuditEntry
from metrostd.common.roles import Role
from metrostd.notifications.models import Message
from tests.factories.accounts import MembershipFactory, sign_in

from .story import VISIT

pytestmark = pytest.mark.django_db


@pytest.fixture
def heir(visit):
    return MembershipFactory(
        role=Role.DISTRICT_INSPECTOR, authority=visit.task.authority, officer_cert_no="津执003"
    )


def leave(visit, member, successor, **given):
    staffing.end_membership(
        member,
        **{
            "on": clock.today(),
            "at_once": True,
            "successor": successor,
            "note": "调离",
            "actor": visit.office.user,
        }
        | given,
    )


def team(visit):
    return {(row.membership, row.role) for row in visit.task.team.all()}


def test_the_successor_takes_the_place_and_the_duty(visit, heir):
    visit.assign()
    assert [title for title, _ in leaving.held_by(visit.leader)] == ["检查组"]

    leave(visit, visit.leader, heir)

    assert (heir, "leader") in team(visit)
    [owed] = Duty.objects.open().filter(kind=DutyKind.ONSITE_TASK)
    assert owed.membership == heir
    assert not visit.leader.is_active
    entry = AuditEntry.objects.get(action="membership.end")
    assert entry.note == f"移交{heir.user}：检查组1项"
    told = Message.objects.filter(membership=heir, subject__contains="接任")
    assert told.get().body.endswith("已转到您名下。")


def test_what_is_held_needs_somebody_named(visit):
    visit.assign()

    with pytest.raises(ValidationError, match="名下还有检查组1项，请指定接任人"):
        leave(visit, visit.leader, None)

    visit.leader.refresh_from_db()
    assert visit.leader.is_active


def test_whoever_breaks_a_rule_of_the_team_does_not_take_over(visit, heir):
    visit.assign()

    with pytest.raises(ValidationError, match="重复列入"):
        leave(visit, visit.leader, visit.officer)


def test_a_team_at_work_is_not_changed(visit, heir):
    visit.assign().start()

    with pytest.raises(ValidationError, match="检查正在进行"):
        leave(visit, visit.leader, heir)


def test_at_the_end_of_the_last_day_the_clock_hands_over_once(visit, heir):
    visit.assign()
    leave(visit, visit.leader, heir, at_once=False, on=clock.today() + dt.timedelta(days=2))
    assert (visit.leader, "leader") in team(visit)

    for later, ended in ((2, 0), (3, 1), (4, 0)):
        with clock.pinned(clock.now() + dt.timedelta(days=later)):
            assert clockwork.end_memberships(clock.today()) == ended

    assert (heir, "leader") in team(visit)
    assert AuditEntry.objects.filter(action="membership.end").count() == 1


def test_a_successor_who_has_left_meanwhile_is_told_to_the_office(visit, heir):
    visit.assign()
    leave(visit, visit.leader, heir, at_once=False)
    heir.is_active = False
    heir.save()

    with clock.pinned(clock.now() + dt.timedelta(days=1)):
        clockwork.end_memberships(clock.today())

    visit.leader.refresh_from_db()
    assert not visit.leader.is_active
    told = Message.objects.get(membership=visit.office, subject__contains="无人接任")
    assert visit.leader.user.display_name in told.subject


def test_duties_of_a_person_go_along(visit, heir):
    duties.assign(
        visit.task.campaign,
        kind=DutyKind.FOLLOW_UP,
        title="示例",
        due_on=clock.today(),
        target=visit.task,
        membership=visit.officer,
    )

    leave(visit, visit.officer, heir)

    assert Duty.objects.open().get(kind=DutyKind.FOLLOW_UP).membership == heir
    assert AuditEntry.objects.filter(action="duty.pass_on").count() == 1


class TestExternalAssessors:
    @pytest.fixture
    def assessor(self, visit):
        return MembershipFactory(
            role=Role.ASSESSOR, authority=visit.task.authority, ends_with_task=True
        )

    def test_the_access_ends_with_the_last_visit(self, visit, assessor):
        visit.concluded()
        TeamMember.objects.create(task=visit.task, membership=assessor, role=TeamRole.ASSESSOR)
        assert clockwork.end_with_task(clock.today()) == 0

        result_moves.review(visit.task, actor=visit.office.user)

        assert clockwork.end_with_task(clock.today()) == 1
        assessor.refresh_from_db()
        assert not assessor.is_active
        assert clockwork.end_with_task(clock.today()) == 0

    def test_whoever_has_not_been_sent_yet_stays(self, assessor):
        assert clockwork.end_with_task(clock.today()) == 0


class TestCertificates:
    def expired(self, member, on):
        member.cert_valid_until = on
        member.save()
        return member

    def test_an_expired_one_is_not_sent(self, client, visit):
        late = self.expired(visit.officer, clock.today() - dt.timedelta(days=1))

        found = team_problems(visit.task, visit.team)
        sign_in(client, visit.office)
        page = client.get(reverse("inspections:assign", args=[visit.task.pk])).content.decode()

        assert [reason for reason in found if "执法证" in reason and str(late.user) in reason]
        assert "到检查时已过期" in page

    def test_the_day_of_the_visit_counts(self, visit):
        self.expired(visit.officer, VISIT)

        assert team_problems(visit.task, visit.team, on=VISIT) == []
        assert team_problems(visit.task, visit.team, on=VISIT + dt.timedelta(days=1))
