"""What the register already knows about the units and certificates a list names, in few queries.

Rows are named tuples of the columns a list is compared with: a register may hold 100,000 of them.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import NamedTuple, TypeVar

from django.db.models import Model

from metrostd.common.text import loose_key, name_key
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


class KnownUnit(NamedTuple):
    """A unit of the register, by the columns a list is compared with."""

    pk: int
    version: int
    name: str
    name_key: str
    uscc: str
    territorial_authority_id: int | None
    actual_address: str
    contact_name: str
    contact_phone: str


class KnownStandard(NamedTuple):
    """A standard of the register, likewise."""

    pk: int
    version: int
    unit_id: int
    name: str
    jjf1022_code: str
    field_id: int | None
    category: str
    measuring_range: str
    performance: str
    storage_place: str
    responsible_person: str
    issuing_authority_id: int


class KnownCertificate(NamedTuple):
    """The current certificate of a standard, likewise."""

    pk: int
    standard_id: int
    number: str
    identity: str
    first_year: int | None
    issue_date: dt.date | None
    valid_until: dt.date | None
    state: str


def chunks(items: Iterable[T], size: int = CHUNK) -> Iterator[list[T]]:
    source = iter(items)
    while part := list(islice(source, size)):
        yield part


class Register:
    """Units by code, by name and by key, as far as a list names them."""

    def __init__(self, codes: set[str], names: set[str], pks: set[int] | None = None) -> None:
        authorities = list(Authority.objects.values_list("pk", "code", "short_name"))
        self.authority_codes = {pk: code for pk, code, _ in authorities}
        self.authority_ids = {code: pk for pk, code, _ in authorities}
        self.authority_names = {pk: name for pk, _, name in authorities}
        self.field_codes = dict(ProfessionalField.objects.values_list("pk", "code"))
        self.field_ids = {code: pk for pk, code in self.field_codes.items()}
        self.units: dict[int, KnownUnit] = {}
        self.by_code: dict[str, KnownUnit] = {}
        #: Codes of units that were merged away, to the unit they became.
        self.by_old_code: dict[str, KnownUnit] = {}
        self.by_name: dict[str, list[KnownUnit]] = defaultdict(list)
        self.by_former_name: dict[str, list[KnownUnit]] = defaultdict(list)
        for part in chunks(sorted(codes)):
            for unit in self._units_where(uscc__in=part):
                self.by_code[unit.uscc] = unit
        for part in chunks(sorted(names)):
            for unit in self._units_where(name_key__in=part):
                self.by_name[unit.name_key].append(unit)
        self._merged(codes)
        self._former(names)
        self._units_where(pk__in=sorted((pks or set()) - self.units.keys()))

    def keys_of(self, model: type[Model]) -> tuple[dict[str, int], dict[int, str]]:
        """Of authorities or fields the keys by code and the codes by key."""
        if model is Authority:
            return self.authority_ids, self.authority_codes
        return self.field_ids, self.field_codes

    def _units_where(self, **condition: object) -> list[KnownUnit]:
        """The same object for the same row, so that all of a list's rows share what is decided."""
        rows = Unit.objects.filter(**condition).order_by("pk").values_list(*KnownUnit._fields)
        return [self.units.setdefault(unit.pk, unit) for unit in map(KnownUnit._make, rows)]

    def _merged(self, codes: set[str]) -> None:
        for part in chunks(sorted(codes)):
            gone = Unit.with_merged.filter(merged_into__isnull=False, uscc__in=part)
            pairs = dict(gone.values_list("uscc", "merged_into_id"))
            self._units_where(pk__in=sorted(set(pairs.values()) - self.units.keys()))
            self.by_old_code |= {code: self.units[pk] for code, pk in pairs.items()}

    def _former(self, names: set[str]) -> None:
        pairs: list[tuple[str, int]] = []
        for part in chunks(sorted(names)):
            rows = FormerName.objects.filter(name_key__in=part, unit__merged_into=None).order_by(
                "pk"
            )
            pairs += rows.values_list("name_key", "unit_id")
        for owners in chunks(sorted({pk for _, pk in pairs} - self.units.keys())):
            self._units_where(pk__in=owners)
        for key, pk in pairs:
            self.by_former_name[key].append(self.units[pk])

    def had_name(self, unit: KnownUnit, key: str) -> bool:
        return any(former.pk == unit.pk for former in self.by_former_name.get(key, ()))

    def describe(self, unit: KnownUnit) -> str:
        """A unit in words a person can choose by: name, district, code."""
        district = self.authority_names.get(unit.territorial_authority_id or 0, "未定区")
        return f"“{unit.name}”（{district}，{unit.uscc or '无信用代码'}）"

    def show(self, target: str, value: str | None) -> str:
        """A stored value in words: the district's name instead of its code."""
        if target in ("district", "issuer") and value:
            pk = self.authority_ids.get(value)
            return self.authority_names.get(pk, value) if pk else value
        return value or "空"

    @staticmethod
    def similar_names() -> dict[str, tuple[int, str]]:
        """Units that may be the same body, by the key their names share: a hint, never a match."""
        names = Unit.objects.order_by("-pk").values_list("pk", "name")
        return {loose_key(name): (pk, name) for pk, name in names.iterator()}


class Standards:
    """The standards of the units a list was matched to, and who holds the numbers it gives."""

    def __init__(self, units: Iterable[KnownUnit], identities: set[str]) -> None:
        names = {unit.pk: unit.name for unit in units}
        self._texts: dict[str, str] = {}
        self.certificates: dict[int, KnownCertificate] = {}
        self.by_identity: dict[str, KnownStandard] = {}
        self._drafts: dict[tuple[int, str], list[KnownStandard]] = defaultdict(list)
        self._holders: dict[str, tuple[int, str]] = {}
        self._certified: dict[tuple[int, str], KnownStandard] = {}
        for part in chunks(names):
            current = StandardCertificate.objects.filter(
                is_current=True, standard__unit_id__in=part
            )
            found = map(KnownCertificate._make, current.values_list(*KnownCertificate._fields))
            self.certificates |= {row.standard_id: row for row in found}
            standards = MeasurementStandard.objects.filter(unit_id__in=part).order_by("pk")
            for standard in self._shared(standards.values_list(*KnownStandard._fields)):
                certificate = self.certificates.get(standard.pk)
                key = (standard.unit_id, name_key(standard.name))
                if certificate is not None and certificate.identity:
                    self.by_identity[certificate.identity] = standard
                    self._holders[certificate.identity] = (
                        standard.unit_id, names[standard.unit_id],
                    )  # fmt: skip
                    self._certified.setdefault(key, standard)
                else:
                    self._drafts[key].append(standard)
        for numbers in chunks(sorted(identities - self.by_identity.keys())):
            held = StandardCertificate.objects.filter(is_current=True, identity__in=numbers)
            rows = held.values_list("identity", "standard__unit_id", "standard__unit__name")
            self._holders |= {number: (pk, name) for number, pk, name in rows}

    def _shared(self, rows: Iterable[tuple[object, ...]]) -> Iterator[KnownStandard]:
        """Rows whose repeated texts (a kind of standard, a range, a room) are kept once."""
        known = self._texts
        for row in rows:
            yield KnownStandard._make(
                [known.setdefault(value, value) if type(value) is str else value for value in row]
            )

    def holder(self, identity: str) -> tuple[int, str] | None:
        """The unit that holds a number already, as key and name."""
        return self._holders.get(identity)

    def certified(self, unit: KnownUnit, name: str) -> KnownStandard | None:
        """A standard of that name with a certificate number, when the unit has one."""
        return self._certified.get((unit.pk, name_key(name)))

    def take_draft(self, unit: KnownUnit, name: str) -> KnownStandard | None:
        """A standard of that name still without number; each is given out once."""
        waiting = self._drafts.get((unit.pk, name_key(name)))
        return waiting.pop(0) if waiting else None
