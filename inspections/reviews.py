"""Reviews from a committed draw of bureaus: each with the visit that belongs to it."""

from django.db import transaction

from campaigns import duties
from campaigns.enums import DutyKind, StageKind
from campaigns.models import DrawRun
from campaigns.stages import stage_end
from metrostd.common import audit, clock
from metrostd.common.actors import Actor

from .enums import TaskKind
from .models import CertificationReview, InspectionTask


@transaction.atomic
def create_reviews(run: DrawRun, *, actor: Actor | None) -> int:
    """A review and a visit for every drawn bureau that has none yet; returns how many."""
    frame = run.frame
    due = max(stage_end(frame.campaign, StageKind.ONSITE, authority=frame.authority), clock.today())
    made = []
    for row in run.bureaus.filter(review=None).select_related("bureau").order_by("order"):
        task = InspectionTask.objects.create(
            campaign=frame.campaign,
            authority=frame.authority,
            bureau=row.bureau,
            kind=TaskKind.BUREAU,
            place=row.bureau.address,
        )
        review = CertificationReview.objects.create(
            campaign=frame.campaign,
            authority=frame.authority,
            bureau=row.bureau,
            drawn=row,
            task=task,
        )
        made.append(review)
    audit.record_many(
        [review.task for review in made], actor=actor, action="task.create", label="列入清单"
    )
    audit.record_many(made, actor=actor, action="review.create", label="抽中区局")
    duties.assign_many(
        duties.build(
            frame.campaign,
            kind=DutyKind.BUREAU_REVIEW,
            title=f"考核工作监督检查：{review.bureau}",
            due_on=due,
            target=review,
            authority=frame.authority,
        )
        for review in made
    )
    return len(made)
