"""What each role may see: the table of roles written down by hand, and what empty scopes see."""

from contextlib import suppress

import pytest
from django.apps import apps
from django.core.exceptions import EmptyResultSet
from django.db.models import Q

from campaigns.models import Duty
from metrostd.accounts.scopes import NOTHING, Reach, Scope
from metrostd.common.roles import Role
from metrostd.registry.models import Unit
from tests.factories.accounts import MembershipFactory, UserFactory
from tests.factories.campaigns import DutyFactory
from tests.factories.registry import AuthorityFactory, UnitFactory

pytestmark = pytest.mark.django_db

#: role: (what of the register, what of the casework)
REACH = {
    "system_admin": ("everything", "nothing"),
    "auditor": ("nothing", "nothing"),
    "city_admin": ("everything", "everything"),
    "city_inspector": ("nothing", "assigned"),
    "institute_expert": ("nothing", "assigned"),
    "district_admin": ("own authority", "own authority"),
    "district_inspector": ("nothing", "assigned"),
    "district_approver": ("own authority", "nothing"),
    "assessor": ("nothing", "assigned"),
    "unit_user": ("own unit", "own unit"),
    "enforcement_liaison": ("nothing", "nothing"),
    "discipline": ("nothing", "nothing"),
}


def member(role, **kwargs):
    return MembershipFactory(as_unit=role == Role.UNIT_USER, role=role, **kwargs)


def reach(membership, word) -> Reach:
    return {
        "everything": lambda: Reach(everything=True),
        "own authority": lambda: Reach(authority_ids=frozenset({membership.authority_id})),
        "own unit": lambda: Reach(unit_ids=frozenset({membership.unit_id})),
        "assigned": lambda: Reach(member_id=membership.pk),
        "nothing": Reach,
    }[word]()


def test_the_table_names_every_role():
    assert set(REACH) == set(Role.values)


@pytest.mark.parametrize("role", Role.values)
def test_reach_of_every_role(role):
    membership = member(role)
    register, casework = REACH[role]

    scope = membership.scope()

    assert scope.role == role
    assert scope.is_member
    assert scope.register == reach(membership, register)
    assert scope.casework == reach(membership, casework)


@pytest.mark.parametrize("role", Role.values)
def test_units_each_role_sees(role):
    membership = member(role)
    own = membership.unit or UnitFactory(territorial_authority=membership.authority)
    foreign = UnitFactory()
    expected = {"everything": {own, foreign}, "nothing": set()}.get(REACH[role][0], {own})

    assert set(Unit.objects.visible_to(membership.user)) == expected


@pytest.mark.parametrize("role", Role.values)
def test_duties_each_role_sees(role):
    """Everyone sees what they owe themselves; the rest follows the table."""
    membership = member(role)
    owed_by = {"authority": membership.authority, "unit": membership.unit}
    mine = DutyFactory(authority=None, membership=membership)
    office = DutyFactory(**owed_by)
    foreign = DutyFactory(authority=None, membership=MembershipFactory())
    expected = {
        "everything": {mine, office, foreign},
        "own authority": {mine, office},
        "own unit": {mine, office},
    }.get(REACH[role][1], {mine})

    assert set(Duty.objects.visible_to(membership.user)) == expected


def test_the_bureaus_below_belong_to_a_district():
    district = AuthorityFactory()
    zone = AuthorityFactory(parent=district)
    office = AuthorityFactory(parent=zone)
    AuthorityFactory(parent=AuthorityFactory())

    scope = MembershipFactory(role=Role.DISTRICT_ADMIN, authority=district).scope()

    assert scope.casework.authority_ids == {district.pk, zone.pk, office.pk}
    assert scope.register.authority_ids == {district.pk, zone.pk, office.pk}


def test_the_district_above_does_not_belong_to_a_bureau():
    district = AuthorityFactory()
    zone = AuthorityFactory(parent=district)
    AuthorityFactory(parent=district)

    assert MembershipFactory(authority=zone).scope().casework.authority_ids == {zone.pk}


def test_units_of_the_bureaus_below_are_seen():
    district = AuthorityFactory()
    unit = UnitFactory(territorial_authority=AuthorityFactory(parent=district))
    UnitFactory()

    assert list(Unit.objects.visible_to(MembershipFactory(authority=district).user)) == [unit]


class TestFilter:
    """``Reach.as_q`` over the lookup paths a model has."""

    nobody = Q(pk__in=[])

    def test_everything_needs_no_path_and_stays_everything(self):
        everything = Reach(everything=True).as_q()
        UnitFactory.create_batch(2)

        assert Unit.objects.filter(everything).count() == 2
        assert Unit.objects.filter(everything | Q(pk=0)).count() == 2
        assert Unit.objects.filter(everything & Q(pk=0)).count() == 0
        assert "WHERE" not in str(Unit._base_manager.filter(everything).query)

    def test_nothing_is_nobodys_row_whatever_the_paths(self):
        assert Reach().as_q(authority="a", unit="u", member="m") == self.nobody

    def test_a_reach_without_its_path_is_nobodys_row(self):
        assert Reach(authority_ids=frozenset({1})).as_q(unit="u", member="m") == self.nobody
        assert Reach(unit_ids=frozenset({1})).as_q(authority="a", member="m") == self.nobody
        assert Reach(member_id=1).as_q(authority="a", unit="u") == self.nobody

    def test_one_path(self):
        ids = frozenset({1, 2})

        assert Reach(authority_ids=ids).as_q(authority="a") == self.nobody | Q(a__in=ids)
        assert Reach(unit_ids=ids).as_q(unit="u__x") == self.nobody | Q(u__x__in=ids)
        assert Reach(member_id=7).as_q(member="m") == self.nobody | Q(m=7)

    def test_several_paths_and_several_reaches_add_up(self):
        ids = frozenset({1})
        reach = Reach(authority_ids=ids, unit_ids=ids, member_id=7)

        assert reach.as_q(authority=("a", "b"), unit="u", member="m") == (
            self.nobody | Q(a__in=ids) | Q(b__in=ids) | Q(u__in=ids) | Q(m=7)
        )

    def test_rows(self):
        unit, foreign = UnitFactory.create_batch(2)
        by_unit = Reach(unit_ids=frozenset({unit.pk})).as_q(unit="pk")
        by_office = Reach(authority_ids=frozenset({foreign.territorial_authority_id}))

        assert list(Unit.objects.filter(by_unit)) == [unit]
        assert list(
            Unit.objects.filter(by_office.as_q(authority=("territorial_authority", "")))
        ) == [foreign]
        assert not Unit.objects.filter(Reach().as_q(unit="pk")).exists()


class TestEmptyScope:
    #: Rows that belong to the person and not to a capacity.
    PERSONAL = {"Envelope", "Job", "KeptList", "Membership", "Pledge", "User"}

    def readable_tables(self, user) -> set[str]:
        """Tables of which the database would be asked for rows at all."""
        names = set()
        for model in apps.get_models():
            if visible_to := getattr(model._default_manager, "visible_to", None):
                with suppress(EmptyResultSet):
                    str(visible_to(user).query)
                    names.add(model.__name__)
        return names

    def test_no_capacity_is_no_scope(self):
        user = UserFactory()

        assert user.scope == NOTHING == Scope()
        assert not user.scope.is_member

    def test_several_capacities_and_none_chosen_is_no_scope(self):
        user = UserFactory()
        MembershipFactory.create_batch(2, user=user, role=Role.CITY_ADMIN)

        assert user.scope == NOTHING

    def test_without_a_capacity_no_table_is_readable(self):
        assert self.readable_tables(UserFactory()) == self.PERSONAL

    def test_an_auditor_reads_what_every_member_reads_and_no_more(self):
        user = MembershipFactory(role=Role.AUDITOR).user

        assert self.readable_tables(user) == self.PERSONAL | {
            "Authority",
            "Campaign",
            "Duty",
            "Message",
            "Notice",
            "RiskWarning",  # those given to this person
        }

    def test_the_municipal_office_reads_every_table(self):
        user = MembershipFactory(role=Role.CITY_ADMIN).user

        assert len(self.readable_tables(user)) > 20
