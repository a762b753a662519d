"""What the moves of a task ask for and bring about."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from campaigns.enums import DutyKind, StageKind
from campaigns.models import Duty, Stage
from inspections.enums import FindingState, TaskState, TeamRole
from inspections.models import ChecklistSheet, Finding, Signature
from inspections.moves import not_performed as not_performed_moves
from inspections.moves import result as result_moves
from inspections.moves import task as task_moves
from metrostd.common import clock
from metrostd.common.enums import JobState
from metrostd.common.models import AuditEntry, Job
from metrostd.common.transitions import TransitionError
from metrostd.notifications.models import Message
from tests.factories.accounts import MembershipFactory
from tests.factories.inspections import FindingFactory, StopOrderFactory, TaskFactory, png
from tests.inspections.story import FACT, VISIT, annex1, make_visit

pytestmark = pytest.mark.django_db
DETAIL = "到场后大门关闭，联系人电话停机，物业证实已停产。"


def duties_of(task, kind):
    return Duty.objects.open().filter(target_id=task.pk, kind=kind)


def record(visit, **changes):
    values = {
        "reason": "suspended",
        "detail": DETAIL,
        "attempted_at": VISIT,
        "follow_up_due": dt.date(2021, 7, 15),
    } | changes
    return not_performed_moves.record_not_performed(visit.task, actor=visit.office.user, **values)


def test_assign_gives_the_leader_a_duty_by_the_planned_day_and_tells_the_team(visit):
    visit.assign()

    duty = duties_of(visit.task, DutyKind.ONSITE_TASK).get()
    assert (duty.membership, duty.due_on) == (visit.leader, VISIT.date())
    assert set(Message.objects.values_list("membership", flat=True)) == {
        visit.leader.pk,
        visit.officer.pk,
    }
    assert list(visit.task.team.values_list("role", "officer_cert_no")) == [
        ("leader", "津执001"),
        ("officer", "津执002"),
    ]


@pytest.mark.parametrize("day", [dt.date(2021, 5, 31), dt.date(2021, 8, 1)])
def test_assign_refuses_a_day_outside_the_stage(visit, day):
    with pytest.raises(ValidationError, match="现场检查阶段"):
        task_moves.assign(visit.task, actor=None, members=visit.team, planned_on=day)

    visit.task.refresh_from_db()
    assert visit.task.state == TaskState.PLANNED


def test_assign_takes_the_stage_as_the_office_adjusted_it(visit):
    Stage.objects.create(
        campaign=visit.task.campaign,
        kind=StageKind.ONSITE,
        authority=visit.task.authority,
        starts_on=dt.date(2021, 8, 1),
        ends_on=dt.date(2021, 8, 20),
    )

    task_moves.assign(visit.task, actor=None, members=visit.team, planned_on=dt.date(2021, 8, 10))

    assert visit.task.planned_on == dt.date(2021, 8, 10)


def test_change_team_keeps_the_state_and_moves_the_duty(visit):
    visit.assign().notify()
    newcomer = MembershipFactory(role="district_inspector", authority=visit.task.authority)

    task_moves.change_team(
        visit.task,
        actor=visit.office.user,
        members=[(newcomer, TeamRole.LEADER), (visit.officer, TeamRole.OFFICER)],
        planned_on=dt.date(2021, 6, 20),
        note="组长出差",
    )

    assert visit.task.state == TaskState.NOTIFIED
    assert duties_of(visit.task, DutyKind.ONSITE_TASK).get().membership == newcomer
    entry = AuditEntry.objects.about(visit.task).first()
    assert (entry.action, entry.note) == ("task.change_team", "组长出差")


def test_change_team_is_too_late_once_the_visit_has_started(visit):
    visit.assign().start()

    with pytest.raises(TransitionError):
        task_moves.change_team(
            visit.task, actor=None, members=visit.team, planned_on=VISIT.date(), note="换人"
        )


def test_notify_tells_the_unit(visit):
    visit.assign()
    Message.objects.all().delete()

    visit.notify()

    assert Message.objects.get().membership == visit.unit


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"credential_shown": False}, "credential_shown"),
        ({"rules_read": False}, "rules_read"),
        ({"arrived_at": None}, "arrived_at"),
        ({"arrived_at": VISIT + dt.timedelta(days=1)}, "arrived_at"),
    ],
)
def test_start_needs_arrival_and_credentials(visit, changes, field):
    annex1()
    visit.assign()
    values = {
        "arrived_at": VISIT,
        "credential_shown": True,
        "rules_read": True,
        "attendees": "示例人",
    } | changes

    with pytest.raises(ValidationError) as error:
        task_moves.start(visit.task, actor=None, **values)

    assert set(error.value.message_dict) == {field}
    assert not ChecklistSheet.objects.exists()


def test_start_needs_a_current_checklist(visit):
    visit.assign()

    with pytest.raises(ValidationError, match="计量标准现场监督检查表"):
        task_moves.start(
            visit.task,
            actor=None,
            arrived_at=VISIT,
            credential_shown=True,
            rules_read=True,
            attendees="",
        )

    visit.task.refresh_from_db()
    assert visit.task.state == TaskState.ASSIGNED


def test_start_lays_out_a_sheet_per_standard_and_one_for_the_unit(db):
    visit = make_visit(standards=2).assign().start()

    sheets = list(visit.task.sheets.order_by("pk"))
    assert [sheet.standard_id is None for sheet in sheets] == [False, False, True]
    # 44 items of a standard, less G08 (社会公用) and G10 (部门) for an enterprise.
    assert [sheet.answers.count() for sheet in sheets] == [42, 42, 6]
    codes = set(sheets[0].answers.values_list("item__code", flat=True))
    assert {"G08", "G10"} & codes == set()
    assert "G09" in codes


def test_to_signing_lists_what_is_missing(visit):
    visit.assign().start().fill()
    visit.answer("D02", "deficient", "太短")

    with pytest.raises(ValidationError) as error:
        visit.send()

    name = str(visit.standard_sheet())
    assert error.value.messages == [
        f"{name} D02 事实记录不少于10个字",
        f"{name} D02 缺少证据",
        f"{name} 结论未确定",
        "单位层面 结论未确定",
    ]


def test_to_signing_refuses_a_conclusion_that_has_become_too_mild(visit):
    visit.assign().start().fill().conclude_sheets()
    visit.prove(visit.answer("D02", "nonconform", FACT))

    with pytest.raises(ValidationError, match="结论轻于建议结论（不符合）"):
        visit.send()


def test_to_signing_refuses_a_conclusion_that_has_become_too_grave(visit):
    visit.assign().start().fill({"D02": ("nonconform", FACT)}).conclude_sheets()
    visit.answer("D02", "conform")

    with pytest.raises(ValidationError, match="结论重于建议结论（符合）"):
        visit.send()


def test_conclude_raises_findings_hands_over_and_files_the_record(
    visit, django_capture_on_commit_callbacks
):
    visit.to_signing({"D02": ("nonconform", FACT), "E03": ("deficient", FACT)})
    visit.sign_team().sign_unit()

    with django_capture_on_commit_callbacks(execute=True):
        visit.conclude()

    task = visit.task
    assert (task.conclusion, task.left_at) == ("nonconform", clock.now())
    found = list(
        Finding.objects.order_by("item__code").values_list("item__code", "state", "severity")
    )
    assert found == [("D02", "raised", "nonconform"), ("E03", "raised", "deficient")]
    assert not duties_of(task, DutyKind.ONSITE_TASK).exists()
    review = duties_of(task, DutyKind.INSPECTION_REVIEW).get()
    assert review.authority == task.authority
    assert Job.objects.get().state == JobState.DONE
    assert all(sheet.record_id and sheet.signed_at for sheet in task.sheets.all())


def test_conclude_names_who_has_not_signed(visit):
    visit.to_signing()

    with pytest.raises(ValidationError) as error:
        visit.conclude()

    assert error.value.messages == [
        f"检查组成员尚未签字：{visit.leader.user}、{visit.officer.user}。"
    ]


def test_conclude_without_the_units_signature_needs_the_refusal_on_record(visit):
    visit.to_signing().sign_team()

    with pytest.raises(ValidationError, match="拒绝签字的，请记录情况"):
        visit.conclude()
    visit.conclude(refusal=result_moves.Refusal("负责人看过后离场，拒绝签字", witness="示例见证人"))

    assert visit.task.state == TaskState.CONCLUDED
    assert visit.task.refusal_reason == "负责人看过后离场，拒绝签字"
    assert visit.task.refusal_witness == "示例见证人"


def test_a_refusal_nobody_saw_and_nothing_shows_is_not_taken(visit):
    visit.to_signing().sign_team()

    with pytest.raises(ValidationError) as error:
        visit.conclude(refusal=result_moves.Refusal("负责人离场"))

    assert list(error.value.message_dict) == ["witness"]
    visit.conclude(
        refusal=result_moves.Refusal(
            "负责人离场",
            evidence=SimpleUploadedFile("离场.png", png(), content_type="image/png"),
        )
    )
    assert visit.task.refusal_evidence.media_type == "image/png"


def test_conclude_refuses_signatures_under_other_content(visit):
    visit.to_signing().sign_team().sign_unit()
    visit.standard_sheet().answers.filter(item__code="A01").update(note="事后改动")

    with pytest.raises(ValidationError, match="的签字已失效，请核对后重新签字"):
        visit.conclude()


def test_resume_voids_the_signatures_and_keeps_them(visit):
    visit.to_signing().sign_team()

    task_moves.resume(visit.task, actor=visit.leader.user, note="单位补充了材料")

    assert visit.task.state == TaskState.IN_PROGRESS
    assert Signature.objects.filter(void_at=clock.now()).count() == 2


def test_review_fulfils_the_offices_duties(visit):
    visit.concluded()

    result_moves.review(visit.task, actor=visit.office.user)

    assert not Duty.objects.open().filter(target_id=visit.task.pk).exists()


def test_reopen_recalls_findings_and_voids_signatures(visit):
    visit.concluded({"E03": ("deficient", FACT)})

    result_moves.reopen(visit.task, actor=visit.office.user, note="事实不清")

    assert visit.task.state == TaskState.IN_PROGRESS
    assert (visit.task.conclusion, visit.task.refusal_reason) == ("", "")
    assert Finding.objects.get().state == FindingState.DRAFT
    assert Signature.objects.filter(void_at=None).count() == 0
    assert Signature.objects.count() == 3
    assert not visit.task.sheets.exclude(signed_at=None).exists()
    assert duties_of(visit.task, DutyKind.ONSITE_TASK).get().membership == visit.leader
    assert not duties_of(visit.task, DutyKind.INSPECTION_REVIEW).exists()


def test_a_reopened_visit_confirms_what_is_still_a_problem(visit):
    visit.concluded({"E03": ("deficient", FACT), "E05": ("deficient", FACT)})
    result_moves.reopen(visit.task, actor=visit.office.user, note="E03 已提供材料")

    visit.answer("E03", "conform")
    visit.answer("E05", "nonconform", FACT + "复核属实。")
    visit.conclude_sheets().send().sign_team().sign_unit().conclude()

    states = dict(Finding.objects.values_list("item__code", "state"))
    assert states == {"E03": "draft", "E05": "raised"}
    refreshed = Finding.objects.get(item__code="E05")
    assert (refreshed.severity, refreshed.fact) == ("nonconform", FACT + "复核属实。")


def test_reopen_is_too_late_once_a_finding_has_moved_on(visit):
    visit.concluded({"E03": ("deficient", FACT)})
    Finding.objects.update(state="ordered", due_on=dt.date(2021, 8, 31))

    with pytest.raises(ValidationError, match="已有问题进入"):
        result_moves.reopen(visit.task, actor=visit.office.user, note="事实不清")


def test_close_needs_settled_findings_and_lifted_stops():
    task = TaskFactory(state=TaskState.REVIEWED)
    finding = FindingFactory(sheet__task=task, state="ordered")
    with pytest.raises(ValidationError, match="还有 1 个问题没有销号"):
        result_moves.close(task, actor=None)

    Finding.objects.filter(pk=finding.pk).update(state="verified")
    order = StopOrderFactory(task=task, state="in_force")
    with pytest.raises(ValidationError, match="停止量值传递尚未解除"):
        result_moves.close(task, actor=None)

    type(order).objects.update(state="lifted")
    result_moves.close(task, actor=None)
    assert task.state == TaskState.CLOSED


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": "weather"}, "reason"),
        ({"detail": "关门"}, "detail"),
        ({"attempted_at": VISIT + dt.timedelta(days=2)}, "attempted_at"),
        ({"follow_up_due": None}, "follow_up_due"),
        ({"follow_up_due": dt.date(2021, 6, 1)}, "follow_up_due"),
    ],
)
def test_a_record_of_a_failed_visit_has_to_be_complete(visit, changes, field):
    with pytest.raises(ValidationError) as error:
        record(visit, **changes)

    assert field in error.value.message_dict
    visit.task.refresh_from_db()
    assert visit.task.state == TaskState.PLANNED


def test_a_failed_visit_is_owed_a_follow_up(visit):
    visit.assign()

    record(visit)

    duty = duties_of(visit.task, DutyKind.FOLLOW_UP).get()
    assert (duty.authority, duty.due_on) == (visit.task.authority, dt.date(2021, 7, 15))
    assert not duties_of(visit.task, DutyKind.ONSITE_TASK).exists()
    assert visit.task.not_performed.reason == "suspended"


def test_a_follow_up_is_a_linked_task_with_the_same_standards(visit):
    record(visit)

    new = not_performed_moves.arrange_follow_up(
        visit.task, actor=visit.office.user, due_on=dt.date(2021, 7, 20)
    )

    assert (new.kind, new.state, new.follows) == ("follow_up", "planned", visit.task)
    assert list(new.standards.values_list("standard")) == list(
        visit.task.standards.values_list("standard")
    )
    assert visit.task.state == TaskState.FOLLOW_UP
    assert not duties_of(visit.task, DutyKind.FOLLOW_UP).exists()
    assert duties_of(new, DutyKind.FOLLOW_UP).get().due_on == dt.date(2021, 7, 20)


def test_a_second_failure_is_reported_to_the_organiser(visit):
    organiser = MembershipFactory(role="city_admin", authority=visit.task.campaign.organiser)
    record(visit)
    visit.task = not_performed_moves.arrange_follow_up(
        visit.task, actor=visit.office.user, due_on=dt.date(2021, 7, 20)
    )

    record(visit)

    assert Message.objects.get(membership=organiser).subject.startswith("后续检查仍未能实施")


def test_a_follow_up_in_vain_can_be_closed_with_what_was_done_about_it(visit):
    record(visit)
    visit.task = not_performed_moves.arrange_follow_up(
        visit.task, actor=visit.office.user, due_on=dt.date(2021, 7, 20)
    )
    record(visit)

    with pytest.raises(ValidationError):
        not_performed_moves.close_not_performed(visit.task, actor=None, note=" ")
    not_performed_moves.close_not_performed(
        visit.task, actor=None, note="两次上门未果，已移送并报市局"
    )

    assert visit.task.state == TaskState.CLOSED
    assert not duties_of(visit.task, DutyKind.FOLLOW_UP).filter(fulfilled_at=None).exists()


def test_a_visit_that_will_never_be_made_is_closed_only_for_a_final_reason(visit):
    record(visit)
    with pytest.raises(ValidationError, match="其他情况应安排后续检查"):
        not_performed_moves.close_not_performed(visit.task, actor=None, note="停产")

    final = make_visit()
    record(final, reason="dissolved", follow_up_due=None)
    not_performed_moves.close_not_performed(
        final.task, actor=None, note="已注销，证书移交发证部门注销"
    )
    assert final.task.state == TaskState.CLOSED


def test_a_refusal_is_followed_up(visit):
    visit.assign().start()

    not_performed_moves.refuse(visit.task, actor=visit.leader.user, note="拒绝提供原始记录并锁门")

    assert visit.task.state == TaskState.REFUSED
    assert duties_of(visit.task, DutyKind.FOLLOW_UP).get().authority == visit.task.authority
    assert Message.objects.filter(membership=visit.office, subject__startswith="拒绝检查").exists()
