"""The same rows as the tables, as charts.js draws them: every mark leads to its records."""

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Literal, Protocol

from campaigns.models import Stage

from .calendar import expected
from .curve import Curve
from .marks import Address, Mark, Rate

_QUANTITY, _GOOD, _GREY = "#1d4f91", "#1b7f4b", "#5b6675"

#: How far, in pixels.
_APART = 7


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

    def line(name: str, figure: str, values: Iterable[int], colour: str) -> dict[str, object]:
        data = [
            {"value": value, "url": address(figure, until=day.isoformat())}
            for day, value in zip(days.days, values, strict=True)
        ]
        last = data[-1]["value"] if data else 0
        return _line(f"{name} {last}", data, colour)

    pace = _line(f"应有 {due[-1] if due else 0}", due, _GREY)
    pace["lineStyle"] = {"color": _GREY, "width": 1, "type": "dashed"}
    done = line("实际检查单位", "u_insp", days.inspected, _QUANTITY)
    _keep_apart(pace, done, due, days.inspected)
    words = {"color": _GREY, "fontSize": 12}
    return {
        "grid": {"left": 8, "right": 104, "top": 10, "bottom": 4, "containLabel": True},
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
            line("整改合格问题", "fd_ok", days.verified, _GOOD),
            pace,
        ],
    }


def _keep_apart(
    pace: dict[str, object], done: dict[str, object], due: Sequence[int], reached: Sequence[int]
) -> None:
    """The names at the ends of two lines that end close together stand above and below them."""
    higher = bool(due and reached and due[-1] > reached[-1])
    for each, up in ((pace, higher), (done, not higher)):
        label = each["endLabel"]
        if isinstance(label, dict):
            label["offset"] = [0, -_APART if up else _APART]


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
