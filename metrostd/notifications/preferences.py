"""Over which channels a person is reached: an address that was verified, and the person's own choice.

What the law asks to be told goes by mail whatever the person chose. The inbox is nobody's choice.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from metrostd.accounts.models import User
from metrostd.common import audit
from metrostd.common.actors import Actor
from metrostd.common.templatetags.formats import mask_mail, mask_phone

from .enums import Channel
from .models import Preference


def _mail(person: User) -> str:
    return person.email if person.email_verified_at else ""


def _phone(person: User) -> str:
    return person.phone if person.phone_verified_at else ""


#: Where a person is reached over each channel that leaves the portal.
_ADDRESSES: dict[str, Callable[[User], str]] = {
    Channel.MAIL: _mail,
    Channel.SMS: _phone,
    Channel.MESSENGER: _phone,
}
#: Whether there is an address, without opening it: asked for many people.
_PROVED: dict[str, str] = {
    Channel.MAIL: "email_verified_at",
    Channel.SMS: "phone_verified_at",
    Channel.MESSENGER: "phone_verified_at",
}


def offered() -> list[Channel]:
    """The channels this installation has: a gateway that nobody set up is not offered."""
    return [
        c for c in Channel if c not in (Channel.SMS, Channel.MESSENGER) or c in settings.GATEWAYS
    ]


def address_of(person: User, channel: str) -> str:
    """The verified address, or nothing."""
    return _ADDRESSES[channel](person)


def masked(person: User, channel: str) -> str:
    """The verified address as a list shows it."""
    address = address_of(person, channel)
    return (mask_mail if channel == Channel.MAIL else mask_phone)(address) if address else ""


def channels_of(people: Iterable[User], *, by_law: bool = False) -> dict[int, list[Channel]]:
    """For each person the channels in use, the inbox first; one query."""
    everybody = list(people)
    rows = Preference.objects.filter(user__in=[p.pk for p in everybody])
    chosen = {
        (user, channel): wanted
        for user, channel, wanted in rows.values_list("user", "channel", "is_wanted")
    }
    there = offered()
    return {
        person.pk: [c for c in there if _reaches(person, c, chosen.get((person.pk, c)), by_law)]
        for person in everybody
    }


def _reaches(person: User, channel: Channel, wanted: bool | None, by_law: bool) -> bool:
    if channel == Channel.INBOX:
        return True
    if not getattr(person, _PROVED[channel]):
        return False
    if by_law and channel == Channel.MAIL:
        return True
    if wanted is None:
        # Where mails come back, the telephone stands in for them.
        return channel in Channel.usual or person.email_bounced_at is not None
    return wanted


@dataclass(frozen=True, slots=True)
class Choice:
    """One channel on the page of a person's own account."""

    channel: Channel
    address: str
    wanted: bool
    #: Why it cannot be switched, or nothing.
    fixed: str = ""

    @property
    def is_used(self) -> bool:
        """Whether anything comes this way now."""
        return self.wanted and bool(self.address or self.channel == Channel.INBOX)


def choices_for(person: User) -> list[Choice]:
    """The channels with their address and whether the person wants them."""
    chosen = dict(Preference.objects.filter(user=person).values_list("channel", "is_wanted"))
    rows = []
    for channel in offered():
        if channel == Channel.INBOX:
            rows.append(Choice(channel, "", True, "收件箱始终接收"))
            continue
        address = masked(person, channel)
        what = "邮箱" if channel == Channel.MAIL else "手机号"
        fixed = "" if address else f"先在“我的账户”登记并核实{what}"
        rows.append(Choice(channel, address, chosen.get(channel, channel in Channel.usual), fixed))
    return rows


@transaction.atomic
def choose(person: User, wanted: Iterable[str], *, actor: Actor) -> list[str]:
    """Keep which channels a person wants; returns the words of those that changed."""
    asked, changed = set(wanted), []
    for choice in choices_for(person):
        if choice.fixed or choice.wanted == (choice.channel in asked):
            continue
        Preference.objects.update_or_create(
            user=person, channel=choice.channel, defaults={"is_wanted": not choice.wanted}
        )
        changed.append(f"{choice.channel.label}：{'不接收' if choice.wanted else '接收'}")
    if changed:
        audit.record(
            person, actor=actor, action="account.choose_channels", label="选择通知渠道",
            note="；".join(changed),
        )  # fmt: skip
    return changed
