"""Whoever dealt with a warning does not say alone that it is settled."""

from metrostd.accounts.separation import Act, separated

from .models import RiskWarning

CLOSE: Act[RiskWarning] = separated(
    Act(
        name="risk_warning.close",
        who="处置该预警的人",
        may_not="自己办结",
        kept=lambda row: [row.assigned_to.user_id] if row.assigned_to else [],
        office=lambda row: row.authority,
    )
)
