"""Tasks from a committed draw."""

from collections.abc import Callable

from django.db.models import Exists, OuterRef, QuerySet

from campaigns import duties
from campaigns.enums import DrawState, DutyKind, StageKind
from campaigns.extension import Turn
from campaigns.models import DrawnStandard, DrawnUnit, DrawRun, FrameStandard
from campaigns.stages import stage_end
from metrostd.common import audit, clock, turns
from metrostd.common.actors import Actor
from metrostd.common.transitions import TransitionError

from .enums import TaskKind, TaskState
from .models import InspectionTask, TaskStandard

#: Visits listed at a time.
SLICE = 500


def check_drawn(task: InspectionTask) -> None:
    """Hold the draw that listed a task; TransitionError when it has been declared void."""
    if task.drawn_unit_id is None:
        return
    run = DrawRun.objects.select_for_update().get(drawn=task.drawn_unit_id)
    if run.state != DrawState.VALID:
        raise TransitionError("抽取结果已作废，这个任务不再实施。", obj=task)
    if run.drawn.filter(pk=task.drawn_unit_id, struck_at__isnull=False).exists():
        raise TransitionError("这家单位已从抽取结果中划除，这个任务不再实施。", obj=task)


def create_tasks(
    run: DrawRun,
    *,
    actor: Actor | None,
    turn: Turn = turns.turn,
    progress: Callable[..., None] = lambda *_args: None,
) -> int:
    """List a task for every drawn unit that has none yet, some at a time; returns how many.

    Standards taken later are added to tasks that have not begun. The office owes the inspection by the end of its on-site stage.
    """
    first = InspectionTask.objects.filter(drawn_unit__run=run, kind=TaskKind.ONSITE)
    if waiting := list(first.filter(state__in=TaskState.not_begun)):
        with turn():
            _write_standards(run, {task.drawn_unit_id: task for task in waiting})
    rest = list(_lacking(run).values_list("pk", flat=True))
    made, total = 0, len(rest)
    while rest:
        some, rest = rest[:SLICE], rest[SLICE:]
        with turn():
            made += _create_some(run, some, actor=actor)
        progress(total - len(rest), total, "列入检查清单")
    return made


def _lacking(run: DrawRun) -> QuerySet[DrawnUnit]:
    listed = InspectionTask.objects.filter(drawn_unit=OuterRef("pk"), kind=TaskKind.ONSITE)
    return run.drawn.standing().filter(~Exists(listed)).order_by("order")


def _create_some(run: DrawRun, some: list[int], *, actor: Actor | None) -> int:
    DrawRun.objects.select_for_update().get(pk=run.pk)
    frame = run.frame
    drawn = _lacking(run).filter(pk__in=some).select_related("unit__merged_into")
    tasks = [
        InspectionTask(
            campaign=frame.campaign,
            authority=frame.authority,
            unit=row.unit.current,
            drawn_unit=row,
            place=row.unit.current.actual_address or row.unit.current.registered_address,
        )
        for row in drawn
    ]
    InspectionTask.objects.bulk_create(tasks, batch_size=500)
    _write_standards(run, {task.drawn_unit_id: task for task in tasks})
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
    rows = DrawnStandard.objects.filter(drawn_unit__in=list(tasks)).select_related("standard")
    frozen = FrameStandard.objects.filter(frame=run.frame_id, standard__in=rows.values("standard"))
    categories = dict(frozen.values_list("standard_id", "category"))
    listed = set(
        TaskStandard.objects.filter(task__drawn_unit__in=list(tasks)).values_list(
            "task", "standard"
        )
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
            if (tasks[row.drawn_unit_id].pk, row.standard_id) not in listed
        ),
        batch_size=1000,
    )
