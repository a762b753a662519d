"""随机派员: drawn once, kept whole, computed again from the record; who has to stay away is named with the reason."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from inspections.assigning import drawing, interests
from inspections.enums import TaskState, TeamRole
from inspections.models import AssignmentRun, DeclaredInterest, InspectionTask
from inspections.moves import task as task_moves
from inspections.team import Recusals
from metrostd.common import clock
from metrostd.common.models import AuditEntry
from metrostd.common.roles import Role
from metrostd.common.transitions import TransitionError
from metrostd.notifications.models import Message
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.inspections import TaskFactory, TaskStandardFactory, TeamMemberFactory
from tests.factories.registry import FieldFactory

from .story import VISIT

pytestmark = pytest.mark.django_db
DAY = VISIT.date() + dt.timedelta(days=3)


@pytest.fixture
def office(db):
    return MembershipFactory(role=Role.DISTRICT_ADMIN)


def officers(office, count):
    return [
        MembershipFactory(role=Role.DISTRICT_INSPECTOR, authority=office.authority)
        for _ in range(count)
    ]


def visits(office, count):
    first = TaskFactory(authority=office.authority, state=TaskState.PLANNED)
    rest = [
        TaskFactory(authority=office.authority, campaign=first.campaign, state=TaskState.PLANNED)
        for _ in range(count - 1)
    ]
    return [first, *rest]


def draw(office, tasks, *, days=None):
    when = {task.pk: DAY + dt.timedelta(days=n) for n, task in enumerate(tasks)}
    return drawing.draw_teams(tasks, days or when, actor=office.user)


def test_every_visit_gets_two_officers_one_of_them_leads(office):
    people = officers(office, 4)
    tasks = visits(office, 3)

    run = draw(office, tasks)

    for task in tasks:
        task.refresh_from_db()
        roles = sorted(task.team.values_list("role", flat=True))
        assert task.state == TaskState.ASSIGNED
        assert roles == [TeamRole.LEADER, TeamRole.OFFICER]
        assert set(task.team.values_list("membership", flat=True)) <= {m.pk for m in people}
    assert run.number == 1
    assert AuditEntry.objects.about(run).filter(action="assignment.draw").exists()


def test_the_teams_follow_from_the_record_alone_and_a_changed_record_is_seen(office):
    officers(office, 5)
    run = draw(office, visits(office, 4))

    assert drawing.recompute(run.record) == run.record["teams"]
    run.record["seed"] = "00" * 32
    changed = [drawing.recompute(run.record | {"seed": f"{n:064x}"}) for n in range(8)]
    assert any(teams != run.record["teams"] for teams in changed)


def test_who_has_to_stay_away_is_named_with_the_reason(office):
    people = officers(office, 5)
    (task,) = visits(office, 1)
    DeclaredInterest.objects.create(
        membership=people[0], unit=task.unit, kind="relative", detail="配偶在该单位任职"
    )
    MembershipFactory(user=people[1].user, as_unit=True, unit=task.unit)
    people[2].cert_valid_until = DAY - dt.timedelta(days=1)
    people[2].save()
    TeamMemberFactory(membership=people[3], task__planned_on=DAY, task__state=TaskState.ASSIGNED)

    run = draw(office, [task], days={task.pk: DAY})

    reasons = {row["person"]: row["reason"] for row in run.record["barred"]}
    assert "近亲属" in reasons[people[0].user.username]
    assert "是被检查单位人员" in reasons[people[1].user.username]
    assert "已过期" in reasons[people[2].user.username]
    assert [row["person"] for row in run.record["away"]] == [people[3].user.username]
    assert [row["name"] for row in run.record["left_out"]] == [office.user.display_name]
    assert run.record["teams"] == []
    task.refresh_from_db()
    assert task.state == TaskState.PLANNED


def test_experts_cover_the_fields_of_the_standards(office):
    officers(office, 2)
    (task,) = visits(office, 1)
    field = FieldFactory()
    TaskStandardFactory(task=task, field=field)
    expert = MembershipFactory(role=Role.ASSESSOR, authority=office.authority)
    expert.fields.add(field)
    MembershipFactory(role=Role.ASSESSOR, authority=office.authority)

    draw(office, [task])

    technical = task.team.exclude(role__in=TeamRole.officers)
    assert [(row.membership, row.role) for row in technical] == [(expert, TeamRole.ASSESSOR)]


def test_an_officer_who_also_lends_knowledge_is_an_officer_and_who_reviews_is_left_out(office):
    both, reviews = officers(office, 2)
    officers(office, 1)
    MembershipFactory(user=both.user, role=Role.ASSESSOR, authority=office.authority)
    MembershipFactory(user=reviews.user, role=Role.DISTRICT_ADMIN, authority=office.authority)
    MembershipFactory(user=office.user, role=Role.DISTRICT_INSPECTOR, authority=office.authority)
    (task,) = visits(office, 1)

    run = draw(office, [task])

    assert both.user.username in {p["id"] for p in run.record["people"] if p["officer"]}
    assert {row["name"] for row in run.record["left_out"]} == {
        office.user.display_name,
        reviews.user.display_name,
    }
    assert both in {row.membership for row in task.team.all()}


def test_what_is_declared_after_the_team_was_sent_stops_the_visit_and_the_office_hears(office):
    people = officers(office, 3)
    (task,) = visits(office, 1)
    draw(office, [task], days={task.pk: DAY})
    task.refresh_from_db()
    leader = task.team.get(role=TeamRole.LEADER).membership
    arrived = {
        "arrived_at": VISIT + dt.timedelta(days=3), "credential_shown": True, "rules_read": True,
        "attendees": "示例",
    }  # fmt: skip
    interests.declare(
        leader, unit=task.unit.name, kind="relative", detail="配偶在该单位任职", actor=leader.user
    )

    told = Message.objects.filter(membership=office, subject__startswith="请调整检查组")
    assert told.count() == 1
    with clock.pinned(arrived["arrived_at"]):
        with pytest.raises(ValidationError, match="应当回避，请由组织检查的部门调整检查组"):
            task_moves.start(task, actor=leader.user, **arrived)
        assert "应当回避" in task_moves.START.verdict(task).reason
        others = [member for member in people if member != leader]
        places = [(others[0], TeamRole.LEADER), (others[1], TeamRole.OFFICER)]
        task_moves.change_team(
            task, actor=office.user, members=places, planned_on=DAY, note="组长应当回避"
        )
        assert task_moves.START.verdict(task)


def test_a_certificate_that_ran_out_before_the_visit_began_is_seen_at_the_door(office):
    officers(office, 2)
    (task,) = visits(office, 1)
    draw(office, [task], days={task.pk: DAY})
    task.refresh_from_db()
    late = VISIT + dt.timedelta(days=9)
    member = task.team.get(role=TeamRole.OFFICER).membership
    member.cert_valid_until = late.date() - dt.timedelta(days=1)
    member.save()

    with clock.pinned(late), pytest.raises(ValidationError, match="到检查时已过期"):
        task_moves.start(
            task, actor=office.user, arrived_at=late, credential_shown=True, rules_read=True,
            attendees="示例",
        )  # fmt: skip


def test_there_is_no_second_throw(office):
    officers(office, 3)
    tasks = visits(office, 2)
    draw(office, tasks)

    with pytest.raises(ValidationError):
        draw(office, tasks)
    with pytest.raises(ValidationError):
        draw(office, [tasks[0], *visits(office, 1)])
    assert AssignmentRun.objects.count() == 1


def test_two_visits_of_one_day_never_share_a_person(office):
    officers(office, 4)
    tasks = visits(office, 2)

    draw(office, tasks, days={task.pk: DAY for task in tasks})

    people = [m for task in tasks for m in task.team.values_list("membership", flat=True)]
    assert len(people) == len(set(people)) == 4


def test_a_declaration_keeps_a_person_from_being_sent_by_hand_too(office):
    (person,) = officers(office, 1)
    (task,) = visits(office, 1)

    interests.declare(
        person, unit=task.unit.name, kind="evaluated", detail="2020年参加考核", actor=person.user
    )

    assert "参加过该单位计量标准的考核" in Recusals.of(task).reason(person)


def test_nobody_lifts_their_own_declaration(office, client):
    (person,) = officers(office, 1)
    (task,) = visits(office, 1)
    page = reverse("inspections:declarations")
    sign_in(client, person)
    sent = {"unit": task.unit.name, "kind": "other", "detail": "示例说明"}
    assert client.post(page, sent | {"unit": "没有这家单位"}).status_code == 422
    assert client.post(page, sent).status_code == 302
    assert client.post(page, sent).status_code == 422
    row = DeclaredInterest.objects.get()
    end = reverse("inspections:end_declaration", args=[row.pk])
    assert client.post(end, {"note": "已核实"}).status_code == 403

    sign_in(client, office)
    assert client.post(end, {"note": "已核实"}).status_code == 302
    assert not DeclaredInterest.objects.standing().exists()
    with pytest.raises(TransitionError):
        interests.end(row, actor=office.user, note="再来一次")


def test_from_the_page_to_the_record(office, client):
    officers(office, 3)
    tasks = visits(office, 2)
    sign_in(client, office)
    page = reverse("inspections:assigning")
    assert tasks[0].unit.name in client.get(page).text
    assert client.post(page, {}).status_code == 422
    assert client.post(page, {f"day-{tasks[0].pk}": "1999-01-01"}).status_code == 422

    answer = client.post(page, {f"day-{tasks[0].pk}": DAY.isoformat()})

    shown = client.get(answer.url)
    assert "重新计算，结果一致" in shown.text
    assert f"{DAY.year}年{DAY.month}月{DAY.day}日" in shown.text
    assert InspectionTask.objects.filter(state=TaskState.PLANNED).count() == 1
    record = client.get(
        reverse("inspections:assignment_record", args=[AssignmentRun.objects.get().pk])
    )
    assert drawing.recompute(record.json()) == record.json()["teams"]


def test_another_district_an_inspector_and_a_unit_do_not_see_it(office, client):
    people = officers(office, 3)
    run = draw(office, visits(office, 1))
    for member in (MembershipFactory(), people[0], MembershipFactory(as_unit=True)):
        sign_in(client, member)
        assert client.get(run.get_absolute_url()).status_code == 404
    sign_in(client, people[0])
    assert client.get(reverse("inspections:assigning")).status_code == 403
