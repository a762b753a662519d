"""Conflicts and decisions of a list as the screen shows them, and the headings named by hand before."""

import datetime as dt
from dataclasses import dataclass, field

from metrostd.lists.imports.previews import KeptSheet
from metrostd.registry.models import ImportBatch

from .decisions import KINDS, UNIT, kind_of_code

#: Questions of one code on the page at a time.
_ASKED = 20
_DECIDED = 40
_LISTS = 40


@dataclass(slots=True)
class Question:
    """One conflict with the choices in the order they are offered; those that name a unit first."""

    key: str
    where: str
    unit: str
    found: str
    about: str
    chosen: str
    choices: list[tuple[str, str]]


@dataclass(slots=True)
class Group:
    """All conflicts of one code. ``default`` says in words what happens without a decision."""

    code: str
    title: str
    advice: str
    default: str
    open: int
    count: int
    bulk: list[tuple[str, str]]
    undecided: int = 0
    questions: list[Question] = field(default_factory=list)


def questions(batch: ImportBatch) -> list[Group]:
    """Conflicts by code, those that hold the list back first."""
    groups: dict[str, Group] = {}
    for conflict in batch.conflicts:
        code = conflict["code"]
        kind = KINDS[code]
        group = groups.get(code)
        if group is None:
            default = kind.choices.get(kind.default, "")
            bulk = list(kind.choices.items())
            group = groups[code] = Group(
                code, kind_of_code(code).title, kind_of_code(code).advice, default, 0, 0, bulk
            )
        group.count += 1
        group.open += not conflict["chosen"] and not conflict["default"]
        group.undecided += not conflict["chosen"]
        if len(group.questions) < _ASKED:
            group.questions.append(
                Question(
                    conflict["key"],
                    f"{conflict['sheet']} {conflict['cell']}",
                    conflict["unit"] if conflict["unit"] != conflict["found"] else "",
                    conflict["found"],
                    conflict["about"],
                    conflict["chosen"],
                    sorted(conflict["choices"].items(), key=lambda c: not c[0].startswith(UNIT)),
                )
            )
    return sorted(groups.values(), key=lambda g: (not g.open, not g.undecided))


@dataclass(slots=True)
class Decided:
    """One decision that stands."""

    key: str
    what: str
    words: str
    by: str
    at: dt.datetime


def decided(batch: ImportBatch) -> list[Decided]:
    """Decisions, newest first; of very many the newest."""
    made = [
        Decided(key, row["what"], row["words"], row["by"], dt.datetime.fromisoformat(row["at"]))
        for key, row in batch.decisions.items()
    ]
    return sorted(made, key=lambda d: d.at, reverse=True)[:_DECIDED]


@dataclass(slots=True)
class KnownMap:
    """How the columns of another list with the same heading were named by hand."""

    filename: str
    fields: list[tuple[str, str]]


def known_map(batch: ImportBatch) -> KnownMap | None:
    """The newest other list with one of this list's headings and columns named by hand, if it differs."""
    headings = {_heading(sheet): sheet["name"] for sheet in batch.summary["sheets"]}
    others = ImportBatch.objects.exclude(pk=batch.pk).exclude(header_map={})
    for other in others.only("filename", "header_map", "summary").order_by("-pk")[:_LISTS]:
        found: list[tuple[str, str]] = []
        for sheet in other.summary["sheets"]:
            name = headings.get(_heading(sheet))
            if name is None or not (mapped := other.header_map.get(sheet["name"])):
                continue
            if mapped != batch.header_map.get(name):
                found += [(f"map:{name}!{column}", target) for column, target in mapped.items()]
        if found:
            return KnownMap(other.filename, found)
    return None


def _heading(sheet: KeptSheet) -> tuple[str, ...]:
    """The titles of a sheet; its first row where no heading was recognised."""
    if sheet["columns"] and any(title for _, _, title in sheet["columns"]):
        return tuple(title for _, _, title in sheet["columns"])
    return tuple(sheet["sample"][0][1]) if sheet["sample"] else ()
