"""The seal on the trail: blocks that each carry the hash of the block before."""

from django.db import models

from .enums import Kind


class TrailBlock(models.Model):
    """Rows of the trail sealed together. Never updated, never deleted; ``head`` covers all its fields."""

    number = models.PositiveIntegerField("块号", unique=True)
    previous = models.CharField("上一块校验值", max_length=64, blank=True)
    rows = models.CharField("记录校验值", max_length=64)
    count = models.PositiveIntegerField("本块记录数")
    total = models.PositiveBigIntegerField("累计记录数")
    sealed_at = models.DateTimeField("封存时间")
    format = models.PositiveSmallIntegerField("格式", default=1)
    head = models.CharField("校验值", max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "审计封存块"
        ordering = ("-number",)

    def __str__(self) -> str:
        return f"第{self.number}块"


class SealedRow(models.Model):
    """One row of the trail in its block: which, at which place, and the hash of what it said."""

    block = models.ForeignKey(TrailBlock, on_delete=models.PROTECT, related_name="sealed")
    kind = models.CharField("类别", max_length=6, choices=Kind.choices)
    row = models.BigIntegerField("记录编号")
    position = models.PositiveIntegerField("序号")
    hash = models.CharField("校验值", max_length=64)

    class Meta:
        verbose_name = verbose_name_plural = "已封存记录"
        ordering = ("block", "position")
        constraints = [
            models.UniqueConstraint(fields=["kind", "row"], name="trail_sealed_once"),
            models.UniqueConstraint(fields=["block", "position"], name="trail_place_in_block"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.row}"
