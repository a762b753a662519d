"""带走: a task on a device that works without a network, and what came back from it."""

from django.db import models

from inspections.enums import LeaseState
from inspections.querysets import LeaseQuerySet
from metrostd.accounts.models import Membership
from metrostd.common import clock
from metrostd.common.models import StatefulModel, state_field, state_known
from metrostd.common.sealing import keep_sealed

from .task import InspectionTask


class TaskLease(StatefulModel):
    """One task on one device of one member of the team; the server keeps the key of what is stored there."""

    States = LeaseState

    task = models.ForeignKey(InspectionTask, on_delete=models.PROTECT, related_name="leases")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+")
    device = models.CharField("设备", max_length=60, editable=False)
    #: Sealed: 256 bits that encrypt what the device keeps; given to the member alone.
    key = models.TextField(editable=False)
    expires_at = models.DateTimeField("本机保留到", editable=False)
    seen_at = models.DateTimeField("最近联系", null=True, editable=False)
    #: As the device said last; nobody but the device knows what waits on it.
    waiting = models.PositiveIntegerField("未送达", default=0, editable=False)
    state = state_field(LeaseState.HELD, max_length=10)

    objects = LeaseQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "带走的检查任务"
        ordering = ("-pk",)
        constraints = [state_known("task_lease_state_known", LeaseState)]

    def __str__(self) -> str:
        return f"{self.membership.user}的{self.device}"

    def get_absolute_url(self) -> str:
        return self.task.get_absolute_url()


keep_sealed(TaskLease, "key")


class LeaseReceipt(models.Model):
    """回执: what a device sent, once by its own id; the same again is answered with the same result."""

    lease = models.ForeignKey(TaskLease, on_delete=models.PROTECT, related_name="receipts")
    client_id = models.UUIDField(unique=True)
    seq = models.PositiveIntegerField("设备上的次序")
    kind = models.CharField("内容", max_length=32)
    content_hash = models.CharField("内容哈希", max_length=64)
    result = models.JSONField("结果", default=dict)
    #: What the device's clock said: a claim, kept beside the moment of receipt.
    device_at = models.DateTimeField("设备时间", null=True)
    received_at = models.DateTimeField("收到时间", default=clock.now)

    class Meta:
        verbose_name = verbose_name_plural = "离线回执"
        ordering = ("lease", "seq")

    def __str__(self) -> str:
        return f"{self.lease_id}-{self.seq} {self.kind}"


class LeasePiece(models.Model):
    """A part of a file on its way; gone once the file is whole."""

    lease = models.ForeignKey(TaskLease, on_delete=models.CASCADE, related_name="pieces")
    upload = models.UUIDField()
    number = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    content = models.FileField(upload_to="pieces/", max_length=200)
    received_at = models.DateTimeField(default=clock.now)

    class Meta:
        verbose_name = verbose_name_plural = "离线文件分片"
        ordering = ("upload", "number")
        constraints = [
            models.UniqueConstraint(fields=["upload", "number"], name="a_piece_arrives_once")
        ]

    def __str__(self) -> str:
        return f"{self.upload} {self.number}"
