"""The same rows as the tables, as charts.js draws them: every mark leads to its records."""

import datetime as dt
from collections.abc import Sequence
from typing import Literal, Protocol

from campaigns.models import Stage

from .calendar import expected
from .curve import Curve
from .marks import Address, Mark, Rate

_QUANTITY, _GOOD, _GREY = "#1d4f91", "#1b7f4b", "#5b6675"

#: Pixels between the names at the ends of lines, and of the field they are drawn in.
_APART, _HEIGHT = 14, 78


class Shown(Protocol):
    @property
    def label(self) -> str: ...

    @property
    def value(self) -> int: ...

    @property
    def url(self) -> str: ...


def bars(
    kind: Literal["hbar", "column"],
    rows: Sequence[Shown] | Sequence[tuple[str, Rate]],
    unit: str = "",
) -> dict[str, object]:
    """Bars with their figure, and beside it the share or what a rate is of."""
    return {"kind": kind, "unit": unit, "compact": True, "rows": [_bar(row) for row in rows]}


def _bar(row: Shown | tuple[str, Rate]) -> dict[str, object]:
    if isinstance(row, tuple):
        label, rate = row
        percent = float(rate.percent or 0)
        return {"label": label, "value": round(percent), "url": rate.url, "note": rate.title}
    note = row.note if isinstance(row, Mark) else getattr(row, "share", "")
    return {"label": row.label, "value": row.value, "url": row.url, "note": note}


def curve_option(
    days: Curve, address: Address, stage: Stage | None, planned: int
) -> dict[str, object]:
    """An option of ECharts: what was done by the end of each day, and the pace that was due."""
    due = [round(planned * expected(stage, day) / 100) for day in days.days]

    def line(name: str, figure: str, values: Sequence[int], colour: str) -> dict[str, object]:
        data = [
            {"value": value, "url": address(figure, until=day.isoformat())}
            for day, value in zip(days.days, values, strict=True)
        ]
        return _line(f"{name} {values[-1]}", data, colour)

    pace = _line(f"应有 {due[-1]}", due, _GREY)
    pace["lineStyle"] = {"color": _GREY, "width": 1, "type": "dashed"}
    done = line("实际检查单位", "u_insp", days.inspected, _QUANTITY)
    verified = line("整改合格问题", "fd_ok", days.verified, _GOOD)
    each = (due, days.inspected, days.verified)
    ends, highest = [values[-1] for values in each], max(max(values) for values in each)
    _keep_apart([pace, done, verified], ends, highest)
    words = {"color": _GREY, "fontSize": 12}
    return {
        "grid": {"left": 8, "right": 104, "top": 12, "bottom": 4, "containLabel": True},
        "tooltip": {"trigger": "axis"},
        "xAxis": {
            "type": "category",
            "boundaryGap": False,
            "data": [_day(day) for day in days.days],
            "axisTick": {"show": False},
            "axisLine": {"lineStyle": {"color": "#c5cfdb"}},
            "axisLabel": words,
        },
        "yAxis": {
            "type": "value",
            "minInterval": 1,
            "splitNumber": 3,
            "splitLine": {"lineStyle": {"color": "#e6ebf1"}},
            "axisLabel": words,
        },
        "series": [
            done,
            verified,
            pace,
        ],
    }


def _keep_apart(lines: Sequence[dict[str, object]], ends: Sequence[int], highest: int) -> None:
    """The names at the ends of lines stand one above the other, also where lines end close together."""
    before = None
    for end, line in sorted(zip(ends, lines, strict=True), key=lambda pair: -pair[0]):
        natural = _HEIGHT * (1 - end / max(highest, 1))
        place = natural if before is None else max(natural, before + _APART)
        label = line["endLabel"]
        if isinstance(label, dict):
            label["offset"] = [0, round(place - natural)]
        before = place


def _line(name: str, data: Sequence[object], colour: str) -> dict[str, object]:
    return {
        "type": "line",
        "name": name,
        "data": list(data),
        "symbolSize": 5,
        "showSymbol": False,
        "itemStyle": {"color": colour},
        "lineStyle": {"color": colour, "width": 2},
        "endLabel": {"show": True, "formatter": "{a}", "color": colour, "fontSize": 12},
    }


def _day(day: dt.date) -> str:
    return f"{day.month}.{day.day}"
