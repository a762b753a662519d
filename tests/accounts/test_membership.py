"""Memberships: what the database allows, who acts, and who sees whose."""

import pytest
from django.db import IntegrityError

from metrostd.accounts.models import Membership, User
from metrostd.common.roles import Role
from tests.factories.accounts import MembershipFactory, UserFactory
from tests.factories.registry import AuthorityFactory, UnitFactory

pytestmark = pytest.mark.django_db


class TestConstraints:
    @pytest.mark.parametrize("role", [role for role in Role.values if role != Role.UNIT_USER])
    def test_every_other_role_belongs_to_an_authority(self, role):
        MembershipFactory(role=role)

        with pytest.raises(IntegrityError):
            MembershipFactory(role=role, authority=None, unit=UnitFactory())

    @pytest.mark.parametrize(
        "place",
        [
            lambda: {"unit": None, "authority": None},
            lambda: {"unit": None, "authority": AuthorityFactory()},
            lambda: {"unit": UnitFactory(), "authority": AuthorityFactory()},
        ],
        ids=["nowhere", "authority", "both"],
    )
    def test_a_units_user_belongs_to_a_unit_and_nothing_else(self, place):
        with pytest.raises(IntegrityError):
            MembershipFactory(role=Role.UNIT_USER, **place())

    def test_nobody_of_an_authority_belongs_to_a_unit_as_well(self):
        with pytest.raises(IntegrityError):
            MembershipFactory(unit=UnitFactory())

    def test_the_same_role_at_the_same_authority_is_had_once(self):
        first = MembershipFactory()
        MembershipFactory(user=first.user, authority=first.authority, role=Role.DISTRICT_INSPECTOR)
        MembershipFactory(user=first.user)
        MembershipFactory(authority=first.authority)

        with pytest.raises(IntegrityError):
            MembershipFactory(user=first.user, authority=first.authority)

    def test_the_same_unit_is_belonged_to_once(self):
        first = MembershipFactory(as_unit=True)
        MembershipFactory(as_unit=True, user=first.user)
        MembershipFactory(as_unit=True, unit=first.unit)

        with pytest.raises(IntegrityError):
            MembershipFactory(as_unit=True, user=first.user, unit=first.unit)


class TestActing:
    def test_the_only_membership_acts(self):
        membership = MembershipFactory()

        assert membership.user.acting == membership
        assert membership.user.acting_label == membership.label

    def test_of_several_none_acts_until_chosen(self):
        first, second = (MembershipFactory(user=user) for user in [UserFactory()] * 2)
        user = first.user

        assert (user.acting, user.acting_label) == (None, "")

        user.act_as(second)

        assert (user.acting, user.scope) == (second, second.scope())

    def test_taking_on_another_changes_the_scope(self):
        unit = MembershipFactory(as_unit=True)
        office = MembershipFactory(user=unit.user)
        user = unit.user
        user.act_as(unit)
        before = user.scope

        user.act_as(office)

        assert (before, user.scope) == (unit.scope(), office.scope())

    @pytest.mark.parametrize("ended", ["membership", "person"])
    def test_an_ended_one_does_not_act(self, ended):
        membership = MembershipFactory(
            is_active=ended != "membership", user__closed=ended == "person"
        )

        assert membership.user.acting is None

    def test_labels(self):
        unit = MembershipFactory(as_unit=True, unit__name="示例一厂", user__display_name="示例甲")
        office = MembershipFactory(authority__short_name="西青区局")

        assert (unit.label, str(unit)) == ("示例一厂", "示例甲 · 示例一厂")
        assert office.label == "区局计量科 · 西青区局"

    def test_a_person_is_called_by_name_and_else_by_account(self):
        assert str(User(username="u1", display_name="示例甲")) == "示例甲"
        assert str(User(username="u1")) == "u1"
        assert User(username="u1", display_name="示例甲").get_full_name() == "示例甲"


class TestVisibility:
    def seen_by(self, membership):
        return set(Membership.objects.visible_to(membership.user))

    def test_everybody_sees_their_own_in_every_capacity(self):
        unit = MembershipFactory(as_unit=True)
        second = MembershipFactory(user=unit.user)
        MembershipFactory(as_unit=True)
        unit.user.act_as(unit)

        assert self.seen_by(unit) == {unit, second}

    def test_a_unit_sees_its_colleagues(self):
        unit = MembershipFactory(as_unit=True)
        colleague = MembershipFactory(as_unit=True, unit=unit.unit)
        MembershipFactory(as_unit=True)

        assert self.seen_by(unit) == {unit, colleague}

    def test_an_office_sees_the_people_of_the_units_in_its_territory(self):
        office = MembershipFactory()
        near = MembershipFactory(as_unit=True, unit__territorial_authority=office.authority)
        MembershipFactory(as_unit=True)

        assert self.seen_by(office) == {office, near}

    def test_an_office_sees_the_people_of_its_authorities(self):
        office = MembershipFactory()
        below = MembershipFactory(role=Role.DISTRICT_INSPECTOR, authority__parent=office.authority)
        colleague = MembershipFactory(role=Role.DISTRICT_INSPECTOR, authority=office.authority)
        MembershipFactory()

        assert self.seen_by(office) == {office, below, colleague}
        assert self.seen_by(colleague) == {colleague}

    @pytest.mark.parametrize("role", [Role.CITY_ADMIN, Role.SYSTEM_ADMIN])
    def test_administrators_see_all(self, role):
        admin = MembershipFactory(role=role)
        other = MembershipFactory()

        assert self.seen_by(admin) == {admin, other}

    def test_of_an_authority_and_of_a_unit_are_the_active_ones(self):
        office = MembershipFactory()
        MembershipFactory(authority=office.authority, is_active=False)
        unit = MembershipFactory(as_unit=True)
        MembershipFactory(as_unit=True, unit=unit.unit, user__closed=True)

        assert list(Membership.objects.of_authority(office.authority)) == [office]
        assert list(Membership.objects.of_unit(unit.unit)) == [unit]
