"""What risk adds below: lists that hold results of inspections wait for the pledge; what somebody deals with goes to a
successor.
"""

from campaigns.pledges import keep_lists_under_pledge
from metrostd.accounts.leaving import Holding, holding
from metrostd.common.jobs import job_right
from metrostd.common.models import Job
from metrostd.common.policies import YES, Verdict

from . import (
    moves,
    policies,
    separation,  # noqa: F401 -- adds its row to the table
)


@job_right("risk.count")
def may_still_count(job: Job) -> Verdict:
    """Who asked for it may see the figures when its turn comes, too."""
    return YES if job.owner is None else policies.may_see(job.owner)


keep_lists_under_pledge(
    "risk:index", "risk:parts", "risk:trend", "risk:targeted", "risk:export", "risk:next_year", "risk:unit",
    "risk:direct", "risk:revise",
)  # fmt: skip

holding(
    Holding(
        "风险预警",
        lambda leaving: [str(row) for row in moves.of_person(leaving).select_related("standard")],
        lambda leaving, taking, actor: moves.pass_on(leaving, taking, actor=actor),
    )
)
