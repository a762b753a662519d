"""``manage.py figures``: the definition of every figure as Markdown, kept as ``docs/figures.md``."""

from django.core.management.base import BaseCommand

from reporting.figures import FIGURES, GROUPS, PARTS, Figure

_COUNTS = {
    "record": "条数",
    "unit": "不同单位数",
    "standard": "不同标准项数",
    "field": "不同领域数",
    "task": "任务数",
    "amount": "金额之和",
}
_HEAD = """# 统计指标

由 `reporting/figures.py` 生成：`bin/manage figures > docs/figures.md`。屏幕、工作簿、PDF 和 JSON 使用同一定义，
每个计数都能打开它所计的记录。

- “可加”：各行之和等于合计。不同单位数、不同领域数按行和合计分别去重，不可加。
- 全市汇总中，单位数和领域数在全市去重（单位按统一社会信用代码，同一单位由几个部门检查的只计一次），其余各列为各检查部门
  之和；各部门单位数之和另报（JSON 中为 `…_sum`，去重数为 `…_distinct`）。一个单位在全市只有一种情况：任何部门已检查的
  不计未能实施，任何部门随机抽中的计为随机，整改结果按其全部问题判定。
- “–”表示该部门不检查该类计量标准，JSON 中为 `null`。
- 截止时间：全部数据、规则和表下说明都按截止时系统中的记录计算，某日的表以后任何时候重算都与当日所做的相同。当时已登记的
  才计：之后签字、退回重填、作废、批准、决定、免报、改派、合并、修改的，不改变以前各日的数。专项行动结束后合并单位，不改变
  其数据。
"""


class Command(BaseCommand):
    help = "输出统计指标的定义（Markdown）。"

    def handle(self, *args: object, **options: object) -> None:
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
    counts = "尚不统计" if figure.absent else counts
    blocks = "核对" if figure.check else "、".join(figure.blocks)
    return (
        f"| `{figure.id}` | {figure.name} | {GROUPS[figure.group].name} | {blocks} | {counts}"
        f" | {'是' if figure.additive else '否'} | {figure.definition} |"
    )
