"""The tables behind the charts as worksheets: the rows of the page, without a figure of their own."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from metrostd.common.shapes import CellValue
from metrostd.common.spreadsheet import Column, Sheet

from .marks import Rate

#: What ``page.build`` found. Any: each panel has rows of its own kind.
Found = Mapping[str, Any]
Rows = list[tuple[CellValue, ...]]


@dataclass(frozen=True, slots=True)
class Table:
    """A chart's table: what it is called, its headings, and its rows from those of the page."""

    title: str
    headings: tuple[str, ...]
    rows: Callable[[Found], Rows]

    def sheet(self, found: Found, *, about: str) -> Sheet:
        first, *others = self.headings
        columns = [Column(first, 44), *(Column(heading, 16) for heading in others)]
        return Sheet(self.title, f"{self.title}：{about}", columns, self.rows(found))


def _marks(key: str) -> Callable[[Found], Rows]:
    return lambda found: [(mark.label, mark.value, mark.note) for mark in found[key]]


def _rate(rate: Rate) -> tuple[CellValue, ...]:
    return rate.percent, rate.part, rate.whole


def _rates(key: str) -> Callable[[Found], Rows]:
    return lambda found: [(label, *_rate(rate)) for label, rate in found[key]]


def _stages(found: Found) -> Rows:
    return [(s.label, s.starts_on, s.ends_on, s.progress, s.standing) for s in found["steps"]]


def _offices(found: Found) -> Rows:
    return [
        (
            line.name,
            line.units.value,
            line.planned.value,
            *_rate(line.self_check),
            *_rate(line.visits),
            line.expected,
            *_rate(line.problems),
            *_rate(line.verified),
            line.missing.value,
            line.late.value,
        )
        for line in found["lines"]
    ]


def _of_rate(name: str, part: str, whole: str) -> tuple[str, str, str]:
    return f"{name}（%）", part, whole


TABLES: Mapping[str, Table] = {
    "stages": Table("阶段", ("阶段", "开始", "结束", "进度", "时间"), _stages),
    "funnel": Table("从单位到销号", ("步骤", "单位数", "占应有数"), _marks("funnel")),
    "offices": Table(
        "各区局",
        (
            "部门", "建标单位", "列入",
            *_of_rate("自查率", "已报自查", "应报自查"),
            *_of_rate("实施率", "已实施", "列入清单"), "应有进度（%）",
            *_of_rate("问题率", "问题项", "检查项"),
            *_of_rate("整改合格率", "整改合格", "应整改"),
            "未报自查", "逾期未整改",
        ),
        _offices,
    ),
    "days": Table(
        "逐日进展",
        ("截至", "实际检查单位", "整改合格问题"),
        lambda found: [(day, done.value, ok.value) for day, done, ok in found["curve"]],
    ),
    "items": Table(
        "问题最多的检查要点",
        ("检查项", "条数", "累计"),
        lambda found: [(item.label, item.value, item.share) for item in found["items"]],
    ),
    "fields": Table(
        "各领域问题率", ("专业领域", *_of_rate("问题率", "问题项", "检查项")), _rates("fields")
    ),
    "kinds": Table(
        "各类别问题率", ("计量标准类别", *_of_rate("问题率", "问题项", "检查项")), _rates("kinds")
    ),
    "domains": Table(
        "重点领域问题率", ("重点领域", *_of_rate("问题率", "问题项", "检查项")), _rates("domains")
    ),
    "problems": Table("问题类别", ("类别", "条数", "占比"), _marks("problems")),
    "judged": Table(
        "各检查项符合率",
        ("检查项", *_of_rate("符合率", "符合", "判定项次"), "有问题"),
        lambda found: [(one.label, *_rate(one.passed), one.failed.value) for one in found["judged"]],
    ),
    "gaps": Table("自查不实", ("问题类别", "条数", "占该类发现问题"), _marks("gaps")),
    "gap_units": Table(
        "自查不实较多的单位",
        ("建标单位", "条数"),
        lambda found: [(unit.name, unit.count) for unit in found["gap_units"]],
    ),
    "measures": Table(
        "停止量值传递和处置",
        ("指标", "数量"),
        lambda found: [(mark.label, mark.value) for mark in found["measures"]],
    ),
    "late": Table(
        "逾期未整改的单位",
        ("建标单位", "逾期未整改", "其中不合格", "最早期限"),
        lambda found: [(one.name, one.count, one.failed, one.due_on) for one in found["late"]],
    ),
}  # fmt: skip
