"""One-time codes: made where they are shown or sent, kept as a digest, good once and not for long.

A code never stands in a task, a log, an address or the trail. A new one voids the one before; only a POST
redeems it, so that a scanner of mails uses up none.
"""

import datetime as dt
import secrets
import unicodedata
from collections.abc import Iterable, Mapping

from django.core.exceptions import ValidationError
from django.db import transaction

from metrostd.common import clock, sealing
from metrostd.common.actors import Actor

from .enums import CodePurpose
from .models import OneTimeCode, User

#: No sign that is read as another, and no E: a spreadsheet takes 219E0 for a number.
ALPHABET = "ABCDFGHJKLMNPQRSTUVWXYZ23456789"
LENGTH = 10
#: How long a code is good: on a slip that travels by post, given by an office, sent by mail.
BY_SLIP, BY_OFFICE, BY_MAIL = dt.timedelta(days=30), dt.timedelta(days=3), dt.timedelta(minutes=30)
WRONG = "验证码不正确、已经用过或已过期。请检查用户名和验证码；仍不行时请发放单位重新发放。"


def shown(code: str) -> str:
    """As people read it: ABCDF-GHJKL."""
    return f"{code[: LENGTH // 2]}-{code[LENGTH // 2 :]}"


def read(typed: str) -> str:
    """What a person typed, whatever the case, the dashes, and the width an input method gives to letters."""
    plain = unicodedata.normalize("NFKC", typed).upper()
    return "".join(sign for sign in plain if sign.isalnum())


def fresh_code() -> str:
    """A code nobody guesses: 49 bits, tried a few times at most before everybody has to wait."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def derived(key: str) -> str:
    """The code of a mail with this number: always the same, and nobody without the portal's key finds it."""
    number, signs = int(sealing.fingerprint("letter-code", key), 16), []
    for _ in range(LENGTH):
        number, place = divmod(number, len(ALPHABET))
        signs.append(ALPHABET[place])
    return "".join(signs)


def digest_of(user_id: int, code: str) -> str:
    return sealing.fingerprint("code", f"{user_id}:{code}")


@transaction.atomic
def issue(
    person: User,
    purpose: CodePurpose,
    *,
    actor: Actor | None,
    valid_for: dt.timedelta,
    address: str = "",
    code: str = "",
) -> str:
    """A new code for one person, or this one; the one before is void. Returned once, kept nowhere."""
    made = {person.pk: code or fresh_code()}
    _keep(made, purpose, actor=actor, valid_for=valid_for, address=address)
    return made[person.pk]


@transaction.atomic
def issue_many(
    people: Iterable[User], purpose: CodePurpose, *, actor: Actor | None, valid_for: dt.timedelta
) -> dict[int, str]:
    """A new code for each of many, by their keys, with two statements."""
    made = {person.pk: fresh_code() for person in people}
    _keep(made, purpose, actor=actor, valid_for=valid_for, address="")
    return made


def _keep(
    made: Mapping[int, str],
    purpose: CodePurpose,
    *,
    actor: Actor | None,
    valid_for: dt.timedelta,
    address: str,
) -> None:
    now = clock.now()
    void(made, [purpose])
    OneTimeCode.objects.bulk_create(
        [
            OneTimeCode(
                user_id=pk,
                purpose=purpose,
                digest=digest_of(pk, code),
                sealed_address=sealing.seal(address),
                issued_by=actor,
                created_at=now,
                expires_at=now + valid_for,
            )
            for pk, code in made.items()
        ],
        batch_size=1000,
    )


def void(people: Iterable[User | int], purposes: Iterable[str]) -> int:
    """End the codes that are still out; returns how many."""
    rows = OneTimeCode.objects.unused().filter(user__in=list(people), purpose__in=list(purposes))
    return rows.update(voided_at=clock.now())


def redeem(person: User | None, typed: str, purposes: Iterable[str]) -> OneTimeCode:
    """Use a code up. Raises ValidationError, in one sentence for every reason.

    Of two at the same moment one gets through: the row is taken by the UPDATE that finds it unused.
    """
    if person is not None:
        rows = OneTimeCode.objects.open().filter(
            user=person,
            purpose__in=list(purposes),
            digest=digest_of(person.pk, read(typed)),
        )
        found = rows.first()
        if found and rows.filter(pk=found.pk).update(used_at=clock.now()) == 1:
            return found
    raise ValidationError({"code": WRONG})
