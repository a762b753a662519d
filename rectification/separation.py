"""Who may not decide on an order of rectification: whoever issued it does not take it back."""

from inspections.separation import ISSUER, TAKE_BACK
from metrostd.accounts.separation import Act, separated

from .models import RectificationOrder

WITHDRAW_ORDER: Act[RectificationOrder] = separated(
    Act(
        name="order.withdraw",
        who=ISSUER,
        may_not=TAKE_BACK,
        kept=lambda order: [order.issued_by_id],
        office=lambda order: order.task.authority,
        alone=True,
    )
)
