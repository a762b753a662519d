"""Tasks from a committed draw."""

from django.db import transaction

from campaigns import duties
from campaigns.enums import DrawState, DutyKind, StageKind
from campaigns.models import DrawnStandard, DrawRun, FrameStandard
from campaigns.stages import stage_end
from metrostd.common import audit, clock
from metrostd.common.actors import Actor
from metrostd.common.transitions import TransitionError

from .enums import TaskKind, TaskState
from .models import InspectionTask, TaskStandard


def check_drawn(task: InspectionTask) -> None:
    """Hold the draw that listed a task; TransitionError when it has been declared void."""
    if task.drawn_unit_id is None:
        return
    run = DrawRun.objects.select_for_update().get(drawn=task.drawn_unit_id)
    if run.state != DrawState.VALID:
        raise TransitionError("抽取结果已作废，这个任务不再实施。", obj=task)
    if run.drawn.filter(pk=task.drawn_unit_id, struck_at__isnull=False).exists():
        raise TransitionError("这家单位已从抽取结果中划除，这个任务不再实施。", obj=task)


@transaction.atomic
def create_tasks(run: DrawRun, *, actor: Actor | None) -> int:
    """List a task for every drawn unit that has none yet; returns how many. Bulk.

    Standards taken later are added to tasks that have not begun. The office owes the inspection by the end of its on-site stage.
    """
    frame = run.frame
    first = InspectionTask.objects.filter(drawn_unit__run=run, kind=TaskKind.ONSITE)
    known = {task.drawn_unit_id: task for task in first}
    drawn = list(run.drawn.standing().select_related("unit__merged_into").order_by("order"))
    tasks = [
        InspectionTask(
            campaign=frame.campaign,
            authority=frame.authority,
            unit=row.unit.current,
            drawn_unit=row,
            place=row.unit.current.actual_address or row.unit.current.registered_address,
        )
        for row in drawn
        if row.pk not in known
    ]
    InspectionTask.objects.bulk_create(tasks, batch_size=500)
    waiting = {pk: task for pk, task in known.items() if task.state in TaskState.not_begun}
    _write_standards(run, waiting | {task.drawn_unit_id: task for task in tasks})
    audit.record_many(tasks, actor=actor, action="task.create", label="列入清单")
    due = stage_end(frame.campaign, StageKind.ONSITE, authority=frame.authority)
    duties.assign_many(
        duties.build(
            frame.campaign,
            kind=DutyKind.INSPECTION,
            title=f"实施现场检查：{task.unit}",
            due_on=max(due, clock.today()),
            target=task,
            authority=frame.authority,
        )
        for task in tasks
    )
    return len(tasks)


def _write_standards(run: DrawRun, tasks: dict[int | None, InspectionTask]) -> None:
    frozen = FrameStandard.objects.filter(frame=run.frame_id)
    categories = dict(frozen.values_list("standard_id", "category"))
    rows = DrawnStandard.objects.filter(drawn_unit__run=run).select_related("standard")
    listed = set(
        TaskStandard.objects.filter(task__drawn_unit__run=run).values_list("task", "standard")
    )
    TaskStandard.objects.bulk_create(
        (
            TaskStandard(
                task=tasks[row.drawn_unit_id],
                standard_id=row.standard_id,
                category=categories.get(row.standard_id, row.standard.category),
                field_id=row.field_id,
            )
            for row in rows.order_by("drawn_unit__order", "pk")
            if row.drawn_unit_id in tasks
            and (tasks[row.drawn_unit_id].pk, row.standard_id) not in listed
        ),
        batch_size=1000,
    )
