"""What a person does about their own account: password, codes, addresses."""

from django.core.exceptions import ValidationError
from django.db import transaction

from metrostd.common import audit, clock, sealing
from metrostd.common.actors import Actor

from . import codes, letters, moves, sessions
from .enums import AccountState, CodePurpose
from .models import User
from .passwords import set_password

_ADDRESSES = (
    "sealed_phone", "phone_verified_at", "sealed_email", "email_verified_at", "email_bounced_at", "email_bounce",
)  # fmt: skip


@transaction.atomic
def redeem_for_password(person: User | None, code: str, password: str) -> User:
    """Use a code up for a password of one's own: the account is in use, other sessions end.

    Raises ValidationError, in one sentence, when name and code do not go together.
    """
    if person is not None and person.state == AccountState.CLOSED:
        person = None
    codes.redeem(person, code, CodePurpose.password)
    assert person is not None  # noqa: S101 -- redeem refuses nobody's code
    moves.begin_use(person)
    set_password(person, password, actor=person, label="用验证码设置密码")
    codes.void([person], CodePurpose.password)
    sessions.close_all(person, actor=person, note="重设密码")
    return person


@transaction.atomic
def change_own_password(person: User, password: str, *, session_key: str = "") -> None:
    """A new password of one's own; every other session of the person ends."""
    set_password(person, password, actor=person)
    codes.void([person], CodePurpose.password)
    sessions.close_all(person, actor=person, but=session_key, note="修改密码")


@transaction.atomic
def set_addresses(person: User, *, phone: str, email: str, actor: Actor) -> list[str]:
    """Write a person's mobile number and mail address; a changed one has to be proved again.

    Returns what changed. An address that was proved learns that it was replaced.
    """
    changed: list[str] = []
    if phone != person.phone:
        person.phone, person.phone_verified_at = phone, None
        changed.append("手机")
    if email.strip().lower() != person.email:
        if person.email_verified_at is not None:
            letters.address_replaced(person)
        person.email, person.email_verified_at = email, None
        person.email_bounced_at, person.email_bounce = None, ""
        changed.append("邮箱")
    if changed:
        # The trail says that, never what: it is kept for ever and read by others.
        person.save(update_fields=_ADDRESSES)
        audit.record(
            person,
            actor=actor,
            action="account.change_address",
            label="更改联系方式",
            note="、".join(changed),
        )
        codes.void([person], [CodePurpose.MAIL, CodePurpose.PHONE])
    return changed


@transaction.atomic
def prove_mail(person: User, code: str) -> None:
    """The code sent to the address came back: it is this person's. Raises ValidationError."""
    row = codes.redeem(person, code, [CodePurpose.MAIL])
    if sealing.unseal(row.sealed_address) != person.email:
        raise ValidationError({"code": codes.WRONG})
    person.email_verified_at = clock.now()
    person.email_bounced_at, person.email_bounce = None, ""
    person.save(update_fields=_ADDRESSES)
    audit.record(person, actor=person, action="account.prove_mail", label="核实邮箱")


@transaction.atomic
def prove_phone(person: User, code: str) -> None:
    """The code sent to the number came back: it is this person's. Raises ValidationError."""
    row = codes.redeem(person, code, [CodePurpose.PHONE])
    if sealing.unseal(row.sealed_address) != person.phone:
        raise ValidationError({"code": codes.WRONG})
    person.phone_verified_at = clock.now()
    person.save(update_fields=["phone_verified_at"])
    audit.record(person, actor=person, action="account.prove_phone", label="核实手机")


@transaction.atomic
def confirm_phone(person: User, *, actor: Actor, note: str) -> None:
    """An office has called the number and heard the person: where no message can be sent, or none arrives."""
    if not person.phone:
        raise ValidationError("没有登记手机号码。")
    if not note.strip():
        raise ValidationError({"note": "请写明怎样核实的。"})
    person.phone_verified_at = clock.now()
    person.save(update_fields=["phone_verified_at"])
    audit.record(
        person, actor=actor, action="account.confirm_phone", label="核实手机", note=note.strip()
    )
