"""From the trail to the desk of the other side: every few minutes, each act once.

The trail is read and not the acts themselves: whoever issues, seals or orders need not know that somebody is
told. It is looked at for some days back, so that an act committed late is not lost.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Model

from inspections.models import Finding, StopTransferOrder
from metrostd.accounts.models import Membership
from metrostd.common import audit, clock
from metrostd.common.models import AuditEntry
from metrostd.common.roles import Role
from metrostd.notifications.services import tell
from metrostd.registry.models import (
    Authority,
    ChangeRecord,
    MeasurementStandard,
    StandardCertificate,
    Unit,
)

from .enums import PushKind, Side
from .models import Push

#: What the trail calls the acts that are handed across.
_REGISTERED = "registry.create"
ACTS: dict[str, PushKind] = {
    _REGISTERED: PushKind.ISSUED,
    "certificate.renew": PushKind.ISSUED,
    "certificate.resume": PushKind.CHANGED,
    "change.approve": PushKind.CHANGED,
    "certificate.seal": PushKind.SEALED,
    "certificate.withdraw": PushKind.SEALED,
    "certificate.deregister": PushKind.SEALED,
    "certificate.revoke": PushKind.SEALED,
    "certificate.annul": PushKind.SEALED,
    "finding.raise": PushKind.FINDING,
    "finding.withdraw": PushKind.FINDING,
    "stop.approve": PushKind.STOP,
    "stop.lift": PushKind.STOP,
    "stop.withdraw": PushKind.STOP,
}
BACK = dt.timedelta(days=3)
_ROLES = {Side.SUPERVISION: Role.DISTRICT_ADMIN, Side.APPROVAL: Role.DISTRICT_APPROVER}


@dataclass(frozen=True, slots=True)
class _About:
    """What an act was done to."""

    unit: Unit
    standard: MeasurementStandard | None
    words: str
    offices: tuple[int | None, ...]


def _of_standard(standard: MeasurementStandard, words: str, *offices: int | None) -> _About:
    unit = standard.unit
    where = (standard.issuing_authority_id, unit.territorial_authority_id, *offices)
    return _About(unit, standard, words, where)


def _read(target: Model | None) -> _About | None:
    """Of whom and of what; None for an act on something else."""
    match target:
        case StandardCertificate():
            return _of_standard(target.standard, f"考核证书{target}")
        case ChangeRecord():
            return _of_standard(target.standard, f"{target.get_kind_display()}申请{target.number}")
        case StopTransferOrder():
            return _of_standard(target.standard, target.basis, target.task.authority_id)
        case Finding():
            words = f"{target.item.code} {target.severity_word}：{target.fact}"
            if target.standard:
                return _of_standard(target.standard, words, target.authority_id)
            unit = target.task.of_unit
            return _About(unit, None, words, (unit.territorial_authority_id, target.authority_id))
    return None


def push(now: dt.datetime) -> int:
    """Hand across what happened; any number of times, each act once. Returns how many are new."""
    split = Authority.objects.filter(approval_split=True).in_bulk()
    if not split:
        return 0
    entries = AuditEntry.objects.filter(at__gt=now - BACK, at__lte=now, action__in=ACTS)
    known = set(
        Push.objects.filter(happened_at__gt=now - BACK).values_list("entry", "authority", "side")
    )
    made = [
        row
        for entry in entries.order_by("pk").prefetch_related("target")
        for row in _rows(entry, split)
        if (row.entry, row.authority_id, row.side) not in known
    ]
    return _keep(made)


def _rows(entry: AuditEntry, split: dict[int, Authority]) -> Iterator[Push]:
    target = entry.target
    if entry.action == _REGISTERED and not isinstance(target, StandardCertificate):
        return
    about = _read(target)  # type: ignore[arg-type]  # whatever the trail is about
    if about is None:
        return
    kind = ACTS[entry.action]
    for office in sorted({pk for pk in about.offices if pk in split}, key=str):
        yield Push(
            authority=split[office or 0],
            side=kind.side,
            kind=kind,
            entry=entry.pk,
            unit=about.unit.current,
            standard=about.standard,
            words=f"{entry.action_label}：{about.words}"[:400],
            happened_at=entry.at,
        )


@transaction.atomic
def _keep(rows: list[Push]) -> int:
    made = Push.objects.bulk_create(rows, batch_size=500)
    audit.record_many(made, actor=None, action="coordination.push", label="推送")
    _tell(made)
    return len(made)


def _tell(rows: Iterable[Push]) -> None:
    """One message to each desk, however much there is."""
    counts: dict[tuple[int, str], int] = defaultdict(int)
    for row in rows:
        counts[row.authority_id, row.side] += 1
    for (office, side), number in counts.items():
        people = Membership.objects.active().filter(authority=office, role=_ROLES[Side(side)])
        tell(
            people,
            subject=f"审批与监管协同：{number}条新推送",
            body="请阅知；需要会商的，请与对方联系。",
            url="/coordination/",
        )


@transaction.atomic
def read(rows: Iterable[Push], *, actor: Membership) -> int:
    """Take note of what was handed across; returns how many had not been read."""
    fresh = [row for row in rows if row.read_at is None]
    done = Push.objects.unread().filter(pk__in=[row.pk for row in fresh])
    number = done.update(read_at=clock.now(), read_by=actor.user)
    audit.record_many(fresh, actor=actor.user, action="coordination.read", label="阅知")
    return number
