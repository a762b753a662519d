"""法规库: the articles that checklists, orders and reports name, each version from its day of effect."""

import datetime as dt
import re

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from metrostd.common import clock
from metrostd.common.templatetags.formats import local_day
from metrostd.registry.querysets.legal import LegalBasisQuerySet

_ARTICLE = re.compile(r"第[一二三四五六七八九十百〇零]+条(第（?[一二三四五六七八九十]+）?[款项])*")


class LegalBasis(models.Model):
    """法律依据: what one provision is called from a day on.

    A provision keeps its ``code``; the next row of the code replaces the one before from its own day on, in the same
    law or in another. What was in force is not written again: papers of its days name it.
    """

    code = models.CharField("依据编号", max_length=30)
    law = models.CharField("法规名称", max_length=40, help_text="简称，不加书名号")
    formal_name = models.CharField("法规全称", max_length=60)
    article = models.CharField(
        "条款", max_length=40, blank=True, help_text="如“第八十条第（三）项”；引用整部法规的不填"
    )
    title = models.CharField("内容", max_length=120)
    starts_on = models.DateField("施行日期")
    ends_on = models.DateField(
        "停止施行日期", null=True, blank=True, help_text="废止而没有条款代替的才填，当日不再引用"
    )
    created_at = models.DateTimeField("建立时间", default=clock.now, editable=False)

    objects = LegalBasisQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "法规库"
        ordering = ("code", "starts_on")
        constraints = [
            models.UniqueConstraint(
                fields=["code", "starts_on"],
                name="one_legal_basis_per_code_and_day",
                violation_error_message="这个依据编号在这一施行日期已有一行。",
            ),
            models.CheckConstraint(
                name="a_legal_basis_ends_after_it_starts",
                condition=Q(ends_on=None) | Q(ends_on__gt=F("starts_on")),
                violation_error_message="“停止施行日期”须在“施行日期”之后。",
            ),
        ]

    def __str__(self) -> str:
        return f"《{self.law}》{self.article}"

    @property
    def formal(self) -> str:
        """As orders name it."""
        return f"《{self.formal_name}》{self.article}"

    def holds_on(self, day: dt.date) -> bool:
        """Not ended by a day; whether another row has taken its place is asked of all rows of its code."""
        return self.ends_on is None or day < self.ends_on

    def clean(self) -> None:
        """Articles as laws are written; what has been in force is replaced by a further row."""
        wrong = {}
        if any(mark in self.law + self.formal_name for mark in "《》"):
            wrong["law"] = "法规名称和全称不加书名号。"
        if self.article and not _ARTICLE.fullmatch(self.article):
            wrong["article"] = f"“{self.article}”应写作“第八十条”“第八十条第（三）项”的样子。"
        before = LegalBasis.objects.filter(pk=self.pk).first() if self.pk else None
        if before is not None and before.is_settled and self._moved_from(before):
            wrong["starts_on"] = (
                "已经施行的条款不改写；条款变动的，请用同一依据编号新增一行，填写新的施行日期。"
            )
        if wrong:
            raise ValidationError(wrong)

    @property
    def is_settled(self) -> bool:
        """In force and not entered today: papers may name it."""
        today = clock.today()
        return self.starts_on <= today and local_day(self.created_at) < today

    def _moved_from(self, before: "LegalBasis") -> bool:
        names = ("code", "law", "formal_name", "article", "starts_on")
        return any(getattr(self, name) != getattr(before, name) for name in names)
