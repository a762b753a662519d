"""The days rectification has to keep: what the unit is given, what the office takes to answer."""

import datetime as dt

from campaigns.enums import StageKind
from campaigns.stages import stage_end
from inspections.models import InspectionTask

#: Days from the order to the usual due day.
ORDER_DAYS = 30
#: Work days the office takes to answer: confirmations, objections, proposals (行政许可法第八十二条).
ANSWER_DAYS = 10


def default_due(task: InspectionTask, *, on: dt.date) -> dt.date:
    """Thirty days from the order, within 整改阶段; after the stage, within the campaign.

    An order of late July is due with those of August, never before it is issued.
    """
    due = on + dt.timedelta(days=ORDER_DAYS)
    end = stage_end(task.campaign, StageKind.RECTIFY, authority=task.authority)
    return min(due, end) if end >= on else max(on, min(due, task.campaign.summary_due))
