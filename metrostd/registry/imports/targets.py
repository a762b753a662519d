"""Which column of a list fills which column of the register, and how a stored value reads as JSON."""

import datetime as dt
from collections.abc import Mapping
from typing import Any

from metrostd.registry.annex4.headers import TARGET_NAMES
from metrostd.registry.annex4.text import name_key, tidy_name
from metrostd.registry.models import MeasurementStandard, StandardCertificate, Unit

from .lines import Line
from .register import Register

#: Target of the list to attribute of the model; the first block is the unit's.
UNIT = {
    "unit_name": "name",
    "uscc": "uscc",
    "district": "territorial_authority_id",
    "address": "actual_address",
    "contact_name": "contact_name",
    "contact_phone": "contact_phone",
}
STANDARD = {
    "standard_name": "name",
    "jjf1022_code": "jjf1022_code",
    "field_name": "field_id",
    "category": "category",
    "measuring_range": "measuring_range",
    "performance": "performance",
    "storage_place": "storage_place",
    "responsible_person": "responsible_person",
}
#: No column of a list: the issuing authority of the list as a whole, when somebody decides so.
ISSUER = {"issuer": "issuing_authority_id"}
STANDARD_CHANGES = STANDARD | ISSUER
CERTIFICATE = {"cert_no": "number", "issue_date": "issue_date", "valid_until": "valid_until"}
LABELS = TARGET_NAMES | {"issuer": "发证部门"}
_CODES = {
    "district": "authority_codes",
    "issuer": "authority_codes",
    "field_name": "field_codes",
}
_IDS = {"district": "authority_ids", "issuer": "authority_ids", "field_name": "field_ids"}
_DATES = frozenset({"issue_date", "valid_until"})
_MODELS = {
    **dict.fromkeys(UNIT, Unit),
    **dict.fromkeys(STANDARD, MeasurementStandard),
    **dict.fromkeys(CERTIFICATE, StandardCertificate),
}
_ATTRIBUTES = UNIT | STANDARD | CERTIFICATE | ISSUER
#: The longest text each target takes, where the register has a limit.
LIMITS: dict[str, int] = {
    target: limit
    for target, model in _MODELS.items()
    if (limit := getattr(model._meta.get_field(_ATTRIBUTES[target]), "max_length", None))
    is not None
}


def label_of(target: str) -> str:
    """The label of the register's own column, which the trail of a correction by hand uses."""
    column: Any = _MODELS[target]._meta.get_field(_ATTRIBUTES[target])
    return str(column.verbose_name)


def given(line: Line, target: str) -> str | None:
    """What a line says about one target, in the form ``stored`` gives."""
    if target == "district":
        return line.district or None
    if target == "field_name":
        return line.field or None
    return line.get(target)


def stored(register: Register, obj: Any, target: str) -> str | None:
    """The register's value of one target as JSON: codes instead of keys, ISO dates, None for nothing."""
    value = getattr(obj, _ATTRIBUTES[target])
    if target in _CODES:
        return getattr(register, _CODES[target]).get(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    return value or None


def assign(register: Register, obj: Any, target: str, value: str | None) -> None:
    """Set one target on an unsaved change, from its JSON form."""
    if target in _IDS:
        new: Any = getattr(register, _IDS[target]).get(value) if value else None
    elif target in _DATES:
        new = dt.date.fromisoformat(value) if value else None
    else:
        new = value or ""
    setattr(obj, _ATTRIBUTES[target], new)


def differences(
    register: Register, obj: Any, values: Mapping[str, str | None]
) -> dict[str, list[str | None]]:
    """Old and new value of every target that changes. An empty cell never erases what is known."""
    changed: dict[str, list[str | None]] = {}
    for target, new in values.items():
        if new is None:
            continue
        old = stored(register, obj, target)
        if old != new and not (old and _same_text(target, old, new)):
            changed[target] = [old, new]
    return changed


def _same_text(target: str, old: str, new: str) -> bool:
    """Spaces and line ends are no difference: forms keep them as typed, lists put them in order."""
    if target.endswith("_name"):
        return name_key(old) == name_key(new)
    return tidy_name(old) == tidy_name(new)
