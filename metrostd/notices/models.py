"""A notice with its annexes, and who got and read it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from campaigns.models import Campaign
from metrostd.common import clock
from metrostd.common.addresses import address
from metrostd.common.models import StatefulModel, StoredFile, state_field, state_known
from metrostd.registry.models import Authority, Unit

from .enums import NoticeKind, NoticeState, RecipientKind
from .querysets import DeliveryQuerySet, NoticeQuerySet


class Notice(StatefulModel):
    """通知: the one a campaign begins with, or a further one (现场检查安排另行通知)."""

    States = NoticeState

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="notices")
    kind = models.CharField("种类", max_length=8, choices=NoticeKind.choices)
    title = models.CharField("标题", max_length=120)
    number = models.CharField("发文字号", max_length=60, blank=True)
    addressees = models.CharField("主送", max_length=120)
    body = models.TextField("正文")
    #: A document in each line, as it is cited.
    basis = models.TextField("依据文件", blank=True)
    issued_on = models.DateField("成文日期")
    copy_to = models.CharField("抄送", max_length=120, blank=True)
    is_public = models.BooleanField("主动公开", default=True)
    without_annexes = models.BooleanField("本通知没有附件", default=False)
    #: Which classes it goes to; the copy goes by ``copy_to``.
    to_bureaus = models.BooleanField("各区市场监管局", default=True)
    to_institutes = models.BooleanField("各计量技术机构", default=True)
    to_units = models.BooleanField("各有关单位", default=True)
    file = models.ForeignKey(
        StoredFile, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    version = models.PositiveIntegerField(default=0)
    published_at = models.DateTimeField("印发时间", null=True, editable=False)
    published_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    #: When everybody on the list had it in the inbox; until then the job is still to run.
    delivered_at = models.DateTimeField("送达时间", null=True, editable=False)
    withdrawal_reason = models.CharField("撤回理由", max_length=300, blank=True, editable=False)
    state = state_field(NoticeState.DRAFT, max_length=10)

    objects = NoticeQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "通知"
        ordering = ("-issued_on", "-pk")
        constraints = [
            state_known("notice_state_known", NoticeState),
            models.UniqueConstraint(
                fields=["campaign"],
                condition=Q(kind=NoticeKind.MAIN) & ~Q(state=NoticeState.WITHDRAWN),
                name="one_main_notice_of_a_campaign",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return address("notices:detail", self.pk)

    @property
    def paragraphs(self) -> list[str]:
        """The lines of the body, without empty ones."""
        return [line.strip() for line in self.body.splitlines() if line.strip()]

    @property
    def basis_documents(self) -> list[str]:
        return [line.strip() for line in self.basis.splitlines() if line.strip()]


class NoticeAnnex(models.Model):
    """附件: one file with its title, in its place."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="annexes")
    place = models.PositiveSmallIntegerField("序号")
    title = models.CharField("附件名称", max_length=120)
    file = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = verbose_name_plural = "通知附件"
        ordering = ("place", "pk")
        constraints = [
            models.UniqueConstraint(fields=["notice", "place"], name="one_annex_in_a_place")
        ]

    def __str__(self) -> str:
        return f"附件{self.place} {self.title}"


class Delivery(models.Model):
    """送达: one recipient of one notice, and who of them opened it first."""

    notice = models.ForeignKey(Notice, on_delete=models.CASCADE, related_name="deliveries")
    kind = models.CharField("对象", max_length=10, choices=RecipientKind.choices)
    authority = models.ForeignKey(
        Authority, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="notice_deliveries"
    )
    sent_at = models.DateTimeField("送达时间", default=clock.now, editable=False)
    read_at = models.DateTimeField("阅收时间", null=True, editable=False)
    read_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = DeliveryQuerySet.as_manager()
    #: It went to the unit as it was then.
    frozen_relations = frozenset({"unit"})

    class Meta:
        verbose_name = verbose_name_plural = "通知送达"
        constraints = [
            models.UniqueConstraint(
                fields=["notice", "authority"],
                condition=Q(authority__isnull=False),
                name="one_delivery_to_an_authority",
            ),
            models.UniqueConstraint(
                fields=["notice", "unit"],
                condition=Q(unit__isnull=False),
                name="one_delivery_to_a_unit",
            ),
            models.UniqueConstraint(
                fields=["notice"],
                condition=Q(kind=RecipientKind.COPY),
                name="one_copy_of_a_notice",
            ),
        ]
        indexes = [
            models.Index(fields=["notice", "kind", "read_at"], name="delivery_by_reading"),
        ]

    def __str__(self) -> str:
        return f"{self.recipient}：{self.notice}"

    def get_absolute_url(self) -> str:
        return self.notice.get_absolute_url()

    @property
    def recipient(self) -> str:
        """Who it went to, by name."""
        if self.unit:
            return self.unit.name
        return self.authority.name if self.authority else RecipientKind.COPY.label
