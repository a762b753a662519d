"""The authorities people belong to: added and changed in the portal, on record."""

from collections.abc import Iterator

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Count, Q, QuerySet

from metrostd.common import audit
from metrostd.common.actors import Actor
from metrostd.common.roles import Role
from metrostd.common.shapes import Values
from metrostd.registry.models import Authority

from .models import Membership

#: What an office writes about itself; the rest decides who is above whom, and is the administrator's.
OWN = ("office", "phone", "address")
ALL = (
    "code", "name", "short_name", "region_name", "level", "parent", *OWN,
    "document_prefix", "approval_split", "approval_body_name",
)  # fmt: skip


def fields_for(user: Actor) -> tuple[str, ...]:
    """What this person may write about an authority."""
    return ALL if user.scope.role == Role.SYSTEM_ADMIN else OWN


def for_list(user: Actor) -> QuerySet:
    """Authorities of one's reach, with how many people act for each and how many units lie in it."""
    rows = Authority.objects.order_by("code").select_related("parent")
    scope = user.scope
    if scope.role != Role.SYSTEM_ADMIN and not scope.casework.everything:
        rows = rows.filter(pk__in=scope.casework.authority_ids)
    acting = Q(memberships__in=Membership.objects.active().values("pk"))
    heads = acting & Q(memberships__role__in=Role.offices)
    return rows.annotate(
        people=Count("memberships", filter=acting, distinct=True),
        heads=Count("memberships", filter=heads, distinct=True),
    )


@transaction.atomic
def write(authority: Authority, values: Values, *, actor: Actor) -> list[str]:
    """Write a new or changed authority; returns the names of the columns that changed.

    Raises ValidationError by field, and for one that would stand above itself.
    """
    adding = authority.pk is None
    before = {name: _plain(getattr(authority, name)) for name in values} if not adding else {}
    for name, value in values.items():
        setattr(authority, name, value)
    if not adding and authority.pk in set(_above(authority)):
        raise ValidationError({"parent": "上级机关不能是本机关或其下级。"})
    authority.full_clean()
    changed = [
        name for name in values if adding or before[name] != _plain(getattr(authority, name))
    ]
    if not changed:
        return []
    if adding:
        authority.save(force_insert=True)
    else:
        authority.save(update_fields=changed)
    audit.record(
        authority,
        actor=actor,
        action="authority.add" if adding else "authority.change",
        label="增设机关" if adding else "更改机关资料",
        before={name: before[name] for name in changed} if not adding else None,
        after={name: _plain(getattr(authority, name)) for name in changed},
    )
    return [str(Authority._meta.get_field(name).verbose_name) for name in changed]  # type: ignore[union-attr]


def _above(authority: Authority) -> Iterator[int]:
    """The authorities above this one, nearest first; stops where it meets itself."""
    seen: set[int] = set()
    above = authority.parent
    while above is not None and above.pk not in seen:
        seen.add(above.pk)
        yield above.pk
        above = above.parent


def _plain(value: object) -> str | bool | None:
    if value is None or isinstance(value, bool):
        return value
    return str(value)
