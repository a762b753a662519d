"""动态口令: a second factor from an authenticator (RFC 6238), and codes for who lost the phone.

The algorithm is django-otp's; the rows are ours: its own keep secrets and recovery codes readable, and count
wrong tries apart from the wrong passwords. A guess here counts in the same lock (``lockout``).
"""

import base64
import secrets
from dataclasses import dataclass
from urllib.parse import quote

import segno
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django_otp.oath import hotp

from metrostd.common import audit, clock, sealing
from metrostd.common.actors import Actor
from metrostd.common.roles import Role

from .codes import fresh_code, read, shown
from .models import RecoveryCode, SecondFactor, User

ISSUER = "计量标准监督检查"
STEP = 30
#: Clocks of phones differ: so many steps of half a minute before and after are taken.
TOLERANCE = 1
RECOVERY_CODES = 10
WRONG = "动态口令不正确或已经用过。请等验证器显示下一个再试；手机和系统时间相差一分钟以上时请先校准手机时间。"


@dataclass(frozen=True, slots=True)
class Enrolment:
    """What the page of a person without a second factor shows."""

    secret: str
    uri: str
    picture: str


def must_have(person: Actor) -> bool:
    """Whether the acting membership asks for a second factor the person has not got."""
    if not settings.SECOND_FACTOR_REQUIRED or person.has_second_factor or person.acting is None:
        return False
    return person.acting.role != Role.UNIT_USER


def enrolment(person: User) -> Enrolment:
    """The secret to put into the authenticator: the same until it was confirmed."""
    row, _ = SecondFactor.objects.get_or_create(
        user=person, defaults={"sealed_secret": sealing.seal(secrets.token_bytes(20).hex())}
    )
    secret = _base32(row.secret)
    label = quote(f"{ISSUER}:{person.username}")
    uri = f"otpauth://totp/{label}?secret={secret}&issuer={quote(ISSUER)}&period={STEP}"
    picture = segno.make(uri, error="m").svg_data_uri(scale=4, border=2)
    spaced = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    return Enrolment(secret=spaced, uri=uri, picture=picture)


def _base32(secret: bytes) -> str:
    return base64.b32encode(secret).decode().rstrip("=")


@transaction.atomic
def confirm(person: User, typed: str) -> list[str]:
    """Switch the second factor on with a first right code; gives the recovery codes, shown this once.

    Raises ValidationError for a wrong one.
    """
    row = SecondFactor.objects.select_for_update().filter(user=person).first()
    if row is None or row.confirmed_at is not None:
        raise ValidationError("页面已过期，请重新打开“动态口令”页面。")
    step = _matching_step(row, typed)
    if step is None:
        raise ValidationError({"code": WRONG})
    SecondFactor.objects.filter(pk=row.pk).update(confirmed_at=clock.now(), last_step=step)
    person.has_second_factor = True
    person.save(update_fields=["has_second_factor"])
    audit.record(person, actor=person, action="account.second_factor", label="启用动态口令")
    return renew_recovery_codes(person, quiet=True)


@transaction.atomic
def renew_recovery_codes(person: User, *, quiet: bool = False) -> list[str]:
    """Ten new codes instead of those before; the person writes them down now or never."""
    RecoveryCode.objects.filter(user=person).delete()
    made = [fresh_code() for _ in range(RECOVERY_CODES)]
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=person, digest=_digest(person, code)) for code in made
    )
    if not quiet:
        audit.record(person, actor=person, action="account.recovery_codes", label="重新生成恢复码")
    return [shown(code) for code in made]


def check(person: User, typed: str) -> None:
    """Take a code of the authenticator, or a recovery code. Raises ValidationError.

    Each is good once: the step must be later than the last one used, and two at the same moment are
    told apart by the UPDATE.
    """
    text = read(typed)
    if len(text) > 6:
        _use_recovery_code(person, text)
        return
    row = SecondFactor.objects.filter(user=person, confirmed_at__isnull=False).first()
    step = _matching_step(row, text) if row else None
    if row is None or step is None:
        raise ValidationError({"code": WRONG})
    later = SecondFactor.objects.filter(pk=row.pk, last_step__lt=step)
    if later.update(last_step=step) != 1:
        raise ValidationError({"code": WRONG})


def _use_recovery_code(person: User, text: str) -> None:
    rows = RecoveryCode.objects.filter(user=person, used_at=None, digest=_digest(person, text))
    if rows.update(used_at=clock.now()) != 1:
        raise ValidationError({"code": "恢复码不正确或已经用过。"})
    left = RecoveryCode.objects.filter(user=person, used_at=None).count()
    audit.record(
        person,
        actor=person,
        action="account.use_recovery_code",
        label="使用恢复码登录",
        note=f"还剩{left}个",
    )


@transaction.atomic
def clear(person: User, *, actor: Actor, note: str = "") -> None:
    """The phone is lost: the next sign-in asks for the password alone, and then for a new phone."""
    RecoveryCode.objects.filter(user=person).delete()
    SecondFactor.objects.filter(user=person).delete()
    person.has_second_factor = False
    person.save(update_fields=["has_second_factor"])
    audit.record(
        person, actor=actor, action="account.clear_second_factor", label="解除动态口令", note=note
    )


def _matching_step(row: SecondFactor, typed: str) -> int | None:
    """The step of which ``typed`` is the code, if it has not been used."""
    text, now = read(typed), int(clock.of_the_machine().timestamp())
    if not (text.isascii() and text.isdigit() and len(text) == 6):
        return None
    for drift in range(-TOLERANCE, TOLERANCE + 1):
        step = now // STEP + drift
        if step > row.last_step and secrets.compare_digest(code_at(row.secret, step), text):
            return step
    return None


def code_at(secret: bytes, step: int) -> str:
    """The six figures of one step of half a minute."""
    return f"{hotp(secret, step):06d}"


def _digest(person: User, code: str) -> str:
    return sealing.fingerprint("recovery", f"{person.pk}:{read(code)}")
