"""The risk of units put together by district, professional field and priority domain."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from metrostd.registry.enums import PriorityDomain
from metrostd.registry.models import Authority, ProfessionalField, StandardDomain

from .columns import Key, Table
from .counting import DOMAIN, FIELD, Row
from .enums import RiskLevel
from .indicators import INDICATORS
from .queries import Picture

Records = Mapping[Key, Mapping[str, int]]


@dataclass(frozen=True, slots=True)
class Part:
    """A district, field or domain: its units by level, records by indicator."""

    pk: Key
    name: str
    levels: Mapping[RiskLevel, int]
    records: Mapping[str, int]

    @property
    def units(self) -> int:
        return sum(self.levels.values())

    @property
    def cells(self) -> list[int]:
        """Records of each indicator in the order of the table of indicators."""
        return [self.records.get(each.code, 0) for each in INDICATORS]

    @property
    def counts(self) -> list[tuple[RiskLevel, int]]:
        return [(level, self.levels.get(level, 0)) for level in RiskLevel]


@dataclass(frozen=True, slots=True)
class Dimension:
    """What units are put together by: what its parts are called, and which units are in each."""

    key: str
    title: str
    heading: str
    names: Mapping[Key, str]
    placed: Sequence[Table]
    nameless: str = ""

    def levels(self, found: Picture) -> dict[Key, dict[RiskLevel, int]]:
        """By part, how many units are on each level."""
        counts: Counter[tuple[Key, RiskLevel]] = Counter()
        for table in self.placed:
            counts.update(zip(table.parts, found.levels_of(table.units), strict=True))
        made: dict[Key, dict[RiskLevel, int]] = {}
        for (part, level), n in counts.items():
            made.setdefault(part, dict.fromkeys(RiskLevel, 0))[level] = n
        return made

    def name(self, key: Key) -> str:
        return self.names.get(key, self.nameless)


def districts(found: Picture) -> Dimension:
    names: dict[Key, str] = dict(Authority.objects.values_list("pk", "short_name"))
    own = found.register
    placed = Table.of(list(map(found.offices.__getitem__, own)), list(own), list(own.values()))
    return Dimension("district", "按属地", "属地", names, [placed], "属地未定")


def fields(found: Picture) -> Dimension:
    """A unit counts in each field in which it holds a standard, at its own level."""
    names: dict[Key, str] = dict(ProfessionalField.objects.values_list("pk", "name"))
    placed = found.cells[FIELD]
    return Dimension("field", "按专业计量领域", "专业计量领域", names, placed, "领域未定")


def domains(found: Picture) -> Dimension:
    """A unit counts in each priority domain of its standards, at its own level."""
    names: dict[Key, str] = dict(PriorityDomain.choices)
    return Dimension("domain", "按重点领域", "重点领域", names, found.cells[DOMAIN])


def by_district(found: Picture) -> list[Part]:
    """Districts, those with most high-risk units first."""
    return _parts(districts(found), found, lambda row: (found.offices[row[0]],))


def by_field(found: Picture) -> list[Part]:
    return _parts(fields(found), found, lambda row: (row[2],))


def by_domain(found: Picture) -> list[Part]:
    """A standard may be of several domains, so every domain counts its own."""
    of: dict[int | None, list[str]] = defaultdict(list)
    if any(row[1] for rows in found.casework.values() for row in rows):
        for standard, domain in StandardDomain.objects.values_list("standard", "domain"):
            of[standard].append(domain)
    return _parts(domains(found), found, lambda row: of.get(row[1], ()))


def _parts(by: Dimension, found: Picture, of: Callable[[Row], Iterable[Key]]) -> list[Part]:
    """The parts of a dimension; ``of`` says of a row of casework in which it is."""
    records = _records(by.placed, found, of)
    made = [
        Part(key, by.name(key), levels, records.get(key, {}))
        for key, levels in by.levels(found).items()
    ]
    return sorted(made, key=lambda part: (-part.levels[RiskLevel.HIGH], -part.units, part.name))


def _records(
    placed: Iterable[Table], found: Picture, of: Callable[[Row], Iterable[Key]]
) -> Records:
    """How many records of each indicator are in each part: the register's, and those of casework."""
    records: dict[Key, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for table in placed:
        for part, code, n in table.sums():
            records[part][code] += n
    for code, rows in found.casework.items():
        for row in rows:
            for part in of(row):
                records[part][code] += row[-1]
    return records
