"""One small city: the commission, two district bureaus, and a campaign in preparation."""

from types import SimpleNamespace

import pytest

from metrostd.common.roles import Role
from tests.factories.accounts import MembershipFactory
from tests.factories.campaigns import CampaignFactory, routing_rules
from tests.factories.registry import AuthorityFactory, StandardFactory, UnitFactory


@pytest.fixture
def city(db):
    """``office`` and ``bureau`` act; ``standard(…)`` puts a certified standard into the register."""
    routing_rules()
    commission = AuthorityFactory(city=True)
    district, other = AuthorityFactory.create_batch(2, parent=commission)
    office = MembershipFactory(role=Role.CITY_ADMIN, authority=commission)
    bureau = MembershipFactory(role=Role.DISTRICT_ADMIN, authority=district)
    campaign = CampaignFactory(organiser=commission, state="draft")

    def standard(unit=None, *, issuer=commission, **fields):
        unit = unit or UnitFactory(territorial_authority=fields.pop("territory", district))
        return StandardFactory(
            unit=unit, issuing_authority=issuer, hosting_authority=issuer, **fields
        )

    return SimpleNamespace(
        commission=commission,
        district=district,
        other=other,
        office=office,
        bureau=bureau,
        campaign=campaign,
        standard=standard,
    )
