"""The risk of units put together by district, professional field and priority domain."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from metrostd.registry.enums import PriorityDomain
from metrostd.registry.models import Authority, ProfessionalField, StandardDomain

from .counting import DOMAIN, FIELD, Counts, Row
from .enums import RiskLevel
from .indicators import INDICATORS
from .queries import Picture

#: A district or field by its row, a domain by its name.
Key = int | str | None
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
    placed: Iterable[tuple[Key, int]]
    nameless: str = ""

    def levels(self, found: Picture) -> dict[Key, dict[RiskLevel, int]]:
        """By part, how many units are on each level."""
        made: dict[Key, dict[RiskLevel, int]] = {}
        for part, unit in self.placed:
            levels = made.setdefault(part, dict.fromkeys(RiskLevel, 0))
            levels[found.level_of(unit)] += 1
        return made

    def name(self, key: Key) -> str:
        return self.names.get(key, self.nameless)


def districts(found: Picture) -> Dimension:
    names: dict[Key, str] = dict(Authority.objects.values_list("pk", "short_name"))
    placed = [(office, unit) for unit, office in found.offices.items()]
    return Dimension("district", "按属地", "属地", names, placed, "属地未定")


def fields(found: Picture) -> Dimension:
    """A unit counts in each field in which it holds a standard, at its own level."""
    names: dict[Key, str] = dict(ProfessionalField.objects.values_list("pk", "name"))
    return Dimension(
        "field", "按专业计量领域", "专业计量领域", names, _placed(found, FIELD), "领域未定"
    )


def domains(found: Picture) -> Dimension:
    """A unit counts in each priority domain of its standards, at its own level."""
    names: dict[Key, str] = dict(PriorityDomain.choices)
    return Dimension("domain", "按重点领域", "重点领域", names, _placed(found, DOMAIN))


def _placed(found: Picture, dimension: str) -> list[tuple[Key, int]]:
    return [(part, unit) for part, unit, _ in found.cells[dimension]]


def by_district(found: Picture) -> list[Part]:
    """Districts, those with most high-risk units first."""
    own = ((found.offices[unit], counts) for unit, counts in found.register.items())
    return _parts(
        districts(found), found, _records(found, own, lambda row: (found.offices[row[0]],))
    )


def by_field(found: Picture) -> list[Part]:
    own = ((part, counts) for part, _, counts in found.cells[FIELD])
    return _parts(fields(found), found, _records(found, own, lambda row: (row[2],)))


def by_domain(found: Picture) -> list[Part]:
    """A standard may be of several domains, so every domain counts its own."""
    of: dict[int | None, list[str]] = defaultdict(list)
    if any(row[1] for rows in found.casework.values() for row in rows):
        for standard, domain in StandardDomain.objects.values_list("standard", "domain"):
            of[standard].append(domain)
    own = ((part, counts) for part, _, counts in found.cells[DOMAIN])
    return _parts(domains(found), found, _records(found, own, lambda row: of.get(row[1], ())))


def _parts(by: Dimension, found: Picture, records: Records) -> list[Part]:
    made = [
        Part(key, by.name(key), levels, records.get(key, {}))
        for key, levels in by.levels(found).items()
    ]
    return sorted(made, key=lambda part: (-part.levels[RiskLevel.HIGH], -part.units, part.name))


def _records(
    found: Picture, own: Iterable[tuple[Key, Counts]], parts: Callable[[Row], Iterable[Key]]
) -> Records:
    """How many records of each indicator are in each part: the register's, and of casework those said to be in it."""
    alike: dict[tuple[Key, int], int] = defaultdict(int)
    known: dict[int, Counts] = {}
    for part, counts in own:
        alike[part, id(counts)] += 1
        known[id(counts)] = counts
    records: dict[Key, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for (part, key), times in alike.items():
        for code, n in known[key].items():
            records[part][code] += n * times
    for code, rows in found.casework.items():
        for row in rows:
            for part in parts(row):
                records[part][code] += row[-1]
    return records
