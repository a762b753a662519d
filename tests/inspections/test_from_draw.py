"""Tasks from a draw; what stands against closing a campaign or voiding a draw."""

import datetime as dt

import pytest

from campaigns import extension
from campaigns import moves as campaign_moves
from campaigns.enums import DutyKind, StageKind
from campaigns.models import Duty, Stage
from inspections import from_draw, hooks
from inspections.enums import TaskState, TeamRole
from inspections.models import InspectionTask, NotPerformedRecord
from inspections.moves import not_performed as not_performed_moves
from inspections.moves import task as task_moves
from metrostd.common.models import AuditEntry
from metrostd.common.roles import Role
from metrostd.common.transitions import TransitionError
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.campaigns import (
    DrawnStandardFactory,
    DrawnUnitFactory,
    DrawRunFactory,
    FrameStandardFactory,
)
from tests.factories.inspections import FindingFactory, StopOrderFactory, TaskFactory

from .story import VISIT

pytestmark = pytest.mark.django_db


def draw(units=2, standards=2):
    run = DrawRunFactory()
    for _ in range(units):
        drawn = DrawnUnitFactory(run=run)
        for _ in range(standards):
            row = DrawnStandardFactory(drawn_unit=drawn, standard__unit=drawn.unit)
            FrameStandardFactory(frame=run.frame, standard=row.standard, category="inst_highest")
    return run


def test_every_drawn_unit_gets_a_task_with_its_standards_and_a_duty():
    run = draw()

    assert from_draw.create_tasks(run, actor=None) == 2

    task = InspectionTask.objects.order_by("pk").first()
    assert (task.campaign, task.authority) == (run.frame.campaign, run.frame.authority)
    assert (task.kind, task.state, task.planned_on) == ("onsite", "planned", None)
    # The category is the one frozen in the frame, not today's.
    assert list(task.standards.values_list("category", flat=True)) == ["inst_highest"] * 2
    duty = Duty.objects.get(target_id=task.pk, kind=DutyKind.INSPECTION)
    assert (duty.authority, duty.due_on) == (run.frame.authority, dt.date(2021, 7, 31))
    assert AuditEntry.objects.about(task).get().action == "task.create"


def test_a_second_call_creates_only_what_is_missing():
    run = draw(units=1)
    from_draw.create_tasks(run, actor=None)
    DrawnUnitFactory(run=run, kind="directed", reason="投诉举报较多")

    assert from_draw.create_tasks(run, actor=None) == 1
    assert from_draw.create_tasks(run, actor=None) == 0
    assert Duty.objects.filter(kind=DutyKind.INSPECTION).count() == 2


def test_the_duty_takes_the_stage_as_the_office_adjusted_it():
    run = draw(units=1)
    Stage.objects.create(
        campaign=run.frame.campaign,
        kind=StageKind.ONSITE,
        authority=run.frame.authority,
        starts_on=dt.date(2021, 6, 1),
        ends_on=dt.date(2021, 8, 15),
    )

    from_draw.create_tasks(run, actor=None)

    assert Duty.objects.get().due_on == dt.date(2021, 8, 15)


@pytest.mark.parametrize("units", [1, 6])
def test_listing_tasks_takes_the_same_number_of_writes(units, django_assert_max_num_queries):
    run = draw(units=units)

    with django_assert_max_num_queries(16):
        from_draw.create_tasks(run, actor=None)


def test_a_draw_lists_tasks_and_a_void_one_is_owed_no_more():
    old = draw(units=1)
    extension.after_draw(old, actor=None)
    type(old).objects.filter(pk=old.pk).update(state="void")
    new = DrawRunFactory(frame=old.frame)
    DrawnUnitFactory(run=new)

    extension.after_draw(new, actor=None)

    assert InspectionTask.objects.listed().get().drawn_unit.run == new
    assert Duty.objects.open().get().target == InspectionTask.objects.listed().get()


def test_a_draw_leads_to_its_visits_as_far_as_the_viewer_sees_them(client):
    run = draw()
    from_draw.create_tasks(run, actor=None)
    first, second = InspectionTask.objects.order_by("pk")
    authority = run.frame.authority
    office = MembershipFactory(role=Role.DISTRICT_ADMIN, authority=authority)

    page = sign_in(client, office).get(run.get_absolute_url()).content.decode()
    stranger = MembershipFactory().user
    stranger.act_as(stranger.memberships.get())

    assert page.count(f'href="{first.get_absolute_url()}"') == 1
    assert page.count(f'href="{second.get_absolute_url()}"') == 1
    assert "现场检查：" in page
    drawn = list(run.drawn.all())
    assert extension.visits_of(drawn, viewer=stranger) == {row.pk: [] for row in drawn}


def test_a_draw_is_not_void_any_more_once_a_task_is_under_way():
    run = draw(units=2)
    from_draw.create_tasks(run, actor=None)
    assert list(hooks.tasks_under_way(run)) == []

    InspectionTask.objects.filter(pk=InspectionTask.objects.first().pk).update(state="assigned")

    assert "1 个检查任务" in extension.void_blockers(run)[0]


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        ("planned", "1 个检查任务尚未结束。"),
        ("signing", "1 个检查任务尚未结束。"),
        ("concluded", "1 个检查任务尚未审核。"),
        ("reviewed", None),
        ("closed", None),
        ("follow_up", None),
        ("refused", "1 个拒绝检查的任务尚未安排后续检查。"),
    ],
)
def test_what_stands_against_closing(state, reason):
    task = TaskFactory(state=state)

    assert list(hooks.open_tasks(task.campaign)) == ([reason] if reason else [])


@pytest.mark.parametrize(
    ("why", "reason"),
    [
        ("suspended", "1 个未能实施的任务尚未安排后续检查。"),
        ("dissolved", "1 个不再检查的任务尚未办结。"),
    ],
)
def test_failed_visits_stand_against_closing(why, reason):
    task = TaskFactory(state=TaskState.NOT_PERFORMED)
    NotPerformedRecord.objects.create(task=task, reason=why, detail="示例", attempted_at=VISIT)

    assert list(hooks.open_tasks(task.campaign)) == [reason]


def test_what_a_void_draw_listed_is_not_inspected():
    run = draw(units=1)
    from_draw.create_tasks(run, actor=None)
    task = InspectionTask.objects.get()
    officers = [
        (MembershipFactory(role="district_inspector", authority=task.authority), role)
        for role in (TeamRole.LEADER, TeamRole.OFFICER)
    ]

    campaign_moves.void_draw(run, actor=None, note="名单有误")

    assert not Duty.objects.open().filter(kind=DutyKind.INSPECTION).exists()
    with pytest.raises(TransitionError, match="已作废"):
        task_moves.assign(task, actor=None, members=officers, planned_on=VISIT.date())
    with pytest.raises(TransitionError, match="已作废"):
        not_performed_moves.record_not_performed(
            task,
            actor=None,
            reason="ended",
            detail="核实证书已由发证部门注销，不再检查。",
            attempted_at=VISIT,
            follow_up_due=None,
        )


@pytest.mark.parametrize(
    ("state", "reasons"),
    [
        ("raised", ["1 个问题尚未下达整改文书。"]),
        ("disputed", ["1 个问题的异议尚未答复。"]),
        ("draft", []),
        ("no_action", []),
        ("withdrawn", []),
    ],
)
def test_findings_nobody_acted_on_stand_against_closing(state, reasons):
    finding = FindingFactory(state=state)

    assert list(hooks.unsettled_results(finding.task.campaign)) == reasons


@pytest.mark.parametrize(("state", "count"), [("proposed", 1), ("approved", 1), ("in_force", 1)])
def test_stops_nobody_decided_or_lifted_stand_against_closing(state, count):
    order = StopOrderFactory(state=state)

    assert len(list(hooks.unsettled_results(order.task.campaign))) == count
