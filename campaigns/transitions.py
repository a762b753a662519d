"""The moves of campaigns and draws. Opening and closing do more than move: see ``services``."""

from metrostd.common.transitions import Transition

from .enums import CampaignState, DrawState

OPEN = Transition("open", "开启专项行动", frozenset({CampaignState.DRAFT}), CampaignState.OPEN)
CLOSE = Transition("close", "结束专项行动", frozenset({CampaignState.OPEN}), CampaignState.CLOSED)
#: A draw is never overwritten: it is declared void with a reason and another one is run.
VOID = Transition("void", "作废抽取", frozenset({DrawState.VALID}), DrawState.VOID, needs_note=True)

CAMPAIGN_MOVES = (OPEN, CLOSE)
DRAW_MOVES = (VOID,)
