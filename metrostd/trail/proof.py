"""Rows of the trail with their proof: what an outsider needs to see that nothing of them was changed since.

The file holds the rows as they were hashed, the lists of hashes of their blocks, and the blocks from the first
of them to one whose head was mailed or printed. ``docs/verify_trail.py`` recomputes all of it without the portal.
"""

import json
from collections import defaultdict
from collections.abc import Mapping

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError

from metrostd.common import clock
from metrostd.notifications.models import Line

from .hashing import FORMAT, moment, row_facts, written
from .models import SealedRow, TrailBlock

#: More rows than this are asked for in parts: a proof is read by people.
AT_MOST = 5000


def proof_of(keys: Mapping[str, list[int]], *, asked: str) -> bytes:
    """The proof of these rows by kind, as JSON; ``asked`` says what was searched.

    Raises ValidationError when there are too many, or one is not sealed yet (within a minute).
    """
    if sum(map(len, keys.values())) > AT_MOST:
        raise ValidationError(f"一次最多导出{AT_MOST}条，请缩小日期或其他条件。")
    places = _places(keys)
    facts = {(kind, pk): fact for kind, rows in keys.items() for pk, fact in row_facts(kind, rows)}
    rows: list[dict[str, object]] = [
        {"kind": kind, "block": block, "position": position, "fact": facts[kind, pk]}
        for (kind, pk), (block, position) in sorted(places.items(), key=lambda item: item[1])
        if (kind, pk) in facts
    ]
    blocks = {block for block, _ in places.values()}
    content = {
        "format": FORMAT,
        "asked": asked,
        "made_at": moment(clock.now()),
        "rows": rows,
        "lists": _lists(blocks),
        "blocks": _chain(blocks),
    }
    return json.dumps(content, ensure_ascii=False, indent=1, default=written).encode()


def _places(keys: Mapping[str, list[int]]) -> dict[tuple[str, int], tuple[int, int]]:
    """In which block and at which place each row is sealed."""
    found: dict[tuple[str, int], tuple[int, int]] = {}
    for kind, rows in keys.items():
        sealed = SealedRow.objects.filter(kind=kind, row__in=rows)
        for row, block, position in sealed.values_list("row", "block__number", "position"):
            found[kind, row] = block, position
    if len(found) < sum(map(len, keys.values())):
        raise ValidationError("最近一分钟的记录还没有封存，请稍后再导出。")
    return found


def _lists(blocks: set[int]) -> dict[str, list[tuple[str, int, str]]]:
    """What each block sealed, in its order: kind, number and hash of every row."""
    found: dict[str, list[tuple[str, int, str]]] = defaultdict(list)
    rows = SealedRow.objects.filter(block__number__in=blocks).order_by("block__number", "position")
    for number, kind, row, sealed in rows.values_list("block__number", "kind", "row", "hash"):
        found[str(number)].append((kind, row, sealed))
    return dict(found)


def _chain(numbers: set[int]) -> list[dict[str, object]]:
    """The blocks from the first concerned to one whose head has left the portal, or to the last."""
    if not numbers:
        return []
    told = Line.objects.filter(
        origin__startswith="trail",
        target_type=ContentType.objects.get_for_model(TrailBlock),
        sent_at__isnull=False,
    ).values("target_id")
    after = TrailBlock.objects.filter(number__gte=max(numbers)).order_by("number")
    end = after.filter(pk__in=told).first() or after.last()
    blocks = TrailBlock.objects.order_by("number").filter(number__gte=min(numbers))
    names = ("number", "previous", "rows", "count", "total", "sealed_at", "format", "head")
    return [
        {**row, "sealed_at": moment(row["sealed_at"])}
        for row in blocks.filter(number__lte=end.number if end else 0).values(*names)
    ]
