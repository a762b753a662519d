"""Declaring what a visit cost, settling what should not have been, and the unit's word to 纪检监督."""

from collections.abc import Mapping
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from campaigns.notifications import discipline
from inspections.enums import Manner, TaskState
from inspections.models import CostDeclaration, InspectionTask, IntegrityFeedback
from metrostd.common import audit, clock
from metrostd.common.actors import Actor
from metrostd.common.transitions import TransitionError
from metrostd.notifications.services import tell

AMOUNTS = ("lodging", "meals", "transport", "other")
#: So many characters at least where misconduct is named or an amount is settled.
DETAIL_MINIMUM = 5


@transaction.atomic
def declare(
    task: InspectionTask, amounts: Mapping[str, Decimal], *, note: str = "", actor: Actor | None
) -> CostDeclaration:
    """Say what the unit bore of a visit's costs: 0, or an amount, which stops the review and alerts 纪检监督.

    TransitionError before the visit has ended or when it is declared already; ValidationError for an amount
    without an explanation.
    """
    if task.state not in TaskState.inspected:
        raise TransitionError("检查结束后才能申报检查费用。", obj=task)
    given = {name: Decimal(amounts.get(name) or 0) for name in AMOUNTS}
    if sum(given.values()) > 0 and not note.strip():
        raise ValidationError({"note": "由被检查单位承担了费用的，请说明情况。"})
    try:
        with transaction.atomic():
            made = CostDeclaration.objects.create(
                task=task, note=note.strip(), declared_by=actor, **given
            )
    except IntegrityError as error:
        raise TransitionError("这次检查的费用已经申报，不能更改。", obj=task) from error
    audit.record(
        task,
        actor=actor,
        action="task.declare_cost",
        label="申报检查费用",
        after={"cost_unit": str(made.amount)},
        note=f"由被检查单位承担 {made.amount} 元。{made.note}",
    )
    if made.stops:
        tell(
            discipline(task.campaign),
            subject=f"检查费用由被检查单位承担：{task.subject}，{made.amount}元",
            body=f"{task.authority}组织的检查。{made.note} 核实退还之前，这次检查不能审核。",
            url="/inspections/integrity/",
            sender=actor,
        )
    return made


@transaction.atomic
def settle(row: CostDeclaration, *, note: str, actor: Actor | None) -> None:
    """纪检监督 has seen that the amount was given back, or that it was never paid: the review may go on."""
    if len(note.strip()) < DETAIL_MINIMUM:
        raise ValidationError({"note": f"请写明核实情况，不少于{DETAIL_MINIMUM}个字。"})
    moment = clock.now()
    waiting = CostDeclaration.objects.filter(pk=row.pk, settled_at=None)
    if row.amount <= 0 or not waiting.update(
        settled_at=moment, settled_by=actor, settled_note=note.strip()[:300]
    ):
        raise TransitionError("这份申报不需要核实，或者刚刚已经核实。", obj=row.task)
    audit.record(
        row.task,
        actor=actor,
        action="task.settle_cost",
        label="核实检查费用",
        note=note.strip(),
    )


def cost_open(task: InspectionTask) -> str:
    """Why a visit cannot be reviewed yet: nobody has said what it cost, or the unit paid."""
    row = CostDeclaration.objects.filter(task=task).first()
    if row is None:
        return "检查组组长还没有申报检查费用，申报后才能审核。"
    if row.stops:
        return f"由被检查单位承担了费用{row.amount}元，须退还并经纪检监督核实后才能审核。"
    return ""


@transaction.atomic
def give_feedback(
    task: InspectionTask, said: Mapping[str, bool], *, manner: str, comment: str, actor: Actor
) -> IntegrityFeedback:
    """The unit's word after a visit, once. What it says stands in no message and in no row of the trail."""
    if task.state not in TaskState.inspected:
        raise TransitionError("检查结束后才能提交廉政反馈。", obj=task)
    signs = {name: bool(said.get(name)) for name in IntegrityFeedback.SIGNS}
    comment = comment.strip()
    if (any(signs.values()) or manner == Manner.BAD) and len(comment) < DETAIL_MINIMUM:
        raise ValidationError({"comment": f"请写明具体情况，不少于{DETAIL_MINIMUM}个字。"})
    if actor.acting is None:
        raise TransitionError("请选择以哪个单位的身份反馈。", obj=task)
    try:
        with transaction.atomic():
            made = IntegrityFeedback.objects.create(
                task=task,
                manner=manner,
                comment=comment,
                given_by=actor.acting,
                named=actor.display_name,
                **signs,
            )
    except IntegrityError as error:
        raise TransitionError("这次检查已经提交过廉政反馈。", obj=task) from error
    audit.record(made, actor=actor, action="integrity.give", label="提交廉政反馈")
    if made.is_serious:
        tell(
            discipline(task.campaign),
            subject=f"廉政反馈反映问题：{task.subject}",
            body="请在廉政监督中查看。",
            url=made.get_absolute_url(),
            sender=None,
        )
    return made
