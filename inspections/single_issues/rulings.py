"""Answers that stand as rulings, found again beside the item they are about."""

from collections.abc import Collection

from inspections.models import SingleIssueReport

#: So many stand beside an item, the newest; the page of rulings has them all.
BESIDE_AN_ITEM = 3


def rulings_by_item(codes: Collection[str]) -> dict[str, list[SingleIssueReport]]:
    """The newest rulings for each of these codes of items, whatever the version of the checklist; one query."""
    found: dict[str, list[SingleIssueReport]] = {}
    rows = SingleIssueReport.objects.rulings().filter(item_code__in=codes)
    for row in rows.only("item_code", "ruling", "basis", "answered_at"):
        beside = found.setdefault(row.item_code, [])
        if len(beside) < BESIDE_AN_ITEM:
            beside.append(row)
    return found
