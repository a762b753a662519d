"""移交区局 on the pages of a unit and a standard: which district has it, and what it said."""

from django.db.models import Count, Q

from metrostd.common.actors import Actor
from metrostd.common.shapes import Shown
from metrostd.registry.extension import standard_panel, unit_panel
from metrostd.registry.models import (
    HandOver,
    HandOverReturn,
    ImportRow,
    MeasurementStandard,
    Unit,
)
from metrostd.registry.paper_search import paper_source
from metrostd.registry.querysets.hand_overs import ImportRowQuerySet

_SHOWN = 8


@unit_panel("移交区局")
def of_unit(unit: Unit, user: Actor) -> Shown | None:
    """The lists handed to a district the viewer may see, with how many of the unit's standards."""
    return _panel(ImportRow.objects.filter(unit=unit), user, of_unit=True)


@standard_panel("移交区局")
def of_standard(standard: MeasurementStandard, user: Actor) -> Shown | None:
    """The standard's lists; one of an institution says when no district has confirmed it yet."""
    return _panel(ImportRow.objects.filter(standard=standard), user, of_unit=False)


def _panel(rows: ImportRowQuerySet, user: Actor, *, of_unit: bool) -> Shown | None:
    """One line for each hand-over, the newest first, with what is being sent back."""
    if not (user.scope.register.everything or user.scope.register.authority_ids):
        return None
    # Both counts are made from the few rows of one unit: counting over a whole list is not.
    counts = {
        row["hand_over"]: row
        for row in rows.exclude(hand_over=None)
        .order_by()
        .values("hand_over")
        .annotate(n=Count("pk"), waiting=Count("pk", filter=Q(pk__in=rows.unconfirmed())))
    }
    handed = HandOver.objects.visible_to(user).standing().filter(pk__in=counts)
    found = list(handed.for_list().order_by("-pk")[:_SHOWN])
    if not found:
        return None
    pending = HandOverReturn.objects.visible_to(user).pending()
    sent_back: dict[int, list[HandOverReturn]] = {}
    for one in pending.filter(hand_over__in=found, row__in=rows).for_list():
        sent_back.setdefault(one.hand_over_id, []).append(one)
    lines = [
        (one, counts[one.pk]["n"], counts[one.pk]["waiting"], sent_back.get(one.pk, []))
        for one in found
    ]
    return "lists/hand_over_panel.html", {"lines": lines, "of_unit": of_unit}


paper_source(
    "名单签收回执",
    field="receipt_no",
    rows=lambda user: HandOver.objects.visible_to(user).select_related("authority", "batch"),
    note=lambda row: f"{row.authority} · {row.batch.filename}",
)
