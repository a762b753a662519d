"""The rows of a hand-over as a district reads them: one shape for screen and workbook."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from metrostd.common.actors import Actor
from metrostd.registry.models import (
    Authority,
    HandOver,
    HandOverReturn,
    ImportRow,
    MeasurementStandard,
    StandardCertificate,
    Unit,
)
from metrostd.registry.querysets.hand_overs import TO_CONFIRM


@dataclass(frozen=True, slots=True)
class Line:
    """One row as a district reads it."""

    row: ImportRow
    certificate: StandardCertificate | None
    pending: HandOverReturn | None
    #: The list and the register do not agree on the district, in words; empty otherwise.
    differs: str
    needs_confirming: bool
    links: "Links"

    @property
    def is_returned(self) -> bool:
        """Whether the district has marked it, and nothing has been decided about that."""
        return self.pending is not None

    @property
    def is_unconfirmed(self) -> bool:
        """Whether the district still has to say that it agrees."""
        return not self.is_returned and self.needs_confirming and not self.row.confirmed_at


@dataclass(frozen=True, slots=True)
class Links:
    """Where unit and standard of a row are read; empty what the viewer may not see (any more)."""

    unit: str = ""
    standard: str = ""


def links_for(viewer: Actor, rows: Iterable[ImportRow]) -> dict[int, Links]:
    """The links of each row by its key. A unit given to another district leaves the sight of this one."""
    rows = list(rows)
    units = Unit.objects.visible_to(viewer).in_bulk({row.unit_id for row in rows if row.unit_id})
    standards = MeasurementStandard.objects.visible_to(viewer).in_bulk(
        {row.standard_id for row in rows if row.standard_id}
    )
    return {
        row.pk: Links(_url(units, row.unit_id), _url(standards, row.standard_id)) for row in rows
    }


def _url(seen: Mapping[int, Unit | MeasurementStandard], pk: int | None) -> str:
    found = seen.get(pk) if pk else None
    return found.get_absolute_url() if found else ""


def lines_of(
    hand_over: HandOver, rows: Iterable[ImportRow], *, viewer: Actor | None = None
) -> list[Line]:
    """Rows of a hand-over (loaded with ``for_district``) with what is to be said about each.

    With a ``viewer`` each leads to what that person may see.
    """
    names = dict(Authority.objects.values_list("code", "short_name"))
    rows = list(rows)
    links = links_for(viewer, rows) if viewer else {}
    return [_line(hand_over, row, names, links.get(row.pk, Links())) for row in rows]


def _line(hand_over: HandOver, row: ImportRow, names: dict[str, str], links: Links) -> Line:
    standard = row.standard
    current = standard.current if standard else ()  # type: ignore[attr-defined]
    category = standard.category if standard else hand_over.batch.category
    listed = row.derived.get("district", "")
    registered = row.unit.territorial_authority if row.unit else None
    words = []
    if listed and listed != hand_over.authority.code:
        words.append(f"名单所列属地是{names.get(listed, listed)}")
    if registered is None or registered.pk != hand_over.authority_id:
        words.append(f"台账中属地是{registered}" if registered else "台账中属地未定")
    return Line(
        row=row,
        certificate=current[0] if current else None,
        pending=row.pending[0] if row.pending else None,  # type: ignore[attr-defined]
        differs="，".join(words),
        needs_confirming=category == TO_CONFIRM,
        links=links,
    )
