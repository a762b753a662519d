"""People narrowed and ordered by the address; anything unknown is ignored."""

from django.db.models import F, Prefetch, QuerySet
from django.http import QueryDict

from metrostd.common import clock
from metrostd.common.outside import whole
from metrostd.common.roles import Role

from .enums import AccountState
from .models import Membership
from .querysets import PersonQuerySet

#: Not a state: had a code and never came.
NEVER = "never"
#: Not a state: a certificate that is over.
EXPIRED = "expired"
#: Not a state: mails come back from the address.
BOUNCED = "bounced"


class PeopleFilter:
    """State, role, authority, free text; sorted by a heading."""

    SORTS = {"name": "display_name", "username": "username", "seen": "last_login"}

    def __init__(self, query: QueryDict) -> None:
        self.query = query

    def apply(self, people: PersonQuerySet) -> QuerySet:
        """The people as the list shows them, each with what they are."""
        get = self.query.get
        members = Membership.objects.not_ended()
        state = get("state")
        if state in AccountState.values:
            people = people.filter(state=state)
        if state == NEVER:
            people = people.filter(last_login=None, state__in=AccountState.live)
        if state == EXPIRED:
            over = members.filter(cert_valid_until__lt=clock.today())
            people = people.filter(pk__in=over.values("user"))
        if state == BOUNCED:
            people = people.filter(email_bounced_at__isnull=False)
        if (role := get("role")) in Role.values:
            people = people.filter(pk__in=members.filter(role=role).values("user"))
        if (authority := whole(get("authority", ""))) is not None:
            here = members.filter(authority=authority) | members.filter(
                unit__territorial_authority=authority
            )
            people = people.filter(pk__in=here.values("user"))
        if words := get("q", "").strip():
            people = people.search(words)
        return with_memberships(self._ordered(people))

    def _ordered(self, people: QuerySet) -> QuerySet:
        sort = self.query.get("sort", "") or "name"
        column = self.SORTS.get(sort.removeprefix("-"), "display_name")
        order = F(column)
        first = order.desc(nulls_last=True) if sort.startswith("-") else order.asc(nulls_last=True)
        return people.order_by(first, "pk")


def with_memberships(people: QuerySet) -> QuerySet:
    """Each with ``current``: the capacities that have not ended, with what they name."""
    rows = Membership.objects.not_ended()
    rows = rows.select_related("authority", "unit", "unit__territorial_authority", "employer")
    return people.prefetch_related(
        Prefetch("memberships", rows.order_by("pk"), to_attr="current"), "current__fields"
    )
