"""The checklist as filled on site: sheets, answers, evidence, signatures."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from campaigns.models import ChecklistItem, ChecklistTemplate, DrawnCase
from inspections.enums import EvidenceKind, SignerKind, SigningWay
from inspections.querysets import OfSheetQuerySet, OfTaskQuerySet, SheetQuerySet
from metrostd.accounts.models import Membership
from metrostd.common import clock
from metrostd.common.addresses import address
from metrostd.common.enums import Answer, Conclusion
from metrostd.common.models import StoredFile
from metrostd.common.templatetags.formats import local_day
from metrostd.registry.models import MeasurementStandard

from .task import InspectionTask


class ChecklistSheet(models.Model):
    """检查表: one for each standard of a task and one for the unit as a whole; at a bureau for each case file.

    ``suggested`` follows the rules of the checklist; ``conclusion`` is the leader's, who may raise
    the severity with a reason and never lower it. A sheet is signed with its task.
    """

    task = models.ForeignKey(InspectionTask, on_delete=models.PROTECT, related_name="sheets")
    standard = models.ForeignKey(
        MeasurementStandard, on_delete=models.PROTECT, null=True, blank=True, related_name="sheets"
    )
    case = models.ForeignKey(
        DrawnCase, on_delete=models.PROTECT, null=True, blank=True, related_name="sheets"
    )
    #: What a sheet of a bureau is about, in the words of the day it was laid out.
    about = models.CharField("对象", max_length=260, blank=True, editable=False)
    template = models.ForeignKey(ChecklistTemplate, on_delete=models.PROTECT, related_name="+")
    suggested = models.CharField("建议结论", max_length=12, choices=Conclusion.choices, blank=True)
    conclusion = models.CharField("结论", max_length=12, choices=Conclusion.choices, blank=True)
    override_reason = models.CharField("提高严重程度的理由", max_length=300, blank=True)
    signed_at = models.DateTimeField("签字完成时间", null=True, editable=False)
    record = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )

    objects = SheetQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "检查表"
        ordering = ("task", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["task", "standard"],
                condition=Q(standard__isnull=False),
                name="one_sheet_per_task_and_standard",
            ),
            models.UniqueConstraint(
                fields=["task"],
                condition=Q(standard=None, case=None),
                name="one_unit_sheet_per_task",
            ),
            models.UniqueConstraint(
                fields=["task", "case"],
                condition=Q(case__isnull=False),
                name="one_sheet_per_task_and_case",
            ),
            models.CheckConstraint(
                name="a_signed_sheet_has_a_conclusion",
                condition=Q(signed_at=None) | ~Q(conclusion=""),
            ),
        ]

    def __str__(self) -> str:
        return str(self.standard or self.about or "单位层面")

    def get_absolute_url(self) -> str:
        return address("inspections:sheet", self.pk)


class ChecklistAnswer(models.Model):
    """The answer to one item on one sheet; rows exist for every applicable item from the start.

    Versions and client ids as for self-check answers: a stale save is refused with both values,
    the same save sent twice counts once.
    """

    sheet = models.ForeignKey(ChecklistSheet, on_delete=models.CASCADE, related_name="answers")
    item = models.ForeignKey(ChecklistItem, on_delete=models.PROTECT, related_name="+")
    answer = models.CharField("判定", max_length=16, choices=Answer.choices, blank=True)
    note = models.TextField("事实记录", blank=True)
    version = models.PositiveIntegerField(default=0, editable=False)
    client_id = models.UUIDField(null=True, editable=False)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True, editable=False)

    objects = OfSheetQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "检查判定"
        constraints = [
            models.UniqueConstraint(fields=["sheet", "item"], name="one_answer_per_sheet_and_item")
        ]

    def __str__(self) -> str:
        return f"{self.item.code} {Answer.word(self.answer, prohibition=self.item.is_prohibition)}"


class Evidence(models.Model):
    """证据 (通知二(二)1 现场取证): a file with hash, time and person, attached to one answer."""

    answer = models.ForeignKey(ChecklistAnswer, on_delete=models.PROTECT, related_name="evidence")
    sheet = models.ForeignKey(ChecklistSheet, on_delete=models.PROTECT, related_name="evidence")
    kind = models.CharField("种类", max_length=12, choices=EvidenceKind.choices)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    name = models.CharField("文件名", max_length=200)
    caption = models.CharField("说明", max_length=200, blank=True)
    captured_at = models.DateTimeField("取证时间", default=clock.now)
    captured_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    #: A picture drawn on names the photograph it was made from, which stays as it was taken.
    copy_of = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="copies",
        verbose_name="原件",
    )
    #: Where the device said it was, when the person let it: 北纬、东经 and how far it may be off.
    position = models.CharField("取证位置", max_length=60, blank=True)
    #: What the photograph says of itself (EXIF): shown beside when it came, never believed.
    taken_at = models.DateTimeField("拍摄时间（照片自带）", null=True, editable=False)
    taken_where = models.CharField(
        "拍摄位置（照片自带）", max_length=60, blank=True, editable=False
    )
    #: Who of the inspected said before signing that this is so (行政处罚法 art. 46: 查证属实).
    confirmed_by = models.CharField("被检查单位确认人", max_length=80, blank=True, editable=False)
    confirmed_at = models.DateTimeField("被检查单位确认时间", null=True, editable=False)
    client_id = models.UUIDField(unique=True, editable=False)
    withdrawn_at = models.DateTimeField("撤下时间", null=True, editable=False)

    objects = OfSheetQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "证据"
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return address("inspections:evidence", self.pk)

    @property
    def taken_outside(self) -> bool:
        """Whether the photograph says it was taken before the day the team came, or after the day it was handed in.

        Reads the visit: lists join ``sheet__task``.
        """
        if self.taken_at is None:
            return False
        taken, arrived = local_day(self.taken_at), self.sheet.task.arrived_at
        return taken > local_day(self.captured_at) or bool(arrived and taken < local_day(arrived))


class Signature(models.Model):
    """A signature under the sheets of a task: every team member, and the unit's representative."""

    task = models.ForeignKey(InspectionTask, on_delete=models.PROTECT, related_name="signatures")
    kind = models.CharField("签字方", max_length=6, choices=SignerKind.choices)
    membership = models.ForeignKey(
        Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    name = models.CharField("签字人", max_length=40)
    position = models.CharField("职务", max_length=40, blank=True)
    image = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    #: The strokes of the pad: x, y and milliseconds of each point (``common.handwriting``).
    strokes = models.JSONField("笔迹", default=list, editable=False)
    way = models.CharField("签字方式", max_length=8, choices=SigningWay.choices, blank=True)
    #: Empty for signatures from before this was kept.
    collected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name="收取人",
    )
    content_hash = models.CharField("所签内容哈希", max_length=64)
    client_id = models.UUIDField(unique=True, editable=False)
    signed_at = models.DateTimeField("签字时间", default=clock.now, editable=False)
    void_at = models.DateTimeField("失效时间", null=True, editable=False)

    objects = OfTaskQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "签字"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["task", "membership"],
                condition=Q(kind=SignerKind.TEAM, void_at=None),
                name="a_team_member_signs_once",
            ),
            models.UniqueConstraint(
                fields=["task"],
                condition=Q(kind=SignerKind.UNIT, void_at=None),
                name="the_unit_signs_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.name}"

    def get_absolute_url(self) -> str:
        return address("inspections:signature", self.pk)

    @property
    def how(self) -> str:
        """How it was given and who took it, as the page and the record say it."""
        collector = str(self.collected_by or "")
        match self.way:
            case SigningWay.OWN:
                return SigningWay.OWN.label
            case SigningWay.PASSWORD:
                return f"在组长{collector}的设备上凭本人密码签字"
            case SigningWay.TAKEN:
                return f"当场签字，由{collector}收取"
        return ""
