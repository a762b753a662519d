"""Accounts of the sample city: every role, every district, every unit. One password for all."""

from dataclasses import dataclass
from itertools import count
from random import Random

from django.contrib.auth.hashers import make_password

from campaigns.models import Duty
from metrostd.accounts.models import Membership, User
from metrostd.common import clock
from metrostd.common.roles import Role
from metrostd.registry.enums import Level
from metrostd.registry.models import Authority, Unit

from . import names
from .city import SHOWN, SPLIT

#: Printed by bin/demo; the accounts exist only in a database that holds the sample city.
PASSWORD = "Sample-2021-city"  # noqa: S105

_CITY_ROLES = (
    (Role.SYSTEM_ADMIN, "admin", 1),
    (Role.AUDITOR, "audit", 1),
    (Role.CITY_ADMIN, "city", 1),
    (Role.CITY_INSPECTOR, "city_inspector", 4),
    (Role.ENFORCEMENT_LIAISON, "enforcement", 1),
    (Role.DISCIPLINE, "discipline", 1),
)


@dataclass(frozen=True, slots=True)
class Account:
    role: str
    username: str
    authority: str
    unit: str


class People:
    """Creates accounts once; asking again returns those that exist."""

    def __init__(self, *, seed: int) -> None:
        self._random = Random(f"people-{seed}")  # noqa: S311 -- sample data, nothing secret
        self._hash = make_password(PASSWORD)
        self._users: list[User] = []
        self._memberships: list[Membership] = []
        self._serial = count(1)

    def offices(self) -> None:
        """Everybody who works for an authority; usernames are listed in docs/demo.md."""
        city = Authority.objects.get(level=Level.CITY)
        for role, username, number in _CITY_ROLES:
            for n in range(number):
                self._add(username if number == 1 else f"{username}{n + 1}", role, authority=city)
        for district in Authority.objects.districts():
            self._add(f"d{district.code}", Role.DISTRICT_ADMIN, authority=district)
            for n in range(3):
                self._add(f"d{district.code}_{n + 1}", Role.DISTRICT_INSPECTOR, authority=district)
        self._flush()

    def technicians(self) -> None:
        """Assessors and experts with the unit that employs them, which is what recusal looks at."""
        city = Authority.objects.get(level=Level.CITY)
        institute = Unit.objects.get(name="天津示例市计量院")
        employers = list(Unit.objects.filter(unit_type="enterprise").order_by("pk")[:6])
        for n in range(4):
            self._add(f"expert{n + 1}", Role.INSTITUTE_EXPERT, authority=city, employer=institute)
        for n, employer in enumerate(employers):
            self._add(f"assessor{n + 1}", Role.ASSESSOR, authority=city, employer=employer)
        self._flush()

    def units(self) -> None:
        """One user per unit, named ``u`` and the unit's number."""
        known = Membership.objects.filter(role=Role.UNIT_USER).values("unit")
        for unit in Unit.objects.exclude(pk__in=known).order_by("pk"):
            self._add(f"u{unit.pk}", Role.UNIT_USER, unit=unit)
        self._flush()

    def approvers(self) -> None:
        """A district whose approvals are another body's: that body's desk is beside the office's."""
        district = Authority.objects.get(code=SPLIT)
        district.approval_split = True
        district.approval_body_name = f"示例{district.region_name}行政审批局"
        district.save(update_fields=["approval_split", "approval_body_name"])
        self._add(f"d{SPLIT}_approver", Role.DISTRICT_APPROVER, authority=district)
        self._flush()

    def deputies(self) -> None:
        """A second desk of the municipal office: nobody takes a table they handed in themselves."""
        self._add("city2", Role.CITY_ADMIN, authority=Authority.objects.get(level=Level.CITY))
        self._flush()

    def _add(
        self,
        username: str,
        role: Role,
        *,
        authority: Authority | None = None,
        unit: Unit | None = None,
        employer: Unit | None = None,
    ) -> None:
        name = self._random.choice(names.SURNAMES) + self._random.choice(names.GIVEN)
        user = User(
            username=username,
            display_name=f"{name}",
            password=self._hash,
            # Whatever day is played, somebody signs in today: nobody has been away for long.
            state_since=clock.of_the_machine(),
        )
        self._users.append(user)
        officer = role in Role.officers
        self._memberships.append(
            Membership(
                user=user,
                role=role,
                authority=authority,
                unit=unit,
                employer=employer,
                officer_cert_no=f"津市监执{next(self._serial):05d}" if officer else "",
            )
        )

    def _flush(self) -> None:
        have = set(
            User.objects.filter(username__in=[u.username for u in self._users]).values_list(
                "username", flat=True
            )
        )
        User.objects.bulk_create(u for u in self._users if u.username not in have)
        Membership.objects.bulk_create(m for m in self._memberships if m.user.username not in have)
        self._users, self._memberships = [], []


def actor(username: str) -> User:
    """A user acting in the one membership they have."""
    user = User.objects.get(username=username)
    membership = user.memberships.select_related("authority", "unit").get()
    user.act_as(membership)
    return user


def accounts() -> list[Account]:
    """One account per role, the ones bin/demo prints."""
    shown: dict[str, Account] = {}
    rows = Membership.objects.active().select_related("user", "authority", "unit").order_by("pk")
    # Those with work on their desk come first: the district shown, and a unit that owes it something.
    owing = Duty.objects.open().filter(unit__isnull=False)
    busy = set(owing.values_list("unit", flat=True))
    nearby = set(
        owing.filter(unit__territorial_authority__code=SHOWN).values_list("unit", flat=True)
    )
    shown_first = {f"d{SHOWN}", f"d{SHOWN}_1"}

    def rank(row: Membership) -> tuple[bool, bool, bool, int]:
        first = row.user.username in shown_first
        return not first, row.unit_id not in nearby, row.unit_id not in busy, row.pk

    for row in sorted(rows, key=rank):
        shown.setdefault(
            row.role,
            Account(
                role=row.get_role_display(),
                username=row.user.username,
                authority=row.authority.short_name if row.authority else "",
                unit=row.unit.name if row.unit else "",
            ),
        )
    return [shown[role] for role in Role.values if role in shown]
