"""联合检查: two visits to one unit with one day, one notice and one arrival, each with its own sheets and record."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from inspections.documents import record_of
from inspections.enums import JointState, TaskState
from inspections.joint import moves, policies
from inspections.joint.queries import joined_of, possible_partners
from inspections.models import JointVisit
from inspections.moves import task as task_moves
from metrostd.common.models import AuditEntry
from metrostd.common.roles import Role
from metrostd.common.transitions import TransitionError
from metrostd.notifications.models import Message
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.inspections import TaskFactory
from tests.factories.registry import AuthorityFactory

from .story import VISIT, make_visit

pytestmark = pytest.mark.django_db
DAY = dt.date(2021, 6, 20)


@pytest.fixture
def other(visit):
    """Another office has the same unit on its list."""
    office = AuthorityFactory()
    return make_visit(unit=visit.task.unit, campaign=visit.task.campaign, authority=office)


def propose(visit, other, **more):
    values = {"planned_on": DAY, "place": "示例路9号"} | more
    return moves.propose(visit.task, other.task, actor=visit.office.user, **values)


@pytest.fixture
def joined(visit, other):
    joint = propose(visit, other)
    moves.agree(joint, actor=other.office.user)
    for each in (visit, other):
        each.task.refresh_from_db()
    return joint


def test_the_other_office_is_asked_and_nothing_changes_before_it_agrees(visit, other):
    joint = propose(visit, other)

    assert joint.state == JointState.PROPOSED
    other.task.refresh_from_db()
    assert other.task.planned_on != DAY
    assert Message.objects.get(membership=other.office).subject.startswith("请确认联合检查")
    assert joined_of(visit.task) is None


def test_agreed_to_both_have_one_day_and_one_place_and_a_trail(visit, other, joined):
    for each in (visit, other):
        assert (each.task.planned_on, each.task.place) == (DAY, "示例路9号")
        assert AuditEntry.objects.about(each.task).filter(action="task.join").count() == 1
    assert joined.state == JointState.JOINED


def test_visits_of_one_office_are_joined_at_once(visit):
    second = TaskFactory(
        unit=visit.task.unit, campaign=visit.task.campaign, authority=visit.task.authority
    )

    joint = moves.propose(visit.task, second, actor=visit.office.user, planned_on=DAY)

    assert joint.state == JointState.JOINED


def test_one_notice_names_both_and_is_sent_once(visit, other, joined):
    visit.assign()
    other.assign()
    task_moves.notify(visit.task, actor=visit.office.user)

    other.task.refresh_from_db()
    assert other.task.state == TaskState.NOTIFIED
    told = Message.objects.filter(membership=visit.unit, subject__startswith="现场检查通知")
    assert told.count() == 1
    for each in (visit, other):
        assert str(each.task.authority) in told.get().subject


def test_who_has_no_team_yet_is_named_in_the_one_notice_and_adds_none(visit, other, joined):
    visit.assign()
    task_moves.notify(visit.task, actor=visit.office.user)
    other.assign()
    task_moves.notify(other.task, actor=other.office.user)

    told = Message.objects.filter(subject__startswith="现场检查通知", membership=visit.unit)
    assert told.count() == 1
    assert str(other.task.authority) in told.get().subject


def test_one_arrival_is_offered_to_the_second_team(client, visit, other, joined):
    visit.assign().start()
    other.assign()
    sign_in(client, other.leader)

    form = client.get(reverse("inspections:start", args=[other.task.pk])).context["form"]

    assert form["arrived_at"].value() == VISIT.replace(tzinfo=None)
    assert form["attendees"].value() == visit.task.attendees


def test_the_record_of_each_says_so(visit, other, joined):
    visit.assign().start()

    assert (
        record_of(visit.task).joint
        == f"与{other.task.authority}的现场检查联合实施，一次通知、一次到场"
    )


def test_other_inspections_stand_in_the_record_as_well(visit):
    visit.task.merged_with = "检验检测机构双随机抽查"

    assert record_of(visit.task).joint == "与检验检测机构双随机抽查合并实施"


def test_parted_again_with_a_reason_until_somebody_is_at_the_door(visit, other, joined):
    with pytest.raises(ValidationError):
        moves.part(joined, actor=visit.office.user, note=" ")
    visit.assign().start()
    joined.refresh_from_db()
    with pytest.raises(ValidationError, match="已经开始"):
        moves.part(joined, actor=visit.office.user, note="改期")


def test_after_parting_either_may_be_joined_anew(visit, other, joined):
    moves.part(joined, actor=other.office.user, note="改期")

    assert joined_of(visit.task) is None
    assert propose(visit, other).state == JointState.PROPOSED


@pytest.mark.parametrize("state", ["in_progress", "concluded", "not_performed"])
def test_what_has_begun_or_failed_is_not_joined(visit, other, state):
    type(other.task).objects.filter(pk=other.task.pk).update(
        state=state, arrived_at=VISIT, credential_shown=True
    )

    assert not possible_partners(visit.task).exists()
    with pytest.raises(TransitionError):
        propose(visit, other)


def test_another_unit_or_a_third_visit_is_not_joined(visit, other, joined):
    third = make_visit(unit=visit.task.unit, campaign=visit.task.campaign)
    stranger = make_visit(campaign=visit.task.campaign)

    with pytest.raises(TransitionError):
        propose(third, visit)
    with pytest.raises(TransitionError):
        propose(third, stranger)
    assert JointVisit.objects.count() == 1


def test_a_day_outside_the_stage_is_refused(visit, other):
    with pytest.raises(ValidationError, match="现场检查阶段"):
        propose(visit, other, planned_on=dt.date(2021, 9, 1))


class TestPages:
    def test_from_the_proposal_to_the_answer(self, client, visit, other):
        sign_in(client, visit.office)
        address = reverse("inspections:propose_joint", args=[visit.task.pk])
        assert str(other.task.authority) in client.get(address).content.decode()
        done = client.post(address, {"partner": other.task.pk, "planned_on": DAY.isoformat()})
        assert done.url == visit.task.get_absolute_url()
        assert "待对方确认" in client.get(done.url).content.decode()

        joint = JointVisit.objects.get()
        agree = reverse("inspections:agree_joint", args=[joint.pk])
        assert client.post(agree).status_code == 403
        sign_in(client, other.office)
        assert "同意" in client.get(other.task.get_absolute_url()).content.decode()
        assert client.post(agree).url == other.task.get_absolute_url()
        assert "已合并" in client.get(other.task.get_absolute_url()).content.decode()
        page = client.get(reverse("inspections:calendar"), {"on": DAY.isoformat()})
        assert "<b>联</b>" in page.content.decode()

    def test_declined_with_a_reason_that_the_first_office_reads(self, client, visit, other):
        joint = propose(visit, other)
        sign_in(client, other.office)

        client.post(reverse("inspections:decline_joint", args=[joint.pk]), {"note": "日期冲突"})

        joint.refresh_from_db()
        assert joint.state == JointState.DECLINED
        assert Message.objects.filter(membership=visit.office, body="日期冲突").exists()

    def test_strangers_find_nothing(self, client, visit, other, joined):
        sign_in(client, MembershipFactory(role=Role.DISTRICT_ADMIN))

        for name in ("agree_joint", "decline_joint", "part_joint"):
            assert client.post(reverse(f"inspections:{name}", args=[joined.pk])).status_code == 404

    def test_alone_there_is_nothing_to_join(self, visit):
        visit.office.user.act_as(visit.office)

        assert "没有其他" in policies.can_propose(visit.office.user, visit.task).reason
