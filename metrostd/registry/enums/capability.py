"""Tests that prove what a standard is capable of (JJF 1033-2016 4.2, 4.6 and 附录C)."""

from enum import nonmember

from django.db import models

from metrostd.common.enums import StateChoices


class TestKind(models.TextChoices):
    __test__ = False  # a name that pytest would otherwise collect

    REPEATABILITY = "repeatability", "重复性试验"
    STABILITY = "stability", "稳定性考核"
    VALIDATION = "validation", "结果验证"
    CHECK = "check", "期间核查"
    COMPARISON = "comparison", "计量比对"

    @classmethod
    def yearly_kinds(cls) -> "tuple[TestKind, TestKind]":
        """Owed in every year of a certificate's life."""
        return cls.REPEATABILITY, cls.STABILITY


class TestMethod(models.TextChoices):
    """How a test is done; the first part of the value is the kind it belongs to."""

    __test__ = False

    REPEATED = "repeatability_repeated", "重复测量的实验标准偏差"
    NEW_GROUPS = "stability_new", "新建：至少4组测得值的最大变化"
    YEARLY = "stability_yearly", "已建：相邻两年测得值之差"
    CONTROL_CHART = "stability_chart", "保持控制图，不另作考核"
    TRANSFER = "validation_transfer", "传递比较法"
    MULTI_LAB = "validation_labs", "多台比对法"
    CHECK_LIMIT = "check_limit", "与参考值之差不超过限值"
    CHECK_EN = "check_en", "与参考值之差的En值"
    COMPARISON_EN = "comparison_en", "与参考值之差的En值（比对）"

    @property
    def kind(self) -> TestKind:
        return TestKind(self.value.partition("_")[0])


class LimitBasis(models.TextChoices):
    ESTABLISHED = "established", "新建（或上次重新评定）时的重复性"
    MPE = "mpe", "最大允许误差的绝对值（使用标称值或示值）"
    CORRECTION = "correction", "修正值的扩展不确定度U（k=2）"
    COMBINED = "combined", "两个扩展不确定度的方和根"
    LABS = "labs", "√((n−1)/n)·U（n台比对）"
    EN = "en", "En的绝对值不大于1"
    PROCEDURE = "procedure", "规程、规范或核查方案规定的限值"

    #: What a person may name for a stability test, and for a check against a limit.
    for_stability = nonmember(("mpe", "correction", "procedure"))


class TestOutcome(StateChoices):
    """What the formulas say about a test; computed when it is saved, never typed."""

    __test__ = False

    PASSED = "passed", "合格"
    FAILED = "failed", "超差"
    REASSESS = "reassess", "大于新建时，需重新评定不确定度"
    BASELINE = "baseline", "首次，作为以后的基准"
    CHART = "chart", "控制图受控"

    tones = nonmember(
        {
            "passed": "ok",
            "failed": "bad",
            "reassess": "warn",
            "baseline": "info",
            "chart": "ok",
        }
    )
    #: Nothing is left to be done about it.
    settled = nonmember(frozenset({"passed", "baseline", "chart"}))
    open = nonmember(frozenset({"failed", "reassess"}))


class Reassessment(models.TextChoices):
    """After a larger repeatability: does the uncertainty evaluated anew still meet the needs?"""

    MEETS = "meets", "已重新评定，仍满足要求"
    FAILS = "fails", "已重新评定，不满足要求"
