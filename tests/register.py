"""Fixtures about the register, for the tests of everybody who works on it: named in their conftest."""

import datetime as dt

import pytest

from metrostd.common import clock
from metrostd.lists.imports import commit_import, start_import
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.registry import AuthorityFactory, FieldFactory, StandardFactory

ON = dt.date(2021, 6, 15)


@pytest.fixture
def city(db):
    return AuthorityFactory(city=True)


@pytest.fixture
def xiqing(city):
    FieldFactory()
    return AuthorityFactory(
        code="120111",
        name="天津市西青区市场监督管理局",
        short_name="西青区局",
        region_name="西青区",
        parent=city,
    )


@pytest.fixture
def read(city, xiqing):
    """Read a list as the municipal office would upload it."""

    def _read(data, name="名单.xlsx", category="ent_highest", issuer=None, on=ON, **more):
        issuer = issuer or city
        return start_import(
            data, name, category=category, issuing_authority=issuer, actor=None, on=on, **more
        )

    return _read


@pytest.fixture
def commit(read):
    """Read a list and write it to the register."""

    def _commit(data, **more):
        batch = read(data, **more)
        commit_import(batch, actor=None)
        return batch

    return _commit


@pytest.fixture
def today():
    """It is the day ``ON``."""
    with clock.pinned(clock.at_time(ON)):
        yield


@pytest.fixture
def unit(client):
    """The user of a unit, signed in; ``own`` is a standard of the unit, certified since June 2018."""
    membership = MembershipFactory(as_unit=True)
    client.own = StandardFactory(unit=membership.unit)
    return sign_in(client, membership)


@pytest.fixture
def importer(city):
    """The municipal office, acting."""
    return MembershipFactory(role="city_admin", authority=city).user
