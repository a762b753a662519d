"""廉政: what the unit says of a visit, for 纪检监督 alone; what the visit cost whom."""

from decimal import Decimal

from django.conf import settings
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from inspections.enums import Manner
from inspections.querysets import CostQuerySet, FeedbackQuerySet
from metrostd.accounts.models import Membership
from metrostd.common import clock
from metrostd.common.addresses import address
from metrostd.common.templatetags.formats import cn_datetime

from .task import InspectionTask


class IntegrityFeedback(models.Model):
    """廉政反馈 of the unit after a visit (通知三(三), 中央八项规定): once, never changed.

    Seen by 纪检监督 of the office that runs the campaign, and by the unit itself: neither the team nor any office.
    """

    task = models.OneToOneField(InspectionTask, on_delete=models.PROTECT, related_name="+")
    costs_borne = models.BooleanField("由本单位承担了费用")
    gifts = models.BooleanField("收受礼品、礼金、消费卡等")
    meals = models.BooleanField("接受宴请或者娱乐活动")
    favours = models.BooleanField("推销产品、指定机构或者为本人、亲友谋利")
    manner = models.CharField("工作作风", max_length=8, choices=Manner.choices)
    comment = models.TextField("具体情况和意见", blank=True)
    given_by = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    named = models.CharField("反馈人", max_length=40, editable=False)
    given_at = models.DateTimeField("反馈时间", default=clock.now, editable=False)

    objects = FeedbackQuerySet.as_manager()

    #: What each kind of misconduct is called, in the order of the form.
    SIGNS = ("costs_borne", "gifts", "meals", "favours")

    class Meta:
        verbose_name = verbose_name_plural = "廉政反馈"
        ordering = ("-given_at", "-pk")

    def __str__(self) -> str:
        return f"{self.task.unit} 廉政反馈"

    def get_absolute_url(self) -> str:
        return address("inspections:feedback", self.pk)

    @property
    def signs(self) -> list[str]:
        """Words of the misconduct the unit names."""
        return [
            str(self._meta.get_field(name).verbose_name)  # type: ignore[union-attr]
            for name in self.SIGNS
            if getattr(self, name)
        ]

    @property
    def is_serious(self) -> bool:
        """Whether 纪检监督 has to look into it."""
        return bool(self.signs) or self.manner == Manner.BAD


def _yuan(label: str) -> models.DecimalField:
    return models.DecimalField(
        label,
        max_digits=9,
        decimal_places=2,
        default=Decimal(0),
        validators=[MinValueValidator(Decimal(0))],
    )


class CostDeclaration(models.Model):
    """检查费用申报: what of a visit's costs the inspected unit bore, which has to be 0 (通知三(三)).

    Declared once by the leader and never changed: an amount stops the review of the visit until 纪检监督 has
    seen that it was given back, or that it was a slip of the pen.
    """

    task = models.OneToOneField(
        InspectionTask, on_delete=models.PROTECT, related_name="cost_declaration"
    )
    lodging = _yuan("住宿（元）")
    meals = _yuan("用餐（元）")
    transport = _yuan("交通（元）")
    other = _yuan("其他（元）")
    note = models.CharField("说明", max_length=200, blank=True)
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    declared_at = models.DateTimeField("申报时间", default=clock.now, editable=False)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    settled_at = models.DateTimeField("核实时间", null=True, editable=False)
    settled_note = models.CharField("核实情况", max_length=300, blank=True)

    objects = CostQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "检查费用申报"
        ordering = ("-declared_at", "-pk")
        constraints = [
            models.CheckConstraint(
                name="declared_costs_are_not_negative",
                condition=Q(lodging__gte=0, meals__gte=0, transport__gte=0, other__gte=0),
            ),
            models.CheckConstraint(
                name="who_declares_costs_does_not_settle_them",
                condition=Q(settled_by=None) | ~Q(settled_by=F("declared_by")),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.task} 费用申报"

    @property
    def amount(self) -> Decimal:
        """What the unit bore altogether."""
        return self.lodging + self.meals + self.transport + self.other

    @property
    def parts(self) -> str:
        """The four amounts as the declaration lists them."""
        return "、".join(f"{n:.2f}" for n in (self.lodging, self.meals, self.transport, self.other))

    @property
    def said(self) -> str:
        """Who declared it, and when."""
        return f"{self.declared_by or '系统'}，{cn_datetime(self.declared_at)}"

    @property
    def stops(self) -> bool:
        """Whether the review of the visit waits for 纪检监督."""
        return self.amount > 0 and self.settled_at is None
