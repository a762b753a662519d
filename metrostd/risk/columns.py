"""Counts of many units column by column, as they are kept: a city's 80,000 are added up without being taken apart."""

import json
import zlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import compress

#: A district or field by its row, a domain by its name.
Key = int | str | None
#: Records by indicator.
Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Table:
    """A row is a part, a unit that is in it and a number of ``known``: what the register gives of the unit there."""

    #: None at all where units stand as a whole.
    parts: Sequence[Key]
    units: Sequence[int]
    numbers: Sequence[int]
    #: Equal counts mostly are there once.
    known: Mapping[int, Counts]

    @classmethod
    def of(cls, parts: Sequence[Key], units: Sequence[int], counts: Sequence[Counts]) -> "Table":
        return cls(parts, units, list(map(id, counts)), dict(zip(map(id, counts), counts, strict=True)))  # fmt: skip

    def each(self) -> Iterator[Counts]:
        """What the register gives, row by row."""
        return map(self.known.__getitem__, self.numbers)

    def among(self, units: Mapping[int, object]) -> "Table":
        """The rows of these units."""
        wanted = list(map(units.__contains__, self.units))
        if all(wanted):
            return self
        return Table(
            list(compress(self.parts, wanted)),
            list(compress(self.units, wanted)),
            list(compress(self.numbers, wanted)),
            self.known,
        )

    def sums(self) -> Iterator[tuple[Key, str, int]]:
        """Records of each part and indicator; of one part in several pieces."""
        for (part, number), times in Counter(zip(self.parts, self.numbers, strict=True)).items():
            for code, n in self.known[number].items():
                yield part, code, n * times


def packed(tables: Mapping[str, Sequence[Table]]) -> bytes:
    """Tables by name as compressed JSON; equal counts are written once."""
    numbers: dict[tuple, int] = {}
    plain = {}
    for name, several in tables.items():
        columns: tuple[list[Key], list[int], list[int]] = ([], [], [])
        for table in several:
            own = {
                key: numbers.setdefault(tuple(counts.items()), len(numbers))
                for key, counts in table.known.items()
            }
            columns[0].extend(table.parts)
            columns[1].extend(table.units)
            columns[2].extend(map(own.__getitem__, table.numbers))
        plain[name] = [column for column in columns if column]
    whole = {"tables": plain, "counts": [dict(of) for of in numbers]}
    return zlib.compress(json.dumps(whole, separators=(",", ":")).encode(), 1)


def unpacked(kept: bytes | memoryview) -> dict[str, Table]:
    whole = json.loads(zlib.decompress(bytes(kept)))
    known = dict(enumerate(whole["counts"]))
    tables = {}
    for name, columns in whole["tables"].items():
        *parts, units, numbers = columns or ((), ())
        tables[name] = Table(parts[0] if parts else (), units, numbers, known)
    return tables
