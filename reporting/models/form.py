"""表式 of 附件3 that was taken in by an administrator: another form of the annex, from a day on."""

from django.conf import settings
from django.db import models

from metrostd.common import clock
from metrostd.common.addresses import address
from reporting.querysets import Annex3FormQuerySet


class Annex3Form(models.Model):
    """A version of the printed form beside those of the fixtures; its content is never written again."""

    version = models.CharField("版本", max_length=20, unique=True, editable=False)
    content = models.JSONField("表式", editable=False)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    added_at = models.DateTimeField("上传时间", default=clock.now)
    #: Tables computed from this day on are made in it; not decided yet, none is.
    in_force_from = models.DateField("启用日期", null=True, editable=False)

    objects = Annex3FormQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "统计表表式"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"统计表表式第{self.version}版"

    def get_absolute_url(self) -> str:
        return address("reporting:annex3_form", self.pk)
