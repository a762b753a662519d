"""Somebody proves on another person's device, or at the portal's console, who they are: with their own password, counted like a sign-in."""

from dataclasses import dataclass

from django.core.exceptions import ValidationError
from django.http import HttpRequest

from .doors import guess
from .models import User


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Who gave the right password just now. Made by ``confirm``; what asks for it takes nobody's word."""

    person_id: int


def confirm(person: User, password: str, request: HttpRequest | None) -> Confirmed:
    """The person's own password was given; ValidationError otherwise, counted in the lock of the sign-in.

    A password that somebody else has set proves nothing yet.
    """
    if not password:
        raise ValidationError({"password": f"请{person}输入本人的登录密码。"})
    with guess(person.username, request):
        if not (person.is_active and person.check_password(password)):
            raise ValidationError({"password": f"{person}的密码不正确，请本人重新输入。"})
    if person.must_change_password:
        raise ValidationError(
            {"password": f"{person}的密码由他人设置，请本人先登录修改密码，再来签字。"}
        )
    return Confirmed(person.pk)
