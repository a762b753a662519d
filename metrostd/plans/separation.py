"""Whoever handed a work plan in for a district does not file it for the city, nor give it back."""

from metrostd.accounts.separation import Act, separated
from metrostd.common.roles import Role

from .models import WorkPlan

FILE: Act[WorkPlan] = separated(
    Act(
        name="plan.file",
        who="报送工作计划的人",
        may_not="自己备案或者退回",
        kept=lambda plan: [plan.submitted_by_id],
        office=lambda plan: plan.campaign.organiser,
        roles=frozenset({Role.CITY_ADMIN}),
    )
)
