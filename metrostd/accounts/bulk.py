"""Accounts for many units at once, and the slips that carry their codes.

A unit of a list gets one account, for the contact the list names. Nothing slow is done per unit: no password
is hashed, since nobody has one yet, and rows are written by the thousand.
"""

import re
from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.core.files.base import ContentFile
from django.db import transaction
from django.db.models import QuerySet

from metrostd.common import audit, clock, sealing
from metrostd.common.actors import Actor
from metrostd.common.jobs import Progress
from metrostd.common.models import Job
from metrostd.common.roles import Role
from metrostd.registry.models import ImportBatch, Unit

from . import codes, letters, mobile, slips, telling
from .enums import AccountState, CodePurpose
from .models import Membership, SlipPrint, User
from .names import next_free, unit_username

_CHUNK = 500


def units_in_reach(actor: Actor) -> QuerySet:
    """Units whose accounts are this person's business."""
    scope = actor.scope
    units = Unit.objects.all()
    if scope.role == Role.SYSTEM_ADMIN or scope.casework.everything:
        return units
    return units.filter(territorial_authority__in=scope.casework.authority_ids)


def without_account(units: QuerySet, *, batch: ImportBatch | None = None) -> QuerySet:
    """Those that nobody can sign in for; of one list when it is named."""
    served = Membership.objects.not_ended().filter(unit__isnull=False)
    rows = units.exclude(pk__in=served.values("unit"))
    if batch is not None:
        rows = rows.filter(pk__in=batch.rows.exclude(unit=None).values("unit"))
    return rows


def never_signed_in(actor: Actor, *, batch: ImportBatch | None = None) -> QuerySet:
    """Accounts of units that wait for their first sign-in, oldest first.

    Whoever is something else besides is not among them: a code would be a way into that, too.
    """
    current = Membership.objects.not_ended()
    members = current.filter(unit__in=units_in_reach(actor).values("pk"))
    elsewhere = current.exclude(pk__in=members.values("pk"))
    if batch is not None:
        members = members.filter(unit__in=batch.rows.exclude(unit=None).values("unit"))
    rows = User.objects.filter(pk__in=members.values("user"), last_login=None)
    rows = rows.exclude(pk__in=elsewhere.values("user")).exclude(pk=actor.pk)
    return rows.filter(state__in=AccountState.live).order_by("created_at", "pk")


def officers_waiting(actor: Actor) -> QuerySet:
    """Accounts of offices within this person's sight that wait for their first sign-in, oldest first.

    Whoever is something out of sight besides is not among them. Whether a code may be given is a policy's to say.
    """
    current = Membership.objects.not_ended()
    seen = current.visible_to(actor)
    elsewhere = current.exclude(pk__in=seen.values("pk"))
    rows = User.objects.filter(pk__in=seen.filter(unit=None).values("user"), last_login=None)
    rows = rows.exclude(pk__in=elsewhere.values("user")).exclude(pk=actor.pk)
    return rows.filter(state__in=AccountState.live).order_by("created_at", "pk")


def waiting_for_slips(actor: Actor, keys: Iterable[int]) -> list[User]:
    """Those of the accounts named that still wait and are this person's business, of units and of offices."""
    wanted = list(keys)
    found = {
        person.pk: person
        for rows in (never_signed_in(actor), officers_waiting(actor))
        for person in rows.filter(pk__in=wanted)
    }
    return sorted(found.values(), key=lambda person: person.username)


@transaction.atomic
def open_for_units(
    wanted: Iterable[int], *, actor: Actor, progress: Progress | None = None
) -> list[User]:
    """One account for each unit in reach that has none; safe twice. The contact's number and address come along,
    to be proved by the person."""
    # Two jobs for the same units: the second waits here and then finds them served.
    units = list(
        without_account(units_in_reach(actor))
        .filter(pk__in=list(wanted))
        .select_for_update(of=("self",))
        .order_by("pk")
    )
    taken = {
        name.lower()
        for name in User.objects.filter(username__istartswith="dw").values_list(
            "username", flat=True
        )
    }
    people: list[User] = []
    for start in range(0, len(units), _CHUNK):
        people += _open(units[start : start + _CHUNK], taken, actor=actor)
        if progress:
            progress(len(people), len(units), "开设账户")
    return people


def _open(units: list[Unit], taken: set[str], *, actor: Actor) -> list[User]:
    people = []
    for unit in units:
        username = next_free(unit_username(unit), taken)
        taken.add(username)
        person = User(
            username=username,
            display_name=(unit.contact_name or f"{unit.name}联系人")[:40],
            state=AccountState.NEW,
        )
        person.set_unusable_password()
        # The cell of a list has the name or an extension beside it, too.
        number = re.sub(r"[^0-9]", "", mobile.figures(unit.contact_phone))
        if mobile.is_mobile(number):
            person.phone = number
        person.email = unit.contact_email
        people.append(person)
    User.objects.bulk_create(people)
    members = [
        Membership(user=person, role=Role.UNIT_USER, unit=unit)
        for person, unit in zip(people, units, strict=True)
    ]
    Membership.objects.bulk_create(members)
    audit.record_many(people, actor=actor, action="account.open", label="开设账户", note="批量开设")
    audit.record_many(
        members, actor=actor, action="membership.grant", label="授予任职身份", note="批量开设"
    )
    return people


def print_slips(
    job: Job, people: list[User], *, actor: Actor, title: str, progress: Progress
) -> SlipPrint:
    """A slip for each, in one file; every earlier code of theirs is void from now on.

    The file is sealed, and gone after three days: it is the only place where the codes stand.
    """
    if not people:
        raise ValidationError("没有需要打印通知单的账户：都已启用，或不归您管理。")
    with transaction.atomic():
        made = codes.issue_many(people, CodePurpose.ACTIVATE, actor=actor, valid_for=codes.BY_SLIP)
        audit.record_many(people, actor=actor, action="account.print_slip", label="打印启用通知单")
    content = slips.render(people, made, issued_by=actor, progress=progress)
    row, _ = SlipPrint.objects.update_or_create(
        job=job.pk,
        defaults={
            "title": title,
            "made_by": actor,
            "acting": job.acting or 0,
            "slips": len(people),
            "expires_at": clock.now() + slips.KEPT,
        },
    )
    row.content.save(f"{job.pk}-{job.attempt}.sealed", ContentFile(sealing.seal_bytes(content)))
    return row


def forget_slips() -> int:
    """Delete the files whose time is over; that they were made stays on record."""
    over = list(SlipPrint.objects.filter(expires_at__lte=clock.now()).exclude(content=""))
    for row in over:
        row.content.delete(save=False)
        SlipPrint.objects.filter(pk=row.pk).update(content="")
    return len(over)


@transaction.atomic
def mail_codes(people: Iterable[User], *, actor: Actor) -> list[User]:
    """A code by mail to those who still wait, are this person's business and have an address. Returns who gets one now."""
    waiting = waiting_for_slips(actor, [person.pk for person in people])
    now = letters.open_accounts(waiting, actor=actor)
    mailed = [person for person in waiting if person.pk in now]
    audit.record_many(mailed, actor=actor, action="account.mail_code", label="以邮件发送验证码")
    return mailed


def urge(people: Iterable[User], *, actor: Actor, text: str = "") -> list[User]:
    """催办: ask people to begin, on record and not twice on a day. Returns those asked now.

    They cannot read an inbox yet: who has an address on record gets a mail, the others are to be called.
    """
    return telling.chase(list(people), text=text, actor=actor)
