"""The rules the portal comes with: each is put in once; changed, switched off or deleted it stays so."""

import json

from django.db import transaction

from campaigns.models import LoadedReference
from campaigns.reference import FIXTURES, Loaded, reference_source

from .models import ReminderRule

_TABLE = "reminders.reminderrule"
_COLUMNS = ("kind", "moment", "days", "audience")


@reference_source("reminder_rules")
@transaction.atomic
def load_rules() -> Loaded:
    """A few statements, for many tests and installations run this."""
    rows = json.loads((FIXTURES / "reminder_rules.json").read_text(encoding="utf-8"))
    memory, _ = LoadedReference.objects.get_or_create(
        table=_TABLE, key="*", defaults={"values": {"seen": []}}
    )
    there = {"/".join(map(str, key)) for key in ReminderRule.objects.values_list(*_COLUMNS)}
    seen = there | set(memory.values["seen"])
    named = {"/".join(str(row[name]) for name in _COLUMNS): row for row in rows}
    fresh = [row for name, row in named.items() if name not in seen]
    if fresh:
        ReminderRule.objects.bulk_create(ReminderRule(is_on=True, **row) for row in fresh)
        memory.values = {"seen": sorted(seen | set(named))}
        memory.save(update_fields=["values"])
    return Loaded(made=len(fresh))
