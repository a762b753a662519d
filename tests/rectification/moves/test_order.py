import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from campaigns.enums import DutyKind
from campaigns.models import Duty
from inspections.enums import FindingState, TaskState
from inspections.moves import finding as finding_moves
from metrostd.common import clock
from metrostd.common.models import AuditEntry, Job, NumberSequence
from metrostd.common.transitions import TransitionError
from metrostd.notifications.models import Message
from rectification import deadlines
from rectification.enums import OrderKind, OrderState
from rectification.models import Rectification, RectificationOrder
from rectification.moves import objection as objection_moves
from rectification.moves import order as order_moves
from tests.factories.accounts import MembershipFactory
from tests.factories.campaigns import CampaignFactory
from tests.factories.rectification import (
    RaisedFindingFactory,
    ReviewedTaskFactory,
    issue,
    office_of,
    user_of,
)
from tests.factories.registry import AuthorityFactory, UnitFactory

pytestmark = pytest.mark.django_db


def test_an_order_numbers_moves_owes_and_tells():
    task = ReviewedTaskFactory()
    person = user_of(task.unit)

    order = issue(task, findings=2)

    findings = [item.finding for item in order.items.all()]
    assert order.state == OrderState.PENDING
    assert order.number == f"{task.authority.document_prefix}市监责改〔2021〕1号"
    assert {finding.state for finding in findings} == {FindingState.ORDERED}
    assert {finding.due_on for finding in findings} == {dt.date(2021, 8, 15)}
    assert Rectification.objects.filter(finding__in=findings, round=1).count() == 2
    duty = Duty.objects.open().get(kind=DutyKind.RECTIFICATION)
    assert (duty.unit, duty.due_on, duty.target) == (task.unit, dt.date(2021, 8, 15), order)
    assert Message.objects.get(membership=person).url == order.get_absolute_url()
    assert Job.objects.get(kind="rectification.order_pdf").arguments == {"order": order.pk}


@pytest.mark.parametrize(
    ("on", "due"),
    [
        (dt.date(2021, 6, 10), dt.date(2021, 7, 10)),
        (dt.date(2021, 7, 31), dt.date(2021, 8, 30)),
        (dt.date(2021, 8, 2), dt.date(2021, 8, 31)),
        (dt.date(2021, 8, 31), dt.date(2021, 8, 31)),
        (dt.date(2021, 9, 1), dt.date(2021, 10, 1)),
        (dt.date(2021, 10, 10), dt.date(2021, 10, 15)),
    ],
)
def test_the_usual_due_day_is_thirty_days_within_the_stage(on, due):
    assert deadlines.default_due(ReviewedTaskFactory(), on=on) == due


def test_the_usual_due_day_follows_the_office_s_own_stage():
    task = ReviewedTaskFactory()
    task.campaign.stages.create(
        kind="rectify",
        authority=task.authority,
        starts_on=dt.date(2021, 7, 10),
        ends_on=dt.date(2021, 8, 5),
    )

    assert deadlines.default_due(task, on=dt.date(2021, 7, 16)) == dt.date(2021, 8, 5)


def test_numbers_run_without_gaps_per_authority_kind_and_year():
    first, other = ReviewedTaskFactory(), ReviewedTaskFactory()
    later = ReviewedTaskFactory(
        campaign=CampaignFactory(summary_due=dt.date(2022, 10, 15)), unit=first.unit
    )

    numbers = [
        issue(first).number,
        issue(first).number,
        issue(first, kind=OrderKind.NOTICE).number,
        issue(other).number,
        issue(first).number,
        issue(later, on=dt.date(2022, 7, 4), due_on=dt.date(2022, 7, 20)).number,
    ]

    prefix = f"{first.authority.document_prefix}市监"
    assert numbers[0] == f"{prefix}责改〔2021〕1号"
    assert numbers[1] == f"{prefix}责改〔2021〕2号"
    assert numbers[2] == f"{prefix}整改〔2021〕1号"
    assert numbers[3] == f"{other.authority.document_prefix}市监责改〔2021〕1号"
    assert numbers[4] == f"{prefix}责改〔2021〕3号"
    assert numbers[5] == f"{prefix}责改〔2022〕1号"


def test_a_refused_order_takes_no_number():
    task = ReviewedTaskFactory()
    issue(task)

    with pytest.raises(ValidationError):
        issue(task, due_on=dt.date(2021, 10, 16))

    assert issue(task).number.endswith("〔2021〕2号")
    assert NumberSequence.objects.get(key__startswith="order:").last == 2


def test_an_authority_without_prefix_is_named_by_its_short_name():
    unit = UnitFactory(
        territorial_authority=AuthorityFactory(document_prefix="", short_name="示例区局")
    )

    assert issue(ReviewedTaskFactory(unit=unit)).number == "示例区局责改〔2021〕1号"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"findings": []}, "findings"),
        ({"requirement": " "}, "requirement"),
        ({"due_on": dt.date(2021, 7, 15)}, "due_on"),
        ({"due_on": dt.date(2021, 10, 16)}, "due_on"),
    ],
)
def test_bad_input_is_named_and_nothing_is_written(changes, field):
    finding = RaisedFindingFactory()
    values = {
        "findings": [finding],
        "kind": OrderKind.NOTICE,
        "due_on": dt.date(2021, 8, 15),
        "requirement": "整改到位",
        "actor": office_of(finding.task.authority).user,
        **changes,
    }

    with pytest.raises(ValidationError) as caught:
        order_moves.issue_order(finding.task, **values)

    assert list(caught.value.message_dict) == [field]
    assert not RectificationOrder.objects.exists()
    assert not AuditEntry.objects.exists()


def test_a_finding_of_another_task_is_refused():
    finding, other = RaisedFindingFactory(), RaisedFindingFactory()

    with pytest.raises(ValidationError, match="不属于本次检查"):
        order_moves.issue_order(
            finding.task,
            findings=[finding, other],
            kind=OrderKind.NOTICE,
            due_on=dt.date(2021, 8, 15),
            requirement="整改到位",
            actor=None,
        )


@pytest.mark.parametrize("state", sorted(set(FindingState.values) - {FindingState.RAISED}))
def test_only_confirmed_findings_are_ordered(state):
    finding = RaisedFindingFactory(state=state, due_on=dt.date(2021, 8, 15))

    with pytest.raises(TransitionError):
        order_moves.issue_order(
            finding.task,
            findings=[finding],
            kind=OrderKind.NOTICE,
            due_on=dt.date(2021, 8, 15),
            requirement="整改到位",
            actor=None,
        )


@pytest.mark.parametrize("state", sorted(set(TaskState.values) - {TaskState.REVIEWED}))
def test_only_a_reviewed_task_has_orders(state):
    finding = RaisedFindingFactory(task__state=state)

    with pytest.raises(TransitionError, match="审核后、办结前才能办理"):
        order_moves.issue_order(
            finding.task,
            findings=[finding],
            kind=OrderKind.NOTICE,
            due_on=dt.date(2021, 8, 15),
            requirement="整改到位",
            actor=None,
        )


IN_TIME = clock.at_time(dt.date(2021, 7, 15), 17)


def test_an_order_waits_for_the_last_day_to_object():
    finding = RaisedFindingFactory()

    with clock.pinned(IN_TIME), pytest.raises(ValidationError, match="2021年7月15日（含当日）"):
        _issue(finding)
    with clock.pinned(clock.at_time(dt.date(2021, 7, 16))):
        assert _issue(finding).state == OrderState.PENDING


def test_an_order_before_that_day_says_why_and_keeps_the_waiver_of_each_finding():
    finding = RaisedFindingFactory()

    holder = MembershipFactory(as_unit=True, unit=finding.task.unit)

    with clock.pinned(IN_TIME):
        order = _issue(finding, waiver="单位负责人7月15日书面声明没有异议，请求尽早整改")

    finding.refresh_from_db()
    told = Message.objects.get(membership=holder)
    assert "放弃异议的声明：“单位负责人7月15日书面声明没有异议，请求尽早整改”" in told.body
    assert [line["waiver"] for line in order.words["findings"]] == [
        "单位负责人7月15日书面声明没有异议，请求尽早整改。"
    ]
    assert finding.state == FindingState.ORDERED
    entry = AuditEntry.objects.get(action="finding.waive_objection")
    assert (
        entry.note == finding.objection_waiver == "单位负责人7月15日书面声明没有异议，请求尽早整改"
    )


def test_a_unit_that_waives_is_not_waited_for_and_objects_no_more():
    finding = RaisedFindingFactory()
    person = user_of(finding.task.unit)
    office = office_of(finding.task.authority)

    with clock.pinned(IN_TIME):
        objection_moves.waive(finding, statement="没有异议", actor=person.user)
        with pytest.raises(ValidationError, match="已书面放弃异议"):
            objection_moves.dispute(finding, reason="又有了", actor=person.user)
        assert _issue(finding)

    assert Message.objects.filter(membership=office, subject__contains="放弃异议").exists()


def test_a_visit_given_back_gives_the_days_to_object_back():
    finding = RaisedFindingFactory()
    with clock.pinned(IN_TIME):
        objection_moves.waive(finding, statement="没有异议", actor=None)

    finding_moves.recall_all([finding], actor=None, note="退回重填")

    finding.refresh_from_db()
    assert finding.objection_waiver == ""


def _issue(finding, **fields):
    return order_moves.issue_order(
        finding.task,
        findings=[finding],
        kind=OrderKind.NOTICE,
        due_on=dt.date(2021, 8, 15),
        requirement="整改",
        actor=None,
        **fields,
    )
