"""How an application for 更换、封存、撤销、恢复使用 moves. What an approval does is the services' business."""

from metrostd.common.transitions import Transition
from metrostd.registry.enums import ChangeState

_S = ChangeState

SUBMIT = Transition("change.submit", "提交", frozenset(_S.editable), _S.SUBMITTED)
SEND_BACK = Transition(
    "change.send_back", "退回补正", frozenset({_S.SUBMITTED}), _S.RETURNED, needs_note=True
)
APPROVE = Transition("change.approve", "批准", frozenset({_S.SUBMITTED}), _S.APPROVED)
REFUSE = Transition(
    "change.refuse", "不予批准", frozenset({_S.SUBMITTED}), _S.REFUSED, needs_note=True
)
TAKE_BACK = Transition("change.take_back", "撤回", frozenset(_S.open), _S.WITHDRAWN)

MOVES = (SUBMIT, SEND_BACK, APPROVE, REFUSE, TAKE_BACK)
