"""Open warnings as a workbook."""

from collections.abc import Iterable

from metrostd.common.spreadsheet import Column, Sheet
from metrostd.registry.models import MeasurementStandard

from .core import OpenWarning

_COLUMNS = (
    Column("预警类别", 28),
    Column("内容", 60),
    Column("日期", 14),
    Column("计量标准名称", 32),
    Column("单位名称", 34),
    Column("属地", 14),
)


def warning_list(rows: Iterable[tuple[OpenWarning, MeasurementStandard]]) -> Sheet:
    """Open warnings with the standards they are about."""
    lines = (
        (
            warning.kind.label,
            warning.sentence,
            warning.day,
            standard.name,
            standard.unit.name,
            str(standard.unit.territorial_authority or ""),
        )
        for warning, standard in rows
    )
    return Sheet("台账预警", "台账预警", _COLUMNS, lines)
