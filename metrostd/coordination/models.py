"""What was handed across between approval and supervision."""

from django.conf import settings
from django.db import models

from metrostd.common import clock
from metrostd.registry.models import Authority, MeasurementStandard, Unit

from .enums import PushKind, Side
from .querysets import PushQuerySet


class Push(models.Model):
    """协同推送: one act of one side, told to the other, with who took note of it."""

    authority = models.ForeignKey(
        Authority, on_delete=models.PROTECT, related_name="pushes", verbose_name="部门"
    )
    side = models.CharField("推送至", max_length=12, choices=Side.choices)
    kind = models.CharField("事项", max_length=10, choices=PushKind.choices)
    #: The row of the trail it came from.
    entry = models.BigIntegerField(editable=False)
    unit = models.ForeignKey(Unit, on_delete=models.PROTECT, related_name="pushes")
    standard = models.ForeignKey(
        MeasurementStandard, on_delete=models.PROTECT, null=True, related_name="pushes"
    )
    words = models.CharField("内容", max_length=400)
    happened_at = models.DateTimeField("发生时间")
    pushed_at = models.DateTimeField("推送时间", default=clock.now, editable=False)
    read_at = models.DateTimeField("阅知时间", null=True, editable=False)
    read_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = PushQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "协同推送"
        ordering = ("-happened_at", "-pk")
        constraints = [
            models.UniqueConstraint(
                fields=["entry", "authority", "side"], name="an_act_is_pushed_once"
            )
        ]
        indexes = [models.Index(fields=["authority", "side", "read_at"], name="push_by_desk")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()}：{self.standard or self.unit}"
