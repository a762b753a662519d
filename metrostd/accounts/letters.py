"""Mails about an account: to one address, each by itself, at once whatever the hour. The outbox carries them, above.

A mail with a code is kept without it. The code follows from the mail's own number and a key of the portal at the moment it is
sent: it stands nowhere, and another try after a broken connection says the same.
"""

import datetime as dt
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.conf import settings
from django.urls import reverse

from metrostd.common import clock, sealing
from metrostd.common.actors import Actor
from metrostd.common.templatetags.formats import cn_datetime

from . import codes
from .enums import AccountState, CodePurpose
from .models import OneTimeCode, User

_SIGNED = "\n\n——计量标准专项监督检查系统\n"
_URGE, _REPLACED = "urge", "replaced"


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail to be written. ``kind`` tells it from others to the same person, of whom one at a time is on its way."""

    kind: str
    person: User
    sealed_address: str
    subject: str
    #: Empty when the words are made as it is sent.
    body: str = ""
    asked_by: Actor | None = None
    #: Not sent any more after so long: whoever asked has asked again by then.
    lasts: dt.timedelta | None = None
    #: To the telephone, as a short message.
    by_phone: bool = False


@dataclass(frozen=True, slots=True)
class Sending:
    """A letter at the moment it is sent; ``key`` stays the same when it is tried again."""

    kind: str
    key: str
    person: User
    address: str
    body: str
    asked_by: Actor | None


Post = Callable[[list[Letter]], set[int]]
_posts: list[Post] = []


def on_post(post: Post) -> Post:
    """Register who carries letters; it gives back the keys of the people who get one now."""
    _posts.append(post)
    return post


def send(wanted: Iterable[Letter]) -> set[int]:
    """Hand letters over, within the transaction of what they tell; gives back who gets one now."""
    letters = [letter for letter in wanted if letter.sealed_address]
    return {key for post in _posts if letters for key in post(letters)}


@dataclass(frozen=True, slots=True)
class _Code:
    """What a mail with a code is about."""

    what: str
    page: str
    then: str
    good_for: dt.timedelta
    #: Whether the person still needs it at that address.
    needed: Callable[[User], bool]
    by_phone: bool = False


def _is_open(person: User) -> bool:
    return person.state != AccountState.CLOSED


_CODES: dict[str, _Code] = {
    CodePurpose.RESET: _Code(
        "重设密码的验证码", "accounts:activate", "在页面上填写用户名和验证码，设置新密码。", codes.BY_MAIL,
        lambda person: _is_open(person) and person.email_verified_at is not None,
    ),
    CodePurpose.MAIL: _Code(
        "核实邮箱的验证码", "accounts:own", "登录后在“我的账户”页面填写验证码。", codes.BY_MAIL,
        lambda person: _is_open(person) and person.email_verified_at is None,
    ),
    CodePurpose.ACTIVATE: _Code(
        "启用账户的验证码", "accounts:activate", "在页面上填写用户名和验证码，设置只有您自己知道的密码。", codes.BY_OFFICE,
        lambda person: _is_open(person) and not person.has_signed_in,
    ),
    CodePurpose.PHONE: _Code(
        "核实手机的验证码", "accounts:own", "登录后在“我的账户”页面填写。", codes.BY_MAIL,
        lambda person: _is_open(person) and person.phone_verified_at is None, by_phone=True,
    ),
}  # fmt: skip


def _with_code(purpose: CodePurpose, person: User, asked_by: Actor | None) -> Letter:
    """Codes asked for by the person are of no use when they come late; one an office sends is."""
    about = _CODES[purpose]
    return Letter(
        kind=str(purpose),
        person=person,
        sealed_address=person.sealed_phone if about.by_phone else person.sealed_email,
        subject=about.what,
        asked_by=asked_by,
        lasts=codes.BY_MAIL if about.good_for == codes.BY_MAIL else None,
        by_phone=about.by_phone,
    )


def reset(name: str) -> None:
    """A code for a new password, to a verified address only."""
    person = User.objects.filter(username__iexact=name).exclude(state=AccountState.CLOSED).first()
    if person is not None and person.email_verified_at is not None:
        send([_with_code(CodePurpose.RESET, person, person)])


def check_address(person: User) -> None:
    """A code that proves the address on record."""
    if person.email_verified_at is None:
        send([_with_code(CodePurpose.MAIL, person, person)])


def can_text() -> bool:
    """Whether short messages can be sent here: a gateway was set up."""
    return "sms" in settings.GATEWAYS


def check_phone(person: User) -> None:
    """A code that proves the mobile number on record, where short messages can be sent."""
    if person.phone_verified_at is None and can_text():
        send([_with_code(CodePurpose.PHONE, person, person)])


def open_accounts(people: Iterable[User], *, actor: Actor) -> set[int]:
    """A code each to begin with, to the address on record; every earlier one is void once it leaves."""
    return send(_with_code(CodePurpose.ACTIVATE, person, actor) for person in people)


def address_replaced(person: User) -> None:
    """The address that is on record until now learns of it: a stolen session cannot do that quietly."""
    # One letter for each address that was left.
    kind = f"{_REPLACED}:{sealing.fingerprint('letter', person.email)[:16]}"
    said = (
        f"账户 {person.username} 登记的邮箱已不再是这个地址。不是您本人更换的，请立即联系管理人员。"
    )
    send([Letter(kind, person, person.sealed_email, "账户的邮箱已更换", said)])


def urge(people: Iterable[User], *, text: str, actor: Actor) -> set[int]:
    """Ask people who never signed in to begin; without a code, which the slip has."""
    page = f"{settings.PORTAL_URL}{reverse('accounts:activate')}"
    more = f"\n\n{text}" if text else ""
    return send(
        Letter(
            _URGE, person, person.sealed_email, "请启用账户",
            f"{person.display_name}：\n\n您的账户 {person.username} 已经开设，还没有登录过。"
            f"请按启用通知单上的验证码启用：{page}\n没有收到通知单的，请联系发放单位。{more}",
            asked_by=actor,
        )
        for person in people
    )  # fmt: skip


def words_of(sending: Sending) -> str | None:
    """What a letter says as it leaves; None when the person needs it no more."""
    if sending.kind in _CODES:
        return _code_words(sending, CodePurpose(sending.kind))
    if sending.kind == _URGE and sending.person.has_signed_in:
        return None
    return f"{sending.body}{_SIGNED}"


def _code_words(sending: Sending, purpose: CodePurpose) -> str | None:
    person, about = sending.person, _CODES[purpose]
    known = person.phone if about.by_phone else person.email
    if not about.needed(person) or sending.address != known:
        return None
    code = codes.derived(sending.key)
    row = OneTimeCode.objects.filter(
        user=person, purpose=purpose, digest=codes.digest_of(person.pk, code)
    ).first()
    if row is None:
        codes.issue(
            person, purpose, actor=sending.asked_by, valid_for=about.good_for,
            address=sending.address, code=code,
        )  # fmt: skip
        until = clock.now() + about.good_for
    elif OneTimeCode.objects.open().filter(pk=row.pk).exists():
        until = row.expires_at
    else:
        return None
    if about.by_phone:
        return (
            f"【计量标准监督检查】{about.what}{codes.shown(code)}，30分钟内有效，{about.then}"
            "没有要求过的不必理会，不要告诉别人。"
        )
    return (
        f"{person.display_name}：\n\n"
        f"您的用户名是 {person.username}，{about.what}是 {codes.shown(code)}，有效至{cn_datetime(until)}。\n"
        f"页面：{settings.PORTAL_URL}{reverse(about.page)}\n{about.then}\n\n"
        f"没有要求过验证码的，不必理会这封邮件，也不要把验证码告诉别人。{_SIGNED}"
    )
