"""A real draw at the portal's console: the acts of the screens, by the same people, each with their own password.

The console gives nobody a right: who enters, confirms or reveals is asked by the policies the screens ask, wrong
passwords count towards the same lock, and the trail names the person.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass

from django.core.exceptions import ValidationError

from campaigns import policies, settling, witnessing
from campaigns.enums import TermsState
from campaigns.models import DrawRun, DrawTerms
from campaigns.protocol import lottery, witness
from metrostd.accounts.confirming import confirm
from metrostd.accounts.models import Membership, User
from metrostd.common.policies import Verdict


@dataclass(frozen=True)
class Console:
    """How people are asked: ``ask`` shows what they type, ``secret`` does not."""

    ask: Callable[[str], str]
    secret: Callable[[str], str]


def promise(row: DrawTerms, console: Console) -> tuple[str, str]:
    """A witness commits to a number; returns the person and the salt, which nobody keeps but the witness.

    ValidationError or TransitionError where it may not be.
    """
    user = _user(console, "见证人")
    place = row.witnesses.filter(membership__user=user).first()
    if place is None:
        raise ValidationError(f"{user}不是约定中列名的见证人。")
    _signed(user, [place.membership], console, lambda actor: witnessing.can_commit(actor, row))
    number, salt = (
        console.secret("想好的数（12位以内数字，不显示）：").strip(),
        secrets.token_hex(16),
    )
    if not witness.is_revelation(number, salt):
        raise ValidationError("请输入12位以内的数字。")
    said = witness.commitment(bytes.fromhex(row.hash), place.person, salt=salt, number=number)
    witnessing.commit(row, commitment=said, actor=user)
    return place.person, salt


def hold(row: DrawTerms, value: str, console: Console) -> DrawRun:
    """The draw with the public value: numbers of the lottery entered by two, or those of all witnesses."""
    if witness.is_value(value):
        return _revealed(row, value, console)
    return _entered(row, value, console)


def _entered(row: DrawTerms, value: str, console: Console) -> DrawRun:
    issue, numbers = lottery.parts_of(value)
    if row.state != TermsState.ENTERED:
        first = _signed(
            _user(console, "录入人"), None, console, lambda actor: policies.can_enter(actor, row)
        )
        settling.enter_value(row, issue=issue, numbers=numbers, actor=first)
    second = _signed(
        _user(console, "核对人"), None, console, lambda actor: policies.can_confirm(actor, row)
    )
    typed = (console.ask("核对人对照公告输入期号："), console.ask("核对人对照公告输入号码："))
    made = settling.confirm_value(row, issue=typed[0], numbers=typed[1], actor=second)
    if made is None:
        raise ValidationError("核对的号码与录入的不一致，请对照公告重新办理。")
    return made


def _revealed(row: DrawTerms, value: str, console: Console) -> DrawRun:
    places = list(row.witnesses.select_related("membership__user"))
    numbers = value.partition(":")[2].split(",")
    if len(numbers) != len(places):
        raise ValidationError(f"约定有{len(places)}名见证人，给出了{len(numbers)}个数。")
    made = None
    for place, number in zip(places, numbers, strict=True):
        if place.revealed_at:
            continue
        user = _signed(
            place.membership.user, [place.membership], console,
            lambda actor: witnessing.can_reveal(actor, row),
        )  # fmt: skip
        salt = console.ask(f"{place.person}的随机盐：")
        made = witnessing.reveal(row, number=number, salt=salt, actor=user)
    if made is None:
        raise ValidationError("见证人都已公布，没有可以办理的。")
    return made


def _user(console: Console, who: str) -> User:
    name = console.ask(f"{who}的用户名：").strip()
    found = User.objects.filter(username__iexact=name).first()
    if found is None:
        raise ValidationError(f"没有用户“{name}”。")
    return found


def _signed(
    user: User,
    capacities: list[Membership] | None,
    console: Console,
    rule: Callable[[User], Verdict],
) -> User:
    """The person, with the right password, in the capacity that may; ValidationError with the reason otherwise."""
    confirm(user, console.secret(f"{user}的登录密码："), None)
    if capacities is None:
        capacities = list(Membership.objects.active().filter(user=user))
    verdict = None
    for capacity in capacities:
        user.act_as(capacity)
        if verdict := rule(user):
            return user
    raise ValidationError(verdict.reason if verdict is not None else f"{user}没有任职身份。")
