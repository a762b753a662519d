"""联合检查: two visits to one unit, of two offices or of one, made at one time with one notice."""

from django.db import models
from django.db.models import F, Q

from inspections.enums import JointState
from inspections.querysets import JointQuerySet
from metrostd.common.models import StatefulModel, state_field, state_known
from metrostd.registry.models import Authority

from .task import InspectionTask


class JointVisit(StatefulModel):
    """Two tasks, one visit: proposed by the office of the first, agreed to by that of the second; never deleted."""

    States = JointState

    first = models.ForeignKey(InspectionTask, on_delete=models.PROTECT, related_name="joint_first")
    second = models.ForeignKey(
        InspectionTask, on_delete=models.PROTECT, related_name="joint_second"
    )
    planned_on = models.DateField("联合检查日期")
    place = models.CharField("检查地点", max_length=200, blank=True)
    note = models.CharField("说明", max_length=300, blank=True)
    state = state_field(JointState.PROPOSED, max_length=10)

    objects = JointQuerySet.as_manager()

    class Meta:
        verbose_name = verbose_name_plural = "联合检查"
        constraints = [
            state_known("joint_visit_state_known", JointState),
            models.CheckConstraint(
                name="a_joint_visit_is_of_two_tasks", condition=~Q(first=F("second"))
            ),
            models.UniqueConstraint(
                fields=["first"],
                condition=Q(state__in=["proposed", "joined"]),
                name="one_joint_visit_per_first_task",
            ),
            models.UniqueConstraint(
                fields=["second"],
                condition=Q(state__in=["proposed", "joined"]),
                name="one_joint_visit_per_second_task",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.first.authority}与{self.second.authority}的联合检查"

    def partner_of(self, task: InspectionTask) -> InspectionTask:
        """The other one of the two."""
        return self.second if task.pk == self.first_id else self.first

    @property
    def offices(self) -> list[Authority]:
        """The offices that take part, each once."""
        return list(dict.fromkeys((self.first.authority, self.second.authority)))
