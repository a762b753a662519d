"""``docs/import-issues.md``, rendered from the catalogue so that the two cannot differ."""

from .issues import CATALOGUE, SEVERITY_NAMES
from .unreadable import UNREADABLE

_HEAD = """# 名单导入：问题代码

<!-- Rendered by metrostd.registry.annex4.documentation.document(); a test compares the two. -->

代码固定不变，命令行和接口的 `issues[].code` 与此相同。有“错误”时整批不入库；“提醒”可以带着入库；
“说明”只告知系统做了什么。每个问题都带有工作表、单元格、原内容和处理办法。

| 代码 | 级别 | 含义 | 怎么办 |
|---|---|---|---|
"""
_TAIL = """
## 文件无法读取

下列情况不产生逐格的问题，只给出一句话；命令以 2 退出。

| 代码 | 含义 |
|---|---|
"""


def document() -> str:
    """The whole page."""
    kinds = "".join(
        f"| `{code}` | {SEVERITY_NAMES[kind.severity]} `{kind.severity.value}` | {kind.title} | {kind.advice} |\n"
        for code, kind in CATALOGUE.items()
    )
    files = "".join(f"| `{code}` | {title} |\n" for code, title in UNREADABLE.items())
    return _HEAD + kinds + _TAIL + files
