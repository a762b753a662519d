"""Who owes a duty and which office is above them, for many duties with a handful of queries."""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q

from metrostd.accounts import absences
from metrostd.accounts.models import Membership
from metrostd.common import clock
from metrostd.common.roles import Role
from metrostd.registry.models import Authority

from . import overseers
from .enums import DutyKind
from .models import Duty


class People:
    """Whom duties concern on a day; everything is read once, when it is made. Who is away has a deputy."""

    def __init__(self, duties: Sequence[Duty], *, on: dt.date | None = None) -> None:
        self._parents: dict[int, int | None] = dict(
            Authority.objects.order_by().values_list("pk", "parent")
        )
        self._overseers = _overseers(duties)
        offices = {d.authority_id for d in duties} | set(self._overseers.values())
        offices |= {self._parents.get(pk or 0) for pk in offices}
        for duty in duties:
            if duty.membership and duty.membership.authority_id:
                offices.add(duty.membership.authority_id)
        rows = (
            Membership.objects.active()
            .filter(
                Q(role__in=Role.registrars, authority__in=[pk for pk in offices if pk])
                | Q(unit__in={d.unit_id for d in duties if d.unit_id})
                | Q(pk__in={d.membership_id for d in duties if d.membership_id})
            )
            .select_related("user", "authority", "unit")
            .order_by("pk")
        )
        self._members = {row.pk: row for row in rows}
        self._deputies = absences.deputies(on or clock.today(), self._members)
        self._of_office = _grouped(
            self._members.values(), lambda m: m.authority_id if m.role in Role.offices else None
        )
        self._of_desk = _grouped(
            self._members.values(),
            lambda m: m.authority_id if m.role in Role.registrars else None,
        )
        self._of_unit = _grouped(self._members.values(), lambda m: m.unit_id)

    def of(self, duty: Duty, *, above: bool = False) -> list[Membership]:
        """The people meant, each once; nobody when no account is there."""
        rows = self._above(duty) if above else self._owners(duty)
        rows = [self._deputies.get(row.pk, row) for row in rows]
        return list({row.user_id: row for row in reversed(rows)}.values())[::-1]

    def _owners(self, duty: Duty) -> list[Membership]:
        if duty.membership_id:
            one = self._members.get(duty.membership_id)
            return [one] if one else []
        if duty.unit_id:
            return self._of_unit[duty.unit_id]
        shared = duty.kind in DutyKind.of_register
        return (self._of_desk if shared else self._of_office)[duty.authority_id or 0]

    def _above(self, duty: Duty) -> list[Membership]:
        """The office whose people, units or districts they are; never the one who owes it."""
        if duty.authority_id:
            return self._of_office[self._parents.get(duty.authority_id) or 0]
        if duty.unit_id:
            return self._of_office[self._overseers.get(duty.pk) or 0]
        if duty.kind in DutyKind.of_complaints:
            return []  # the office above is the one it is about
        office = duty.membership.authority_id if duty.membership else None
        return [m for m in self._of_office[office or 0] if m.pk != duty.membership_id]


def _grouped(
    rows: Iterable[Membership], key: Callable[[Membership], int | None]
) -> dict[int, list[Membership]]:
    found: dict[int, list[Membership]] = defaultdict(list)
    for row in rows:
        if (pk := key(row)) is not None:
            found[pk].append(row)
    return found


def _overseers(duties: Iterable[Duty]) -> dict[int, int | None]:
    """The office behind what a unit owes, by the key of the duty: it depends on what it is about."""
    by_type: dict[int, list[Duty]] = defaultdict(list)
    for duty in duties:
        if duty.unit_id:
            by_type[duty.target_type_id].append(duty)
    found: dict[int, int | None] = {}
    for type_id, rows in by_type.items():
        kind = ContentType.objects.get_for_id(type_id)
        label = f"{kind.app_label}.{kind.model}"
        offices = overseers.overseers(label, {row.target_id for row in rows})
        found.update({row.pk: offices.get(row.target_id) for row in rows})
    return found
