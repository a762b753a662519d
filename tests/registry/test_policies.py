import pytest

from metrostd.common.roles import Role
from metrostd.registry import policies
from tests.factories.accounts import MembershipFactory
from tests.factories.registry import StandardFactory, UnitFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", [r for r in Role if r != Role.UNIT_USER])
def test_who_may_do_what(city, role):
    user = MembershipFactory(role=role, authority=city).user

    assert bool(policies.can_import(user)) == (role in {Role.SYSTEM_ADMIN, Role.CITY_ADMIN})
    assert bool(policies.can_edit_unit(user, UnitFactory())) == (
        role in {Role.CITY_ADMIN, Role.DISTRICT_ADMIN, Role.DISTRICT_APPROVER}
    )


def test_units_do_not_edit_the_register():
    user = MembershipFactory(as_unit=True).user
    standard = StandardFactory(unit=user.acting.unit)

    assert "市场监管部门维护" in policies.can_edit_unit(user, standard.unit).reason
    assert "市场监管部门维护" in policies.can_edit_standard(user, standard).reason


def test_city_edits_standards_of_every_issuer(city):
    user = MembershipFactory(role=Role.CITY_ADMIN, authority=city).user

    assert policies.can_edit_standard(user, StandardFactory())
