"""Every state of a finding against every move, by hand; then the days that limit a move."""

import datetime as dt
import itertools

import pytest
from django.core.exceptions import ValidationError

from inspections.enums import FindingState
from inspections.models import Finding
from inspections.moves import finding as finding_moves
from inspections.moves import result as result_moves
from metrostd.common import clock
from metrostd.common.models import AuditEntry
from metrostd.common.transitions import TransitionError
from rectification.models import ExtensionRequest
from tests.factories.inspections import FindingFactory
from tests.inspections.story import FACT, VISIT

pytestmark = pytest.mark.django_db

MOVES = {
    "raise": lambda f: finding_moves.RAISE.apply(f, actor=None),
    "dispute": lambda f: finding_moves.dispute(f, actor=None, note="证明在有效期内"),
    "uphold": lambda f: finding_moves.uphold(f, actor=None, note="检查日已过期"),
    "withdraw": lambda f: finding_moves.withdraw(f, actor=None, note="核实在有效期内"),
    "order": lambda f: finding_moves.order(f, actor=None, due_on=dt.date(2021, 8, 31)),
    "correct_on_spot": lambda f: finding_moves.correct_on_spot(f, actor=None, note="当场补齐"),
    "submit": lambda f: finding_moves.submit(f, actor=None),
    "verify": lambda f: finding_moves.verify(f, actor=None),
    "send_back": lambda f: finding_moves.send_back(f, actor=None, note="缺少证书"),
    "fail": lambda f: finding_moves.fail(f, actor=None, note="逾期未整改"),
    "extend": lambda f: finding_moves.extend(
        f, actor=None, due_on=dt.date(2021, 9, 20), note="送检排队"
    ),
    "release": lambda f: finding_moves.release(f, actor=None, note="文书撤回"),
    "handle": lambda f: finding_moves.handle(f, actor=None, note="证书已注销"),
}

ALLOWED = {
    ("draft", "raise"): "raised",
    ("raised", "dispute"): "disputed",
    ("disputed", "uphold"): "raised",
    ("disputed", "withdraw"): "withdrawn",
    ("raised", "order"): "ordered",
    ("raised", "correct_on_spot"): "no_action",
    ("ordered", "submit"): "submitted",
    ("returned", "submit"): "submitted",
    ("submitted", "verify"): "verified",
    ("submitted", "send_back"): "returned",
    ("submitted", "fail"): "failed",
    ("returned", "fail"): "failed",
    ("ordered", "fail"): "failed",
    ("ordered", "extend"): "ordered",
    ("returned", "extend"): "returned",
    ("failed", "handle"): "handled",
    ("ordered", "release"): "raised",
    ("submitted", "release"): "raised",
    ("returned", "release"): "raised",
    ("failed", "release"): "raised",
}


@pytest.mark.parametrize(("state", "move"), list(itertools.product(FindingState.values, MOVES)))
def test_every_state_against_every_move(state, move):
    finding = FindingFactory(state=state, objection_waiver="示例" if move == "order" else "")

    if target := ALLOWED.get((state, move)):
        MOVES[move](finding)
        finding.refresh_from_db()
        assert finding.state == target
        assert AuditEntry.objects.about(finding).get().before["state"] == state
    else:
        with pytest.raises(TransitionError):
            MOVES[move](finding)
        finding.refresh_from_db()
        assert finding.state == state
        assert not AuditEntry.objects.about(finding).exists()


@pytest.mark.parametrize(
    "move", ["dispute", "uphold", "withdraw", "correct_on_spot", "send_back", "fail", "handle"]
)
def test_moves_that_need_a_reason(move):
    source = next(state for state, name in ALLOWED if name == move)
    finding = FindingFactory(state=source)

    with pytest.raises(ValidationError) as error:
        getattr(finding_moves, move)(finding, actor=None, note=" ")

    assert error.value.message_dict == {"note": ["请说明理由。"]}


def test_an_objection_is_taken_until_the_fifth_work_day():
    finding = FindingFactory(state="raised")
    # Tuesday 15 June: five work days later is Tuesday 22 June.
    assert finding_moves.objection_deadline(finding) == dt.date(2021, 6, 22)

    with clock.pinned(clock.at_time(dt.date(2021, 6, 23))), pytest.raises(ValidationError):
        finding_moves.dispute(finding, actor=None, note="有异议")
    with clock.pinned(clock.at_time(dt.date(2021, 6, 22))):
        finding_moves.dispute(finding, actor=None, note="有异议")

    assert finding.state == FindingState.DISPUTED


def test_a_submission_is_not_sent_back_after_the_due_day():
    finding = FindingFactory(state="submitted")

    with clock.pinned(clock.at_time(dt.date(2021, 9, 1))), pytest.raises(ValidationError) as error:
        finding_moves.send_back(finding, actor=None, note="缺少证书")

    assert "整改期限已过" in error.value.messages[0]


@pytest.mark.parametrize(
    ("changes", "due_on", "today", "reason"),
    [
        ({"extended_from": dt.date(2021, 8, 1)}, dt.date(2021, 9, 9), VISIT.date(), "只能延期一次"),
        ({}, dt.date(2021, 9, 9), dt.date(2021, 9, 1), "期限已过"),
        ({}, dt.date(2021, 8, 31), VISIT.date(), "应晚于原期限"),
        ({}, dt.date(2021, 10, 16), VISIT.date(), "2021年10月15日"),
    ],
)
def test_an_extension_has_its_limits(changes, due_on, today, reason):
    finding = FindingFactory(state="ordered", **changes)

    with clock.pinned(clock.at_time(today)), pytest.raises(ValidationError, match=reason):
        finding_moves.extend(finding, actor=None, due_on=due_on, note="送检排队")


def test_an_extension_remembers_the_first_due_day():
    finding = FindingFactory(state="ordered")

    finding_moves.extend(finding, actor=None, due_on=dt.date(2021, 9, 20), note="送检排队")

    assert (finding.due_on, finding.extended_from) == (dt.date(2021, 9, 20), dt.date(2021, 8, 31))


def test_a_decision_is_kept_with_the_finding():
    finding = FindingFactory(state="disputed")

    finding_moves.withdraw(finding, actor=None, note="核实在有效期内")

    assert finding.decision == "核实在有效期内"


def test_recalled_findings_leave_a_trail():
    finding = FindingFactory(state="raised")

    finding_moves.recall_all([finding], actor=None, note="退回重填")

    finding.refresh_from_db()
    assert finding.state == FindingState.DRAFT
    assert AuditEntry.objects.about(finding).get().note == "退回重填"


def test_the_days_for_an_objection_count_from_the_second_signing(visit):
    visit.concluded({"D02": ("deficient", FACT)})
    result_moves.reopen(visit.task, actor=visit.office.user, note="结论依据不足")
    later = clock.at_time(dt.date(2021, 7, 1), 16)

    with clock.pinned(later):
        visit.conclude_sheets().send().sign_team().sign_unit().conclude()

    finding = Finding.objects.get(task=visit.task)
    assert finding_moves.objection_deadline(finding) == dt.date(2021, 7, 8)


def test_a_request_made_in_time_is_not_granted_into_the_past():
    finding = FindingFactory(state="ordered")
    ExtensionRequest.objects.create(finding=finding, wanted_on=dt.date(2021, 9, 9), reason="排队")

    with (
        clock.pinned(clock.at_time(dt.date(2021, 9, 10))),
        pytest.raises(ValidationError, match="不能早于今天"),
    ):
        finding_moves.extend(
            finding,
            actor=None,
            due_on=dt.date(2021, 9, 9),
            note="送检排队",
            asked_on=dt.date(2021, 8, 30),
        )
