"""What an office does about a matter; a directed check is added to the draw and says nothing of where it came from."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from campaigns import directing, sampling
from campaigns.models import DrawnUnit, DrawRun
from metrostd.common import audit, sealing
from metrostd.common.actors import Actor
from metrostd.common.policies import YES, Verdict, not_now
from metrostd.common.transitions import check_state
from metrostd.registry.models import MeasurementStandard

from . import moves, notifications, wording
from .enums import ComplaintState, MeasureKind, Recipient
from .models import Complaint, ComplaintMeasure

#: The notice's own words (二(四)); the draw is read by more people than may know of the complaint.
REASON = "有针对性地加大监管力度"


def measurable(row: Complaint) -> Verdict:
    """While it is being handled."""
    if row.state == ComplaintState.HANDLING:
        return YES
    return not_now(f"目前是“{row.get_state_display()}”，办理中才能登记办理措施。")


def open_draws(row: Complaint) -> QuerySet[DrawRun]:
    """The valid draws of the handling office to which its unit can be added."""
    if row.unit_id is None:
        return DrawRun.objects.none()
    return directing.open_draws(row.authority, row.unit_id)


def standards_of(row: Complaint, run: DrawRun) -> QuerySet[MeasurementStandard]:
    """What of the unit the office inspects in that campaign."""
    return directing.standards_within(run, row.unit_id)


def directable(row: Complaint) -> Verdict:
    """A directed check: of a unit of the register, with a draw to add it to."""
    if not (verdict := measurable(row)):
        return verdict
    if row.unit_id is None:
        return not_now("被反映的单位不在台账中，不能列为定向检查；请先核对单位名称。")
    if not open_draws(row).exists():
        return not_now("本部门没有可以增加定向检查的抽取，或者该单位已在检查对象中。")
    return YES


@transaction.atomic
def direct(
    row: Complaint, run: DrawRun, *, standards: Iterable[MeasurementStandard], actor: Actor
) -> DrawnUnit:
    """Add the unit to the office's draw by direction; only this record knows why.

    Raises TransitionError when it is not being handled, ValidationError for standards the office does not inspect.
    """
    moves.held(row)
    check_state(directable(row), obj=row)
    if row.unit is None:  # said by the verdict already
        raise ValidationError("被反映的单位不在台账中。")
    drawn = sampling.add_directed(run, row.unit, standards=standards, reason=REASON, actor=actor)
    _record(row, MeasureKind.CHECK, actor=actor, drawn_unit=drawn)
    return drawn


@transaction.atomic
def refer(row: Complaint, *, recipient: str, sent_to: str, note: str, actor: Actor) -> None:
    """Hand the matter on; the corps reads what was said, and asks for who said it with a reason."""
    moves.held(row)
    check_state(measurable(row), obj=row)
    to_corps = recipient == Recipient.CORPS
    name = Recipient.CORPS.label if to_corps else sent_to.strip()
    if not name:
        raise ValidationError({"sent_to": "请填写移送至哪个机关。"})
    if not note.strip():
        raise ValidationError({"note": "请填写移送的理由。"})
    _record(row, MeasureKind.REFER, actor=actor, recipient=recipient, sent_to=name, note=note)
    if to_corps:
        notifications.tell_handed(row, sender=actor)


@transaction.atomic
def verify(row: Complaint, *, note: str, actor: Actor) -> None:
    """Put on record what was looked into and what it gave."""
    moves.held(row)
    check_state(measurable(row), obj=row)
    if not note.strip():
        raise ValidationError({"note": "请填写核查的情况。"})
    _record(row, MeasureKind.VERIFY, actor=actor, note=note)


def _record(
    row: Complaint,
    kind: MeasureKind,
    *,
    actor: Actor,
    note: str = "",
    drawn_unit: DrawnUnit | None = None,
    recipient: str = "",
    sent_to: str = "",
) -> None:
    wording.require_discreet(row, sent_to=sent_to)
    ComplaintMeasure.objects.create(
        complaint=row,
        kind=kind,
        sealed_note=sealing.seal(note.strip()),
        drawn_unit=drawn_unit,
        recipient=recipient,
        sent_to=sent_to,
        made_by=actor,
    )
    audit.record(
        row,
        actor=actor,
        action=f"complaint.{kind.value}",
        label=kind.label,
        after={"sent_to": sent_to} if sent_to else None,
        note="内容加密保存。" if note.strip() else "",
    )
