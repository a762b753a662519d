"""Loading reference data from ``fixtures/`` by natural key; loading again changes nothing.

A checklist version that is in the database is never rewritten: a running sheet keeps its version,
a changed annex arrives as a new version.
"""

import datetime as dt
import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction

from metrostd.common.models import CalendarYear, SpecialDay
from metrostd.registry.models import Authority, ProfessionalField

from .models import ChecklistItem, ChecklistSection, ChecklistTemplate, RoutingRule

FIXTURES: Path = settings.BASE_DIR / "fixtures"


def _read(name: str) -> Any:
    return json.loads((FIXTURES / name).read_text(encoding="utf-8"))


@transaction.atomic
def load_reference() -> dict[str, int]:
    """Load authorities, fields, work days, routing rules and checklists; returns rows made."""
    return {
        "authorities": load_authorities(_read("authorities_tianjin.json")),
        "professional_fields": _load(ProfessionalField, "professional_fields.json", ("code",)),
        "special_days": load_calendar(_read("calendar_years.json"), _read("special_days.json")),
        "routing_rules": _load(RoutingRule, "routing_rules.json", ("version", "category")),
        "checklist_items": load_checklist(_read("checklist_annex1.json"))
        + load_checklist(_read("checklist_annex2.json")),
    }


def _load(model: Any, name: str, key: tuple[str, ...]) -> int:
    made = 0
    for row in _read(name):
        lookup = {field: row.pop(field) for field in key}
        made += model.objects.update_or_create(**lookup, defaults=row)[1]
    return made


def load_calendar(years: list[dict[str, Any]], days: list[dict[str, Any]]) -> int:
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


def _year_of_holiday(row: dict[str, Any]) -> int:
    """元旦 of a year may begin on the last days of December."""
    day = dt.date.fromisoformat(row["day"])
    return day.year + (day.month == 12)


def load_authorities(rows: list[dict[str, Any]]) -> int:
    """Authorities with parents named by code; a parent stands before its children."""
    made = 0
    for row in rows:
        code, parent = row.pop("code"), row.pop("parent")
        row["parent"] = Authority.objects.get(code=parent) if parent else None
        made += Authority.objects.update_or_create(code=code, defaults=row)[1]
    return made


def load_checklist(data: dict[str, Any]) -> int:
    """A checklist version with sections and items; an existing version is left untouched.

    The newest version is the current one; returns how many items were made.
    """
    kind, version = data["kind"], data["version"]
    versions = ChecklistTemplate.objects.filter(kind=kind)
    if versions.filter(version=version).exists():
        return 0
    is_newest = not versions.filter(version__gt=version).exists()
    if is_newest:
        versions.filter(is_current=True).update(is_current=False)
    template = ChecklistTemplate.objects.create(
        kind=kind,
        version=version,
        edition=data["edition"],
        title=data["title"],
        is_current=is_newest,
    )
    items: list[ChecklistItem] = []
    for order, section_data in enumerate(data["sections"]):
        fields = {name: value for name, value in section_data.items() if name != "items"}
        section = ChecklistSection.objects.create(template=template, order=order, **fields)
        items += [
            ChecklistItem(section=section, order=place, **row)
            for place, row in enumerate(section_data["items"])
        ]
    return len(ChecklistItem.objects.bulk_create(items))
