"""Loading reference data from ``fixtures/`` by natural key; loading again changes nothing.

A checklist version that is in the database is never rewritten: a running sheet keeps its version,
a changed annex arrives as a new version. What an administrator changed stays as it is: the values loaded
last are remembered, and a column that holds another one is somebody's decision.
"""

import datetime as dt
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypedDict

from django.conf import settings
from django.db import models, transaction

from metrostd.common.models import CalendarYear, SpecialDay
from metrostd.common.shapes import Values
from metrostd.registry.models import Authority, LegalBasis, ProfessionalField

from . import checklists
from .models import (
    ChecklistItem,
    ChecklistSection,
    ChecklistTemplate,
    LoadedReference,
    PledgeWords,
    RoutingRule,
)

FIXTURES: Path = settings.BASE_DIR / "fixtures"


class Year(TypedDict):
    """A year whose holidays are known, and by which notice."""

    year: int


class Holiday(TypedDict):
    """A day that differs from its weekday."""

    day: str


class Checklist(TypedDict):
    """A version of an annex; sections hold the columns of theirs, and their items."""

    kind: str
    version: int
    edition: str
    title: str
    # Any: columns by name, as the file has them
    sections: list[dict[str, Any]]


# Any: the file says what it holds; each loader below names what it reads
def _read(name: str) -> Any:
    return json.loads((FIXTURES / name).read_text(encoding="utf-8"))


#: Later apps whose reference data comes with this, by the name it is reported under.
_sources: dict[str, Callable[[], "Loaded"]] = {}


def reference_source(name: str) -> Callable[[Callable[[], "Loaded"]], Callable[[], "Loaded"]]:
    """Register what a later app loads beside the rest."""

    def register(load: Callable[[], Loaded]) -> Callable[[], Loaded]:
        _sources[name] = load
        return load

    return register


@dataclass(slots=True)
class Loaded:
    """What loading one kind of reference data did.

    ``kept`` names each row with a column that somebody changed and the new edition says otherwise.
    """

    made: int = 0
    updated: int = 0
    kept: list[str] = field(default_factory=list)


@transaction.atomic
def load_reference() -> dict[str, Loaded]:
    """Load authorities, fields, work days, routing rules and checklists; says what it did to each."""
    checklists = Loaded()
    for name in ("checklist_annex1.json", "checklist_annex2.json"):
        one = load_checklist(_read(name))
        checklists.made, checklists.kept = checklists.made + one.made, checklists.kept + one.kept
    days = load_calendar(_read("calendar_years.json"), _read("special_days.json"))
    return {
        "authorities": load_authorities(_read("authorities_tianjin.json")),
        "professional_fields": load_rows(
            ProfessionalField, _read("professional_fields.json"), ("code",)
        ),
        "special_days": Loaded(made=days),
        "routing_rules": load_rows(
            RoutingRule, _read("routing_rules.json"), ("version", "category")
        ),
        "legal_basis": load_rows(LegalBasis, _read("legal_basis.json"), ("code", "starts_on")),
        "checklist_items": checklists,
        "pledge_words": Loaded(made=load_pledge_words(_read("pledge_words.json"))),
        **{name: load() for name, load in _sources.items()},
    }


def load_rows(model: type[models.Model], rows: Iterable[Values], key: tuple[str, ...]) -> Loaded:
    """Bring rows up to their edition in ``rows``, column by column.

    A column is set only while it holds what was loaded last; one that holds anything else was changed by
    a person and is kept.
    """
    done, table = Loaded(), model._meta.label_lower
    remembered = {m.key: m for m in LoadedReference.objects.filter(table=table)}
    for given in rows:
        lookup = {name: given[name] for name in key}
        values = {name: value for name, value in given.items() if name not in key}
        name = "/".join(map(str, lookup.values()))
        before = remembered.get(name)
        row = model._default_manager.filter(**lookup).first()
        if row is None:
            model._default_manager.create(**given)
            done.made += 1
        else:
            _bring_up(row, values, before.values if before else {}, done)
        if before is None:
            LoadedReference.objects.create(table=table, key=name, values=_plain(values))
        elif before.values != _plain(values):
            before.values = _plain(values)
            before.save(update_fields=["values"])
    return done


def _bring_up(row: models.Model, values: Values, before: Values, done: Loaded) -> None:
    now = _plain({name: getattr(row, name) for name in values})
    wanted = _plain(values)
    differs = [name for name in values if now[name] != wanted[name]]
    mine = [name for name in differs if name in before and now[name] == before[name]]
    for name in mine:
        setattr(row, name, values[name])
    if mine:
        row.save(update_fields=mine)
        done.updated += 1
    if kept := [name for name in differs if name not in mine]:
        words = "、".join(str(row._meta.get_field(name).verbose_name) for name in kept)  # type: ignore[union-attr]
        done.kept.append(f"{row}：{words}")


def _plain(values: Values) -> dict[str, object]:
    """Values as JSON keeps them: a row by its key, everything else as it is."""
    return {
        name: value.pk if isinstance(value, models.Model) else value
        for name, value in values.items()
    }


def load_calendar(years: list[Year], days: list[Holiday]) -> int:
    """Holidays of the years that have no table yet; what an administrator keeps is left alone.

    A holiday belongs to the notice of its year, also where it begins in the December before.
    """
    known = set(CalendarYear.objects.values_list("year", flat=True))
    new = {row["year"] for row in years} - known
    fresh = [row for row in days if _year_of_holiday(row) in new]
    made = 0
    for row in fresh:
        rest = {name: value for name, value in row.items() if name != "day"}
        made += SpecialDay.objects.update_or_create(day=row["day"], defaults=rest)[1]
    CalendarYear.objects.bulk_create(CalendarYear(**row) for row in years if row["year"] in new)
    return made


def _year_of_holiday(row: Holiday) -> int:
    """元旦 of a year may begin on the last days of December."""
    day = dt.date.fromisoformat(row["day"])
    return day.year + (day.month == 12)


def load_authorities(rows: list[Values]) -> Loaded:
    """Authorities with parents named by code; a parent stands before its children."""
    done = Loaded()
    for row in rows:
        parent = Authority.objects.get(code=row["parent"]) if row["parent"] else None
        one = load_rows(Authority, [{**row, "parent": parent}], ("code",))
        done.made, done.updated = done.made + one.made, done.updated + one.updated
        done.kept += one.kept
    return done


def load_pledge_words(rows: list[Values]) -> int:
    """Versions of 保密承诺书 that are not there yet; one somebody may have signed is never rewritten."""
    known = set(PledgeWords.objects.values_list("version", flat=True))
    fresh = [PledgeWords(**row) for row in rows if row["version"] not in known]
    return len(PledgeWords.objects.bulk_create(fresh))


def load_checklist(data: Checklist) -> Loaded:
    """A checklist version with sections and items; an existing version is left untouched.

    The newest version is the current one; ``made`` counts items. A version of the same number that says something
    else, made here by hand or an older wording of the file, is kept and named: what was laid out in it stays readable.
    """
    kind, version = data["kind"], data["version"]
    versions = ChecklistTemplate.objects.filter(kind=kind)
    if (held := versions.filter(version=version).first()) is not None:
        if _says(held, data):
            return Loaded()
        clash = f"{held}：已有同号的版本，内容与随系统提供的不同，没有载入；请改用新的版本号。"
        return Loaded(kept=[clash])
    is_newest = not versions.filter(version__gt=version).exists()
    if is_newest:
        checklists.retire_current(kind)
    template = ChecklistTemplate(
        kind=kind,
        version=version,
        edition=data["edition"],
        title=data["title"],
        is_current=is_newest,
    )
    template.save()
    return Loaded(made=fill_checklist(template, data))


def _says(template: ChecklistTemplate, data: Checklist) -> bool:
    """Whether a version on record has the words, items and order of the file, as far as the file says them."""
    if (template.title, template.edition) != (data["title"], data["edition"]):
        return False
    sections = list(template.sections.prefetch_related("items"))
    if len(sections) != len(data["sections"]):
        return False
    for section, given in zip(sections, data["sections"], strict=True):
        items = list(section.items.all())
        rows = [{name: value for name, value in given.items() if name != "items"}, *given["items"]]
        if len(rows) != len(items) + 1:
            return False
        for row, values in zip([section, *items], rows, strict=True):
            if any(getattr(row, name) != value for name, value in values.items()):
                return False
    return True


def fill_checklist(template: ChecklistTemplate, data: Checklist) -> int:
    """Make the sections and items of a new version; returns how many items."""
    items: list[ChecklistItem] = []
    for order, section_data in enumerate(data["sections"]):
        fields = {name: value for name, value in section_data.items() if name != "items"}
        section = ChecklistSection.objects.create(template=template, order=order, **fields)
        items += [
            ChecklistItem(section=section, order=place, **row)
            for place, row in enumerate(section_data["items"])
        ]
    return len(ChecklistItem.objects.bulk_create(items))
