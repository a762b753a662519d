"""What the register already knows about the units and certificates a list names, in few queries."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import TypeVar

from metrostd.registry.annex4.text import loose_key, name_key
from metrostd.registry.models import (
    Authority,
    FormerName,
    MeasurementStandard,
    ProfessionalField,
    StandardCertificate,
    Unit,
)

T = TypeVar("T")
#: Values in one IN list: below the limit of every database.
CHUNK = 900


def chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    source = iter(items)
    while part := list(islice(source, size)):
        yield part


class Register:
    """Units by code and by name, and the standards of those a list was matched to."""

    def __init__(self, codes: set[str], names: set[str]) -> None:
        self.authority_codes = dict(Authority.objects.values_list("pk", "code"))
        self.authority_ids = {code: pk for pk, code in self.authority_codes.items()}
        self.field_codes = dict(ProfessionalField.objects.values_list("pk", "code"))
        self.field_ids = {code: pk for pk, code in self.field_codes.items()}
        self._units: dict[int, Unit] = {}
        self.by_code: dict[str, Unit] = {}
        #: Codes of units that were merged away, to the unit they became.
        self.by_old_code: dict[str, Unit] = {}
        self.by_name: dict[str, list[Unit]] = defaultdict(list)
        self.by_former_name: dict[str, list[Unit]] = defaultdict(list)
        for part in chunks(sorted(codes)):
            for unit in Unit.objects.filter(uscc__in=part):
                self.by_code[unit.uscc] = self._one(unit)
            merged = Unit.with_merged.filter(merged_into__isnull=False, uscc__in=part)
            for gone in merged.select_related("merged_into"):
                self.by_old_code[gone.uscc] = self._one(gone.current)
        for part in chunks(sorted(names)):
            for unit in Unit.objects.filter(name_key__in=part).order_by("pk"):
                self.by_name[unit.name_key].append(self._one(unit))
            rows = FormerName.objects.filter(name_key__in=part, unit__merged_into=None)
            rows = rows.select_related("unit")
            for former in rows.order_by("pk"):
                self.by_former_name[former.name_key].append(self._one(former.unit))

    def _one(self, unit: Unit) -> Unit:
        """The same object for the same row, so that all of a list's rows share what is decided."""
        return self._units.setdefault(unit.pk, unit)

    def had_name(self, unit: Unit, key: str) -> bool:
        return unit in self.by_former_name.get(key, ())

    @staticmethod
    def similar_names() -> dict[str, str]:
        """Names that may mean the same body, by the key they share: for a hint, never a match."""
        names = Unit.objects.order_by("pk").values_list("name", flat=True)
        return {loose_key(name): name for name in names.iterator()}


class Standards:
    """The standards of the units a list was matched to, and who holds the numbers it gives."""

    def __init__(self, units: Sequence[Unit], identities: set[str]) -> None:
        known = {unit.pk: unit for unit in units}
        self.certificates: dict[int, StandardCertificate] = {}
        self._drafts: dict[tuple[int, str], list[MeasurementStandard]] = defaultdict(list)
        self.by_identity: dict[str, MeasurementStandard] = {}
        self._holders: dict[str, str] = {}
        self._certified: set[tuple[int, str]] = set()
        for part in chunks(known):
            current = StandardCertificate.objects.filter(
                is_current=True, standard__unit_id__in=part
            )
            self.certificates |= {row.standard_id: row for row in current}
            rows = MeasurementStandard.objects.filter(unit_id__in=part).order_by("pk")
            for standard in rows:
                standard.unit = known[standard.unit_id]
                certificate = self.certificates.get(standard.pk)
                key = (standard.unit_id, name_key(standard.name))
                if certificate is not None and certificate.identity:
                    self.by_identity[certificate.identity] = standard
                    self._certified.add(key)
                else:
                    self._drafts[key].append(standard)
        for numbers in chunks(sorted(identities - self.by_identity.keys())):
            held = StandardCertificate.objects.filter(is_current=True, identity__in=numbers)
            pairs = held.values_list("identity", "standard__unit__name")
            self._holders.update(pairs)

    def holder(self, identity: str) -> str:
        """The name of the unit that holds a number already, or an empty string."""
        if known := self.by_identity.get(identity):
            return known.unit.name
        return self._holders.get(identity, "")

    def certified(self, unit: Unit, name: str) -> bool:
        """Whether the unit has a standard of that name with a certificate number."""
        return (unit.pk, name_key(name)) in self._certified

    def take_draft(self, unit: Unit, name: str) -> MeasurementStandard | None:
        """A standard of that name still without number; each is given out once."""
        waiting = self._drafts.get((unit.pk, name_key(name)))
        return waiting.pop(0) if waiting else None
