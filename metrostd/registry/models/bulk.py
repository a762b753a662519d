"""One change applied to many records at once, kept so that it can be taken back."""

from django.conf import settings
from django.db import models

from metrostd.common import clock
from metrostd.common.addresses import address
from metrostd.registry.querysets import BulkEditQuerySet


class BulkEdit(models.Model):
    """Which field of which records was set to what, what each had before, who was left out and why."""

    kind = models.CharField(
        "对象", max_length=10, choices=[("unit", "建标单位"), ("standard", "计量标准")]
    )
    field = models.CharField("项目", max_length=40)
    value = models.CharField("改为", max_length=40)
    words = models.CharField("修改内容", max_length=120)
    wanted = models.JSONField(default=list)
    #: Primary key to the value before and the version the change gave it.
    changes = models.JSONField(default=dict)
    #: From, to, how many: in words.
    summary = models.JSONField(default=list)
    #: Label and reason of records the person sees and may not change.
    skipped = models.JSONField(default=list)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    made_at = models.DateTimeField("时间", default=clock.now, editable=False)
    applied_at = models.DateTimeField(null=True, editable=False)
    undone_at = models.DateTimeField(null=True, editable=False)

    objects = BulkEditQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "批量修改"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.words

    def get_absolute_url(self) -> str:
        return address("registry:bulk_edit", self.pk)
