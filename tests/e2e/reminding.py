"""A running campaign whose unit has a proved mail address, made inside the portal's own environment."""

import datetime as dt
import json

from campaigns.enums import DutyKind
from campaigns.models import Duty
from metrostd.accounts.models import User
from metrostd.common import clock
from metrostd.common.calendar import is_workday
from metrostd.reminders.enums import Audience, Moment
from metrostd.reminders.models import ReminderRule
from selfcheck.models import SelfCheckReport

from . import world

_DAY = dt.timedelta(days=1)


def build() -> None:
    """A rule that speaks too late for the office's taste, and the working day on which it shall: printed."""
    world.build()
    report = SelfCheckReport.objects.get(unit__name=world.OWN)
    user = User.objects.get(username=f"u{report.unit_id}")
    user.email, user.email_verified_at = "lianxiren@example.cn", clock.now()
    user.save()
    duty = Duty.objects.get(kind=DutyKind.SELF_CHECK, unit=report.unit)
    # Far enough from today that a rule has working days to choose from, whatever day it is.
    duty.due_on = clock.today() + 30 * _DAY
    duty.save(update_fields=["due_on"])
    rule = ReminderRule.objects.get(
        kind=DutyKind.SELF_CHECK, moment=Moment.BEFORE, days=7, audience=Audience.OWNER
    )
    wanted = duty.due_on - 10 * _DAY
    while not is_workday(wanted):
        wanted -= _DAY
    told = {
        "user": user.username,
        "person": user.display_name,
        "rule": rule.pk,
        "days": (duty.due_on - wanted).days,
        "on": wanted.isoformat(),
        "title": duty.title,
    }
    print(json.dumps(told))  # noqa: T201 -- read by the test that started the process
