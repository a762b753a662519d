"""What was merged into a unit, with the way back."""

from metrostd.common.actors import Actor
from metrostd.common.policies import Verdict, not_now
from metrostd.common.shapes import Shown
from metrostd.registry import policies, services
from metrostd.registry.extension import unit_panel
from metrostd.registry.models import Unit, UnitMerge


@unit_panel("合并记录", group="changes", order=90, anchor="merges")
def merges_of(unit: Unit, user: Actor) -> Shown | None:
    """Merges into this unit, the newest first; only the newest that stands may be taken back."""
    found = UnitMerge.objects.visible_to(user).filter(survivor=unit)
    rows = list(found.select_related("survivor", "gone", "merged_by"))
    if not rows:
        return None
    latest = next((row for row in rows if not row.undone_at), None)
    return (
        "registry/merges.html",
        {"rows": [(row, _verdict(user, row, latest)) for row in rows]},
    )


def _verdict(user: Actor, row: UnitMerge, latest: UnitMerge | None) -> Verdict:
    if row is not latest:
        return not_now("请先撤回后来的合并。")
    return policies.can_undo_merge(user, row, reasons=services.against_undoing(row))
