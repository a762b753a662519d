"""What the team measures on site (附件1 C01、F01): experiments with their formulas, the environment."""

from decimal import Decimal

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from inspections.querysets import OfSheetQuerySet
from metrostd.registry.capability.entry import KeptEntry, readings_in_words
from metrostd.registry.capability.numbers import figure
from metrostd.registry.enums import LimitBasis, TestMethod, TestOutcome
from metrostd.registry.models import CapabilityTest, MeasurementStandard

from .sheet import ChecklistSheet


def _number(label: str) -> "models.DecimalField[Decimal | None, Decimal | None]":
    return models.DecimalField(label, max_digits=24, decimal_places=12, null=True, blank=True)


class SiteExperiment(models.Model):
    """现场实验: readings of one measuring point on a standard's sheet, and what the formulas make of them.

    ``values`` holds what was entered, numbers as text, with what the register knew on that day; the
    columns from ``n`` to ``outcome`` are computed from it and judged by ``registry.capability``.
    """

    sheet = models.ForeignKey(ChecklistSheet, on_delete=models.PROTECT, related_name="experiments")
    place = models.PositiveSmallIntegerField("次序")
    method = models.CharField("方法", max_length=24, choices=TestMethod.choices)
    tested_on = models.DateField("实验日期")
    subject = models.CharField("被测对象或核查标准及测量点", max_length=120)
    unit_symbol = models.CharField("计量单位", max_length=20, blank=True)
    values = models.JSONField("数据", default=dict, encoder=DjangoJSONEncoder)
    n = models.PositiveSmallIntegerField("测量次数", default=0)
    m = models.PositiveSmallIntegerField("组数", default=0)
    mean = _number("测得值")
    statistic = _number("统计量")
    limit = _number("限值")
    limit_basis = models.CharField(
        "限值依据", max_length=12, choices=LimitBasis.choices, blank=True
    )
    outcome = models.CharField("结论", max_length=10, choices=TestOutcome.choices)
    note = models.TextField("说明", blank=True)
    client_id = models.UUIDField(unique=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="填写人",
    )
    withdrawn_at = models.DateTimeField("撤下时间", null=True, editable=False)

    objects = OfSheetQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "现场实验"
        ordering = ("sheet", "place")
        constraints = [
            models.UniqueConstraint(fields=["sheet", "place"], name="one_experiment_per_place"),
            models.CheckConstraint(
                name="an_experiment_is_judged_by_a_known_outcome",
                condition=Q(outcome__in=TestOutcome.values),
            ),
        ]

    def __str__(self) -> str:
        return f"现场实验{self.place}"

    def get_absolute_url(self) -> str:
        return f"{self.sheet.get_absolute_url()}?section=F"

    @property
    def standard(self) -> MeasurementStandard:
        """What was experimented with; only a standard's sheet has experiments."""
        if self.sheet.standard is None:
            raise ValueError(f"{self.sheet} is no sheet of a standard")
        return self.sheet.standard

    def as_test(self) -> CapabilityTest:
        """The same as a test of the register, not saved: what its forms and formulas speak of."""
        method = TestMethod(self.method)
        names = ("tested_on", "subject", "unit_symbol", "values", "note", "version", "limit_basis")
        numbers = ("n", "m", "mean", "statistic", "limit", "outcome")
        return CapabilityTest(
            standard=self.standard,
            kind=method.kind,
            method=method,
            year=self.tested_on.year,
            **{name: getattr(self, name) for name in (*names, *numbers)},
        )

    def value_in_words(self, name: str, value: Decimal | KeptEntry) -> str:
        """How the trail and a conflict show figures and readings."""
        if isinstance(value, Decimal):
            return figure(value, digits=9)
        return (readings_in_words(value) or "没有读数") if name == "values" else ""


class SiteEnvironment(models.Model):
    """现场环境: temperature, humidity and the like at the visit, with the limits and where they stand."""

    sheet = models.OneToOneField(
        ChecklistSheet, on_delete=models.PROTECT, related_name="environment"
    )
    temperature = _number("温度")
    temperature_low = _number("温度下限")
    temperature_high = _number("温度上限")
    humidity = _number("相对湿度")
    humidity_low = _number("相对湿度下限")
    humidity_high = _number("相对湿度上限")
    pressure = _number("大气压")
    pressure_low = _number("大气压下限")
    pressure_high = _number("大气压上限")
    other_name = models.CharField("另一项的名称", max_length=40, blank=True)
    other_unit = models.CharField("另一项的计量单位", max_length=20, blank=True)
    other = _number("另一项")
    other_low = _number("另一项下限")
    other_high = _number("另一项上限")
    basis = models.CharField("限值依据", max_length=120, blank=True)
    instrument = models.CharField("所用仪表", max_length=120, blank=True)
    version = models.PositiveIntegerField(default=0, editable=False)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="填写人",
    )

    objects = OfSheetQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "现场环境"

    def __str__(self) -> str:
        return f"{self.sheet}的现场环境"

    def get_absolute_url(self) -> str:
        return f"{self.sheet.get_absolute_url()}?section=C"

    def value_in_words(self, name: str, value: object) -> str:
        """How the trail and a conflict show figures."""
        return figure(value, digits=15) if isinstance(value, Decimal) else ""
