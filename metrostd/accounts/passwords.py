"""What a password must be (GB/T 22239 身份鉴别: 复杂度), each rule with its own sentence, and how one is set."""

import re
import unicodedata
from functools import cache
from pathlib import Path

from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import (
    CommonPasswordValidator,
    UserAttributeSimilarityValidator,
)
from django.core.exceptions import ValidationError
from django.db import transaction

from metrostd.common import audit, clock
from metrostd.common.actors import Actor

from .models import PastPassword, User

LEAST = 10
#: So many earlier passwords are not taken again.
REMEMBERED = 5
RULES = f"至少{LEAST}位，大写字母、小写字母、数字、符号中至少有三种；不要用姓名、用户名、常见密码，也不要用以前用过的。"

_KINDS = (r"[a-z]", r"[A-Z]", r"[0-9]", r"[^a-zA-Z0-9]")
#: How a letter is written to look like a better password; 1 stands for l and for i.
_DISGUISES = tuple(str.maketrans("0134578@$!+", signs) for signs in ("oleastbasit", "oieastbasit"))
_LIST = Path(__file__).with_name("common_passwords.txt")


@cache
def _common() -> tuple[frozenset[str], frozenset[str]]:
    """Passwords of the local list, and its words (lines with ~), which digits and signs do not hide."""
    lines = [line.strip() for line in _LIST.read_text(encoding="utf-8").splitlines()]
    kept = [line for line in lines if line and not line.startswith("#")]
    whole = frozenset(line.lower() for line in kept if not line.startswith("~"))
    return whole, frozenset(line[1:].lower() for line in kept if line.startswith("~"))


class _Rule:
    """A validator as Django asks it."""

    help = ""

    def get_help_text(self) -> str:
        return self.help


class LongEnough(_Rule):
    help = f"至少{LEAST}位。"

    def validate(self, password: str, user: User | None = None) -> None:
        if len(password) < LEAST:
            raise ValidationError(f"密码至少{LEAST}位，现在是{len(password)}位。", code="short")


class OfSeveralKinds(_Rule):
    help = "大写字母、小写字母、数字、符号中至少有三种。"

    def validate(self, password: str, user: User | None = None) -> None:
        if sum(bool(re.search(kind, password)) for kind in _KINDS) < 3:
            raise ValidationError(
                "密码要有大写字母、小写字母、数字、符号中的至少三种。", code="simple"
            )


class NotCommon(_Rule):
    """Neither on Django's list nor on ours: what people here choose, however disguised."""

    help = "不要用常见密码。"

    def validate(self, password: str, user: User | None = None) -> None:
        plain = unicodedata.normalize("NFKC", password).lower()
        whole, words = _common()
        readings = {plain, *(plain.translate(table) for table in _DISGUISES)}
        # Digits at the end are years and birthdays, not letters in disguise.
        stem = plain.rstrip("0123456789")
        readings |= {stem.translate(table) for table in _DISGUISES}
        bare = {re.sub(r"[^a-z]", "", text) for text in readings}
        common = bool(readings & whole or bare & words)
        try:
            CommonPasswordValidator().validate(plain)
        except ValidationError:
            common = True
        if common or len(set(plain)) < 5:
            raise ValidationError("这个密码太常见，容易被猜到，请换一个。", code="common")


class NotLikeOneself(_Rule):
    help = "不要用姓名或用户名。"

    def validate(self, password: str, user: User | None = None) -> None:
        try:
            UserAttributeSimilarityValidator(
                user_attributes=("username", "display_name", "email")
            ).validate(password, user)
        except ValidationError as error:
            raise ValidationError(
                "密码和姓名、用户名或邮箱太相似，请换一个。", code="own"
            ) from error


class NotUsedBefore(_Rule):
    help = f"不要用最近{REMEMBERED}次用过的密码。"

    def validate(self, password: str, user: User | None = None) -> None:
        if user is None or user.pk is None:
            return
        past = PastPassword.objects.filter(user=user).order_by("-pk")[:REMEMBERED]
        used = [user.password, *past.values_list("password", flat=True)]
        if any(check_password(password, each) for each in used):
            raise ValidationError(
                f"这个密码以前用过，请换一个（最近{REMEMBERED}次用过的不能再用）。", code="used"
            )


@transaction.atomic
def set_password(person: User, password: str, *, actor: Actor, label: str = "修改密码") -> None:
    """Give a person a new password; the old one is remembered, other sessions end with it.

    Who gets it from somebody else has to change it at the first sign-in. The rules are asked by
    ``validate_password`` of the form.
    """
    if person.has_usable_password():
        PastPassword.objects.create(user=person, password=person.password)
    kept = PastPassword.objects.filter(user=person).order_by("-pk")[:REMEMBERED].values("pk")
    PastPassword.objects.filter(user=person).exclude(pk__in=list(kept.values_list("pk", flat=True))).delete()  # fmt: skip
    person.set_password(password)
    person.must_change_password = actor.pk != person.pk
    person.password_changed_at = clock.now()
    person.save(update_fields=["password", "must_change_password", "password_changed_at"])
    audit.record(person, actor=actor, action="account.change_password", label=label)
