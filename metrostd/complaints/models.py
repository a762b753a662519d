"""Complaints and tip-offs, what is done about them, and where people can turn to."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from campaigns.models import Campaign, DrawnUnit
from metrostd.common import clock, sealing
from metrostd.common.addresses import address
from metrostd.common.models import StatefulModel, state_field, state_known
from metrostd.registry.models import Authority, Unit

from .enums import ComplaintChannel, ComplaintKind, ComplaintState, MeasureKind, Recipient
from .querysets import ComplaintQuerySet, OfComplaintQuerySet


class Complaint(StatefulModel):
    """投诉举报: what somebody said about a unit, or about an office and its people.

    All that people wrote is sealed; the name of the record is its number alone, because that is what
    the trail, messages and duties say of it.
    """

    States = ComplaintState

    number = models.CharField("登记号", max_length=60, unique=True)
    #: What the receipt's code comes to; the code itself is kept nowhere.
    code_digest = models.CharField(max_length=64, unique=True, editable=False)
    kind = models.CharField("类别", max_length=10, choices=ComplaintKind.choices)
    channel = models.CharField("来源", max_length=10, choices=ComplaintChannel.choices)
    real_name = models.BooleanField("实名", default=False)
    sealed_name = models.TextField(blank=True, editable=False)
    sealed_contact = models.TextField(blank=True, editable=False)
    sealed_content = models.TextField(blank=True, editable=False)
    target = models.CharField("被反映的单位", max_length=120, blank=True)
    unit = models.ForeignKey(
        Unit, on_delete=models.PROTECT, null=True, blank=True, related_name="complaints"
    )
    about_office = models.ForeignKey(
        Authority,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="被反映的部门",
    )
    authority = models.ForeignKey(
        Authority, on_delete=models.PROTECT, related_name="complaints", verbose_name="办理部门"
    )
    #: About an office that has none above it: 纪检监督 handles it, not the office.
    by_discipline = models.BooleanField("由纪检监督办理", default=False)
    campaign = models.ForeignKey(
        Campaign, on_delete=models.SET_NULL, null=True, blank=True, related_name="complaints"
    )
    received_on = models.DateField("收到日期")
    #: Where another body passed it on from, and its number there.
    source = models.CharField("转来单位和文号", max_length=120, blank=True)
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    extended_at = models.DateTimeField("延长时间", null=True, editable=False)
    decided_at = models.DateTimeField("决定时间", null=True, editable=False)
    #: Taken up: the moment it counts from in the statistics.
    accepted_at = models.DateTimeField("受理时间", null=True, editable=False)
    sealed_reason = models.TextField(blank=True, editable=False)
    told_on = models.DateField("告知日期", null=True, editable=False)
    told_how = models.CharField("告知方式", max_length=60, blank=True, editable=False)
    sealed_answer = models.TextField(blank=True, editable=False)
    answered_at = models.DateTimeField("答复时间", null=True, editable=False)
    closed_at = models.DateTimeField("办结时间", null=True, editable=False)
    #: Who said it asked that name and contact be erased, and what was written once the matter is closed.
    forgotten_at = models.DateTimeField("要求删除个人信息的时间", null=True, editable=False)
    state = state_field(ComplaintState.RECEIVED, max_length=14)

    objects = ComplaintQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "投诉举报"
        ordering = ("-received_on", "-pk")
        constraints = [
            state_known("complaint_state_known", ComplaintState),
            models.CheckConstraint(
                name="a_complaint_is_about_somebody",
                condition=~Q(target="") | Q(about_office__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["authority", "state", "-received_on"], name="complaint_by_office"),
            models.Index(fields=["campaign", "authority"], name="complaint_by_campaign"),
        ]

    def __str__(self) -> str:
        return self.number

    def get_absolute_url(self) -> str:
        return address("complaints:detail", self.pk)

    @property
    def about(self) -> str:
        """Who it is about, as the handling office reads it."""
        return self.about_office.name if self.about_office else self.target

    @property
    def content(self) -> str:
        return sealing.unseal(self.sealed_content)

    @property
    def reason(self) -> str:
        """Why it was or was not taken up, as the complainant reads it."""
        return sealing.unseal(self.sealed_reason)

    @property
    def answer(self) -> str:
        return sealing.unseal(self.sealed_answer)

    @property
    def has_identity(self) -> bool:
        """Whether there is anything to see about who said it."""
        return bool(self.sealed_name or self.sealed_contact)


class ComplaintFile(models.Model):
    """An attachment, sealed as a whole: its bytes are kept for this matter alone and can be erased with it."""

    complaint = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="files")
    sealed_name = models.TextField(editable=False)
    media_type = models.CharField("类型", max_length=100)
    size = models.PositiveBigIntegerField("字节数")
    content = models.FileField(upload_to="complaints/", max_length=200)
    created_at = models.DateTimeField("上传时间", default=clock.now, editable=False)

    objects = OfComplaintQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "投诉举报材料"
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"材料{self.pk}"

    @property
    def name(self) -> str:
        return sealing.unseal(self.sealed_name)


class ComplaintMeasure(models.Model):
    """What the office did about it: looked into it, directed a check, handed it on."""

    complaint = models.ForeignKey(Complaint, on_delete=models.CASCADE, related_name="measures")
    kind = models.CharField("措施", max_length=8, choices=MeasureKind.choices)
    sealed_note = models.TextField(blank=True, editable=False)
    drawn_unit = models.ForeignKey(
        DrawnUnit, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    recipient = models.CharField("移送对象", max_length=8, choices=Recipient.choices, blank=True)
    sent_to = models.CharField("移送至", max_length=100, blank=True)
    made_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    made_at = models.DateTimeField("时间", default=clock.now, editable=False)

    objects = OfComplaintQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "办理措施"
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.get_kind_display()

    @property
    def note(self) -> str:
        return sealing.unseal(self.sealed_note)


class ComplaintDesk(models.Model):
    """投诉举报渠道: where people turn to, published by the office itself (畅通投诉举报途径)."""

    authority = models.OneToOneField(
        Authority, on_delete=models.PROTECT, related_name="complaint_desk"
    )
    phone = models.CharField("电话", max_length=60)
    address = models.CharField("地址", max_length=200)
    hours = models.CharField("受理时间", max_length=120)
    mail = models.CharField("来信邮编、信箱", max_length=120, blank=True)
    version = models.PositiveIntegerField(default=0)
    published_at = models.DateTimeField("公布时间", default=clock.now, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "投诉举报渠道"
        ordering = ("authority__code",)

    def __str__(self) -> str:
        return f"{self.authority}的投诉举报渠道"


class VisitorCount(models.Model):
    """How often something was done without an account from one place in a while; the place is a digest."""

    purpose = models.CharField(max_length=20)
    place = models.CharField(max_length=64)
    since = models.DateTimeField()
    count = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = verbose_name_plural = "访客计数"
        constraints = [
            models.UniqueConstraint(fields=["purpose", "place"], name="one_count_of_a_place")
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.count}"
