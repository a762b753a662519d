"""Two visits an insider would bend, made through the services inside the portal's own environment."""

import json

from inspections.enums import TeamRole
from inspections.models import InspectionTask
from metrostd.common import clock
from metrostd.common.roles import Role
from metrostd.demo.people import PASSWORD
from metrostd.registry.models import Authority
from tests.factories.accounts import MembershipFactory
from tests.inspections.story import VISIT, Visit, make_visit

from .numbers import count_from


def build() -> None:
    """Two visits with an assessor that wait for their signatures, and one that the only official of an office
    led himself; prints ids and names."""
    count_from(8000)
    with clock.pinned(VISIT.replace(hour=16)):
        signing, bent = _with_an_assessor(), _with_an_assessor()
        own = _led_by_the_official()
    # One reviews; the other is given a second role, and would be asked which of them to act in.
    city, colleague = MembershipFactory.create_batch(
        2, role=Role.CITY_ADMIN, authority=own.task.campaign.organiser
    )
    commission = Authority.objects.get(code="120000")
    admin, second = MembershipFactory.create_batch(2, role=Role.SYSTEM_ADMIN, authority=commission)
    assessor = bent.extra[0][0]
    people = {
        "leader": signing.leader,
        "officer": signing.officer,
        "assessor": assessor,
        "official": own.office,
        "city": city,
        "admin": admin,
        "second_admin": second,
    }
    for membership in (*people.values(), signing.extra[0][0]):
        membership.user.set_password(PASSWORD)
        membership.user.save()
    found: dict[str, object] = {role: each.user.username for role, each in people.items()}
    found |= {
        "signing": signing.task.pk,
        "bent": bent.task.pk,
        "leader_place": bent.leader.pk,
        "own": own.task.pk,
        "admin_person": admin.user_id,
        "city_person": colleague.user_id,
        "commission": commission.pk,
        "above": str(own.task.authority.parent),
    }
    print(json.dumps(found))  # noqa: T201 -- read by the test that started the process


def state_of(task: int) -> None:
    """The state of a visit and how its signatures were given; prints both."""
    row = InspectionTask.objects.get(pk=task)
    ways = row.signatures.filter(void_at=None).order_by("pk").values_list("way", flat=True)
    print(json.dumps([row.state, list(ways)]))  # noqa: T201 -- read by the test


def _with_an_assessor() -> Visit:
    visit = make_visit()
    place = MembershipFactory(role=Role.ASSESSOR, authority=visit.task.authority)
    visit.extra.append((place, TeamRole.ASSESSOR))
    return visit.to_signing()


def _led_by_the_official() -> Visit:
    visit = make_visit()
    visit.task.authority.parent = visit.task.campaign.organiser
    visit.task.authority.save()
    visit.leader = visit.office
    return visit.concluded()
