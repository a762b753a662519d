"""Values somebody corrected in the register by hand: a list never writes over them silently."""

from collections import defaultdict
from collections.abc import Iterable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q

from metrostd.common.models import AuditEntry

from .columns import ISSUER, LABELS
from .decisions import KEEP
from .lines import Differences, Line
from .plans import Plan
from .register import chunks
from .resources import ListResource

_IMPORT = "import."
#: The administration site names what was changed in the note.
_DESK = "admin.change"


def hold_back(plan: Plan) -> None:
    """Ask about every change of a value whose last writer was a person; what is to stay stays.

    The trail knows: an entry that names the field by its label and is not of an import.
    """
    units = [(u.pk, u.changes, u.lines[0]) for u in plan.units if u.match and u.changes]
    changed = [p for p in plan.standards if p.match and p.changes]
    standards = [(p.pk, p.changes, p.line) for p in changed]
    certificates = [(p.certificate.pk, p.changes, p.line) for p in changed if p.certificate]
    _ask(plan, plan.tables.units, units)
    _ask(plan, plan.tables.standards, standards)
    _ask(plan, plan.tables.certificates, certificates)


def _ask(plan: Plan, table: ListResource, rows: list[tuple[int | None, Differences, Line]]) -> None:
    rows = [row for row in rows if row[1].keys() & table.fields.keys()]
    if not rows:
        return
    by_hand = _by_hand(table, [pk for pk, _, _ in rows if pk is not None])
    for pk, changes, line in rows:
        for target in [t for t in changes if t in by_hand.get(pk, ())]:
            old, new = changes[target]
            choice = plan.decisions.ask(
                "REG_EDITED", line, target, found=new or "",
                advice=f"台账中的{LABELS[target]}是“{plan.register.show(target, old)}”，{by_hand[pk][target]}",
                subject=(table.model._meta.label, pk, target, old, new),
            )  # fmt: skip
            if choice == KEEP:
                del changes[target]


def _labels(entry: AuditEntry) -> Iterable[str]:
    if entry.action == _DESK:
        return entry.note.split("、")
    return entry.after if isinstance(entry.after, dict) else ()


def _by_hand(table: ListResource, pks: Iterable[int]) -> dict[int | None, dict[str, str]]:
    """Of each record the targets last written by a person, with who and when in words.

    Not the issuing authority: a list changes that only when somebody has decided so.
    """
    columns = [column for column in table.columns if column.column_name != ISSUER]
    names = {column.label: column.column_name for column in columns}
    names |= {LABELS[target]: target for target in names.values()}
    kind = ContentType.objects.get_for_model(table.model)
    found: dict[int | None, dict[str, Any]] = defaultdict(dict)
    for part in chunks(pks):
        entries = AuditEntry.objects.filter(target_type=kind, target_id__in=part)
        entries = entries.filter(Q(after__isnull=False) | Q(action=_DESK))
        rows = entries.select_related("actor").order_by("pk")
        for entry in rows.iterator(chunk_size=2000):
            for label in _labels(entry):
                if (target := names.get(label)) is None:
                    continue
                if entry.action.startswith(_IMPORT):
                    found[entry.target_id].pop(target, None)
                else:
                    who = entry.actor.display_name if entry.actor else "系统"
                    found[entry.target_id][target] = f"由{who}于{entry.at:%Y-%m-%d}修改"
    return found
