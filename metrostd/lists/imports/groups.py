"""Rows of a list that speak of the same unit."""

from dataclasses import dataclass, field
from itertools import chain

from .lines import Line


@dataclass(slots=True)
class UnitGroup:
    """``code`` is the credit code any of the rows gives."""

    code: str = ""
    lines: list[Line] = field(default_factory=list)

    def value(self, target: str) -> str | None:
        """The first value any row gives, those somebody preferred before the others."""
        first = (line for line in self.lines if line.preferred)
        for line in chain(first, self.lines):
            if (value := line.says(target)) is not None:
                return value
        return None


def group(lines: list[Line]) -> list[UnitGroup]:
    """Group rows by credit code, else by normalised name; a row without code joins its namesake."""
    groups: list[UnitGroup] = []
    by_code: dict[str, UnitGroup] = {}
    by_name: dict[str, UnitGroup] = {}
    for line in lines:
        if not line.unit_name:
            continue
        code, key = line.uscc, line.unit_key
        found = by_code.get(code) if code else None
        if found is None:
            namesake = by_name.get(key)
            if namesake is not None and (not code or namesake.code in ("", code)):
                found = namesake
        if found is None:
            found = UnitGroup()
            groups.append(found)
        found.lines.append(line)
        found.code = found.code or code
        if found.code:
            by_code.setdefault(found.code, found)
        by_name.setdefault(key, found)
    return groups
