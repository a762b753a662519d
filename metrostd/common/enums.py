"""Bases for state enumerations, and the few enumerations every stage shares."""

from enum import nonmember

from django.db import models


class Turn(models.TextChoices):
    """Who has to act next for an object to get on."""

    UNIT = "unit", "建标单位"
    TEAM = "team", "检查组"
    DISTRICT = "district", "区局"
    CITY = "city", "计量处"
    OFFICE = "office", "主管部门"
    ENFORCEMENT = "enforcement", "执法机构"
    PERSON = "person", "本人"
    CLOCK = "clock", "到期自动"
    NOBODY = "nobody", "无"


class StateChoices(models.TextChoices):
    """States of one object. ``tones`` maps a value to the tone its badge has (see ui tags).

    The states of a machine have ``turns`` too: who must act next, and in which states. Every state
    stands in exactly one of its sets (a test reads all machines). A group of states that rules speak
    of has a name on its enumeration; nobody else spells states out.
    """

    @property
    def tone(self) -> str:
        tones: dict[str, str] = getattr(type(self), "tones", {})
        return tones.get(self.value, "muted")

    @property
    def turn(self) -> Turn:
        """Who must act next while an object stands in this state."""
        turns: dict[Turn, frozenset[str]] = type(self).turns  # type: ignore[attr-defined]
        return next(turn for turn, states in turns.items() if self.value in states)


class Answer(StateChoices):
    """Answers to a check item. Of prohibited conduct the first and third read 未发现 and 发现, nowhere else
    than in ``word`` and ``choices_for``."""

    CONFORM = "conform", "符合"
    DEFICIENT = "deficient", "有缺陷"
    NONCONFORM = "nonconform", "不符合"
    NOT_APPLICABLE = "not_applicable", "不适用"

    tones = nonmember(
        {"conform": "ok", "deficient": "warn", "nonconform": "bad", "not_applicable": "muted"}
    )
    problem = nonmember(frozenset({"deficient", "nonconform"}))
    needs_note = nonmember(frozenset({"deficient", "nonconform", "not_applicable"}))
    _prohibited = nonmember({"conform": "未发现", "nonconform": "发现"})

    @classmethod
    def word(cls, value: str | None, *, prohibition: bool) -> str:
        """How an answer reads on screen and paper, in the words of its item; 未填 without one."""
        if not value:
            return "未填"
        return (cls._prohibited.get(value) if prohibition else None) or str(cls(value).label)

    @classmethod
    def choices_for(cls, *, prohibition: bool, inapplicable: bool) -> list[tuple[str, str]]:
        """The answers an item takes: two of prohibited conduct, 不适用 only where it is allowed."""
        if prohibition:
            return list(cls._prohibited.items())
        return [
            (each.value, str(each.label))
            for each in cls
            if inapplicable or each != cls.NOT_APPLICABLE
        ]


class Conclusion(StateChoices):
    """Conclusion on one standard or on a whole unit."""

    CONFORM = "conform", "符合"
    DEFICIENT = "deficient", "存在缺陷"
    NONCONFORM = "nonconform", "不符合"

    tones = nonmember({"conform": "ok", "deficient": "warn", "nonconform": "bad"})
    order = nonmember(("conform", "deficient", "nonconform"))

    @property
    def severity(self) -> int:
        """0 for 符合, 1 for 存在缺陷, 2 for 不符合."""
        return type(self).order.index(self.value)


class JobState(StateChoices):
    QUEUED = "queued", "排队中"
    RUNNING = "running", "进行中"
    DONE = "done", "已完成"
    FAILED = "failed", "失败"

    tones = nonmember({"queued": "muted", "running": "running", "done": "ok", "failed": "bad"})
    active = nonmember(frozenset({"queued", "running"}))


class AccessKind(models.TextChoices):
    """How something confidential was seen or taken out; other kinds are named in words where they are noted."""

    READ = "read", "查阅"
    FILE = "file", "查看文件"
    EXPORT = "export", "导出"
    PAPER = "pdf", "文书"
    DOWNLOAD = "download", "下载"
