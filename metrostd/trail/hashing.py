"""What is hashed: a row as it is read back, the rows of a block in order, and the block's own facts.

Canonical JSON: UTF-8, keys sorted, no spaces; times in UTC with six digits of the second. A row is hashed
as read from the database, so that what the engine made of it is what is sealed.
"""

import datetime as dt
import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping

from django.contrib.contenttypes.models import ContentType
from django.db.models import Model

from metrostd.common.models import AccessEntry, AuditEntry

from .enums import Kind
from .models import TrailBlock

FORMAT = 1
MODELS: Mapping[str, type[Model]] = {Kind.CHANGE: AuditEntry, Kind.ACCESS: AccessEntry}
#: The columns of a row that are sealed, in this order: all there are (a test compares).
FIELDS: Mapping[str, tuple[str, ...]] = {
    Kind.CHANGE: (
        "id", "at", "actor_id", "acting_as", "address", "action", "action_label", "target_type_id",
        "target_id", "target_label", "before", "after", "note",
    ),
    Kind.ACCESS: ("id", "at", "actor_id", "acting_as", "address", "kind", "what", "purpose"),
}  # fmt: skip
_CHUNK = 2000


def canonical(value: object) -> bytes:
    """Canonical JSON of a value made of texts, whole numbers, times, lists and mappings."""
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=written
    ).encode()


def written(value: object) -> str:
    """How canonical JSON writes what JSON has no word for: times."""
    if isinstance(value, dt.datetime):
        return moment(value)
    raise TypeError(f"{type(value).__name__} is no value of the trail")


def moment(at: dt.datetime) -> str:
    """A time in UTC, always with six digits of the second."""
    return at.astimezone(dt.UTC).isoformat(timespec="microseconds")


def digest(tag: str, content: bytes) -> str:
    """SHA-256 over a tag that says what is hashed, and the content; 64 hexadecimal digits."""
    return hashlib.sha256(f"metrostd {tag} {FORMAT}\n".encode() + content).hexdigest()


def row_hashes(kind: str, keys: Iterable[int]) -> Iterator[tuple[int, str]]:
    """Number and hash of each of these rows that is there, in the order of their numbers."""
    for key, fact in row_facts(kind, keys):
        yield key, digest(f"trail row {kind}", canonical(fact))


def row_facts(kind: str, keys: Iterable[int]) -> Iterator[tuple[int, dict[str, object]]]:
    """Number of each of these rows that is there, and what is hashed of it."""
    wanted = sorted(keys)
    names = FIELDS[kind]
    for start in range(0, len(wanted), _CHUNK):
        part = wanted[start : start + _CHUNK]
        rows = MODELS[kind]._default_manager.filter(pk__in=part).order_by("pk")
        for values in rows.values_list(*names):
            fact = dict(zip(names, values, strict=True))
            if "target_type_id" in fact:
                # The number of a kind of object is the database's own, its name is not.
                fact["target_type_id"] = _named(fact["target_type_id"])
            if not fact.get("purpose"):
                # Rows of before have none: they are hashed as they were sealed.
                fact.pop("purpose", None)
            yield values[0], fact


def _named(key: int) -> str:
    kind = ContentType.objects.get_for_id(key)
    return f"{kind.app_label}.{kind.model}"


def rows_hash(rows: Iterable[tuple[str, int, str]]) -> str:
    """The hash over (kind, number, hash) of a block's rows in their order."""
    return digest("trail rows", canonical([list(row) for row in rows]))


def head_of(block: TrailBlock) -> str:
    """The hash over everything a block says of itself, the block before included."""
    return digest(
        "trail block",
        canonical(
            {
                "number": block.number,
                "previous": block.previous,
                "rows": block.rows,
                "count": block.count,
                "total": block.total,
                "sealed_at": block.sealed_at,
                "format": block.format,
            }
        ),
    )
