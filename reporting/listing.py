"""How the records behind a figure are listed: columns that fit their kind, read in one query."""

import datetime as dt

from django.db.models import QuerySet

from metrostd.common import clock
from metrostd.common.models import StatefulModel

from .columns import Column
from .figures import Figure
from .kinds import KINDS
from .queries import moment
from .record_columns import REWRITTEN, at
from .then import with_rewritten, with_state_then

__all__ = ("REWRITTEN", "columns_of", "how_many", "with_relations")

#: Where units are counted, what belongs to one standard or one finding would mislead.
_OF_ONE_RECORD = frozenset(
    {"计量标准", "类别", "专业领域", "重点领域", "检查项", "程度", "重点项", "事实", "状态", "整改期限",
     "结论", "签字检查表"}
)  # fmt: skip


def how_many(figure: Figure, count: int) -> str:
    """E.g. 12 个建标单位, 45 条发现问题."""
    counted = {"unit": "个建标单位", "field": "个专业计量领域", "standard": "项计量标准"}
    return f"{count} {counted.get(figure.counts, f'条{KINDS[figure.family].noun}')}"


def columns_of(
    figure: Figure,
    *,
    offices: dict[int, str] | None = None,
    fields: dict[str, str] | None = None,
) -> tuple[Column, ...]:
    """The columns for a figure; with ``offices`` (id → name) also whose table the record is in.

    ``fields`` (code → name) is needed where fields are counted.
    """
    columns = KINDS[figure.family].columns
    if figure.counts == "unit":
        unit = at(KINDS[figure.family].unit)
        columns = (
            columns[0],
            Column(
                "统一社会信用代码",
                lambda row: unit(row).uscc or unit(row).uscc_missing_reason,
                width=22,
            ),
            Column("属地区局", lambda row: unit(row).territorial_authority, width=18),
            *(column for column in columns[1:] if column.heading not in _OF_ONE_RECORD),
        )
    if figure.counts == "field":
        field = Column("专业计量领域", lambda row: (fields or {}).get(row.in_field, ""), width=18)
        columns = (field, *(column for column in columns if column.heading != "专业领域"))
    if offices is not None:
        office = Column("检查部门", lambda row: offices.get(row.in_office, ""), width=18)
        columns = (columns[0], office, *columns[1:])
    return columns


def with_relations(
    figure: Figure, rows: QuerySet, *, as_of: dt.date | dt.datetime | None = None
) -> QuerySet:
    """The rows with what the columns read, as it was at the cut-off (now without one), in one query."""
    kind = KINDS[figure.family]
    territory = [f"{kind.unit.replace('.', '__')}__territorial_authority"] if kind.unit else []
    rows = rows.select_related(*kind.related, *territory)
    cut_off = moment(as_of) if as_of else clock.now()
    if issubclass(rows.model, StatefulModel):
        rows = with_state_then(rows, cut_off)
    return with_rewritten(rows, cut_off)
