"""Witnesses: who may be one, their commitments, the revelation that makes the draw, and when the fallback counts."""

import base64
import datetime as dt
import hashlib
import secrets

from cryptography.fernet import Fernet, InvalidToken
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from metrostd.accounts.models import Membership
from metrostd.accounts.querysets import MembershipQuerySet
from metrostd.common import audit, clock, jobs, sealing
from metrostd.common.actors import Actor
from metrostd.common.models import Job
from metrostd.common.policies import YES, Verdict, first_no, not_now, not_you
from metrostd.common.roles import Role
from metrostd.common.transitions import TransitionError
from metrostd.notifications.services import tell

from . import acts, settling, terms
from .enums import TermsState
from .models import Campaign, DrawRun, DrawTerms, DrawWitness
from .protocol import hashing, witness
from .separation import people_of

#: The envelope of a secret number opens with so many letters and digits: 100 bits.
_CODE_BYTES = 13


def candidates(campaign: Campaign, authority_id: int) -> MembershipQuerySet:
    """Who may be named: 纪检监督 and offices, but nobody of the office that draws."""
    rows = Membership.objects.active().filter(role__in=Role.offices | {Role.DISCIPLINE})
    rows = rows.exclude(role__in=Role.offices, authority=authority_id)
    return rows.exclude(user__in=people_of(authority_id)).select_related("user", "authority")


def check_named(people: list[Membership], *, authority_id: int) -> None:
    """ValidationError unless there are two to four different people, none of the drawing office, one of 纪检."""
    if not witness.LEAST <= len({row.user_id for row in people}) == len(people) <= witness.MOST:
        raise ValidationError(
            {"witnesses": f"请指定{witness.LEAST}至{witness.MOST}名不同的见证人。"}
        )
    own = people_of(authority_id)
    if any(row.user_id in own for row in people):
        raise ValidationError({"witnesses": "抽取部门的人员不能作见证人。"})
    if not any(row.role == Role.DISCIPLINE for row in people):
        raise ValidationError({"witnesses": "见证人中至少一名来自纪检监督。"})


def named(people: list[Membership]) -> list[str]:
    """The people as the terms name them; the place keeps two of one name apart."""
    return [
        hashing.identity(f"{n} {row.user.display_name} {row.label}")[:120]
        for n, row in enumerate(people, 1)
    ]


def own_place(row: DrawTerms, user: Actor) -> DrawWitness | None:
    """The place of the acting person among the witnesses."""
    return row.witnesses.filter(membership__user=user.pk).first() if user.acting else None


def all_committed(row: DrawTerms) -> bool:
    return row.is_witnessed and not row.witnesses.filter(committed_at=None).exists()


def can_commit(user: Actor, row: DrawTerms) -> Verdict:
    """Once acknowledged, each witness once, until the fallback counts."""
    place = own_place(row, user)
    if place is None:
        return not_you("由约定中列名的见证人办理。")
    if row.state != TermsState.ACKNOWLEDGED or terms.fallback_counts(row):
        return not_now("约定收悉以后、改用双色球以前才能提交。")
    return not_now("您已提交承诺，不能更换。" if place.committed_at else "")


def can_reveal(user: Actor, row: DrawTerms) -> Verdict:
    """When all have committed, from the named moment on, each witness once."""
    place = own_place(row, user)
    if place is None:
        return not_you("由约定中列名的见证人办理。")
    if row.state != TermsState.ACKNOWLEDGED or terms.fallback_counts(row):
        return not_now("已过公布的时间，改以双色球为准。")
    missing = YES if all_committed(row) else not_now("还有见证人没有提交承诺，全部提交后一起公布。")
    return first_no(
        missing,
        not_now(terms.too_early(row)),
        not_now("您已公布。" if place.revealed_at else ""),
    )


@transaction.atomic
def commit(row: DrawTerms, *, commitment: str, actor: Actor) -> None:
    """Keep what a device commits to. TransitionError the second time, or for one that is another witness's."""
    locked = DrawTerms.objects.select_for_update().get(pk=row.pk)
    if not (allowed := can_commit(actor, locked)):
        raise TransitionError(allowed.reason, obj=locked)
    if not witness.is_commitment(commitment):
        raise ValidationError({"commitment": "承诺不完整，请刷新页面后重试。"})
    place = own_place(locked, actor)
    assert place is not None  # noqa: S101 -- can_commit said so
    rows = DrawWitness.objects.filter(pk=place.pk, commitment="")
    try:
        with transaction.atomic():
            done = rows.update(commitment=commitment, committed_at=clock.now())
    except IntegrityError as error:
        raise TransitionError("这个承诺与另一名见证人的相同，不能使用。", obj=row) from error
    if not done:
        raise TransitionError("您已提交承诺，不能更换。", obj=row)
    audit.record(
        locked,
        actor=actor,
        action="terms.commit",
        label="见证人提交承诺",
        after={"witness": place.person, "commitment": commitment},
    )


def reveal(row: DrawTerms, *, number: str, salt: str, actor: Actor) -> DrawRun | None:
    """Publish the number behind a commitment; the last one makes the draw. Nobody sees a number before.

    ValidationError for another number than was committed to.
    """
    made = _reveal(row, number=number, salt=salt, actor=actor, by_job=False)
    return made if isinstance(made, DrawRun) else None


def request_revealing(
    row: DrawTerms, *, number: str, salt: str, actor: Actor
) -> DrawRun | Job | None:
    """The same; from a list of thousands of units a job makes the draw once the last has revealed."""
    return _reveal(row, number=number, salt=salt, actor=actor, by_job=True)


@transaction.atomic
def _reveal(
    row: DrawTerms, *, number: str, salt: str, actor: Actor, by_job: bool
) -> DrawRun | Job | None:
    locked = DrawTerms.objects.select_for_update().get(pk=row.pk)
    if not (allowed := can_reveal(actor, locked)):
        raise TransitionError(allowed.reason, obj=locked)
    place = own_place(locked, actor)
    assert place is not None  # noqa: S101 -- can_reveal said so
    number, salt = number.strip(), salt.strip().lower()
    same = witness.is_revelation(number, salt) and place.commitment == witness.commitment(
        bytes.fromhex(locked.hash), place.person, salt=salt, number=number
    )
    if not same:
        raise ValidationError({"number": "与您提交的承诺不符：数或者随机盐有误，不能更换。"})
    place.number, place.salt, place.revealed_at = number, salt, clock.now()
    place.save(update_fields=["number", "salt", "revealed_at"])
    audit.record(
        locked,
        actor=actor,
        action="terms.reveal",
        label="见证人公布",
        after={"witness": place.person},
    )
    places = list(locked.witnesses.select_related("membership__user"))
    if any(each.revealed_at is None for each in places):
        return None
    other = next(each for each in places if each.pk != place.pk)
    value = witness.value_of([each.number for each in places])
    return settling.settle_witnessed(
        locked, value=value, entered_by_id=other.membership.user_id, actor=actor, by_job=by_job
    )


def take_up() -> int:
    """Draws for which all have revealed and whose job has failed are taken up again; returns how many."""
    waiting = DrawTerms.objects.filter(state=TermsState.ENTERED, value__startswith=witness.PREFIX)
    left = [acts.draw_of(row.campaign_id, terms=row.pk) for row in waiting]
    failed = [job for job in left if job is not None and not acts.at_work(job)]
    for job in failed:
        jobs.retry(job)
    return len(failed)


def tell_named(row: DrawTerms, *, sender: Actor | None) -> None:
    """The witnesses: what they are asked for, and when."""
    tell(
        [place.membership for place in row.witnesses.select_related("membership")],
        subject=f"请作抽取见证人：{row}",
        body="约定收悉后，请在自己的设备上提交承诺；约定的那天当面一起公布。",
        url=row.get_absolute_url(),
        sender=sender,
    )


# 启封码: a sealed copy of the secret number with 纪检监督 ------------------------------------------------


def _box(code: str) -> Fernet:
    plain = code.replace("-", "").replace(" ", "").upper()
    return Fernet(base64.urlsafe_b64encode(hashlib.sha256(f"envelope:{plain}".encode()).digest()))


def can_seal(user: Actor, row: DrawTerms) -> Verdict:
    """纪检监督 takes the envelope while the draw is open, once."""
    if user.scope.role != Role.DISCIPLINE:
        return not_you("启封码由纪检监督保管。")
    if row.state not in TermsState.live:
        return not_now("这份约定已办结，不需要启封码。")
    return not_now("启封码已由纪检监督领取。" if row.envelope else "")


@transaction.atomic
def seal(row: DrawTerms, *, actor: Actor) -> str:
    """A second sealing of the secret number, under a code that is shown once and kept on paper by 纪检监督.

    With it a lost key of the portal lets no draw lapse; the code alone opens nothing, the database alone neither.
    """
    code = base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode().rstrip("=")[:20]
    box = _box(code).encrypt(terms.nonce_of(row).hex().encode()).decode()
    if not DrawTerms.objects.filter(pk=row.pk, envelope="").update(envelope=box):
        raise TransitionError("启封码已由纪检监督领取。", obj=row)
    audit.record(row, actor=actor, action="terms.seal", label="领取启封码")
    return "-".join(code[n : n + 5] for n in range(0, 20, 5))


def can_open(user: Actor, row: DrawTerms) -> Verdict:
    """When the key of the portal is gone and there is an envelope."""
    if user.scope.role != Role.DISCIPLINE:
        return not_you("由纪检监督启封。")
    if row.state not in TermsState.live or not row.envelope:
        return not_now("没有可以启封的随机数。")
    lost = not row.nonce and not sealing.unseal(row.sealed_nonce)
    return YES if lost else not_now("系统的密钥可用，不需要启封。")


@transaction.atomic
def open_envelope(row: DrawTerms, *, code: str, actor: Actor) -> None:
    """Put the secret number back under the portal's key of today. ValidationError for a wrong code."""
    try:
        found = _box(code).decrypt(row.envelope.encode()).decode()
    except InvalidToken as error:
        raise ValidationError({"code": "启封码不对，请核对密封件。"}) from error
    if hashing.commitment(bytes.fromhex(row.hash), bytes.fromhex(found)).hex() != row.commitment:
        raise ValidationError({"code": "启封得到的随机数与公布的承诺不符，请报告上级。"})
    DrawTerms.objects.filter(pk=row.pk).update(sealed_nonce=sealing.seal(found))
    audit.record(row, actor=actor, action="terms.open", label="凭启封码恢复随机数")


def reveal_from(day: dt.date) -> dt.datetime:
    """When witnesses reveal on the day of terms: from nine in the morning."""
    return clock.at_time(day, 9)
