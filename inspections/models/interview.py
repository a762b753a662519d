"""现场笔录: what somebody was asked on site and what they answered, with who signed it."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from inspections.enums import InterviewState
from inspections.querysets import OfTaskQuerySet
from metrostd.accounts.models import Membership
from metrostd.common import clock
from metrostd.common.addresses import address
from metrostd.common.models import StatefulModel, StoredFile, state_field, state_known

from .task import InspectionTask


class Interview(StatefulModel):
    """One record of one person; written until it is signed, then it stays as it is. Never deleted."""

    States = InterviewState

    task = models.ForeignKey(InspectionTask, on_delete=models.PROTECT, related_name="interviews")
    number = models.PositiveIntegerField("次序")
    person = models.CharField("被询问人", max_length=40)
    position = models.CharField("职务", max_length=40)
    place = models.CharField("地点", max_length=200)
    began_at = models.DateTimeField("开始时间")
    ended_at = models.DateTimeField("结束时间", null=True, editable=False)
    recorder = models.ForeignKey(
        Membership, on_delete=models.PROTECT, related_name="+", verbose_name="记录人"
    )
    #: Pairs of question and answer, in their order.
    lines = models.JSONField("问答", default=list)
    remark = models.CharField("被询问人意见", max_length=300, blank=True)
    refusal_reason = models.CharField("拒绝签字情况", max_length=300, blank=True, editable=False)
    refusal_witness = models.CharField("见证人", max_length=40, blank=True, editable=False)
    #: What the paper says, kept when it is closed.
    words = models.JSONField(default=dict, editable=False)
    state = state_field(InterviewState.DRAFT, max_length=8)

    objects = OfTaskQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "现场笔录"
        ordering = ("task", "number")
        constraints = [
            state_known("interview_state_known", InterviewState),
            models.UniqueConstraint(fields=["task", "number"], name="one_interview_per_number"),
            models.CheckConstraint(
                name="a_closed_interview_keeps_its_words",
                condition=~Q(state__in=["signed", "refused"]) | Q(ended_at__isnull=False),
            ),
        ]

    def __str__(self) -> str:
        return f"现场笔录第{self.number}号（{self.person}）"

    def get_absolute_url(self) -> str:
        return address("inspections:interview", self.pk)


class InterviewSignature(models.Model):
    """Under a record: the person asked (``membership`` empty), and each officer in their own session."""

    interview = models.ForeignKey(Interview, on_delete=models.PROTECT, related_name="signatures")
    membership = models.ForeignKey(
        Membership, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    name = models.CharField("签字人", max_length=40)
    image = models.ForeignKey(StoredFile, on_delete=models.PROTECT, related_name="+")
    strokes = models.JSONField("笔迹", default=list, editable=False)
    collected_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    content_hash = models.CharField("所签内容哈希", max_length=64)
    signed_at = models.DateTimeField("签字时间", default=clock.now, editable=False)
    void_at = models.DateTimeField("失效时间", null=True, editable=False)

    class Meta:
        verbose_name = verbose_name_plural = "笔录签字"
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["interview", "membership"],
                condition=Q(void_at=None, membership__isnull=False),
                name="an_officer_signs_an_interview_once",
            ),
            models.UniqueConstraint(
                fields=["interview"],
                condition=Q(void_at=None, membership=None),
                name="the_person_asked_signs_once",
            ),
        ]

    def __str__(self) -> str:
        return self.name
