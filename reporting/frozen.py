"""A table as plain JSON, and back: what editions keep, compare and print again."""

import datetime as dt
import hashlib
import json
from decimal import Decimal
from typing import Any

from django.utils import timezone

from . import figures
from .figures import Figure
from .rows import RowSpec
from .table import Annex3, Block, Cell, Plan, Row, Value

#: Any: JSON as it comes back from a column.
Plain = dict[str, Any]


def to_plain(annex: Annex3) -> Plain:
    """Everything the table says; amounts and percentages are text, so that no digit is lost."""
    return {
        "layout": annex.layout,
        "campaign": annex.campaign,
        "campaign_title": annex.campaign_title,
        "authority": annex.authority,
        "authority_name": annex.authority_name,
        "as_of": timezone.localtime(annex.as_of).isoformat(),
        "blocks": [_block(block) for block in annex.blocks.values()],
        "plan": {
            "ratio": annex.plan.ratio,
            "reason": annex.plan.reason,
            "bureaus": annex.plan.bureaus,
        },
        "notes": list(annex.notes),
    }


def from_plain(plain: Plain) -> Annex3:
    """The table again. A figure that has since left the form is in the files of its edition only."""
    return Annex3(
        campaign=plain["campaign"],
        campaign_title=plain["campaign_title"],
        authority=plain["authority"],
        authority_name=plain["authority_name"],
        as_of=dt.datetime.fromisoformat(plain["as_of"]),
        blocks={one["id"]: _block_again(one) for one in plain["blocks"]},
        plan=Plan(**plain["plan"]),
        notes=tuple(plain["notes"]),
        layout=plain["layout"],
    )


def digest(plain: object) -> str:
    """SHA-256 over the canonical JSON of what is signed."""
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def to_text(value: Value) -> str | int | None:
    return str(value) if isinstance(value, Decimal) else value


def to_value(figure: Figure, kept: str | int | None) -> Value:
    if kept is None:
        return None
    return int(kept) if figure.kind == "count" else Decimal(str(kept))


def _block(block: Block) -> Plain:
    return {
        "id": block.id,
        "title": block.title,
        "row_heading": block.row_heading,
        "rows": [
            {
                "id": row.id,
                "label": row.spec.label,
                "kind": row.spec.kind,
                "parts": list(row.spec.parts),
                "note": row.spec.note,
                "cells": {cell.figure.id: to_text(cell.value) for cell in row.cells},
            }
            for row in block.rows
        ],
    }


def _block_again(one: Plain) -> Block:
    known = figures.of_block(one["id"], checks=True)
    rows = tuple(_row_again(row, known) for row in one["rows"])
    return Block(one["id"], one["title"], one["row_heading"], rows)


def _row_again(row: Plain, known: tuple[Figure, ...]) -> Row:
    spec = RowSpec(row["id"], row["label"], row["kind"], tuple(row["parts"]), row.get("note", ""))
    cells = tuple(
        Cell(figure, to_value(figure, row["cells"][figure.id]))
        for figure in known
        if figure.id in row["cells"]
    )
    return Row(spec, cells)
