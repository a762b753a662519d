"""考核工作监督检查 of a bureau (domain §7.8): every move, from every state; what follows from each."""

import datetime as dt
import itertools

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from campaigns import moves as campaign_moves
from campaigns.enums import DutyKind
from campaigns.models import Duty
from inspections.enums import TaskState
from inspections.enums.reviews import ReviewState
from inspections.models import CertificationReview, InspectionTask, ReviewProblem
from inspections.moves import not_performed, result, review
from metrostd.common import clock
from metrostd.common.http import StaleError
from metrostd.common.models import AuditEntry
from metrostd.common.roles import Role
from metrostd.common.transitions import TransitionError
from metrostd.notifications.models import Message
from tests.duties import idle
from tests.factories.accounts import MembershipFactory
from tests.inspections.bureau_story import DUE, FACT, make_bureau_visit
from tests.inspections.story import VISIT

AFTER = clock.at_time(DUE + dt.timedelta(days=1), 9)


@pytest.fixture
def visit(db):
    return make_bureau_visit()


def owed(visit) -> set[tuple[str, int]]:
    """Open duties of the review and of its visit: what, by whom."""
    about = Duty.objects.open().exclude(kind=DutyKind.BUREAU_DRAW)
    return {
        (row.kind, row.authority_id or row.membership.authority_id)
        for row in about.select_related("membership")
    }


def test_a_drawn_bureau_has_a_review_and_a_visit(visit):
    assert (visit.review.state, visit.task.state) == ("drawn", "planned")
    assert visit.task.subject == visit.review.bureau
    assert owed(visit) == {(DutyKind.BUREAU_REVIEW, visit.review.authority_id)}


def test_the_whole_way_to_the_confirmation(visit):
    states = []

    def note(*_):
        states.append(visit.review.state)
        assert idle() == []

    visit.assign().notify()
    note()
    visit.request_files()
    note()
    visit.start()
    note()
    visit.fill({"P01": ("deficient", FACT)}).conclude_sheets().send()
    visit.sign_team().sign_unit().conclude()
    note()
    visit.task.refresh_from_db()
    result.review(visit.task, actor=visit.second.user)
    review.demand_measures(visit.review, due_on=DUE, requirement="", actor=visit.second.user)
    note()
    visit.measured()
    review.submit_measures(visit.review, actor=visit.unit.user)
    note()
    visit.decided()
    note()
    assert states == [
        "notified",
        "files_requested",
        "on_review",
        "concluded",
        "measures_due",
        "measures_submitted",
        "confirmed",
    ]
    assert not Duty.objects.open().exclude(kind=DutyKind.BUREAU_DRAW).exists()
    result.close(visit.task, actor=visit.second.user)
    assert visit.task.state == TaskState.CLOSED


def test_what_fails_is_reported_up_and_discipline_learns_of_it(visit):
    watch = MembershipFactory(role=Role.DISCIPLINE, authority=visit.office.authority)
    visit.submitted().decided("failed", "公示内容仍不全")

    assert visit.review.state == ReviewState.FAILED
    assert owed(visit) == {(DutyKind.BUREAU_CONFIRM, visit.review.authority_id)}
    with pytest.raises(ValidationError, match="上报对象"):
        review.report_up(visit.review, to=" ", on=VISIT.date(), note="情况", actor=None)
    said = {"to": "分管负责同志", "on": VISIT.date(), "actor": None}
    with clock.pinned(VISIT + dt.timedelta(days=2)):
        with pytest.raises(ValidationError, match="请说明当时没有登记的理由"):
            review.report_up(visit.review, **said, note="两个问题没有改")
        with pytest.raises(ValidationError, match="请说明理由"):
            review.report_up(visit.review, **said, note=" ", late_reason="经办人出差")
    review.report_up(visit.review, **said, note="两个问题没有改")

    assert visit.review.state == ReviewState.REPORTED_UP
    assert Message.objects.filter(membership=watch, subject__contains="整改不合格").exists()
    assert idle() == []


def test_nothing_handed_in_fails_once_the_day_has_passed_and_not_before(visit):
    visit.demanded()
    with pytest.raises(ValidationError, match="期限未过"):
        review.fail_overdue(visit.review, note="未报", actor=visit.second.user)

    with clock.pinned(AFTER):
        review.fail_overdue(visit.review, note="经催办仍未报送", actor=visit.second.user)

    assert visit.review.state == ReviewState.FAILED
    assert set(visit.review.problems.values_list("result", flat=True)) == {"failed"}


def test_late_is_late(visit):
    visit.demanded().measured()
    with clock.pinned(AFTER):
        review.submit_measures(visit.review, actor=visit.unit.user)

    assert visit.review.is_late


def test_without_problems_a_review_ends_with_its_visit(visit):
    visit.reviewed()

    with pytest.raises(ValidationError, match="没有发现问题"):
        review.demand_measures(visit.review, due_on=DUE, requirement="", actor=None)
    review.clear(visit.review, actor=visit.second.user)
    assert visit.review.state == ReviewState.CONFIRMED


def test_with_problems_it_does_not(visit):
    visit.reviewed({"P01": ("deficient", FACT)})

    with pytest.raises(ValidationError, match="发现问题 1 个"):
        review.clear(visit.review, actor=visit.second.user)


def test_nothing_is_demanded_before_the_record_is_looked_at(visit):
    visit.assign().notify().request_files().start().fill({"P01": ("deficient", FACT)})
    visit.conclude_sheets().send().sign_team().sign_unit().conclude()

    with pytest.raises(ValidationError, match="尚未审核"):
        review.demand_measures(visit.review, due_on=DUE, requirement="", actor=None)


def test_a_visit_begins_when_the_files_have_been_asked_for(visit):
    visit.assign().notify()

    with pytest.raises(TransitionError, match="调取案卷以后"):
        visit.start()
    visit.task.refresh_from_db()
    assert visit.task.state == TaskState.NOTIFIED


def test_measures_are_handed_in_complete(visit):
    visit.demanded()

    with pytest.raises(ValidationError, match="P01：缺整改措施、预防措施、完成日期、证明材料"):
        review.submit_measures(visit.review, actor=visit.unit.user)


def test_the_second_of_two_who_write_a_measure_sees_both(visit):
    visit.demanded()
    problem = visit.review.problems.get()
    visit.measured(problem)

    with pytest.raises(StaleError) as stale:
        review.save_measure(problem, {"measure": "另一措施"}, base_version=0, actor=visit.unit.user)
    assert "整改措施" in stale.value.payload["fields"]


def test_each_problem_is_decided_and_a_failure_says_why(visit):
    visit.submitted()
    problem = visit.review.problems.get()

    for decisions, words in (
        ({}, "请选择确认结果"),
        ({problem.pk: ("failed", " ")}, "请写明理由"),
    ):
        with pytest.raises(ValidationError, match=words):
            review.decide(visit.review, decisions, actor=visit.second.user)
    assert visit.review.state == ReviewState.MEASURES_SUBMITTED


def test_a_visit_given_back_takes_its_problems_along(visit):
    visit.assign().notify().request_files().start().fill({"P01": ("deficient", FACT)})
    visit.conclude_sheets().send().sign_team().sign_unit().conclude()
    visit.task.refresh_from_db()

    result.reopen(visit.task, actor=visit.second.user, note="结论有误")

    assert visit.review.state == ReviewState.ON_REVIEW
    assert ReviewProblem.objects.filter(stands=True).count() == 0
    visit.answer("P01", "conform")
    visit.answer("S02", "deficient", FACT)
    visit.prove(visit.whole().answers.get(item__code="S02"))
    visit.conclude_sheets().send().sign_team().sign_unit().conclude()
    standing = ReviewProblem.objects.counted()
    assert [row.item.code for row in standing] == ["S02"]
    assert ReviewProblem.objects.count() == 2


def test_a_bureau_is_visited_another_day_and_does_not_refuse(visit):
    visit.assign().notify()

    assert "改期" in not_performed.NOT_PERFORMED.verdict(visit.task).reason
    visit.request_files().start()
    assert "改期" in not_performed.REFUSE.verdict(visit.task).reason


def test_nobody_of_the_bureau_is_on_the_team(visit):
    own = MembershipFactory(role=Role.DISTRICT_INSPECTOR, authority=visit.review.bureau)
    visit.extra = [(own, "officer")]

    with pytest.raises(ValidationError, match="是被检查区局人员，应当回避"):
        visit.assign()


#: By hand: §7.8, with giving a record back and ending without problems.
ALLOWED = {
    ("drawn", "review.notify"): "notified",
    ("notified", "review.request_files"): "files_requested",
    ("files_requested", "review.begin"): "on_review",
    ("on_review", "review.conclude"): "concluded",
    ("concluded", "review.reopen"): "on_review",
    ("concluded", "review.demand_measures"): "measures_due",
    ("concluded", "review.clear"): "confirmed",
    ("measures_due", "review.submit_measures"): "measures_submitted",
    ("measures_due", "review.fail"): "failed",
    ("measures_submitted", "review.confirm"): "confirmed",
    ("measures_submitted", "review.fail"): "failed",
    ("failed", "review.report_up"): "reported_up",
}


def test_every_state_against_every_move(visit):
    """All of it beside one visit whose measures are complete and whose day has passed: each is taken back."""
    visit.demanded().measured()
    row = visit.review
    CertificationReview.objects.filter(pk=row.pk).update(
        measures_due_on=DUE, reported_on=DUE, reported_to="示例"
    )
    known = AuditEntry.objects.about(row).count()
    for state, move in itertools.product(ReviewState.values, review.MOVES):
        mark = transaction.savepoint()
        CertificationReview.objects.filter(pk=row.pk).update(state=state)
        if move is review.CLEAR:
            ReviewProblem.objects.filter(review=row).update(stands=False)
        with clock.pinned(AFTER):
            now = visit.review
            if target := ALLOWED.get((state, move.name)):
                move.apply(now, actor=None, note="示例")
                entry = AuditEntry.objects.about(row).get(action=move.name, note="示例")
                assert (entry.before["state"], entry.after["state"]) == (state, target)
            else:
                target = state
                with pytest.raises(TransitionError):
                    move.apply(now, actor=None, note="示例")
                assert AuditEntry.objects.about(row).count() == known
        assert visit.review.state == target, (state, move.name)
        transaction.savepoint_rollback(mark)


def test_every_move_leaves_a_trail_and_starts_from_its_states_alone(visit):
    visit.submitted().decided()
    made = set(AuditEntry.objects.about(visit.review).values_list("action", flat=True))
    assert {move.name for move in review.MOVES} - made == {
        "review.reopen",
        "review.clear",
        "review.fail",
        "review.report_up",
    }

    for move in review.MOVES:
        for state in set(ReviewState.values) - move.sources:
            row = CertificationReview(state=state, bureau=visit.review.bureau)
            assert not move.verdict(row), (move.name, state)


def test_a_void_draw_lists_no_bureau(visit):
    campaign_moves.void_draw(visit.review.drawn.run, actor=None, note="公告号码录入有误。")

    assert not CertificationReview.objects.standing().exists()
    assert not InspectionTask.objects.listed().exists()
    assert idle() == []


def test_a_draw_whose_visits_are_under_way_stands(visit):
    visit.assign()

    with pytest.raises(ValidationError, match="派员或实施"):
        campaign_moves.void_draw(visit.review.drawn.run, actor=None, note="公告号码录入有误。")
