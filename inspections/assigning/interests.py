"""利害关系申报: declared by the person, ended by somebody else of the office (行政处罚法第四十三条)."""

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from inspections import notifications
from inspections.enums import InterestKind, TaskState
from inspections.models import DeclaredInterest, InspectionTask
from metrostd.accounts.models import Membership
from metrostd.common import audit, clock
from metrostd.common.actors import Actor
from metrostd.common.transitions import TransitionError
from metrostd.registry.models import Unit


def unit_named(text: str) -> Unit:
    """The unit a person means, by its whole name or its credit code; ValidationError when there is none."""
    wanted = "".join(text.split())
    found = Unit.objects.filter(merged_into=None)
    unit = found.filter(uscc=wanted).first() or found.filter(name=wanted).first()
    if unit is None:
        raise ValidationError(
            {"unit": f"没有找到“{text.strip()}”，请填写单位全称或者统一社会信用代码。"}
        )
    return unit


@transaction.atomic
def declare(
    membership: Membership | None, *, unit: str, kind: str, detail: str, actor: Actor
) -> DeclaredInterest:
    """Say what keeps oneself from inspecting a unit; raises ValidationError by field."""
    if membership is None or not detail.strip():
        raise ValidationError({"detail": "请说明具体情况。"})
    try:
        with transaction.atomic():
            row = DeclaredInterest.objects.create(
                membership=membership,
                unit=unit_named(unit),
                kind=InterestKind(kind),
                detail=detail.strip(),
            )
    except IntegrityError:
        raise ValidationError({"unit": "已经申报过，尚未解除。"}) from None
    audit.record(
        row,
        actor=actor,
        action="interest.declare",
        label="申报利害关系",
        note=f"{row.unit}：{row.get_kind_display()}，{row.detail}",
    )
    sent = InspectionTask.objects.filter(
        unit=row.unit, state__in=TaskState.arranged, team__membership__user=membership.user_id
    )
    for task in sent.select_related("authority", "unit").distinct():
        notifications.tell_office(
            task,
            subject=f"请调整检查组：{membership.user}申报利害关系（{row.get_kind_display()}），应当回避",
            sender=actor,
        )
    return row


@transaction.atomic
def end(interest: DeclaredInterest, *, actor: Actor, note: str) -> None:
    """It no longer holds, as somebody else has verified; ValidationError without a reason."""
    if not note.strip():
        raise ValidationError({"note": "请说明核实情况。"})
    rows = DeclaredInterest.objects.standing().filter(pk=interest.pk)
    if rows.update(ended_at=clock.now()) != 1:
        raise TransitionError("这项申报已经解除。", obj=interest)
    audit.record(
        interest,
        actor=actor,
        action="interest.end",
        label="解除利害关系申报",
        note=note.strip(),
    )
