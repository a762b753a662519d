"""The one numbering service: without gaps, because a number is taken in the writer's transaction."""

from django.db import transaction

from .models import NumberSequence


@transaction.atomic
def take_number(key: str) -> int:
    """The next number under ``key`` (e.g. ``order:120111:2021``), starting at 1.

    The row stays locked until the caller's transaction ends, so a roll-back gives the number back.
    """
    NumberSequence.objects.get_or_create(key=key)
    row = NumberSequence.objects.select_for_update().get(key=key)
    row.last += 1
    row.save(update_fields=["last"])
    return row.last
