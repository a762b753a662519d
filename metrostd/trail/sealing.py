"""Sealing: rows nobody sealed yet go into a new block. Off the path of every write (design: audit in two parts).

Unsealed rows are taken, not a range of numbers: a transaction that commits late has low numbers.
"""

import json
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, Max, OuterRef

from metrostd.common import clock

from .enums import Kind
from .hashing import FORMAT, MODELS, head_of, row_hashes, rows_hash
from .models import SealedRow, TrailBlock

#: At most so many rows in a block.
BLOCK = 5000
#: Every minute only rows this far below the last sealed number are looked at; every night all of them.
_LATE = 20_000
#: One sealer at a time; the number is this lock's own.
_LOCK = 0x7472_6169


def seal(*, deep: bool = False) -> int:
    """Seal what is unsealed; ``deep`` looks at every row and not only at the latest. Returns how many rows."""
    sealed = 0
    while count := _seal_block(deep):
        sealed += count
        if count < BLOCK:
            break
    return sealed


@transaction.atomic
def _seal_block(deep: bool) -> int:
    if not _alone():
        return 0
    rows = [
        (kind, key, found)
        for kind, keys in unsealed(BLOCK, deep=deep).items()
        for key, found in row_hashes(kind, keys)
    ]
    if not rows:
        return 0
    last = TrailBlock.objects.order_by("-number").first()
    block = TrailBlock(
        number=last.number + 1 if last else 1,
        previous=last.head if last else "",
        rows=rows_hash(rows),
        count=len(rows),
        total=(last.total if last else 0) + len(rows),
        sealed_at=clock.now(),
        format=FORMAT,
    )
    block.head = head_of(block)
    block.save()
    SealedRow.objects.bulk_create(
        (
            SealedRow(block=block, kind=kind, row=key, position=place, hash=found)
            for place, (kind, key, found) in enumerate(rows)
        ),
        batch_size=1000,
    )
    transaction.on_commit(lambda: _note_outside(block))
    return len(rows)


def unsealed(limit: int, *, deep: bool) -> dict[str, list[int]]:
    """Numbers of rows no block holds, by kind, the oldest first, ``limit`` in all."""
    found: dict[str, list[int]] = {}
    for kind in Kind.values:
        sealed = SealedRow.objects.filter(kind=kind, row=OuterRef("pk"))
        rows = MODELS[kind]._default_manager.filter(~Exists(sealed)).order_by("pk")
        if not deep:
            last = SealedRow.objects.filter(kind=kind).aggregate(last=Max("row"))["last"] or 0
            rows = rows.filter(pk__gt=last - _LATE)
        found[kind] = list(rows.values_list("pk", flat=True)[:limit])
        limit -= len(found[kind])
    return found


def _alone() -> bool:
    """Whether nobody else seals now. SQLite has one writer at a time anyhow."""
    if connection.vendor != "postgresql":
        return True
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [_LOCK])
        return bool(cursor.fetchone()[0])


def head_file() -> Path:
    """Where the last head is kept outside the database: whoever cuts the end off has to change it, too."""
    return Path(settings.VAR_DIR) / "state" / "trail-head.json"


def _noted() -> str | None:
    """What stands there, or where it stood before it had to be kept beside the images of the production shape."""
    for place in (head_file(), Path(settings.VAR_DIR) / "trail-head.json"):
        if place.exists():
            return place.read_text("ascii")
    return None


def _note_outside(block: TrailBlock) -> None:
    """What was noted before and is in the chain no more stays noted: the next minute hides no tail that was cut off."""
    first = TrailBlock.objects.order_by("number").values_list("head", flat=True).first()
    told = {"number": block.number, "head": block.head, "total": block.total, "first": first}
    lost = []
    if _noted_first() in ("", first):
        lost = [[number, head] for number, head in heads_outside() if not in_chain(number, head)]
    file = head_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_suffix(".new")
    beside.write_text(json.dumps(told | ({"lost": lost} if lost else {})), "ascii")
    beside.replace(file)


def in_chain(number: int, head: str) -> bool:
    """Whether the block of this number has this head."""
    return TrailBlock.objects.filter(number=number, head=head).exists()


def _noted_first() -> str:
    """The head of the first block when the file was written: of another database nothing is missed here."""
    try:
        return str(json.loads(_noted() or "{}").get("first", ""))
    except (ValueError, AttributeError):
        return ""


#: What a file nobody can read any more says: no block has this number.
UNREADABLE = (0, "")


def heads_outside() -> list[tuple[int, str]]:
    """Numbers and heads of blocks noted outside the database, the last one first; ``UNREADABLE`` for a bent file."""
    noted = _noted()
    if noted is None:
        return []
    try:
        known = json.loads(noted)
        rows = [(known["number"], known["head"]), *known.get("lost", [])]
        return [(int(number), str(head)) for number, head in rows]
    except (ValueError, KeyError, TypeError, AttributeError):
        return [UNREADABLE]


def head_outside() -> tuple[int, str] | None:
    """Number and head of the block that was last noted outside the database."""
    return next(iter(heads_outside()), None)
