"""Opening the first account of an empty installation: whoever is at the machine names its administrator."""

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from metrostd.common import audit
from metrostd.common.roles import Role
from metrostd.registry.models import Authority

from .models import Membership, User


@transaction.atomic
def open_first_administrator(
    *, username: str, name: str, password: str, authority: Authority, is_own: bool
) -> User:
    """A system administrator of ``authority`` where there is none yet.

    A password that is not the person's ``is_own`` (it came from a variable or a file, and stays there) has to be
    changed at the first sign-in.

    Further ones are made by administrators in the portal, on record. Raises ValidationError by field when
    one is there already, when the name is taken, or when the password is too weak.
    """
    # Two commands at once: the second waits here and then sees the first.
    Authority.objects.select_for_update().get(pk=authority.pk)
    if Membership.objects.active().filter(role=Role.SYSTEM_ADMIN, user__is_active=True).exists():
        raise ValidationError({"username": "已有系统管理员，请由其在系统中增设账户。"})
    if User.objects.filter(username__iexact=username).exists():
        raise ValidationError({"username": f"用户名“{username}”已被使用，请换一个。"})
    user = User(username=username, display_name=name)
    try:
        user.full_clean(exclude=["password"])
        validate_password(password, user)
    except ValidationError as error:
        raise (
            error if hasattr(error, "error_dict") else ValidationError({"password": error.messages})
        ) from error
    user.set_password(password)
    user.must_change_password = not is_own
    user.save()
    membership = Membership.objects.create(user=user, role=Role.SYSTEM_ADMIN, authority=authority)
    audit.record(
        membership,
        actor=None,
        action="account.open_first_administrator",
        label="开设首个系统管理员",
        note=f"{user}（{user.username}），{authority}，由命令 create_admin 开设",
    )
    return user
