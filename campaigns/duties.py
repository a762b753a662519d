"""Creating and fulfilling duties: the only writer of ``Duty``."""

import datetime as dt
from collections.abc import Iterable

from django.contrib.contenttypes.models import ContentType
from django.db import models

from metrostd.accounts.models import Membership
from metrostd.common import audit, clock
from metrostd.common.actors import Actor
from metrostd.common.calendar import caveat_of
from metrostd.common.models import AuditEntry
from metrostd.common.templatetags.formats import cn_date
from metrostd.registry.models import Authority, Unit

from .enums import DutyKind
from .models import Campaign, Duty


def build(
    campaign: Campaign | None,
    *,
    kind: DutyKind,
    title: str,
    due_on: dt.date,
    target: models.Model,
    authority: Authority | None = None,
    unit: Unit | None = None,
    membership: Membership | None = None,
    detail: str = "",
) -> Duty:
    """An unsaved duty owed by exactly one of an authority, a unit or a membership."""
    return Duty(
        campaign=campaign,
        kind=kind,
        title=title[:200],
        detail=detail[:200],
        due_on=due_on,
        due_note=caveat_of(due_on),
        target_type=ContentType.objects.get_for_model(target),
        target_id=target.pk,
        authority=authority,
        unit=unit,
        membership=membership,
    )


def assign(
    campaign: Campaign | None,
    *,
    kind: DutyKind,
    title: str,
    due_on: dt.date,
    target: models.Model,
    authority: Authority | None = None,
    unit: Unit | None = None,
    membership: Membership | None = None,
    detail: str = "",
) -> Duty:
    """Make somebody owe something by the end of ``due_on``."""
    duty = build(
        campaign,
        kind=kind,
        title=title,
        due_on=due_on,
        target=target,
        authority=authority,
        unit=unit,
        membership=membership,
        detail=detail,
    )
    duty.save(force_insert=True)
    _record_assumed([duty])
    return duty


def assign_many(duties: Iterable[Duty]) -> int:
    """Insert duties made with ``build`` in bulk; returns how many."""
    made = Duty.objects.bulk_create(duties, batch_size=1000)
    _record_assumed(made)
    return len(made)


def fulfil(
    target: models.Model,
    *,
    kind: DutyKind,
    membership: Membership | None = None,
    authority: Authority | None = None,
) -> int:
    """Mark the open duties of a kind for an object as done now; returns how many there were.

    ``membership`` or ``authority`` limits it to what that one owes, when several owe the same.
    """
    rows = _open(target, kind)
    if membership is not None:
        rows = rows.filter(membership=membership)
    if authority is not None:
        rows = rows.filter(authority=authority)
    return rows.update(fulfilled_at=clock.now())


def of_person(membership: Membership) -> models.QuerySet:
    """What one person still owes, but for visits: those follow the team."""
    return Duty.objects.open().filter(membership=membership).exclude(kind=DutyKind.ONSITE_TASK)


def pass_on(leaving: Membership, taking: Membership, *, actor: Actor | None) -> int:
    """Whoever takes over owes it from now on, by the same day; returns how many."""
    rows = list(of_person(leaving))
    audit.record_many(
        rows,
        actor=actor,
        action="duty.pass_on",
        label="移交应办事项",
        note=f"{leaving.user}离任，由{taking.user}接任",
    )
    return Duty.objects.filter(pk__in=[row.pk for row in rows]).update(membership=taking)


def cancel(target: models.Model, *, kind: DutyKind) -> int:
    """Take back open duties whose reason has gone (exemption, withdrawal); returns how many."""
    return _open(target, kind).update(cancelled_at=clock.now())


def cancel_of_authority(campaign: Campaign, *, kind: DutyKind, authority: Authority) -> int:
    """Take back everything of one kind an authority owes in a campaign; returns how many."""
    rows = Duty.objects.open().filter(campaign=campaign, kind=kind, authority=authority)
    return rows.update(cancelled_at=clock.now())


def cancel_some(campaign: Campaign, *, at: dt.datetime, most: int) -> int:
    """Take back so much at most of what is still owed in a campaign that has ended; returns how many."""
    owed = Duty.objects.open().filter(campaign=campaign).order_by("pk")
    some = list(owed.values_list("pk", flat=True)[:most])
    return Duty.objects.open().filter(pk__in=some).update(cancelled_at=at)


def restore_all(campaign: Campaign, *, at: dt.datetime) -> int:
    """Owe again what was taken back at that moment, when the campaign ended; returns how many."""
    taken = Duty.objects.filter(campaign=campaign, cancelled_at=at, fulfilled_at=None)
    return taken.update(cancelled_at=None)


def reschedule(target: models.Model, *, kind: DutyKind, due_on: dt.date) -> int:
    """Move the due day of open duties; returns how many were moved."""
    rows = _open(target, kind)
    moved = rows.update(due_on=due_on, due_note=caveat_of(due_on))
    if moved and caveat_of(due_on):
        _record_assumed(rows)
    return moved


def reschedule_rows(rows: models.QuerySet[Duty], *, due_on: dt.date) -> int:
    """Move the due day of these open duties, of whatever objects; returns how many were moved."""
    pks = list(rows.values_list("pk", flat=True))
    moved = Duty.objects.filter(pk__in=pks).update(due_on=due_on, due_note=caveat_of(due_on))
    if moved and caveat_of(due_on):
        _record_assumed(Duty.objects.filter(pk__in=pks))
    return moved


def take_in(things: Iterable[models.Model], campaign: Campaign) -> list[models.Model]:
    """What was owed about these without a campaign is owed in it from now on; returns the things it was about."""
    by_key = {(ContentType.objects.get_for_model(t).pk, t.pk): t for t in things}
    loose = Duty.objects.open().filter(
        campaign=None,
        target_type__in={kind for kind, _ in by_key},
        target_id__in={key for _, key in by_key},
    )
    found = [d for d in loose if (d.target_type_id, d.target_id) in by_key]
    Duty.objects.filter(pk__in=[d.pk for d in found]).update(campaign=campaign)
    return [by_key[d.target_type_id, d.target_id] for d in found]


def is_owed(target: models.Model, *, kind: DutyKind) -> bool:
    """Whether anybody still owes something of this kind for an object."""
    return _open(target, kind).exists()


def _record_assumed(made: Iterable[Duty]) -> None:
    """A day counted without a table of holidays has that in the trail, beside whom it binds."""
    assumed = [duty for duty in made if duty.due_note]
    if not assumed:
        return
    AuditEntry.objects.bulk_create(
        audit.entry(
            duty,
            actor=None,
            action="duty.assume_day",
            label="推算期限",
            after={"due_on": duty.due_on.isoformat()},
            note=f"{cn_date(duty.due_on)}：{duty.due_note}",
        )
        for duty in assumed
    )


def _open(target: models.Model, kind: DutyKind) -> models.QuerySet[Duty]:
    return Duty.objects.open().filter(
        target_type=ContentType.objects.get_for_model(target), target_id=target.pk, kind=kind
    )
