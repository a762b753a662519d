"""Lists taken into the register."""

from enum import nonmember

from metrostd.common.enums import StateChoices, Turn


class ImportState(StateChoices):
    PARSED = "parsed", "待确认"
    COMMITTED = "committed", "已入库"
    UNDONE = "undone", "已撤回"
    DISCARDED = "discarded", "已放弃"

    tones = nonmember(
        {"parsed": "warn", "committed": "ok", "undone": "muted", "discarded": "muted"}
    )
    #: What was taken back is put right and committed again, or left.
    turns = nonmember(
        {
            Turn.CITY: frozenset({"parsed", "undone"}),
            Turn.NOBODY: frozenset({"committed", "discarded"}),
        }
    )


class RowChange(StateChoices):
    NEW = "new", "新增"
    CHANGED = "changed", "变更"
    UNCHANGED = "unchanged", "无变化"
    CONFLICT = "conflict", "待决定"
    ERROR = "error", "有错误"
    SKIPPED = "skipped", "跳过"

    tones = nonmember(
        {
            "new": "ok",
            "changed": "info",
            "unchanged": "muted",
            "conflict": "warn",
            "error": "bad",
            "skipped": "muted",
        }
    )
