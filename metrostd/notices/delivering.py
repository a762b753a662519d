"""Who a notice goes to, and putting it into their inboxes once: thousands of units, by a job, in slices."""

from collections.abc import Callable

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet

from metrostd.accounts.models import Membership
from metrostd.common import audit, clock, turns
from metrostd.common.actors import Actor
from metrostd.common.models import AuditEntry
from metrostd.common.roles import Role
from metrostd.notifications import chasing
from metrostd.notifications.chasing import Chased, Outcome
from metrostd.notifications.services import tell
from metrostd.registry.enums import UnitType
from metrostd.registry.models import Authority, MeasurementStandard, Unit

from .enums import NoticeState, RecipientKind
from .models import Delivery, Notice

Report = Callable[..., None]
_INSTITUTES = frozenset({UnitType.STATUTORY_INSTITUTE, UnitType.AUTHORISED_INSTITUTE})
#: Recipients of a slice: told in the transaction that puts them on the list.
SLICE = 500


def units() -> QuerySet[Unit]:
    """建标单位: whoever holds a standard within scope."""
    held = MeasurementStandard.objects.filter(in_scope=True, unit=OuterRef("pk"))
    return Unit.objects.filter(Exists(held), merged_into=None).order_by("pk")


def _units_of(notice: Notice) -> QuerySet[Unit]:
    """Those of the classes it goes to."""
    if notice.to_institutes and notice.to_units:
        return units()
    if notice.to_institutes:
        return units().filter(unit_type__in=_INSTITUTES)
    return units().exclude(unit_type__in=_INSTITUTES) if notice.to_units else units().none()


def _offices_left(notice: Notice) -> list[Delivery]:
    """Bureaus and the copy that are not on the list yet, not saved."""
    known = notice.deliveries.exclude(kind__in=(RecipientKind.INSTITUTE, RecipientKind.UNIT))
    has = set(known.values_list("authority", flat=True))
    rows: list[Delivery] = []
    if notice.to_bureaus:
        rows += [
            Delivery(notice=notice, kind=RecipientKind.BUREAU, authority=office)
            for office in Authority.objects.districts()
            if office.pk not in has
        ]
    if notice.copy_to.strip() and None not in has:
        rows.append(Delivery(notice=notice, kind=RecipientKind.COPY))
    return rows


def _left(notice: Notice) -> QuerySet[Unit]:
    """Units that are not on the list yet."""
    return _units_of(notice).filter(~Exists(notice.deliveries.filter(unit=OuterRef("pk"))))


def _units_left(notice: Notice, *, after: int) -> list[Delivery]:
    """The next of them behind a key, not saved."""
    left = _left(notice).filter(pk__gt=after)
    return [
        Delivery(
            notice=notice,
            kind=RecipientKind.INSTITUTE if unit.unit_type in _INSTITUTES else RecipientKind.UNIT,
            unit=unit,
        )
        for unit in left.only("pk", "unit_type", "name")[:SLICE]
    ]


def members(rows: QuerySet[Delivery]) -> QuerySet[Membership]:
    """The people who receive these."""
    active = Membership.objects.active()
    found = active.filter(unit__in=rows.filter(unit__isnull=False).values("unit"))
    offices = rows.filter(authority__isnull=False).values("authority")
    found = found | active.filter(authority__in=offices, role__in=Role.registrars)
    if rows.filter(kind=RecipientKind.COPY).exists():
        found = found | active.filter(role=Role.ENFORCEMENT_LIAISON)
    return found.distinct()


def deliver(
    notice: Notice,
    *,
    progress: Report = lambda *_args: None,
    keep: Callable[[], None] = lambda: None,
) -> int:
    """Put it on everybody's list and into their inboxes; any number of times, once. Returns how many it went to.

    In slices, each of which first takes the row and looks who is left: whoever delivers it after a worker died goes
    on there, and of two at once each finds what the other has done. A notice withdrawn meanwhile goes no further.
    ``keep`` is called in the transaction of each slice.
    """
    done, after = notice.deliveries.count(), 0
    total = done + len(_offices_left(notice)) + _left(notice).count()
    while True:
        progress(done, max(done, total), "送达收件箱")
        with turns.turn():
            held = Notice.objects.select_for_update().get(pk=notice.pk)
            if held.state != NoticeState.ISSUED or held.delivered_at is not None:
                return held.deliveries.count()
            keep()
            # Behind the last of them once more from the first: a unit may have come into scope meanwhile.
            rows = _offices_left(held) or _units_left(held, after=after)
            rows = rows or (_units_left(held, after=0) if after else [])
            if not rows:
                return _finish(held)
            _deliver_some(held, rows)
        after, done = rows[-1].unit_id or 0, done + len(rows)


def _deliver_some(held: Notice, rows: list[Delivery]) -> None:
    made = Delivery.objects.bulk_create(rows)
    tell(
        members(Delivery.objects.filter(pk__in=[row.pk for row in made])),
        subject=f"{held.get_kind_display()}：{held.title}",
        body="请打开通知阅收；打开即登记阅收时间。",
        url=held.get_absolute_url(),
        sender=held.published_by,
    )
    # By the slice: whoever was told before a worker died was told on record.
    audit.record(
        held,
        actor=held.published_by,
        action="notice.deliver_some",
        label="送达一批",
        after={"recipients": len(made)},
    )


def _finish(held: Notice) -> int:
    many = held.deliveries.count()
    held.delivered_at = clock.now()
    held.save(update_fields=["delivered_at"])
    audit.record(
        held,
        actor=held.published_by,
        action="notice.deliver",
        label="送达",
        after={"recipients": many},
    )
    return many


def mark_read(notice: Notice, *, user: Actor) -> None:
    """The recipient has opened it: the first of them, and when."""
    rows = Delivery.objects.to(user).filter(notice=notice, read_at=None)
    for row in rows.select_related("unit", "authority", "notice"):
        unread = Delivery.objects.filter(pk=row.pk, read_at=None)
        with transaction.atomic():
            if unread.update(read_at=clock.now(), read_by=user.pk):
                audit.record(row, actor=user, action="notice.read", label="阅收")


def chase(rows: QuerySet[Delivery], *, text: str, actor: Actor) -> Outcome:
    """催办 of those who have not read it; nobody hears of it twice a day."""
    found = list(rows.unread().select_related("unit", "authority", "notice")[: chasing.MOST + 1])  # type: ignore[attr-defined]
    people: dict[tuple[str, int], list[Membership]] = {}
    wanted = members(Delivery.objects.filter(pk__in=[row.pk for row in found]))
    for member in wanted.select_related("user"):
        key = ("unit", member.unit_id) if member.unit_id else ("office", member.authority_id or 0)
        if member.role == Role.ENFORCEMENT_LIAISON:
            key = ("copy", 0)
        people.setdefault(key, []).append(member)
    return chasing.chase(
        [
            Chased(
                target=row,
                members=people.get(_key(row), []),
                subject=f"催办：请阅收{row.notice}",
                url=row.get_absolute_url(),
            )
            for row in found
        ],
        text=text,
        actor=actor,
        action="notice.chase",
    )


def _key(row: Delivery) -> tuple[str, int]:
    if row.unit_id:
        return "unit", row.unit_id
    return ("office", row.authority_id) if row.authority_id else ("copy", 0)


def chased_on(rows: list[Delivery]) -> dict[int, AuditEntry]:
    """The last 催办 of each, by its key."""
    kind = ContentType.objects.get_for_model(Delivery)
    entries = AuditEntry.objects.filter(
        target_type=kind, target_id__in=[row.pk for row in rows], action="notice.chase"
    )
    return {entry.target_id: entry for entry in entries.order_by("pk")}
