"""依申请公开: requests to see a record, with what was decided."""

from django.conf import settings
from django.db import models

from campaigns.models import Campaign
from metrostd.common import sealing
from metrostd.common.addresses import address
from metrostd.common.models import StatefulModel, state_field, state_known
from metrostd.registry.models import Authority
from reporting.enums import RequestDecision, RequestState
from reporting.querysets import RecordRequestQuerySet


class RecordRequest(StatefulModel):
    """Somebody asked to see a record (行政许可法第六十一条, 政府信息公开条例第二十七条). Who asked is sealed."""

    States = RequestState

    campaign = models.ForeignKey(
        Campaign, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    authority = models.ForeignKey(
        Authority, on_delete=models.PROTECT, related_name="record_requests", verbose_name="答复部门"
    )
    received_on = models.DateField("收到日期")
    sealed_applicant = models.TextField(editable=False)
    sealed_contact = models.TextField(blank=True, editable=False)
    wanted = models.CharField("申请公开的内容", max_length=500)
    decision = models.CharField(
        "答复", max_length=10, choices=RequestDecision.choices, blank=True, editable=False
    )
    reason = models.CharField("理由", max_length=500, blank=True, editable=False)
    given = models.CharField("提供的内容", max_length=500, blank=True, editable=False)
    decided_at = models.DateTimeField("答复时间", null=True, editable=False)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    state = state_field(RequestState.RECEIVED, max_length=10)

    objects = RecordRequestQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "依申请公开"
        ordering = ("-received_on", "-pk")
        constraints = [
            state_known("record_request_state_known", RequestState),
            models.CheckConstraint(
                name="a_decided_record_request_says_what",
                condition=models.Q(state=RequestState.RECEIVED)
                | (~models.Q(decision="") & models.Q(decided_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"依申请公开{self.pk}号"

    def get_absolute_url(self) -> str:
        return address("reporting:request", self.pk)

    @property
    def applicant(self) -> str:
        return sealing.unseal(self.sealed_applicant)

    @property
    def contact(self) -> str:
        return sealing.unseal(self.sealed_contact)
