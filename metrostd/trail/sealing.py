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
    return Path(settings.VAR_DIR) / "trail-head.json"


def _note_outside(block: TrailBlock) -> None:
    file = head_file()
    file.parent.mkdir(parents=True, exist_ok=True)
    beside = file.with_suffix(".new")
    beside.write_text(
        json.dumps({"number": block.number, "head": block.head, "total": block.total}), "ascii"
    )
    beside.replace(file)


def head_outside() -> tuple[int, str] | None:
    """Number and head of the block that was last noted outside the database."""
    try:
        known = json.loads(head_file().read_text("ascii"))
    except FileNotFoundError:
        return None
    return int(known["number"]), str(known["head"])
