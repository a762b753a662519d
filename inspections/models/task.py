"""The task, its standards and its team, and the record of a visit not performed."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from campaigns import together
from campaigns.models import Campaign, DrawnUnit
from inspections.enums import NotPerformedReason, TaskKind, TaskState, TeamRole
from inspections.querysets import OfTaskQuerySet, TaskQuerySet
from metrostd.accounts.models import Membership
from metrostd.common import clock
from metrostd.common.addresses import address
from metrostd.common.models import StatefulModel, StoredFile, state_field, state_known
from metrostd.registry.models import Authority, MeasurementStandard, Unit

#: What is asked of a visit when units are counted.
COUNTED_BY = ("state", "kind", "drawn_unit", "unvisited_at")


class InspectionTask(StatefulModel):
    """检查任务: one office checks one unit, or the city one bureau's certification work (``bureau``).

    It cannot be deleted; what was listed stays listed.
    """

    States = TaskState

    campaign = models.ForeignKey(
        Campaign, on_delete=models.PROTECT, related_name="tasks", db_index=False
    )
    authority = models.ForeignKey(
        Authority, on_delete=models.PROTECT, related_name="tasks", verbose_name="组织检查的部门"
    )
    unit = models.ForeignKey(
        Unit,
        on_delete=models.PROTECT,
        null=True,
        related_name="tasks",
        verbose_name="被检查单位",
    )
    bureau = models.ForeignKey(
        Authority,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="被检查区局",
    )
    drawn_unit = models.ForeignKey(
        DrawnUnit, on_delete=models.PROTECT, null=True, blank=True, related_name="tasks"
    )
    follows = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="follow_ups"
    )
    kind = models.CharField(
        "类型", max_length=10, choices=TaskKind.choices, default=TaskKind.ONSITE
    )
    planned_on = models.DateField("计划检查日期", null=True, blank=True)
    place = models.CharField("检查地点", max_length=200, blank=True)
    merged_with = models.CharField(together.LABEL, max_length=200, blank=True)
    arrived_at = models.DateTimeField("到达时间", null=True, blank=True, editable=False)
    left_at = models.DateTimeField("离开时间", null=True, blank=True, editable=False)
    credential_shown = models.BooleanField("已出示执法证件", default=False, editable=False)
    attendees = models.CharField("被检查单位在场人员", max_length=200, blank=True)
    #: What the signed record says of unit, standards and people (``inspections.record_facts``).
    record_facts = models.JSONField(default=dict, editable=False)
    unvisited_at = models.DateTimeField("登记未能实施或拒绝检查的时间", null=True, editable=False)
    refusal_reason = models.CharField("拒绝签字情况", max_length=300, blank=True)
    refusal_witness = models.CharField("拒绝签字的见证人", max_length=40, blank=True)
    refusal_evidence = models.ForeignKey(
        StoredFile,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="拒绝签字的证据",
    )
    conclusion = models.CharField("单位结论", max_length=12, blank=True, editable=False)
    state = state_field(TaskState.PLANNED, max_length=16)

    objects = TaskQuerySet.as_manager()

    #: Places in the team by membership, as far as a reading brought them along.
    known_roles: dict[int, str] | None = None

    class Meta:
        verbose_name = verbose_name_plural = "检查任务"
        constraints = [
            state_known("inspection_task_state_known", TaskState),
            models.UniqueConstraint(
                fields=["drawn_unit"],
                condition=Q(kind=TaskKind.ONSITE),
                name="one_onsite_task_per_drawn_unit",
            ),
            models.CheckConstraint(
                name="a_visit_is_to_a_unit_or_to_a_bureau",
                condition=Q(kind=TaskKind.BUREAU, unit=None, bureau__isnull=False)
                | (~Q(kind=TaskKind.BUREAU) & Q(unit__isnull=False, bureau=None)),
            ),
            models.CheckConstraint(
                name="an_inspected_task_has_an_arrival",
                condition=~Q(state__in=["in_progress", "signing", "concluded", "reviewed"])
                | Q(arrived_at__isnull=False, credential_shown=True),
            ),
        ]
        indexes = [
            # Visits by office and state, and units by what came of their visits, are counted from
            # the index alone.
            models.Index(
                fields=["campaign", "authority", "state", "drawn_unit"], name="task_by_authority"
            ),
            models.Index(
                fields=["campaign", "unit", "authority", *COUNTED_BY], name="task_of_unit"
            ),
            models.Index(
                fields=["campaign", "authority", "unit", *COUNTED_BY], name="task_of_office"
            ),
            models.Index(fields=["campaign", "planned_on", "id"], name="task_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.subject} {self.get_kind_display()}"

    def get_absolute_url(self) -> str:
        return address("inspections:task", self.pk)

    @property
    def subject(self) -> Unit | Authority:
        """Whom the visit is to."""
        return self.bureau if self.bureau_id is not None else self.of_unit  # type: ignore[return-value]

    @property
    def team_line(self) -> str:
        """The people of the visit in one line; nothing before there are any. Reads the team: lists bring it along."""
        return "、".join(
            f"{member.membership.user}{'（组长）' if member.role == TeamRole.LEADER else ''}"
            for member in self.team.all()
        )

    @property
    def of_unit(self) -> Unit:
        """The unit of a visit to one: what follows from findings on standards asks nothing else."""
        if self.unit is None:
            raise ValueError("a visit to a bureau is to no unit")
        return self.unit


class TaskStandard(models.Model):
    """A standard that a task has to check, with category and field as frozen."""

    task = models.ForeignKey(InspectionTask, on_delete=models.CASCADE, related_name="standards")
    standard = models.ForeignKey(
        MeasurementStandard, on_delete=models.PROTECT, related_name="task_rows"
    )
    category = models.CharField("类别", max_length=16)
    field = models.ForeignKey(
        "registry.ProfessionalField", on_delete=models.PROTECT, null=True, related_name="+"
    )

    objects = OfTaskQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "任务标准"
        constraints = [
            models.UniqueConstraint(
                fields=["task", "standard"], name="a_standard_is_once_in_a_task"
            )
        ]

    def __str__(self) -> str:
        return str(self.standard)


class TeamMember(models.Model):
    """检查小组成员: at least two enforcement officers (行政处罚法第四十二条)."""

    task = models.ForeignKey(InspectionTask, on_delete=models.CASCADE, related_name="team")
    membership = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="team_places")
    role = models.CharField("组内职责", max_length=10, choices=TeamRole.choices)
    officer_cert_no = models.CharField("执法证号", max_length=40, blank=True)

    objects = OfTaskQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "检查组成员"
        ordering = ("task", "pk")
        constraints = [
            models.UniqueConstraint(
                fields=["task", "membership"], name="a_person_is_once_in_a_team"
            ),
            models.UniqueConstraint(
                fields=["task"],
                condition=Q(role=TeamRole.LEADER),
                name="one_leader_per_team",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()} {self.membership.user}"


class NotPerformedRecord(models.Model):
    """未能实施记录 (通知二(二)1): reason, what was tried, when and by whom it is followed up."""

    #: So many characters at least; asked for in the form, required by the move.
    DETAIL_MINIMUM = 10

    task = models.OneToOneField(
        InspectionTask, on_delete=models.PROTECT, related_name="not_performed"
    )
    reason = models.CharField("原因", max_length=16, choices=NotPerformedReason.choices)
    detail = models.TextField("详细情况")
    attempted_at = models.DateTimeField("到场时间")
    attempts = models.TextField("历次到场、联系情况", blank=True)
    evidence = models.ForeignKey(
        StoredFile,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="证据",
    )
    follow_up_due = models.DateField("后续检查期限", null=True, blank=True)
    follow_up_owner = models.ForeignKey(
        Membership,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="后续检查责任人",
    )
    #: The office above that a second failure was reported to, and what it had to say about it.
    escalated_to = models.ForeignKey(
        Authority, on_delete=models.PROTECT, null=True, related_name="+", editable=False
    )
    outcome = models.CharField("处理意见", max_length=300, blank=True, editable=False)
    outcome_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        editable=False,
    )
    outcome_at = models.DateTimeField(null=True, editable=False)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+"
    )
    recorded_at = models.DateTimeField(default=clock.now, editable=False)

    objects = OfTaskQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "未能实施记录"

    def __str__(self) -> str:
        return self.get_reason_display()
