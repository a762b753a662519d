"""From points to a level, by the table in force on a day."""

import datetime as dt
from collections.abc import Collection

from .enums import RiskLevel
from .indicators import INDICATORS
from .models import RiskTable

#: Years from one inspection to the next in the table an office begins with: low risk is left to the draw.
YEARS = {RiskLevel.HIGH.value: 1, RiskLevel.MEDIUM.value: 2, RiskLevel.LOW.value: 0}
_BEGIN = dt.date(2000, 1, 1)


def first_table() -> RiskTable:
    """What holds before an office made a table of its own."""
    return RiskTable(
        version=0,
        starts_on=_BEGIN,
        points={each.code: each.points for each in INDICATORS},
        medium_from=3,
        high_from=6,
        years=dict(YEARS),
        reason="系统初始值",
    )


def table_on(day: dt.date) -> RiskTable:
    """The table in force on a day."""
    return RiskTable.objects.in_force(day).first() or first_table()


def points_of(codes: Collection[str], table: RiskTable) -> int:
    """Each indicator counts once, however many records are behind it."""
    return sum(int(table.points.get(code, 0)) for code in codes)


def level_of(points: int, table: RiskTable) -> RiskLevel:
    if points >= table.high_from:
        return RiskLevel.HIGH
    return RiskLevel.MEDIUM if points >= table.medium_from else RiskLevel.LOW


def frequency(years: int) -> str:
    """How often a level is inspected, in words."""
    if not years:
        return "只参加随机抽取"
    return "每年检查" if years == 1 else f"每{years}年检查一次"
