"""What the rules have to say on a day, to whom, over which channels: reads, writes nothing.

Of several steps about one duty that fall together, a stand-still of the clock or a holiday between, the newest
alone is told: a day that was missed is caught up once and floods nobody.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.contrib.contenttypes.models import ContentType
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from campaigns.models import Duty
from campaigns.owners import People
from metrostd.accounts.models import Membership
from metrostd.common import calendar
from metrostd.notifications.enums import Channel
from metrostd.notifications.models import Line
from metrostd.notifications.preferences import channels_of

from . import wording
from .enums import Audience, Moment
from .models import ReminderRule
from .timing import Step, steps_between

#: A rule's own day and the working day it goes out lie no farther apart.
_SLACK = dt.timedelta(days=35)


@dataclass(frozen=True, slots=True)
class Due:
    """One rule speaks about one duty."""

    rule: ReminderRule
    duty: Duty
    step: Step


@dataclass(frozen=True, slots=True)
class Planned:
    """One person is to be told over these channels."""

    due: Due
    membership: Membership
    channels: tuple[Channel, ...]
    text: str


def due_between(
    since: dt.date, on: dt.date, rules: Sequence[ReminderRule] | None = None
) -> list[Due]:
    """What goes out on ``on`` when the last day that was worked out is the one before ``since``."""
    active = list(ReminderRule.objects.filter(is_on=True)) if rules is None else list(rules)
    if not active:
        return []
    by_kind: dict[str, list[ReminderRule]] = defaultdict(list)
    for rule in active:
        by_kind[rule.kind].append(rule)
    rows = Duty.objects.by_now(on).of_opened().open().filter(_near(by_kind, since, on))
    rows = rows.select_related("campaign", "authority", "unit", "membership__user").order_by("pk")
    newest: dict[tuple[int, str], Due] = {}
    with calendar.read_once():
        is_workday = lru_cache(maxsize=None)(calendar.is_workday)
        for duty in rows:
            made_on = timezone.localtime(duty.created_at).date()
            for rule in by_kind[duty.kind]:
                step = steps_between(
                    rule, due_on=duty.due_on, made_on=made_on, since=since, on=on,
                    is_workday=is_workday,
                )  # fmt: skip
                if step is None:
                    continue
                key, found = (duty.pk, rule.audience), Due(rule, duty, step)
                if key not in newest or _rank(found) > _rank(newest[key]):
                    newest[key] = found
    return list(newest.values())


def _rank(due: Due) -> tuple[dt.date, bool, dt.date, int]:
    """The later one says more; what is about this duty comes before the weekly round."""
    weekly = due.rule.moment == Moment.WEEKLY
    return due.step.planned, not weekly, due.step.nominal, due.rule.pk


def _near(by_kind: dict[str, list[ReminderRule]], since: dt.date, on: dt.date) -> Q:
    """Duties a rule could speak about at all, by index where it can be: the rest is looked at in Python."""
    wanted = Q(pk__in=[])
    for kind, rules in by_kind.items():
        for rule in rules:
            wanted |= Q(kind=kind) & _window(rule, since, on)
    return wanted


def _window(rule: ReminderRule, since: dt.date, on: dt.date) -> Q:
    span = dt.timedelta(days=rule.days)
    match rule.moment:
        case Moment.BEFORE | Moment.ON_DAY:
            return Q(due_on__range=(since + span - _SLACK, on + span + _SLACK))
        case Moment.AFTER:
            return Q(due_on__range=(since - span - _SLACK, on - span + _SLACK))
        case Moment.NEW:
            first = timezone.make_aware(dt.datetime.combine(since - _SLACK, dt.time()))
            return Q(created_at__gte=first)
    return Q()


def plan(since: dt.date, on: dt.date) -> list[Planned]:
    """Everybody who is to be told, in the order of duties; what was told already is not asked here."""
    return told_of(due_between(since, on), on)


def told_of(found: Sequence[Due], on: dt.date) -> list[Planned]:
    """Who is to be told of these, and how."""
    people = People([due.duty for due in found], on=on)
    texts = wording.texts()
    meant = [
        (due, member)
        for due in found
        for member in people.of(due.duty, above=due.rule.audience == Audience.ABOVE)
    ]
    users = {member.user_id: member.user for _, member in meant}.values()
    usual = channels_of(users)
    by_law = channels_of(users, by_law=True) if any(d.rule.by_law for d, _ in meant) else usual
    return [
        Planned(
            due,
            member,
            tuple((by_law if due.rule.by_law else usual)[member.user_id]),
            text_of(due, texts, on),
        )
        for due, member in meant
    ]


def text_of(due: Due, texts: dict[str, str], on: dt.date) -> str:
    return wording.fill(wording.said_by(due.rule, texts), wording.values_for(due.duty, on))


def nobody(found: Iterable[Due], told: Iterable[Planned]) -> list[Due]:
    """What nobody would hear of: whoever owes it has no account that works."""
    heard = {(p.due.duty.pk, p.due.rule.audience) for p in told}
    return [due for due in found if (due.duty.pk, due.rule.audience) not in heard]


def lines_of(planned: Iterable[Planned]) -> list[Line]:
    """Unsaved lines of the outbox, one for each channel."""
    kind = ContentType.objects.get_for_model(Duty)
    return [
        Line(
            origin=p.due.rule.origin,
            target_type=kind,
            target_id=p.due.duty.pk,
            user=p.membership.user,
            membership=p.membership,
            channel=channel,
            day=p.due.step.nominal,
            due_on=p.due.duty.due_on,
            subject=p.text[:300],
            url=_url(p),
        )
        for p in planned
        for channel in p.channels
    ]


def _url(planned: Planned) -> str:
    """The thing itself for whoever owes it; for the office above the list, whatever it may open of it."""
    if planned.due.rule.audience == Audience.ABOVE:
        return f"{reverse('campaigns:duties')}?state=overdue"
    return planned.due.duty.get_absolute_url()


def unwritten(lines: Sequence[Line]) -> list[Line]:
    """Those the outbox does not have yet."""
    known = _known(lines)
    return [line for line in lines if _key(line) not in known]


def _key(line: Line) -> tuple[object, ...]:
    return (line.origin, line.target_type_id, line.target_id, line.user_id, line.channel, line.day)


def _known(lines: Sequence[Line]) -> Collection[tuple[object, ...]]:
    if not lines:
        return set()
    days = {line.day for line in lines}
    rows = Line.objects.filter(
        origin__startswith="rule:",
        target_type=lines[0].target_type,
        day__range=(min(days), max(days)),
    )
    columns = ("origin", "target_type", "target_id", "user", "channel", "day")
    return set(rows.values_list(*columns))
