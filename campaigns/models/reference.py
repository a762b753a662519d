"""What was loaded from the reference data, so that a later edition leaves people's changes alone."""

from django.db import models


class LoadedReference(models.Model):
    """The values of one row as ``fixtures/`` had them when it was loaded last."""

    table = models.CharField("表", max_length=60)
    key = models.CharField("业务键", max_length=120)
    values = models.JSONField("载入的值")

    class Meta:
        verbose_name = verbose_name_plural = "载入的基础数据"
        constraints = [
            models.UniqueConstraint(fields=["table", "key"], name="a_reference_row_is_loaded_once")
        ]

    def __str__(self) -> str:
        return f"{self.table} {self.key}"
