"""What has changed in the records since a table was computed: cell by cell, with the records behind it."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import QuerySet

from campaigns.models import Campaign
from metrostd.common.actors import Actor
from metrostd.registry.models import Authority

from . import frozen
from .annex3 import build
from .corrections import cell_of
from .figures import BY_ID, Figure
from .queries import Scope, records
from .queries.evidence import CellRef, Evidence, Keys, cells_of, evidence
from .queries.tally import COUNTED

_NONE: Keys = frozenset()


@dataclass(frozen=True, slots=True)
class Difference:
    """A cell whose records are others now, though its number may stand."""

    block: str
    row: str
    row_label: str
    figure: Figure
    was: str
    now: str
    gone: Keys
    come: Keys

    @property
    def ref(self) -> CellRef:
        return self.block, self.row, self.figure.id

    @property
    def words(self) -> str:
        """How many records came and how many left."""
        parts = []
        if self.come:
            parts.append(f"新计入 {len(self.come)}")
        if self.gone:
            parts.append(f"不再计入 {len(self.gone)}")
        return "，".join(parts)


def since(
    table: frozen.Plain,
    kept: Evidence,
    campaign: Campaign,
    authority: Authority,
    *,
    now: dt.datetime,
) -> list[Difference]:
    """Every counted cell whose records differ from those the table was computed from.

    The whole form once: its total stands in block I, those of the others repeat it.
    """
    if not table or not kept:
        return []
    scope = Scope.of(campaign, authority, now)
    before, after = cells_of(kept), cells_of(evidence(scope))
    was, current = frozen.from_plain(table), build(campaign, authority, as_of=now)
    found = []
    for block, row, cell in current.cells():
        ref = (block, row, cell.figure.id)
        at = cell_of(was, ref)
        then, today = before.get(ref, _NONE), after.get(ref, _NONE)
        # A row or figure the form has got since is no change of the records.
        if at is None or not cell.figure.family or cell.figure.check or then == today:
            continue
        label = current.blocks[block].row(row).spec.label.partition("（单位去重）")[0]
        found.append(
            Difference(
                block,
                row,
                label,
                cell.figure,
                at[1].text,
                cell.text,
                gone=then - today,
                come=today - then,
            )
        )
    return found


def listed(difference_keys: Keys, ref: CellRef, scope: Scope, *, viewer: Actor) -> QuerySet:
    """The records of a cell, at the cut-off of ``scope``, that these keys name."""
    figure = BY_ID[ref[2]]
    rows = records(figure, scope, ref[0], ref[1], viewer=viewer)
    keys = [key.partition(":")[0] for key in difference_keys]
    column = "pk" if figure.counts in {"record", "amount"} else COUNTED[figure.counts]
    return rows.filter(**{f"{column}__in": keys})


def keys_between(kept: Evidence, ref: CellRef, scope: Scope) -> tuple[Keys, Keys]:
    """Of one cell: what is counted no more, and what is counted since."""
    then, today = cells_of(kept).get(ref, _NONE), cells_of(evidence(scope)).get(ref, _NONE)
    return then - today, today - then
