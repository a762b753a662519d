"""Who may not decide on a self-check: whoever filled it in or handed it in does not accept or waive it."""

from collections.abc import Iterable

from metrostd.accounts.separation import Act, separated
from metrostd.common.models import AuditEntry

from .models import SelfCheckReport
from .moves import SUBMIT


def _authors(report: SelfCheckReport) -> Iterable[int | None]:
    answered = report.answers.exclude(answered_by=None).values_list("answered_by", flat=True)
    handed_in = AuditEntry.objects.about(report).filter(action=SUBMIT.name)
    return {*answered.distinct(), *handed_in.values_list("actor", flat=True)}


ACCEPT_REPORT: Act[SelfCheckReport] = separated(
    Act(
        name="selfcheck.accept",
        who="填报或者报送自查报告的人",
        may_not="自己接收或者免报",
        kept=_authors,
        office=lambda report: report.receiver,
    )
)
