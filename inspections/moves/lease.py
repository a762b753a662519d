"""带走 and what ends it: given back by its member, or shut out when the device is lost (design §12)."""

import base64
import datetime as dt
import secrets

from django.db import transaction

from inspections.enums import LeaseState as State
from inspections.models import InspectionTask, TaskLease
from inspections.offline.pieces import let_go
from metrostd.accounts.models import Membership
from metrostd.common import audit, clock
from metrostd.common.actors import Actor
from metrostd.common.sealing import seal, unseal
from metrostd.common.transitions import Transition

#: So many days a device keeps a task readable for who knows the PIN; then the member signs in again.
DAYS = 3
_KEY_BYTES = 32

GIVE_BACK = Transition("lease.give_back", "交回", frozenset({State.HELD}), State.RETURNED)
SHUT_OUT = Transition(
    "lease.shut_out", "停用设备", frozenset({State.HELD}), State.SHUT_OUT, needs_note=True
)

MOVES = (GIVE_BACK, SHUT_OUT)


@transaction.atomic
def take(task: InspectionTask, *, actor: Actor, membership: Membership, device: str) -> TaskLease:
    """Lend a task to a device: a lease with a key of its own. The trail names the device."""
    lease = TaskLease.objects.create(
        task=task,
        membership=membership,
        device=device[:60],
        key=seal(base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()),
        expires_at=clock.now() + dt.timedelta(days=DAYS),
        seen_at=clock.now(),
    )
    audit.record(task, actor=actor, action="task.take_along", label="带走到设备", note=str(lease))
    return lease


def key_of(lease: TaskLease, *, actor: Actor) -> str:
    """The key in base64, for the member of the lease; every handing out is on record."""
    audit.record_access(actor=actor, kind="离线密钥", what=f"{lease.task}：{lease}")
    return unseal(lease.key)


@transaction.atomic
def give_back(lease: TaskLease, *, actor: Actor) -> None:
    """The device has nothing left that the server does not have."""
    GIVE_BACK.apply(lease, actor=actor, waiting=0)
    _end(lease, actor=actor, action="task.give_back", label="从设备交回")


@transaction.atomic
def shut_out(lease: TaskLease, *, actor: Actor, note: str) -> None:
    """A lost device: nothing of it is taken any more, the task goes on without it."""
    SHUT_OUT.apply(lease, actor=actor, note=note)
    _end(lease, actor=actor, action="task.shut_out", label="停用设备", note=note)


def _end(lease: TaskLease, *, actor: Actor, action: str, label: str, note: str = "") -> None:
    said = f"{lease}：{note}" if note else str(lease)
    audit.record(lease.task, actor=actor, action=action, label=label, note=said)
    let_go(lease)
