"""Two visits an insider would bend, made through the services inside the portal's own environment."""

import json

from factory.django import DjangoModelFactory

from inspections.enums import TeamRole
from inspections.models import InspectionTask
from metrostd.common import clock
from metrostd.common.roles import Role
from metrostd.demo.people import PASSWORD
from tests.factories.accounts import MembershipFactory
from tests.inspections.story import VISIT, Visit, make_visit


def build() -> None:
    """Two visits with an assessor that wait for their signatures, and one that the only official of an office
    led himself; prints ids and names."""
    _beside_the_others()
    with clock.pinned(VISIT.replace(hour=16)):
        signing, bent = _with_an_assessor(), _with_an_assessor()
        own = _led_by_the_official()
    city = MembershipFactory(role=Role.CITY_ADMIN, authority=own.task.campaign.organiser)
    assessor = bent.extra[0][0]
    people = {
        "leader": signing.leader,
        "officer": signing.officer,
        "assessor": assessor,
        "official": own.office,
        "city": city,
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
        "above": str(own.task.authority.parent),
    }
    print(json.dumps(found))  # noqa: T201 -- read by the test that started the process


def state_of(task: int) -> None:
    """The state of a visit and how its signatures were given; prints both."""
    row = InspectionTask.objects.get(pk=task)
    ways = row.signatures.filter(void_at=None).order_by("pk").values_list("way", flat=True)
    print(json.dumps([row.state, list(ways)]))  # noqa: T201 -- read by the test


def _beside_the_others() -> None:
    """Codes and names of this process do not meet those of another that builds in the same portal."""
    waiting = [DjangoModelFactory]
    while waiting:
        found = waiting.pop()
        waiting += found.__subclasses__()
        if found is not DjangoModelFactory:
            found.reset_sequence(5000, force=True)


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
