"""Which visits are made together, and with which others a visit could be."""

from collections.abc import Iterable

from django.db.models import Q

from campaigns import together
from inspections.enums import JointState, TaskState
from inspections.models import InspectionTask, JointVisit
from inspections.querysets import TaskQuerySet


def joint_of(task: InspectionTask) -> JointVisit | None:
    """The joint visit of a task, agreed to or still proposed."""
    return JointVisit.objects.of(task).standing().for_show().first()


def joined_of(task: InspectionTask) -> JointVisit | None:
    """The joint visit of a task that has been agreed to."""
    return JointVisit.objects.of(task).filter(state=JointState.JOINED).for_show().first()


def possible_partners(task: InspectionTask) -> TaskQuerySet:
    """Visits to the same unit that have not begun either, whoever makes them: two offices may come at once."""
    taken = JointVisit.objects.standing()
    return (
        InspectionTask.objects.listed()
        .filter(unit=task.unit_id, state__in=TaskState.not_begun)
        .exclude(pk=task.pk)
        .exclude(unit=None)
        .exclude(pk__in=taken.values("first"))
        .exclude(pk__in=taken.values("second"))
        .select_related("authority", "unit", "campaign")
        .order_by("pk")
    )


def joined_among(tasks: Iterable[InspectionTask]) -> set[int]:
    """Which of these visits are made together with another one; one query."""
    keys = {task.pk for task in tasks}
    rows = JointVisit.objects.filter(Q(first__in=keys) | Q(second__in=keys))
    pairs = rows.filter(state=JointState.JOINED).values_list("first", "second")
    return {key for pair in pairs for key in pair} & keys


def words(task: InspectionTask) -> str:
    """How paper says it: with which office the visit was made, and what else it was merged with."""
    joint = joined_of(task)
    partner = joint.partner_of(task) if joint else None
    said = [
        f"{together.joined_with(str(partner.authority), partner.get_kind_display())}，一次通知、一次到场"
        if partner
        else "",
        together.sentence(task.merged_with),
    ]
    return "；".join(filter(None, said))
