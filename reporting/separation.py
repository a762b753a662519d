"""Who may not decide on a table of statistics: whoever handed it in does not accept or return it."""

from collections.abc import Iterable

from metrostd.accounts.separation import Act, separated
from metrostd.common.roles import Role

from .drafts import last_edition
from .models import StatReport


def _sender(report: StatReport) -> Iterable[int | None]:
    last = last_edition(report)
    return [last.submitted_by_id] if last else []


ACCEPT_TABLE: Act[StatReport] = separated(
    Act(
        name="report.accept",
        who="报送统计表的人",
        may_not="自己接收或者退回",
        kept=_sender,
        office=lambda report: report.campaign.organiser,
        roles=frozenset({Role.CITY_ADMIN}),
    )
)
