"""Units that may be one: for a person to compare, never merged by themselves."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from metrostd.common.text import compact, loose_key
from metrostd.registry.querysets import UnitQuerySet

#: A number given by more units than this is that of an agent or a park, not a hint.
_MOST_BY_PHONE = 4
_ORGANISATION = slice(8, 17)


@dataclass(frozen=True, slots=True)
class DuplicateGroup:
    """Units that share something, by primary key, and what it is."""

    reasons: tuple[str, ...]
    units: tuple[int, ...]


def find_duplicates(units: UnitQuerySet) -> list[DuplicateGroup]:
    """Groups of units with one loose name, one organisation code, or one telephone in one district.

    One query, whatever the number of units. The strongest reasons first.
    """
    shared: dict[tuple[str, object], list[int]] = defaultdict(list)
    columns = ("pk", "name", "uscc", "contact_phone", "territorial_authority_id")
    for pk, name, uscc, phone, district in units.order_by("pk").values_list(*columns):
        shared["名称相近", loose_key(name)].append(pk)
        if len(uscc) == 18:
            shared["组织机构代码相同", uscc[_ORGANISATION]].append(pk)
        if digits := compact(phone):
            shared["电话和属地相同", (digits, district)].append(pk)
    return _grouped(
        (reason, tuple(pks))
        for (reason, _), pks in shared.items()
        if len(pks) > 1 and not (reason.startswith("电话") and len(pks) > _MOST_BY_PHONE)
    )


def _grouped(found: Iterable[tuple[str, tuple[int, ...]]]) -> list[DuplicateGroup]:
    reasons: dict[tuple[int, ...], list[str]] = defaultdict(list)
    for reason, pks in found:
        reasons[pks].append(reason)
    groups = [DuplicateGroup(tuple(words), pks) for pks, words in reasons.items()]
    return sorted(groups, key=lambda g: (-len(g.reasons), g.reasons[0].startswith("电话"), g.units))
