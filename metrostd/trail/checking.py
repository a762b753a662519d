"""Whether the trail still says what was sealed: everything is computed again from the rows.

In this order, so that what is named first is the cause: heads known outside, numbers and links of blocks, the
lists of rows, the rows themselves, what should be sealed and is not, the triggers.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from metrostd.common import clock

from . import protection, retention
from .enums import Kind
from .hashing import MODELS, head_of, row_hashes, rows_hash
from .models import SealedRow, TrailBlock
from .sealing import UNREADABLE, unsealed

#: A row older than this that no block holds: the sealing stands still, or somebody wrote it in afterwards.
OVERDUE = dt.timedelta(minutes=15)
_MANY = 1000


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong, in words an auditor reads; ``row`` numbers a row of the trail where it is about one."""

    what: str
    block: int | None = None
    row: int | None = None


def problems(anchors: Iterable[tuple[int, str]] = ()) -> Iterator[Problem]:
    """Everything that is wrong, the cause first; ``anchors`` are (number, head) known from outside."""
    yield from _anchored(anchors)
    yield from _linked()
    gone = retention.taken_out_through()
    for block in TrailBlock.objects.order_by("number").iterator(chunk_size=200):
        yield from _rows_of(block, gone=gone)
    yield from _left_out()
    yield from (
        Problem(f"数据库触发器 {name} 不在或已停用，审计记录可能被改写")
        for name in protection.missing()
    )


def _anchored(anchors: Iterable[tuple[int, str]]) -> Iterator[Problem]:
    for number, head in anchors:
        if (number, head) == UNREADABLE:
            yield Problem("库外留存校验值的文件（trail-head.json）不能读取：可能被改动")
            continue
        found = TrailBlock.objects.filter(number=number).values_list("head", flat=True).first()
        if found is None:
            yield Problem(f"库外留存过第{number}块，库中没有：尾部被截去", block=number)
        elif found != head:
            yield Problem(f"第{number}块与库外留存的校验值不符：历史被改写", block=number)


def _linked() -> Iterator[Problem]:
    number, head, total = 0, "", 0
    for block in TrailBlock.objects.order_by("number").iterator(chunk_size=1000):
        if block.number != number + 1:
            yield Problem(f"第{number + 1}块不在", block=number + 1)
        elif block.previous != head:
            yield Problem(f"第{block.number}块没有接在第{number}块之后", block=block.number)
        elif block.total != total + block.count:
            yield Problem(f"第{block.number}块的累计记录数不符", block=block.number)
        if head_of(block) != block.head:
            yield Problem(f"第{block.number}块被改动：校验值不符", block=block.number)
        number, head, total = block.number, block.head, block.total


def _rows_of(block: TrailBlock, *, gone: int) -> Iterator[Problem]:
    """``gone``: up to this block accesses may have been taken out."""
    listed = list(block.sealed.order_by("position").values_list("kind", "row", "hash"))
    if len(listed) != block.count or rows_hash(listed) != block.rows:
        yield Problem(f"第{block.number}块的记录清单被改动", block=block.number)
    keys: dict[str, list[int]] = defaultdict(list)
    for kind, key, _ in listed:
        keys[kind].append(key)
    found = {(kind, key): now for kind in keys for key, now in row_hashes(kind, keys[kind])}
    for kind, key, sealed in listed:
        now = found.get((kind, key))
        lawful = now is None and kind == Kind.ACCESS and block.number <= gone
        if now == sealed or lawful:
            continue
        fault = "不在了" if now is None else "被改动"
        yield Problem(f"{Kind(kind).label} {key}{fault}（第{block.number}块）", block.number, key)


def _left_out() -> Iterator[Problem]:
    before = clock.now() - OVERDUE
    for kind, keys in unsealed(_MANY, deep=True).items():
        rows = MODELS[kind]._default_manager.filter(pk__in=keys, at__lt=before).order_by("pk")
        last = SealedRow.objects.filter(kind=kind).order_by("-row").values_list("row", flat=True)
        highest = last.first() or 0
        for key in rows.values_list("pk", flat=True):
            why = "，编号却小于已封存的记录" if key < highest else ""
            yield Problem(f"{Kind(kind).label} {key}超过15分钟没有封存{why}", row=key)
