"""What a person has to do before anything else: a password of their own, a second factor."""

from dataclasses import dataclass

from django.http import HttpRequest

from . import second_factor
from .models import User

#: Pages that stay open to whoever stands before a gate.
OPEN = frozenset(
    {
        "accounts:sign_in",
        "accounts:sign_out",
        "accounts:choose",
        "accounts:act",
        "accounts:password",
        "accounts:second_factor",
        "accounts:second_factor_confirm",
    }
)


@dataclass(frozen=True, slots=True)
class Gate:
    """Where to go first, and why."""

    name: str
    sentence: str


def gate(person: User, request: HttpRequest) -> Gate | None:
    """The page a person has to visit first; None when the way is free."""
    match = request.resolver_match
    if match is not None and match.view_name in OPEN:
        return None
    if person.must_change_password:
        return Gate("accounts:password", "密码是别人替您设置的，请先改成只有您自己知道的密码。")
    if second_factor.must_have(person):
        return Gate(
            "accounts:second_factor", "市场监管部门的账户须用动态口令登录，请先在手机上启用。"
        )
    return None
