"""Whoever put a complaint on record does not decide alone that nothing is made of it."""

from metrostd.accounts.separation import Act, separated

from .models import Complaint

DECLINE: Act[Complaint] = separated(
    Act(
        name="complaint.decline",
        who="登记该投诉举报的人",
        may_not="自己决定不予受理",
        kept=lambda row: [] if row.by_discipline else [row.registered_by_id],
        office=lambda row: row.authority,
    )
)
