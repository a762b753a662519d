"""催办 by hand: whoever asks, from whatever list, a person hears of a thing at most once a day, and it is on record."""

import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.db.models import Max

from metrostd.accounts.models import Membership
from metrostd.common import audit, clock
from metrostd.common.actors import Actor

from . import outbox
from .enums import Channel
from .models import Line
from .preferences import channels_of

ORIGIN = "chase"
#: More than this at once is a filter that was forgotten.
MOST = 3000
_LONGEST = 200


@dataclass(frozen=True, slots=True)
class Chased:
    """One thing, who is asked to get on with it, and in which words."""

    target: models.Model
    members: Sequence[Membership]
    subject: str
    url: str
    due_on: dt.date | None = None


@dataclass(slots=True)
class Outcome:
    """What became of each thing."""

    told: list[Chased] = field(default_factory=list)
    #: Everybody concerned was asked today already.
    again: list[Chased] = field(default_factory=list)
    #: Nobody has an account that works.
    nobody: list[Chased] = field(default_factory=list)

    def add(self, other: "Outcome") -> None:
        """What became of more things, asked for by the same press."""
        self.told += other.told
        self.again += other.again
        self.nobody += other.nobody

    @property
    def sentence(self) -> str:
        """For whoever pressed the button."""
        said = [f"已催办{len(self.told)}项"] if self.told else ["没有发出催办"]
        if self.again:
            said.append(f"{len(self.again)}项今天已经催办过，没有重复")
        if self.nobody:
            said.append(f"{len(self.nobody)}项没有可以通知的账户，请打电话")
        return "；".join(said) + "。"


def checked(text: str) -> str:
    """What the office wants to say besides, in one line. Raises ValidationError when it is too long."""
    line = " ".join(text.split())
    if len(line) > _LONGEST:
        raise ValidationError({"text": f"附言有{len(line)}个字，最多{_LONGEST}个。"})
    return line


@transaction.atomic
def chase(wanted: Iterable[Chased], *, text: str = "", actor: Actor | None, action: str) -> Outcome:
    """Ask everybody concerned who was not asked today; the trail names what was asked about.

    Two offices at once: the row of the outbox decides, and the second reads that it was done.
    """
    things, note = list(wanted), checked(text)
    if len(things) > MOST:
        raise ValidationError(
            f"一次最多催办{MOST}项，现在选了{len(things)}项。请先用条件缩小范围。"
        )
    users = {m.user_id: m.user for thing in things for m in thing.members}
    reach = channels_of(users.values())
    lines = [
        _line(thing, member, channel, note, actor)
        for thing in things
        for member in thing.members
        for channel in reach[member.user_id]
    ]
    written = outbox.put(lines, heading=lambda rows: f"催办：{len(rows)}项事项请尽快办理")
    told = {(line.target_type_id, line.target_id) for line in written}
    outcome = Outcome()
    for thing in things:
        fresh = outbox.target_key(thing.target) in told
        (outcome.told if fresh else outcome.again if thing.members else outcome.nobody).append(
            thing
        )
    audit.record_many(
        [thing.target for thing in outcome.told],
        actor=actor,
        action=action,
        label="催办",
        note=note,
    )
    return outcome


def _line(
    thing: Chased, member: Membership, channel: Channel, note: str, actor: Actor | None
) -> Line:
    kind, key = outbox.target_key(thing.target)
    return Line(
        origin=ORIGIN,
        target_type_id=kind,
        target_id=key,
        user_id=member.user_id,
        membership=member,
        channel=channel,
        day=clock.today(),
        due_on=thing.due_on,
        subject=thing.subject,
        note=note,
        url=thing.url,
        sender=actor,
    )


def last_days(kind: type[models.Model] | int, keys: Collection[int]) -> dict[int, dt.date]:
    """When each of these, of a model or the key of its type, was asked about last; one query."""
    type_id = kind if isinstance(kind, int) else ContentType.objects.get_for_model(kind).pk
    rows = Line.objects.filter(origin=ORIGIN, target_type=type_id, target_id__in=keys)
    found = rows.order_by().values_list("target_id").annotate(last=Max("day"))
    return dict(found)
