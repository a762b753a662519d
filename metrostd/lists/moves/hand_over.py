"""How a hand-over and a returned row move."""

from metrostd.common.transitions import Transition
from metrostd.registry.enums import HandOverState, ReturnState
from metrostd.registry.models import HandOver

_H, _R = HandOverState, ReturnState


def unconfirmed(hand_over: HandOver) -> str:
    """Every row of an institution is confirmed or marked before the list is acknowledged."""
    # A page that lists hand-overs has counted already.
    waiting = getattr(hand_over, "unconfirmed_count", None)
    if waiting is None:
        waiting = hand_over.rows.unconfirmed().count()
    return f"还有 {waiting} 行事业单位计量标准没有确认，请先逐行确认或退回。" if waiting else ""


ACKNOWLEDGE = Transition(
    "hand_over.acknowledge",
    "签收",
    frozenset({_H.SENT}),
    _H.ACKNOWLEDGED,
    otherwise="不用再签收",
    guards=(unconfirmed,),
)
#: With the list itself: its rows are no longer in the register.
WITHDRAW = Transition(
    "hand_over.withdraw", "撤回移交", frozenset({_H.SENT}), _H.WITHDRAWN, needs_note=True
)
HAND_OVER_MOVES = (ACKNOWLEDGE, WITHDRAW)

SEND_BACK = Transition("hand_over_return.send_back", "退回", frozenset({_R.DRAFT}), _R.OPEN)
#: The district thought again, before the issuing office decided.
TAKE_BACK = Transition(
    "hand_over_return.take_back", "撤销退回", frozenset({_R.DRAFT, _R.OPEN}), _R.WITHDRAWN
)
#: Another district gets the row; there is nothing left for this one to acknowledge.
PASS_ON = Transition("hand_over_return.pass_on", "改派", frozenset({_R.OPEN}), _R.RESOLVED)
ANSWER = Transition(
    "hand_over_return.answer",
    "答复",
    frozenset({_R.OPEN}),
    _R.ANSWERED,
    otherwise="没有需要处理的内容",
)
ACCEPT = Transition(
    "hand_over_return.accept",
    "签收",
    frozenset({_R.ANSWERED}),
    _R.RESOLVED,
    otherwise="没有需要签收的答复",
)
#: The district does not agree with the answer.
INSIST = Transition(
    "hand_over_return.insist", "再次退回", frozenset({_R.ANSWERED}), _R.OPEN, needs_note=True
)
RETURN_MOVES = (SEND_BACK, TAKE_BACK, PASS_ON, ANSWER, ACCEPT, INSIST)
