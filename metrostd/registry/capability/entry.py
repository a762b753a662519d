"""What a person enters about a test, and how it is kept as JSON (numbers as text)."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypedDict

from django.core.exceptions import ValidationError

from metrostd.registry.enums import LimitBasis, Reassessment, TestMethod

from .readings import read_number, read_readings

#: What a method needs besides readings; everything else is left out when it is kept.
NEEDS: dict[TestMethod, tuple[str, ...]] = {
    TestMethod.REPEATED: ("established",),
    TestMethod.NEW_GROUPS: ("limit", "limit_basis"),
    TestMethod.YEARLY: ("previous", "previous_year", "limit", "limit_basis"),
    TestMethod.CONTROL_CHART: (),
    TestMethod.TRANSFER: ("reference", "source", "u_lab", "u_ref", "k"),
    TestMethod.MULTI_LAB: ("others", "source", "u_lab", "k"),
    TestMethod.CHECK_LIMIT: ("reference", "source", "limit", "limit_basis"),
    TestMethod.CHECK_EN: ("reference", "source", "u_lab", "u_ref", "k"),
    TestMethod.COMPARISON_EN: ("reference", "source", "u_lab", "u_ref", "k"),
}
#: How each is called on a page.
NAMES = {
    "established": "新建时的重复性",
    "previous": "上年测得值",
    "previous_year": "上年年份",
    "limit": "限值",
    "limit_basis": "限值依据",
    "reference": "参考值",
    "source": "参考值来源",
    "others": "其他各台的测得值",
    "u_lab": "扩展不确定度U（本标准）",
    "u_ref": "扩展不确定度U（参考值）",
    "k": "包含因子k",
}
#: May stay empty: the register or the method itself knows.
OPTIONAL = frozenset({"established", "previous", "previous_year", "source"})


@dataclass(frozen=True, slots=True)
class Group:
    """Readings taken on one day under repeatability conditions."""

    on: dt.date
    readings: tuple[Decimal, ...]


@dataclass(frozen=True, slots=True)
class Given:
    """What is known besides the readings, all in the unit of the readings except ``k`` and years.

    ``established``: 新建时的重复性; ``previous``: the value measured in ``previous_year``;
    ``reference``: the value of the higher laboratory, the check standard or the pilot laboratory, from
    ``source``; ``others``: results of the other laboratories; U with coverage factor ``k``.
    """

    established: Decimal | None = None
    previous: Decimal | None = None
    previous_year: int | None = None
    limit: Decimal | None = None
    limit_basis: LimitBasis | None = None
    reference: Decimal | None = None
    source: str = ""
    others: tuple[Decimal, ...] = ()
    u_lab: Decimal | None = None
    u_ref: Decimal | None = None
    k: Decimal | None = None


class KeptGroup(TypedDict):
    """A group as ``CapabilityTest.values`` keeps it."""

    on: str
    readings: list[str]


class KeptEntry(TypedDict, total=False):
    """What ``CapabilityTest.values`` keeps of a test; a row not yet judged may lack either."""

    groups: list[KeptGroup]
    given: dict[str, Any]  # Any: a text, the number of a year or a list of texts, by the name


@dataclass(frozen=True, slots=True)
class Entry:
    """One test as entered."""

    method: TestMethod
    groups: tuple[Group, ...]
    given: Given = Given()
    reassessment: Reassessment | None = None

    def as_json(self) -> KeptEntry:
        """What ``CapabilityTest.values`` keeps; ``from_json`` gives the same entry back."""
        given: dict[str, str | int | list[str]] = {}
        for name in NEEDS[self.method]:
            value = getattr(self.given, name)
            if name == "source":
                value = " ".join(value.split())  # one line, whatever was pasted
            if name == "others":
                given[name] = [str(each) for each in value]
            elif value not in (None, ""):
                given[name] = value if isinstance(value, int) else str(value)
        groups: list[KeptGroup] = [
            {"on": group.on.isoformat(), "readings": [str(y) for y in group.readings]}
            for group in self.groups
        ]
        return {"groups": groups, "given": given}

    @classmethod
    def from_json(cls, method: str, values: KeptEntry, reassessment: str = "") -> "Entry":
        """The entry kept in a row."""
        groups = tuple(
            Group(
                on=dt.date.fromisoformat(group["on"]),
                readings=tuple(Decimal(y) for y in group["readings"]),
            )
            for group in values.get("groups", [])
        )
        kept: dict[str, Any] = {}  # Any: each is of the type its field has in Given
        for name, value in values.get("given", {}).items():
            if name == "others":
                kept[name] = tuple(Decimal(each) for each in value)
            elif name == "limit_basis":
                kept[name] = LimitBasis(value)
            elif name in ("source", "previous_year"):
                kept[name] = value
            else:
                kept[name] = Decimal(value)
        return cls(
            method=TestMethod(method),
            groups=groups,
            given=Given(**kept),
            reassessment=Reassessment(reassessment) if reassessment else None,
        )


def readings_in_words(values: KeptEntry, *, between: str = "；") -> str:
    """What ``CapabilityTest.values`` holds: groups by day, then everything else by its name."""
    parts = [f"{group['on']}：{'、'.join(group['readings'])}" for group in values.get("groups", [])]
    for name, value in values.get("given", {}).items():
        words = "、".join(value) if isinstance(value, list) else value
        if name == "limit_basis":
            words = LimitBasis(value).label
        parts.append(f"{NAMES[name]}：{words}")
    return between.join(parts)


def entry_from_lines(method: str, text: str, reassessment: str = "") -> Entry:
    """What ``readings_in_words`` wrote with line breaks; raises ValidationError naming the line."""
    groups: list[Group] = []
    given: dict[str, Any] = {}  # Any: each is of the type its field has in Given
    names = {words: name for name, words in NAMES.items()}
    for number, line in enumerate(filter(None, map(str.strip, text.split("\n"))), start=1):
        head, colon, rest = line.partition("：")
        if not colon:
            raise ValidationError(f"数据第{number}行“{line[:20]}”没有冒号。")
        if (name := names.get(head)) is not None:
            given[name] = _given(name, head, rest)
            continue
        try:
            day = dt.date.fromisoformat(head.strip())
        except ValueError as error:
            raise ValidationError(
                f"数据第{number}行的“{head[:20]}”不是日期，也不是项目名称。"
            ) from error
        groups.append(Group(day, tuple(read_readings(rest, where=f"第{len(groups) + 1}组"))))
    again = Reassessment(reassessment) if reassessment else None
    return Entry(TestMethod(method), tuple(groups), Given(**given), again)


def _given(
    name: str, head: str, text: str
) -> str | int | LimitBasis | Decimal | tuple[Decimal, ...]:
    if name == "source":
        return text
    if name == "previous_year":
        return int(read_number(text, what=head))
    if name == "limit_basis":
        found = [basis for basis in LimitBasis if basis.label == text]
        if not found:
            raise ValidationError(f"限值依据“{text[:20]}”不在可选的依据之中。")
        return found[0]
    if name == "others":
        return tuple(read_readings(text, where=head))
    return read_number(text, what=head)
