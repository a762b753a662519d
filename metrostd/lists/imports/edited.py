"""What was recorded in the register since a list last wrote there: never undone silently.

A list may be older than what the office has recorded since by a form, an application or a move. The
trail knows: whatever it says of a record after the last list that wrote to it is a question, field by
field where an entry names its fields, for the whole record where a move has changed it.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q

from metrostd.common.models import AuditEntry
from metrostd.common.templatetags.formats import local_day
from metrostd.registry.models import MeasurementStandard, StandardCertificate, Unit

from .columns import ISSUER, LABELS
from .decisions import KEEP
from .lines import Differences, Line
from .plans import Plan
from .register import chunks
from .resources import ListResource

_IMPORT = "import."
_UNDONE = "import.undo"
#: The administration site names what was changed in the note.
_DESK = "admin.change"
#: Entered by hand; of a certificate the trail names the number and not its dates.
_REGISTERED = "registry.create"
#: What lists and the clock do by themselves; nobody has recorded anything.
_OWN = (
    "certificate.relist_",
    "certificate.restore_",
    "certificate.mark_expiring",
    "certificate.expire",
)
#: Acts that settle a record as a whole, whatever fields they name.
_WHOLE = {
    Unit: ("registry.merge", "registry.unmerge"),
    StandardCertificate: ("certificate.", _REGISTERED),
}


def hold_back(plan: Plan) -> None:
    """Ask about every change of what was recorded since the last list; what is to stay stays."""
    units = [(u.pk, u.changes, u.lines[0]) for u in plan.units if u.match and u.changes]
    changed = [p for p in plan.standards if p.match and p.changes]
    standards = [(p.pk, p.changes, p.line) for p in changed]
    certificates = [(p.certificate.pk, p.changes, p.line) for p in changed if p.certificate]
    owners = {p.pk: p.certificate.pk for p in changed if p.certificate and p.pk}
    _ask(plan, plan.tables.units, units)
    _ask(plan, plan.tables.standards, standards)
    _ask(plan, plan.tables.certificates, certificates, owners)


def _ask(
    plan: Plan,
    table: ListResource,
    rows: Sequence[tuple[int | None, Differences, Line]],
    owners: Mapping[int, int] | None = None,
) -> None:
    known = [
        (pk, changes, line)
        for pk, changes, line in rows
        if pk is not None and changes.keys() & table.fields.keys()
    ]
    if not known:
        return
    recorded = _recorded(table, [pk for pk, _, _ in known], owners or {})
    for pk, changes, line in known:
        for target in [t for t in changes if t in recorded.get(pk, ())]:
            old, new = changes[target]
            choice = plan.decisions.ask(
                "REG_EDITED", line, target, found=plan.register.show(target, new),
                advice=f"台账中的{LABELS[target]}是“{plan.register.show(target, old)}”，{recorded[pk][target]}",
                subject=(table.model._meta.label, pk, target, old, new),
            )  # fmt: skip
            if choice == KEEP:
                del changes[target]


def _labels(entry: AuditEntry) -> Iterable[str]:
    if entry.action == _DESK:
        return entry.note.split("、")
    return entry.after if isinstance(entry.after, dict) else ()


def _recorded(
    table: ListResource, pks: list[int], owners: Mapping[int, int]
) -> dict[int, dict[str, str]]:
    """Of each record the targets recorded since the last list, with who and when in words.

    Not the issuing authority: a list changes that only when somebody has decided so. ``owners`` are
    the standards of these certificates: what lists wrote to a certificate stands in their trail.
    """
    columns = [column for column in table.columns if column.column_name != ISSUER]
    names = {column.label: column.column_name for column in columns}
    names |= {LABELS[target]: target for target in names.values()}
    targets, whole = set(names.values()), _WHOLE.get(table.model, ())
    found: dict[int, dict[str, str]] = defaultdict(dict)
    written_over: dict[int, dict[str, str]] = defaultdict(dict)
    for pk, entry in _entries(table.model, pks, owners):
        named = {names[label] for label in _labels(entry) if label in names}
        if entry.action.startswith(_UNDONE):
            found[pk] |= written_over.pop(pk, {})
        elif entry.action.startswith(_IMPORT):
            known = found[pk]
            written_over[pk] = {target: known.pop(target) for target in named & known.keys()}
        elif not entry.action.startswith(_OWN):
            settled = bool(whole) and entry.action.startswith(whole)
            what = "修改"
            if settled or entry.action == _REGISTERED:
                what = f"“{entry.action_label}”"
            who = entry.actor.display_name if entry.actor else "系统"
            words = f"由{who}于{local_day(entry.at)}{what}"
            found[pk] |= dict.fromkeys(targets if settled else named, words)
    return found


def _entries(
    model: type[Model], pks: list[int], owners: Mapping[int, int]
) -> Iterator[tuple[int, AuditEntry]]:
    """What the trail says of these records, in its order, each with the record it is about."""
    kind = ContentType.objects.get_for_model(model)
    owner_kind = ContentType.objects.get_for_model(MeasurementStandard)
    standard_of = {certificate: standard for standard, certificate in owners.items()}
    for part in chunks(pks):
        about = Q(target_type=kind, target_id__in=part)
        if owners:
            above = [standard_of[pk] for pk in part if pk in standard_of]
            about |= Q(target_type=owner_kind, target_id__in=above, action__startswith=_IMPORT)
        entries = AuditEntry.objects.filter(about)
        entries = entries.filter(Q(after__isnull=False) | Q(action=_DESK))
        rows = entries.select_related("actor").order_by("pk")
        for entry in rows.iterator(chunk_size=2000):
            own = entry.target_type_id == kind.pk
            yield (entry.target_id if own else owners[entry.target_id]), entry
