"""What reminders add to what is below: whether a line still holds when it is sent, and in which words."""

import datetime as dt
from collections.abc import Mapping, Sequence

from campaigns.models import Duty
from metrostd.notifications.models import Line
from metrostd.notifications.outbox import renews

from . import wording
from .models import ReminderRule


@renews("rule")
def still_owed(lines: Sequence[Line], on: dt.date) -> Mapping[int, str]:
    """Whoever handed in, or got another day, is not reminded of the old one; days are counted anew."""
    rows = Duty.objects.by_now(on).open().filter(pk__in={line.target_id for line in lines})
    owed = {
        d.pk: d for d in rows.select_related("campaign", "authority", "unit", "membership__user")
    }
    rules = {rule.origin: rule for rule in ReminderRule.objects.all()}
    texts = wording.texts()
    words: dict[int, str] = {}
    for line in lines:
        duty, rule = owed.get(line.target_id), rules.get(line.origin)
        if duty is None or duty.due_on != line.due_on:
            continue
        if rule is not None:
            said = wording.said_by(rule, texts)
            words[line.pk] = wording.fill(said, wording.values_for(duty, on))
    return words


@renews("chase")
def still_asked_for(lines: Sequence[Line], on: dt.date) -> Mapping[int, str]:
    """A thing nobody owes any more needs no mail; one that was never a duty (an account) is asked for as it was."""
    keys = {line.target_id for line in lines}
    rows = Duty.objects.filter(
        target_type__in={line.target_type_id for line in lines}, target_id__in=keys
    )
    known = set(rows.values_list("target_type", "target_id"))
    owed = set(rows.by_now(on).open().values_list("target_type", "target_id"))
    return {
        line.pk: line.subject
        for line in lines
        if (key := (line.target_type_id, line.target_id)) in owed or key not in known
    }
