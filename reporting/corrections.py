"""Cells entered by hand over the computed table (R34): which may be, and what the table is then."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal, InvalidOperation

from django.core.exceptions import ValidationError

from .figures import BY_ID, Figure
from .frozen import Plain, to_value
from .ruling import CellRef
from .single_figures import SINGLE
from .table import CENT, Annex3, Cell, Corrections, Override, Row, Value, ratio

_LARGEST = Decimal(10) ** 10


def key_of(ref: CellRef) -> str:
    """How a cell is named where a name has to be one word."""
    return "/".join(ref)


def ref_of(key: str) -> CellRef | None:
    parts = key.split("/")
    return (parts[0], parts[1], parts[2]) if len(parts) == 3 else None


def cell_of(annex: Annex3, ref: CellRef) -> tuple[Row, Cell] | None:
    """The row and the cell, if the table has them."""
    block = annex.blocks.get(ref[0])
    for row in block.rows if block else ():
        if row.id == ref[1]:
            for cell in row.cells:
                if cell.figure.id == ref[2]:
                    return row, cell
    return None


def words_of(annex: Annex3, ref: CellRef) -> str:
    """A cell as a sentence names it: 合计“封存”."""
    found = cell_of(annex, ref)
    if found is None:
        return key_of(ref)
    row, cell = found
    if ref[0] in SINGLE:
        return f"“{cell.figure.name}”"
    return f"{row.spec.label.partition('（单位去重）')[0]}“{cell.figure.name}”"


def may_enter(annex: Annex3, ref: CellRef) -> Cell:
    """The cell somebody wants to enter by hand; ValidationError where that cannot be."""
    found = cell_of(annex, ref)
    if found is None or found[1].figure.check:
        raise ValidationError({"cell": "统计表里没有这一格，请重新选择。"})
    cell = found[1]
    if cell.figure.ratio_of:
        raise ValidationError(
            {"cell": f"“{cell.figure.name}”由系统按分子、分母计算，请修改有关的数。"}
        )
    if cell.value is None and not cell.figure.absent:
        raise ValidationError({"cell": "这一格为“–”，本部门不检查该类计量标准，不能填数。"})
    return cell


def parse(figure: Figure, text: str) -> Value:
    """What was typed as a value of the figure: whole and not negative, or an amount of money."""
    try:
        value = Decimal(text.strip().replace(",", "").replace("，", ""))
    except InvalidOperation:
        raise ValidationError({"value": f"“{figure.name}”应当填数字。"}) from None
    if not value.is_finite() or not 0 <= value < _LARGEST:
        raise ValidationError({"value": f"“{figure.name}”应当是不小于 0 的数。"})
    if figure.kind == "money":
        if value != value.quantize(CENT):
            raise ValidationError({"value": f"“{figure.name}”最多两位小数。"})
        return value.quantize(CENT)
    if value != value.to_integral_value():
        raise ValidationError({"value": f"“{figure.name}”应当填整数。"})
    return int(value)


def corrected(
    annex: Annex3,
    overrides: Mapping[str, Plain],
    *,
    reasons: Mapping[str, str],
    edition: int,
    note: str = "",
    is_imported: bool = False,
) -> Annex3:
    """The table with what people entered; percentages follow their numerators and denominators."""
    found: list[Override] = []
    values: dict[CellRef, Value] = {}
    for key, entered in sorted(overrides.items()):
        ref = ref_of(key)
        at = cell_of(annex, ref) if ref else None
        if ref is None or at is None:
            continue
        value = to_value(at[1].figure, entered["value"])
        values[ref] = value
        found.append(
            Override(*ref, at[1].value, value, str(entered["reason"]), words_of(annex, ref))
        )
    blocks = {
        key: replace(block, rows=tuple(_row(key, row, values) for row in block.rows))
        for key, block in annex.blocks.items()
    }
    made = Corrections(tuple(found), dict(reasons), note, is_imported)
    return replace(annex, blocks=blocks, corrections=made, edition=edition)


def _row(block: str, row: Row, values: Mapping[CellRef, Value]) -> Row:
    touched = {figure for at, where, figure in values if (at, where) == (block, row.id)}
    if not touched:
        return row
    now = {
        cell.figure.id: values.get((block, row.id, cell.figure.id), cell.value)
        for cell in row.cells
    }
    return replace(row, cells=tuple(_cell(cell, touched, now) for cell in row.cells))


def _cell(cell: Cell, touched: set[str], now: Mapping[str, Value]) -> Cell:
    if cell.figure.id in touched:
        value = now[cell.figure.id]
        return replace(cell, value=value, computed=cell.value, is_override=True)
    if cell.figure.ratio_of and set(cell.figure.ratio_of) & touched:
        part, whole = cell.figure.ratio_of
        return replace(cell, value=ratio(now[part], now[whole]))
    return cell


def overridable(annex: Annex3) -> dict[str, Figure]:
    """The figures of the form a cell of which can be entered at all."""
    return {
        cell.figure.id: BY_ID[cell.figure.id]
        for _, _, cell in annex.cells()
        if not (cell.value is None or cell.figure.check or cell.figure.ratio_of)
        and not SINGLE & set(cell.figure.blocks)
    }
