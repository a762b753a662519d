"""What every page asks about whoever looks at it, compiled once, says of each person what the queryset says."""

import datetime as dt
from collections import Counter

import pytest
from django.db import models

from campaigns import pledges
from campaigns.models import Campaign, ChosenCampaign
from metrostd.accounts.asked_by import AskedBy
from metrostd.accounts.models import Membership, User
from metrostd.common import clock
from metrostd.common.prepared import Given
from metrostd.common.roles import Role
from metrostd.frame import waiting
from tests.factories.accounts import MembershipFactory, UserFactory
from tests.factories.campaigns import CampaignFactory
from tests.factories.changes import ChangeFactory
from tests.factories.notifications import MessageFactory
from tests.factories.registry import AuthorityFactory, StandardFactory

pytestmark = pytest.mark.django_db


def _people(role: str) -> list[User]:
    """Two of each kind of place: offices with bureaus below them and without, units, nobody's."""
    if role == Role.UNIT_USER:
        members = [MembershipFactory(as_unit=True) for _ in range(2)]
    else:
        above = AuthorityFactory.create_batch(3)
        AuthorityFactory.create_batch(2, parent=above[2])
        AuthorityFactory(parent=above[1])
        members = [MembershipFactory(role=role, authority=place) for place in above]
    for n, member in enumerate(members):
        MessageFactory.create_batch(n + 1, membership=member)
        if member.authority:
            hosted = StandardFactory(hosting_authority=member.authority)
            ChangeFactory(standard=hosted, state="submitted")
        member.user.act_as(member)
    return [member.user for member in members]


@pytest.mark.parametrize("role", Role.values)
def test_it_says_what_the_queryset_says(role):
    people = _people(role)
    campaigns = [CampaignFactory(), CampaignFactory(state="draft")]
    ChosenCampaign.objects.create(user=people[1], campaign=campaigns[0])
    counted = AskedBy(waiting)
    owed = AskedBy(pledges.owed_by)
    seen = AskedBy(lambda user: Campaign.objects.visible_to(user).with_choice_of(user))

    for user in people:
        assert Counter(counted.rows(user)) == Counter(waiting(user))
        assert owed.rows(user) == list(pledges.owed_by(user))
        visible = Campaign.objects.visible_to(user).with_choice_of(user)
        found = [(row, row.is_chosen) for row in seen.rows(user)]
        assert found == [(row, row.is_chosen) for row in visible]
    assert dict(counted.rows(people[1]))["message"] == 2


def test_whoever_acts_as_nobody_sees_nothing():
    CampaignFactory()

    assert AskedBy(Campaign.objects.visible_to).rows(UserFactory()) == []


def test_what_somebody_may_act_as_ends_with_its_day():
    member = MembershipFactory(ends_on=dt.date(2021, 6, 30))
    other = MembershipFactory(user=member.user)
    person = User.objects.get(pk=member.user_id)
    active = Membership.objects.filter(user=person).order_by("pk")

    with clock.pinned(clock.at_time(dt.date(2021, 6, 30), 23)):
        assert person.capacities == list(active.active()) == [member, other]
        assert {row.user for row in person.capacities} == {person}
    del person.capacities
    with clock.pinned(clock.at_time(dt.date(2021, 7, 1), 0)):
        assert person.capacities == list(active.active()) == [other]


def test_a_day_is_given_at_each_run():
    member = MembershipFactory()
    other = MembershipFactory(user=member.user, ends_on=dt.date(2021, 6, 30))
    member.user.act_as(member)
    day = Given("day", models.DateField())
    ended = AskedBy(lambda user: Membership.objects.filter(user=user.pk, ends_on__lt=day))

    found = [ended.rows(member.user, day=dt.date(2021, month, 1)) for month in (6, 7, 6)]

    assert found == [[], [other], []]
