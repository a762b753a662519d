"""What risk adds below: lists that hold results of inspections wait for the pledge; what somebody deals with goes to a
successor.
"""

from campaigns.pledges import keep_lists_under_pledge
from metrostd.accounts.leaving import Holding, holding

from . import (
    moves,
    separation,  # noqa: F401 -- adds its row to the table
)

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
