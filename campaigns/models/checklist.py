"""Checklists as versioned data: a running sheet keeps the version it was started with."""

from django.conf import settings
from django.db import models

from campaigns.enums import ChecklistKind, ItemLevel, ProblemCategory, UsedIn
from campaigns.querysets import CampaignChecklistQuerySet, ItemQuerySet, TemplateQuerySet
from metrostd.common.addresses import address

from .campaign import Campaign


class ChecklistTemplate(models.Model):
    """One version of Annex 1 or Annex 2. Reconstructed: replaceable without touching code."""

    kind = models.CharField("检查表", max_length=8, choices=ChecklistKind.choices)
    version = models.PositiveSmallIntegerField("版本")
    edition = models.CharField("依据规范版本", max_length=40)
    title = models.CharField("名称", max_length=80)
    is_current = models.BooleanField("现用", default=True)
    #: Of a version that was delivered with the portal: nobody and no day.
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
    )
    added_at = models.DateTimeField("上传时间", null=True, editable=False)
    in_force_on = models.DateField("启用日期", null=True, editable=False)

    objects = TemplateQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "检查表模板"
        ordering = ("kind", "-version")
        constraints = [
            models.UniqueConstraint(fields=["kind", "version"], name="one_template_per_version"),
            models.UniqueConstraint(
                fields=["kind"],
                condition=models.Q(is_current=True),
                name="one_current_template_per_kind",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.title}（第{self.version}版）"

    def get_absolute_url(self) -> str:
        return address("inspections:checklist", self.pk)


class CampaignChecklist(models.Model):
    """The version a campaign works with, from a day on; without a day from its beginning.

    The first is written when another version is put in force while the campaign runs, any further one is an act of
    its own (``campaigns.checklists.upgrade``).
    """

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="checklists")
    kind = models.CharField("检查表", max_length=8, choices=ChecklistKind.choices)
    template = models.ForeignKey(
        ChecklistTemplate, on_delete=models.PROTECT, related_name="kept_by"
    )
    since = models.DateField("改用日期", null=True, editable=False)
    reason = models.CharField("理由", max_length=300, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
    )

    objects = CampaignChecklistQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "专项行动的检查表"
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "kind"],
                condition=models.Q(since=None),
                name="one_first_checklist_of_a_kind_per_campaign",
            ),
            models.UniqueConstraint(
                fields=["campaign", "kind", "since"],
                name="one_checklist_of_a_kind_per_campaign_and_day",
            ),
        ]

    def __str__(self) -> str:
        return str(self.template)


class ChecklistSection(models.Model):
    template = models.ForeignKey(
        ChecklistTemplate, on_delete=models.CASCADE, related_name="sections"
    )
    code = models.CharField("代号", max_length=2)
    title = models.CharField("名称", max_length=40)
    short_title = models.CharField("简称", max_length=12)
    order = models.PositiveSmallIntegerField("次序")

    class Meta:
        verbose_name = verbose_name_plural = "检查表分组"
        ordering = ("template", "order")
        constraints = [
            models.UniqueConstraint(fields=["template", "code"], name="one_section_per_code")
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.title}"


class ChecklistItem(models.Model):
    """检查项. ``categories`` limits it to categories of standards (empty: all)."""

    section = models.ForeignKey(ChecklistSection, on_delete=models.CASCADE, related_name="items")
    code = models.CharField("编码", max_length=4)
    text = models.CharField("检查要点", max_length=200)
    evidence_hint = models.CharField("查看材料", max_length=200, blank=True)
    basis = models.CharField("依据", max_length=200, blank=True)
    is_key = models.BooleanField("重点项", default=False)
    level = models.CharField("层级", max_length=10, choices=ItemLevel.choices)
    used_in = models.CharField("用于", max_length=10, choices=UsedIn.choices)
    problem_category = models.CharField("问题类别", max_length=1, choices=ProblemCategory.choices)
    is_prohibition = models.BooleanField("禁止性行为", default=False)
    may_be_inapplicable = models.BooleanField("可不适用", default=True)
    suggests_stop = models.BooleanField("不符合时建议责令停止量值传递", default=False)
    categories = models.JSONField("适用的计量标准类别", default=list, blank=True)
    hint_rule = models.CharField("系统预判规则", max_length=40, blank=True)
    stock_phrases = models.JSONField("常用语", default=list, blank=True)
    official_no = models.CharField("官方表序号", max_length=10, blank=True)
    order = models.PositiveSmallIntegerField("次序")

    objects = ItemQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "检查项"
        ordering = ("section__order", "order")
        constraints = [
            models.UniqueConstraint(fields=["section", "code"], name="one_item_per_code")
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.text}"

    def applies_to(self, category: str) -> bool:
        """Whether the item is asked for a standard of this category."""
        return not self.categories or category in self.categories
