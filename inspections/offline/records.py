"""A record of a device's queue as it arrived, and how its content is read: whatever is in it came from outside."""

import datetime as dt
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError

from inspections.models import LeaseReceipt, TaskLease
from metrostd.accounts.confirming import Confirmed
from metrostd.accounts.models import Membership
from metrostd.common import clock
from metrostd.common.outside import given_json
from metrostd.common.shapes import Context

from .moments import happened_at
from .pieces import MissingError

Content = Mapping[str, object]
_INCOMPLETE = "记录的内容不完整，请导出后重新填写。"


@dataclass(frozen=True, slots=True)
class Sent:
    """A record as it arrived. ``content`` is the text its hash was made of, ``after`` what it stands on."""

    id: uuid.UUID
    seq: int
    kind: str
    content: str
    content_hash: str
    after: Sequence[uuid.UUID] = ()
    device_at: dt.datetime | None = None
    device_now: dt.datetime | None = None
    #: Proof of a colleague who signed on this device, asked for when it is sent and kept nowhere.
    confirm: Callable[[Membership], Confirmed | None] = field(default=lambda member: None)
    confirmed: Confirmed | None = None


def read(content: str) -> Content:
    try:
        data = given_json(content)
    except ValueError:
        data = None
    if not isinstance(data, dict):
        raise ValidationError("记录的内容无法识别，请导出后重新填写。")
    return data


def text_in(data: Content, name: str) -> str:
    value = data.get(name)
    return value if isinstance(value, str) else ""


def number_in(data: Content, name: str) -> int:
    value = data.get(name)
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValidationError(_INCOMPLETE)
    return value


def uuid_in(data: Content, name: str) -> uuid.UUID:
    try:
        return uuid.UUID(text_in(data, name))
    except ValueError:
        raise ValidationError(_INCOMPLETE) from None


def _list_in(data: Content, name: str) -> list[object]:
    rows = data.get(name)
    if not isinstance(rows, list):
        raise ValidationError(_INCOMPLETE)
    return rows


def numbers_in(data: Content, name: str) -> list[int]:
    return [number_in({name: each}, name) for each in _list_in(data, name)]


def uuids_in(data: Content, name: str) -> list[uuid.UUID]:
    return [uuid_in({name: each}, name) for each in _list_in(data, name)]


def pairs_in(data: Content, name: str) -> list[tuple[str, str]]:
    """Pairs of texts: the fields of a form, questions with their answers."""
    found = []
    for row in _list_in(data, name):
        if not (isinstance(row, list) and len(row) == 2 and all(isinstance(x, str) for x in row)):
            raise ValidationError(_INCOMPLETE)
        found.append((row[0], row[1]))
    return found


def moment_of(lease: TaskLease, sent: Sent) -> dt.datetime:
    """When something happened on the device, as far as its clock can be believed."""
    return happened_at(
        sent.device_at, device_now=sent.device_now, now=clock.now(), since=lease.created_at
    )


def stands_on(lease: TaskLease, data: Content) -> Context | None:
    """What came of the earlier record that this one stands on; None when it names none.

    Raises MissingError while that one is not here.
    """
    if not text_in(data, "base_after"):
        return None
    earlier = uuid_in(data, "base_after")
    found = LeaseReceipt.objects.filter(lease=lease, client_id=earlier).first()
    if found is None:
        raise MissingError([str(earlier)])
    result: Context = found.result
    return result


def base_version(lease: TaskLease, data: Content) -> int:
    """The version an edit stands on: known to the device, or what came of an earlier record of its."""
    if (earlier := stands_on(lease, data)) is not None:
        return int(str(earlier.get("version", 0)))
    return number_in(data, "version")
