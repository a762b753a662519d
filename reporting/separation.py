"""Who may not decide on own work: whoever handed a table in does not take it, whoever wrote a bulletin does not publish it."""

from collections.abc import Iterable

from metrostd.accounts.separation import Act, separated
from metrostd.common.models import AuditEntry
from metrostd.common.roles import Role

from .drafts import last_edition
from .models import Bulletin, StatReport
from .narrative import bulletins


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


def writers_of(row: Bulletin) -> set[int | None]:
    """Everybody by whose hand the words of a bulletin are, as the trail has it."""
    saved = AuditEntry.objects.about(row).filter(action__in=(bulletins.CREATED, bulletins.EDITED))
    return set(saved.values_list("actor", flat=True))


#: What is public cannot be made unread. Withdrawing is everybody's at the office, the writer's too: it
#: shows less, not more, needs a reason, and must not wait for a second person.
PUBLISH_BULLETIN: Act[Bulletin] = separated(
    Act(
        name="bulletin.publish",
        who="拟写或者修改过通报的人",
        may_not="自己发布",
        kept=writers_of,
        office=lambda row: row.campaign.organiser,
        roles=frozenset({Role.CITY_ADMIN}),
    )
)
