"""Digests: what waits for one person over one channel goes out in one piece, at most once a day.

A digest of an earlier day that never left is taken into the new one; what may have left stays by itself.
"""

import datetime as dt
import uuid
from collections import defaultdict

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import transaction

from metrostd.accounts.models import Membership, User

from . import hours
from .enums import Channel
from .models import Envelope, Line, Message
from .preferences import channels_of

#: Messages older than this are not put into a digest: after a long stand-still nobody is flooded.
FRESH = dt.timedelta(days=3)
_NEWS = "message"


def pack(now: dt.datetime) -> int:
    """Make digests of what waits, when people may be written to; returns how many were made."""
    if not hours.is_open(now):
        return 0
    gather_news(now)
    waiting: dict[tuple[int, str], list[int]] = defaultdict(list)
    rows = Line.objects.unpacked().filter(channel__in=Channel.outward).order_by("pk")
    for pk, user, channel in rows.values_list("pk", "user", "channel"):
        waiting[user, channel].append(pk)
    day = hours.civil_day(now)
    # Whoever had theirs today waits for tomorrow, and is not tried again every minute.
    had = set(Envelope.objects.digests().filter(day=day).values_list("user", "channel"))
    return sum(
        _pack(user, channel, keys, day, now)
        for (user, channel), keys in waiting.items()
        if (user, channel) not in had
    )


@transaction.atomic
def _pack(user: int, channel: str, keys: list[int], day: dt.date, now: dt.datetime) -> bool:
    """One digest for a person, channel and day; a second one waits for tomorrow."""
    envelope = Envelope(
        user_id=user,
        channel=channel,
        day=day,
        message_id=new_message_id(),
        not_before=now,
        made_at=now,
    )
    Envelope.objects.bulk_create([envelope], ignore_conflicts=True)
    # By our own Message-ID: another packer at the same moment has made another, or we have.
    ours = Envelope.objects.filter(message_id=envelope.message_id).first()
    if ours is None:
        return False
    older = (
        Envelope.objects.digests()
        .open()
        .filter(user=user, channel=channel, unsure_at=None, claim="")
    )
    for left in older.exclude(pk=ours.pk):
        taken = Envelope.objects.to_send(left.not_before).filter(pk=left.pk, unsure_at=None)
        if taken.update(void_at=now, failure=f"{left.failure}已并入{day:%m月%d日}的通知。"):
            Line.objects.waiting().filter(envelope=left).update(envelope=ours)
    Line.objects.unpacked().filter(pk__in=keys).update(envelope=ours)
    return True


def new_message_id() -> str:
    """A number of its own for each mail, by which others know it again."""
    host = settings.PORTAL_URL.partition("//")[2].partition("/")[0].partition(":")[0]
    return f"<{uuid.uuid4().hex}@{host or 'localhost'}>"


def gather_news(now: dt.datetime) -> int:
    """Messages of the inbox that nobody has read yet go into the next mail, too; returns how many lines."""
    rows = Message.objects.unread().filter(
        sent_at__gt=now - FRESH, lines=None, membership__user__email_verified_at__isnull=False
    )
    known = Line.objects.filter(
        origin=_NEWS, target_type=ContentType.objects.get_for_model(Message)
    )
    rows = rows.exclude(pk__in=known.values("target_id")).select_related("membership__user")
    found = list(rows.order_by("pk")[:5000])
    reach = channels_of({row.membership.user_id: row.membership.user for row in found}.values())
    lines = [
        _news(row, channel)
        for row in found
        for channel in reach[row.membership.user_id]
        if channel == Channel.MAIL
    ]
    Line.objects.bulk_create(lines, batch_size=500, ignore_conflicts=True)
    return len(lines)


def _news(row: Message, channel: Channel) -> Line:
    return Line(
        origin=_NEWS,
        target_type=ContentType.objects.get_for_model(Message),
        target_id=row.pk,
        user_id=row.membership.user_id,
        membership_id=row.membership_id,
        channel=channel,
        day=hours.civil_day(row.sent_at),
        subject=row.subject,
        url=row.url,
    )


def mail_subject(lines: list[Line]) -> str:
    """One line says itself; several say how many."""
    text = lines[0].subject if len(lines) == 1 else f"{len(lines)}项事项"
    return subject_of(text)


def subject_of(text: str) -> str:
    """Every mail says first whom it is from."""
    return f"【计量标准监督检查】{' '.join(text.split())}"[:200]


def mail_body(person: User, lines: list[Line]) -> str:
    """The same words as in the inbox, under the capacity they are meant for."""
    parts = [f"{person.display_name}："]
    by_capacity: dict[str, list[Line]] = defaultdict(list)
    for line in lines:
        by_capacity[line.membership.label].append(line)
    for label, rows in by_capacity.items():
        told = [f"{n}. {_in_full(row)}" for n, row in enumerate(rows, start=1)]
        parts.append("\n".join([f"【{label}】", *told, *_whom_to_ask(rows[0].membership)]))
    parts.append(f"请登录办理：{settings.PORTAL_URL}/")
    parts.append("——计量标准专项监督检查系统\n不想接收的，可以在“我的账户”选择通知渠道。\n")
    return "\n\n".join(parts)


def _whom_to_ask(membership: Membership) -> list[str]:
    """The office a unit turns to, as it writes itself and its telephone on the page of offices."""
    office = membership.unit.territorial_authority if membership.unit else None
    if office is None or not office.phone:
        return []
    return [f"有疑问请联系{office.name}{office.office}，电话{office.phone}。"]


def _in_full(line: Line) -> str:
    return f"{line.subject}（{line.note}）" if line.note else line.subject


def short_text(lines: list[Line]) -> str:
    """For a telephone: the first thing, and how many there are."""
    first = lines[0].subject
    more = f"等{len(lines)}项" if len(lines) > 1 else ""
    return f"【计量标准监督检查】{first[:120]}{more}。请登录系统办理。"
