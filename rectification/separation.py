"""Who may not decide on an order of rectification: whoever issued it, reported on it or asked for another day."""

from collections.abc import Iterable

from inspections.models import Finding
from inspections.separation import ISSUER, TAKE_BACK
from metrostd.accounts.separation import Act, separated
from metrostd.registry.models import Authority

from .enums import ExtensionState
from .models import ExtensionRequest, Rectification, RectificationOrder


def _office(finding: Finding) -> Authority:
    return finding.task.authority


def reporters(finding: Finding) -> set[int | None]:
    """Who handed in what the office is to decide on."""
    rounds: Iterable[Rectification] = finding.rectifications.all()
    return {row.submitted_by_id for row in rounds if row.submitted_at}


def _askers(finding: Finding) -> Iterable[int | None]:
    asked: Iterable[ExtensionRequest] = finding.extensions.all()
    return [row.asked_by_id for row in asked if row.state == ExtensionState.ASKED]


#: A person may be of a unit and of an office; what they handed in for the one they do not confirm for the other.
REVIEW_FINDING: Act[Finding] = separated(
    Act(
        name="finding.review",
        who="报送整改情况的人",
        may_not="自己确认或者退回整改",
        kept=reporters,
        office=_office,
    )
)
EXTEND: Act[Finding] = separated(
    Act(
        name="finding.extend",
        who="申请延期的人",
        may_not="自己答复延期申请",
        kept=_askers,
        office=_office,
    )
)

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
