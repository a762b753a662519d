"""请假代办: announced by the person, ended early when they come back, asked for by everybody who tells people."""

import datetime as dt
from collections.abc import Collection

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet

from metrostd.common import audit, clock
from metrostd.common.act_dates import not_owed_by
from metrostd.common.actors import Actor
from metrostd.common.templatetags.formats import cn_date

from .leaving import fits
from .models import Absence, Membership

_LONGEST = dt.timedelta(days=180)


def candidates(membership: Membership) -> QuerySet[Membership]:
    """Colleagues who could stand in."""
    rows = Membership.objects.active().filter(
        authority=membership.authority_id, unit=membership.unit_id
    )
    rows = rows.exclude(user=membership.user_id).select_related("user", "authority", "unit")
    able = [row.pk for row in rows if not fits(membership, row)]
    return rows.filter(pk__in=able).order_by("user__display_name", "pk")


@transaction.atomic
def announce(
    membership: Membership,
    *,
    deputy: Membership,
    first_on: dt.date,
    last_on: dt.date,
    actor: Actor,
) -> Absence:
    """Put on record who looks after it meanwhile. Raises ValidationError naming the field."""
    if reasons := fits(membership, deputy):
        raise ValidationError({"deputy": reasons})
    if wrong := not_owed_by(last_on, what="结束"):
        raise ValidationError({"last_on": wrong})
    if last_on < first_on:
        raise ValidationError({"last_on": "结束日期早于开始日期，请核对。"})
    if last_on - first_on > _LONGEST:
        raise ValidationError({"last_on": "一次最多登记180天；离任请由管理人员办理。"})
    Membership.objects.select_for_update(of=("self",)).get(pk=membership.pk)
    others = Absence.objects.filter(membership=membership, ended_at=None)
    if taken := others.filter(first_on__lte=last_on, last_on__gte=first_on).first():
        raise ValidationError(
            {
                "first_on": f"{cn_date(taken.first_on)}至{cn_date(taken.last_on)}已登记由{taken.deputy.user}代办。"
            }
        )
    row = Absence.objects.create(
        membership=membership, deputy=deputy, first_on=first_on, last_on=last_on
    )
    audit.record(
        row, actor=actor, action="absence.announce", label="登记请假代办",
        note=f"{cn_date(first_on)}至{cn_date(last_on)}",
    )  # fmt: skip
    return row


@transaction.atomic
def end(absence: Absence, *, actor: Actor) -> None:
    """Back before the last day: everything comes to the person again; a second time changes nothing."""
    if absence.ended_at is not None:
        return
    rows = Absence.objects.filter(pk=absence.pk, ended_at=None)
    if rows.update(ended_at=clock.now()):
        audit.record(absence, actor=actor, action="absence.end", label="提前结束代办")


def on(day: dt.date) -> QuerySet[Absence]:
    """Those of a day."""
    return Absence.objects.filter(first_on__lte=day, last_on__gte=day, ended_at=None)


def to_come(deputy: Membership) -> QuerySet[Absence]:
    """Whom this one stands in for, today and later."""
    rows = Absence.objects.filter(deputy=deputy, ended_at=None, last_on__gte=clock.today())
    return rows.select_related("membership__user").order_by("first_on", "pk")


def represented_by(membership: Membership) -> QuerySet:
    """The keys of those this one stands in for today."""
    return on(clock.today()).filter(deputy=membership).order_by().values("membership")


def deputies(day: dt.date, memberships: Collection[int]) -> dict[int, Membership]:
    """By the key of whoever is away that day: the deputy, when that one may still act."""
    rows = on(day).filter(membership__in=memberships, deputy__in=Membership.objects.active())
    rows = rows.select_related("deputy__user", "deputy__authority", "deputy__unit").order_by("pk")
    return {row.membership_id: row.deputy for row in rows}
