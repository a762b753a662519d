"""Lists taken into the register: the file, what was read, what it became."""

from django.db import models
from django.db.models import Q

from metrostd.common.addresses import address
from metrostd.common.models import StatefulModel, StoredFile, state_field, state_known
from metrostd.registry.enums import Category, ImportState, RowChange
from metrostd.registry.querysets import ImportBatchQuerySet, ImportRowQuerySet

from .organisation import Authority, Unit
from .standard import MeasurementStandard


class ImportBatch(StatefulModel):
    """One uploaded list: the original file with its hash, what was read, what was written."""

    States = ImportState

    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    filename = models.CharField("文件名", max_length=200)
    category = models.CharField(
        "清单类别", max_length=16, choices=Category.choices, default=Category.ENT_HIGHEST
    )
    issuing_authority = models.ForeignKey(Authority, on_delete=models.PROTECT, related_name="+")
    campaign_code = models.CharField("专项行动", max_length=40, blank=True)
    header_map = models.JSONField("表头对应", default=dict)
    edits = models.JSONField("改动的单元格", default=dict)
    #: Key of a question to what was chosen, in which words, by whom and when.
    decisions = models.JSONField("决定", default=dict)
    #: The questions as they stand, open ones first (``imports.decisions.Conflict``).
    conflicts = models.JSONField("冲突", default=list)
    summary = models.JSONField("结果", default=dict)
    issues = models.JSONField("问题", default=list)
    state = state_field(ImportState.PARSED, max_length=12)

    objects = ImportBatchQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "名单导入"
        ordering = ("-pk",)
        constraints = [
            state_known("import_batch_state_known", ImportState),
        ]

    def __str__(self) -> str:
        return self.filename

    def get_absolute_url(self) -> str:
        return address("lists:detail", self.pk)

    @property
    def undo_begun(self) -> bool:
        """Part of a long list has been taken back already: the rest is to follow."""
        return bool(self.summary.get("undo_begun"))


class ImportRow(models.Model):
    """One data row of a batch: every value with its cell, and what it became in the register."""

    batch = models.ForeignKey(ImportBatch, on_delete=models.CASCADE, related_name="rows")
    sheet = models.CharField("工作表", max_length=60)
    row_no = models.PositiveIntegerField("行号")
    #: Target to ``[clean value, cell, raw text, row it was filled from]``, short when the rest is empty.
    values = models.JSONField("数据", default=dict)
    #: What the values say together: district and field by code, identity of the certificate.
    derived = models.JSONField(default=dict)
    change = models.CharField("变化", max_length=10, choices=RowChange.choices)
    #: What the row does to its unit; empty on all but the first row of a unit.
    unit_change = models.CharField("单位变化", max_length=10, choices=RowChange.choices, blank=True)
    differences = models.JSONField("新旧值", default=dict)
    unit = models.ForeignKey(Unit, on_delete=models.SET_NULL, null=True, related_name="+")
    standard = models.ForeignKey(
        MeasurementStandard, on_delete=models.SET_NULL, null=True, related_name="import_rows"
    )
    #: The hand-over the row is part of; empty while the list is not committed or no district is known.
    hand_over = models.ForeignKey(
        "HandOver", on_delete=models.SET_NULL, null=True, editable=False, related_name="rows"
    )
    #: A row for a district, but nobody knows which: it waits for the issuing office.
    no_district = models.BooleanField("属地未定", default=False, db_default=False, editable=False)
    #: When the district confirmed an institution's row (see ``HandOver``).
    confirmed_at = models.DateTimeField("区局确认时间", null=True, editable=False)

    objects = ImportRowQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "导入行"
        ordering = ("batch", "pk")
        indexes = [
            models.Index(
                fields=["batch"], condition=Q(no_district=True), name="row_without_district"
            )
        ]

    def __str__(self) -> str:
        return f"{self.sheet} 第{self.row_no}行"

    @property
    def change_tone(self) -> str:
        return RowChange(self.change).tone
