"""What a unit proves about a standard year by year: repeatability, stability, checks, comparisons."""

from decimal import Decimal

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q

from metrostd.common.addresses import address
from metrostd.common.models import StoredFile, state_known
from metrostd.registry.capability.entry import KeptEntry, readings_in_words
from metrostd.registry.capability.numbers import figure
from metrostd.registry.enums import (
    LimitBasis,
    Reassessment,
    RecordState,
    TestKind,
    TestMethod,
    TestOutcome,
)
from metrostd.registry.querysets import CapabilityTestQuerySet

from .records import VoidableRecord, void_says_why
from .standard import MeasurementStandard

_EVERY_METHOD_FITS_ITS_KIND = Q(pk__in=[])
for _method in TestMethod:
    _EVERY_METHOD_FITS_ITS_KIND |= Q(method=_method.value, kind=_method.kind.value)


class CapabilityTest(VoidableRecord):
    """One test of a standard: its readings, and what the formulas make of them.

    ``values`` holds what was entered (see ``capability.entry``), numbers as text: nothing passes
    through a float. ``n``, ``m``, ``mean``, ``statistic``, ``limit``, ``limit_basis`` and ``outcome``
    are computed from it by ``services.save_test``. All values are in ``unit_symbol``; the statistic of
    an E_n test has no unit. A test of a control chart has neither readings nor statistic.
    """

    standard = models.ForeignKey(
        MeasurementStandard,
        on_delete=models.PROTECT,
        related_name="capability_tests",
        verbose_name="计量标准",
    )
    kind = models.CharField("类别", max_length=16, choices=TestKind.choices)
    method = models.CharField("方法", max_length=24, choices=TestMethod.choices)
    year = models.PositiveSmallIntegerField("年度")
    tested_on = models.DateField("试验日期")
    subject = models.CharField("被测对象或核查标准及测量点", max_length=120)
    unit_symbol = models.CharField("计量单位", max_length=20, blank=True)
    values = models.JSONField("数据", default=dict, encoder=DjangoJSONEncoder)
    n = models.PositiveSmallIntegerField("每组测量次数", default=0)
    m = models.PositiveSmallIntegerField("组数", default=0)
    mean = models.DecimalField("测得值", max_digits=24, decimal_places=12, null=True, blank=True)
    statistic = models.DecimalField(
        "统计量", max_digits=24, decimal_places=12, null=True, blank=True
    )
    limit = models.DecimalField("限值", max_digits=24, decimal_places=12, null=True, blank=True)
    limit_basis = models.CharField(
        "限值依据", max_length=12, choices=LimitBasis.choices, blank=True
    )
    outcome = models.CharField("结论", max_length=10, choices=TestOutcome.choices)
    reassessment = models.CharField(
        "不确定度重新评定", max_length=8, choices=Reassessment.choices, blank=True
    )
    note = models.TextField("说明", blank=True)
    file = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    file_name = models.CharField("原始记录", max_length=200, blank=True)

    objects = CapabilityTestQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "测量能力试验"
        indexes = [
            models.Index(
                fields=["standard", "kind", "-tested_on"], name="test_by_standard_and_kind"
            )
        ]
        constraints = [
            models.CheckConstraint(
                name="test_method_fits_its_kind", condition=_EVERY_METHOD_FITS_ITS_KIND
            ),
            models.CheckConstraint(
                name="test_outcome_known", condition=Q(outcome__in=TestOutcome.values)
            ),
            models.CheckConstraint(
                name="test_outcome_rests_on_a_statistic",
                condition=Q(statistic__isnull=False, statistic__gte=0, m__gt=0)
                | Q(outcome="baseline", statistic=None, m__gt=0)
                | Q(outcome="chart", statistic=None, method="stability_chart"),
            ),
            models.CheckConstraint(
                name="test_verdict_rests_on_a_limit",
                condition=Q(outcome__in=["baseline", "chart"])
                | Q(limit__isnull=False, limit__gte=0),
            ),
            void_says_why("void_test_says_why"),
            state_known("capability_test_state_known", RecordState),
        ]

    def __str__(self) -> str:
        return f"{self.year}年{self.get_kind_display()}（{self.subject}）"

    def get_absolute_url(self) -> str:
        return address("registry:test", self.pk)

    @property
    def outcome_tone(self) -> str:
        return TestOutcome(self.outcome).tone

    @property
    def passed(self) -> bool:
        """Nothing is left to be done about it."""
        return self.outcome in TestOutcome.settled

    def value_in_words(self, name: str, value: Decimal | KeptEntry) -> str:
        """How the trail and a conflict show what no single word can: figures and readings."""
        if isinstance(value, Decimal):
            return figure(value, digits=9)
        return (readings_in_words(value) or "没有读数") if name == "values" else ""
