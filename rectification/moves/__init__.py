"""Tables of moves: the order of a unit, extension requests, dispositions, referrals.

Findings have their own table (inspections.finding_moves); an order follows its findings.
"""

from collections.abc import Iterable
from typing import Any

from inspections.enums import FindingState
from metrostd.common.transitions import Transition

from .enums import DispositionState, ExtensionState, OrderState, ReferralState
from .models import RectificationOrder

_O, _E, _D, _R = OrderState, ExtensionState, DispositionState, ReferralState

SUBMIT = Transition(
    "rectification.submit",
    "报送整改情况",
    frozenset({_O.PENDING, _O.PARTIALLY_VERIFIED}),
    _O.SUBMITTED,
)
SEND_BACK = Transition("rectification.send_back", "退回整改", frozenset({_O.SUBMITTED}), _O.PENDING)
VERIFY_PART = Transition(
    "rectification.verify_part",
    "部分确认合格",
    frozenset({_O.SUBMITTED}),
    _O.PARTIALLY_VERIFIED,
)
VERIFY = Transition("rectification.verify", "全部确认合格", frozenset({_O.SUBMITTED}), _O.VERIFIED)
FAIL = Transition("rectification.fail", "整改不合格", frozenset(_O.open), _O.FAILED)

GRANT = Transition("extension.grant", "同意延期", frozenset({_E.ASKED}), _E.GRANTED)
REFUSE = Transition(
    "extension.refuse", "不同意延期", frozenset({_E.ASKED}), _E.REFUSED, needs_note=True
)

DECIDE = Transition("disposition.decide", "作出处置决定", frozenset({_D.PROPOSED}), _D.DECIDED)
REJECT = Transition(
    "disposition.reject", "不采纳处置建议", frozenset({_D.PROPOSED}), _D.REJECTED, needs_note=True
)

RECEIVE = Transition("referral.receive", "接收移送", frozenset({_R.SENT}), _R.RECEIVED)
FILE = Transition("referral.file", "立案", frozenset({_R.RECEIVED}), _R.FILED)
DECLINE = Transition("referral.decline", "不予立案", frozenset({_R.RECEIVED}), _R.NOT_FILED)
CONCLUDE = Transition("referral.conclude", "作出处理决定", frozenset({_R.FILED}), _R.DECIDED)
RETURN_RESULT = Transition(
    "referral.return_result",
    "反馈处理结果",
    frozenset({_R.DECIDED, _R.NOT_FILED}),
    _R.RETURNED,
)
REFERRAL_MOVES = (RECEIVE, FILE, DECLINE, CONCLUDE, RETURN_RESULT)

ORDER_MOVES = (SUBMIT, SEND_BACK, VERIFY_PART, VERIFY, FAIL)
EXTENSION_MOVES = (GRANT, REFUSE)
DISPOSITION_MOVES = (DECIDE, REJECT)
MOVES = (*ORDER_MOVES, *EXTENSION_MOVES, *DISPOSITION_MOVES, *REFERRAL_MOVES)

_BY_TARGET = {
    _O.PENDING: SEND_BACK,
    _O.SUBMITTED: SUBMIT,
    _O.PARTIALLY_VERIFIED: VERIFY_PART,
    _O.VERIFIED: VERIFY,
    _O.FAILED: FAIL,
}


def settled_state(states: Iterable[str]) -> OrderState:
    """The state of an order whose findings are in these states.

    One failed finding fails the unit for good; otherwise what waits for the office comes before
    what waits for the unit.
    """
    found = set(states)
    if found & FindingState.rectification_failed:
        return _O.FAILED
    if FindingState.SUBMITTED in found:
        return _O.SUBMITTED
    if found & {FindingState.ORDERED, FindingState.RETURNED}:
        return _O.PARTIALLY_VERIFIED if FindingState.VERIFIED in found else _O.PENDING
    return _O.VERIFIED


def settle(order: RectificationOrder, *, actor: Any, note: str = "") -> OrderState:
    """Let the order follow its findings; raises TransitionError when somebody else moved it."""
    states = order.items.values_list("finding__state", flat=True)
    target = settled_state(states)
    # A failed unit stays failed, also when the finding that failed has been handled since.
    if order.state not in (target, _O.FAILED):
        _BY_TARGET[target].apply(order, actor=actor, note=note)
    return OrderState(order.state)


def referral_path(state: str, target: str, *, filed: bool = False) -> list[Transition]:
    """The moves that lead a referral from one state to another; empty when there is no way.

    A result comes back by two ways: ``filed`` says whether the case had been filed on its way.
    """
    paths: list[list[Transition]] = [[]]
    found = []
    for path in paths:
        here = path[-1].target if path else state
        if path and here == target:
            found.append(path)
        paths += [[*path, move] for move in REFERRAL_MOVES if move.allowed_from(here)]
    found.sort(key=lambda path: (FILE in path) != filed)
    return found[0] if found else []
