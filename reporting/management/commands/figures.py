"""``manage.py figures``: the definition of every figure as Markdown, kept as ``docs/figures.md``."""

from typing import Any

from django.core.management.base import BaseCommand

from reporting.figures import FIGURES, GROUPS, PARTS, Figure

_COUNTS = {
    "record": "条数",
    "unit": "不同单位数",
    "standard": "不同标准项数",
    "field": "不同领域数",
    "task": "任务数",
    "fine": "金额之和",
}
_HEAD = """# 统计指标

由 `reporting/figures.py` 生成：`bin/manage figures > docs/figures.md`。屏幕、工作簿、PDF 和 JSON 使用同一定义，
每个计数都能打开它所计的记录。

- “可加”：各行之和等于合计。不同单位数、不同领域数按行和合计分别去重，不可加。
- 全市汇总是各检查部门之和；覆盖领域数在全市范围去重，建标单位总数另报去重数（`u_total_distinct`）。
- “–”表示该部门不检查该类计量标准，JSON 中为 `null`。
- 截止时间：抽样框冻结、抽取、检查表签字、自查首次报送、自查问题整改日期、整改文书日期、问题的最后决定、
  责令停止的提出、处置决定日期、移送日期按截止时间计；抽取是否作废、未能实施的任务状态、案件状态和罚没金额
  按当前状态计。
"""


class Command(BaseCommand):
    help = "输出统计指标的定义（Markdown）。"

    def handle(self, *args: Any, **options: Any) -> None:
        self.stdout.write(markdown(), ending="")


def markdown() -> str:
    """The whole document."""
    parts = [_HEAD]
    for part, title in PARTS.items():
        rows = [f for f in FIGURES if GROUPS[f.group].part == part]
        parts.append(f"\n## {title}\n\n| 标识 | 列名 | 分组 | 表 | 计数 | 可加 | 定义 |")
        parts.append("|---|---|---|---|---|---|---|")
        parts += [_row(figure) for figure in rows]
    return "\n".join(parts) + "\n"


def _row(figure: Figure) -> str:
    counts = "比例" if figure.ratio_of else _COUNTS[figure.counts]
    blocks = "核对" if figure.check else "、".join(figure.blocks)
    return (
        f"| `{figure.id}` | {figure.name} | {GROUPS[figure.group].name} | {blocks} | {counts}"
        f" | {'是' if figure.additive else '否'} | {figure.definition} |"
    )
