"""The days a visit has to keep: the on-site stage of the office, with its own dates where adjusted."""

import datetime as dt

from django.core.exceptions import ValidationError

from campaigns.enums import StageKind
from campaigns.stages import stage_end, stages_for
from metrostd.common import act_dates, clock
from metrostd.common.templatetags.formats import local_day

from .enums import TaskKind
from .models import ChecklistSheet, InspectionTask

#: Within so many work days of the visit a unit may object to what was found.
OBJECTION_WORKDAYS = 5


def task_due(task: InspectionTask) -> dt.date:
    """The day a visit is due: the planned day, else the end of the stage, never in the past."""
    end = stage_end(task.campaign, StageKind.ONSITE, authority=task.authority)
    return task.planned_on or max(end, clock.today())


def day_of(sheet: ChecklistSheet) -> dt.date:
    """Hints judge the day of the visit, not the day somebody looks at the sheet."""
    arrived = sheet.task.arrived_at
    return local_day(arrived) if arrived else clock.today()


def visit_refusals(
    task: InspectionTask, moment: dt.datetime | None, *, field: str, what: str, reason: str
) -> dict[str, str]:
    """What speaks against a visit at this time, by field: never before the on-site stage opens."""
    stage = stages_for(task.campaign, authority=task.authority).get(StageKind.ONSITE)
    return act_dates.refusals(
        moment,
        field=field,
        what=what,
        reason=reason,
        after=stage.starts_on if stage else None,
        follows="现场检查阶段开始",
    )


def check_planned_day(task: InspectionTask, day: dt.date) -> None:
    """Raise ValidationError when a first visit is planned outside the on-site stage.

    An office that needs other dates adjusts its stage first (通知三). Follow-up visits have their
    own due day and may lie later.
    """
    if task.kind != TaskKind.ONSITE:
        return
    stage = stages_for(task.campaign, authority=task.authority).get(StageKind.ONSITE)
    if stage is None or stage.starts_on <= day <= stage.ends_on:
        return
    raise ValidationError(
        {
            "planned_on": f"计划日期应在现场检查阶段内（{_day(stage.starts_on)}至{_day(stage.ends_on)}）；"
            "需要改期的，请先调整本部门的阶段时间。"
        }
    )


def _day(day: dt.date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
