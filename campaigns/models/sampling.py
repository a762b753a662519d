"""The frozen frame, the draw on it, and what was drawn.

Rows of a frame and of a draw keep the units they named, even when one is merged into another later
(``frozen_relations``). The hash covers identities that outlive a database: credit codes and certificate
numbers, kept in the rows as they were frozen.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q

from campaigns.enums import DrawKind, DrawReason, DrawState, FrameState, FrameSubject, TermsKind
from campaigns.querysets import DrawnUnitQuerySet, DrawRunQuerySet, FrameQuerySet
from metrostd.common import clock
from metrostd.common.addresses import address
from metrostd.common.models import StatefulModel, state_field, state_known
from metrostd.registry.enums import Category
from metrostd.registry.models import Authority, MeasurementStandard, ProfessionalField, Unit

from .campaign import Campaign


class SamplingFrame(StatefulModel):
    """抽样框: what one office draws from, shown for three days, then frozen with a hash.

    The units and standards it inspects, or (``subject``) the bureaus of the organiser with the case files of
    their certificates since ``issued_from``.
    """

    States = FrameState

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="frames")
    authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="frames")
    subject = models.CharField(
        "抽取对象", max_length=8, choices=FrameSubject.choices, default=FrameSubject.UNITS
    )
    issued_from = models.DateField("案卷起始日期", null=True, blank=True)
    shown_at = models.DateTimeField("公示时间", default=clock.now, editable=False)
    shown_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    frozen_at = models.DateTimeField("冻结时间", null=True, editable=False)
    frozen_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    hash = models.CharField("内容哈希", max_length=64, blank=True, editable=False)
    #: What left the list and what joined it while it was shown: identities, names and reasons.
    changes = models.JSONField("公示期间的变动", default=dict, editable=False)
    state = state_field(FrameState.SHOWN, max_length=8)

    objects = FrameQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "抽样框"
        constraints = [
            state_known("sampling_frame_state_known", FrameState),
            models.UniqueConstraint(
                fields=["campaign", "authority", "subject"],
                condition=Q(state__in=["frozen", "shown"]),
                name="one_frame_per_campaign_and_authority",
            ),
            models.CheckConstraint(
                name="case_files_have_a_first_day",
                condition=~Q(subject="bureaus") | Q(issued_from__isnull=False),
            ),
            models.CheckConstraint(
                name="a_frozen_list_has_its_day_and_hash",
                condition=~Q(state="frozen") | (Q(frozen_at__isnull=False) & ~Q(hash="")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.authority} {'区局' if self.of_bureaus else ''}抽样框"

    def get_absolute_url(self) -> str:
        return address("campaigns:frame", self.pk)

    @property
    def of_bureaus(self) -> bool:
        """Whether bureaus are drawn from it, and not units."""
        return self.subject == FrameSubject.BUREAUS

    @property
    def counter(self) -> str:
        """What its lines are counted in."""
        return FrameSubject(self.subject).counter


class FrameStandard(models.Model):
    """One standard in a frame, with its category and field as frozen."""

    frame = models.ForeignKey(SamplingFrame, on_delete=models.CASCADE, related_name="entries")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    standard = models.ForeignKey(MeasurementStandard, on_delete=models.PROTECT, related_name="+")
    category = models.CharField("类别", max_length=16, choices=Category.choices)
    field = models.ForeignKey(
        ProfessionalField, on_delete=models.PROTECT, null=True, related_name="+"
    )
    is_priority = models.BooleanField("重点领域", default=False)
    unit_key = models.CharField("单位标识", max_length=140, blank=True, editable=False)
    unit_name = models.CharField("单位名称", max_length=140, blank=True, editable=False)
    standard_key = models.CharField("计量标准标识", max_length=220, blank=True, editable=False)
    standard_name = models.CharField("计量标准名称", max_length=220, blank=True, editable=False)

    frozen_relations: ClassVar[frozenset[str]] = frozenset({"unit"})

    class Meta:
        verbose_name = verbose_name_plural = "抽样框条目"
        constraints = [
            models.UniqueConstraint(
                fields=["frame", "standard"], name="a_standard_is_once_in_a_frame"
            )
        ]

    def __str__(self) -> str:
        return str(self.standard)


class FrameExclusion(models.Model):
    """What was left out of a frame and why: listed, never silently dropped."""

    frame = models.ForeignKey(SamplingFrame, on_delete=models.CASCADE, related_name="exclusions")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    standard = models.ForeignKey(
        MeasurementStandard, on_delete=models.PROTECT, null=True, related_name="+"
    )
    reason = models.CharField("原因", max_length=120)
    unit_key = models.CharField("单位标识", max_length=140, blank=True, editable=False)
    standard_key = models.CharField("计量标准标识", max_length=220, blank=True, editable=False)

    frozen_relations: ClassVar[frozenset[str]] = frozenset({"unit"})

    class Meta:
        verbose_name = verbose_name_plural = "未列入抽样框"

    def __str__(self) -> str:
        return f"{self.unit}：{self.reason}"


class DrawRun(StatefulModel):
    """抽取: parameters, seed and result, kept so that anybody gets the same list again."""

    States = DrawState

    frame = models.ForeignKey(SamplingFrame, on_delete=models.PROTECT, related_name="runs")
    #: The terms it was made under; a draw of the first algorithm has none.
    terms = models.ForeignKey(
        "campaigns.DrawTerms",
        on_delete=models.PROTECT,
        null=True,
        related_name="runs",
        verbose_name="抽取约定",
    )
    ratio = models.PositiveSmallIntegerField("抽查比例（%）")
    ratio_reason = models.CharField("低于建议比例的理由", max_length=200, blank=True)
    required = models.PositiveIntegerField("应抽单位数")
    seed = models.CharField("随机种子", max_length=64)
    algorithm = models.CharField("算法版本", max_length=20)
    witnesses = models.CharField("见证人", max_length=200, blank=True)
    run_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    run_at = models.DateTimeField("抽取时间", default=clock.now, editable=False)
    result_hash = models.CharField("结果哈希", max_length=64, editable=False)
    record_no = models.CharField("记录编号", max_length=60, blank=True, editable=False)
    #: What the record says besides rows: names and the units of the area, as of the draw.
    facts = models.JSONField(default=dict, editable=False)
    state = state_field(DrawState.VALID, max_length=8)

    objects = DrawRunQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "抽取"
        ordering = ("-pk",)
        constraints = [
            state_known("draw_run_state_known", DrawState),
            models.UniqueConstraint(
                fields=["record_no"], condition=~Q(record_no=""), name="one_draw_per_record_number"
            ),
            models.UniqueConstraint(
                fields=["frame"], condition=Q(state="valid"), name="one_valid_draw_per_frame"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.frame.authority} 抽取 {self.pk}"

    def get_absolute_url(self) -> str:
        return address("campaigns:draw", self.pk)


class SupplementaryDraw(models.Model):
    """补充抽取、递补: what chance gave to a draw later, under terms of its own.

    One more unit for each professional field the draw has missed, or substitutes for units that were struck;
    a record of its own beside the draw, tied to the result before it by its hash (``base``).
    """

    run = models.ForeignKey(DrawRun, on_delete=models.CASCADE, related_name="supplements")
    terms = models.ForeignKey(
        "campaigns.DrawTerms",
        on_delete=models.PROTECT,
        null=True,
        related_name="supplements",
        verbose_name="抽取约定",
    )
    number = models.PositiveSmallIntegerField("次数")
    fields = models.JSONField("补充的专业领域", default=list)
    base = models.CharField("所补充结果的哈希", max_length=64, editable=False)
    taken = models.JSONField("抽取时已列入的单位", default=list, editable=False)
    seed = models.CharField("随机种子", max_length=64)
    algorithm = models.CharField("算法版本", max_length=20)
    witnesses = models.CharField("见证人", max_length=200, blank=True)
    run_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    run_at = models.DateTimeField("抽取时间", default=clock.now, editable=False)
    result_hash = models.CharField("结果哈希", max_length=64, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "补充抽取"
        ordering = ("run", "number")
        constraints = [
            models.UniqueConstraint(
                fields=["run", "number"], name="one_supplement_per_number_of_a_draw"
            )
        ]

    def __str__(self) -> str:
        return f"{self.run} 第{self.number}次补充抽取"

    @property
    def label(self) -> str:
        """What kind of later draw it is."""
        return self.terms.get_kind_display() if self.terms else "补充抽取"

    @property
    def short_label(self) -> str:
        """The same in a narrow column."""
        return "递补" if self.terms and self.terms.kind == TermsKind.SUBSTITUTE else "补充"


class DrawnUnit(models.Model):
    run = models.ForeignKey(DrawRun, on_delete=models.CASCADE, related_name="drawn")
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="+")
    order = models.PositiveIntegerField("次序")
    kind = models.CharField("方式", max_length=10, choices=DrawKind.choices)
    reason = models.CharField("定向理由", max_length=200, blank=True)
    supplement = models.ForeignKey(
        SupplementaryDraw,
        on_delete=models.CASCADE,
        null=True,
        related_name="drawn",
        verbose_name="补充抽取",
    )
    #: The name on the day it was drawn; a record does not follow a unit's later name.
    named = models.CharField("列入时名称", max_length=200, blank=True, editable=False)
    added_at = models.DateTimeField("列入时间", default=clock.now, editable=False)
    #: Set when the office above has acknowledged that it may not be inspected; the row stays.
    struck_at = models.DateTimeField("划除时间", null=True, editable=False)
    strike_reason = models.CharField("划除的理由和依据", max_length=300, blank=True, editable=False)

    objects = DrawnUnitQuerySet.as_manager()

    frozen_relations: ClassVar[frozenset[str]] = frozenset({"unit"})

    class Meta:
        verbose_name = verbose_name_plural = "抽中单位"
        ordering = ("run", "order")
        constraints = [
            # A struck unit may still be inspected by direction.
            models.UniqueConstraint(
                fields=["run", "unit"],
                condition=Q(struck_at__isnull=True),
                name="a_unit_is_drawn_once",
            ),
            models.CheckConstraint(
                name="a_directed_unit_has_a_reason",
                condition=Q(kind=DrawKind.RANDOM) | ~Q(reason=""),
            ),
        ]
        indexes = [
            # Few are ever struck, and every list of visits leaves them out.
            models.Index(
                fields=["id"], condition=Q(struck_at__isnull=False), name="struck_drawn_unit"
            )
        ]

    def __str__(self) -> str:
        return str(self.unit)

    @property
    def name_then(self) -> str:
        """The unit as the record of the draw names it."""
        return self.named or str(self.unit)


class DrawnStandard(models.Model):
    drawn_unit = models.ForeignKey(DrawnUnit, on_delete=models.CASCADE, related_name="standards")
    standard = models.ForeignKey(MeasurementStandard, on_delete=models.PROTECT, related_name="+")
    field = models.ForeignKey(
        ProfessionalField, on_delete=models.PROTECT, null=True, related_name="+"
    )
    why = models.CharField("原因", max_length=16, choices=DrawReason.choices)
    reason = models.CharField("增加的理由", max_length=200, blank=True)
    named = models.CharField("列入时名称", max_length=200, blank=True, editable=False)
    added_at = models.DateTimeField("列入时间", default=clock.now, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "抽中标准"
        constraints = [
            models.UniqueConstraint(
                fields=["drawn_unit", "standard"], name="a_standard_is_drawn_once"
            )
        ]

    def __str__(self) -> str:
        return str(self.standard)

    @property
    def name_then(self) -> str:
        """The standard as the record of the draw names it."""
        return self.named or str(self.standard)
