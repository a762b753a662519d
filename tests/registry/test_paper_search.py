"""Every number people quote is found, however its brackets were typed, and only within reach."""

import pytest
from django.urls import reverse

from metrostd.common.roles import Role
from rectification.models import RectificationOrder
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.campaigns import DrawRunFactory
from tests.factories.hand_overs import HandOverFactory
from tests.factories.rectification import issue
from tests.factories.registry import AuthorityFactory
from tests.factories.selfcheck import ReportFactory

pytestmark = pytest.mark.django_db


def order(number):
    made = issue()
    RectificationOrder.objects.filter(pk=made.pk).update(number=number)


@pytest.fixture
def city(client):
    sign_in(client, MembershipFactory(role=Role.CITY_ADMIN, authority=AuthorityFactory(city=True)))


def found(client, text):
    page = client.get(reverse("registry:search"), {"q": text})
    return [hit.title for group in page.context["groups"] for hit in group["hits"]]


@pytest.mark.parametrize(
    "typed",
    [
        "津西青市监责改〔2021〕3号",
        "津西青市监责改[2021]3号",
        "津西青市监责改（2021）3号",
        "责改2021年3号",
        "责改 2021 3",
        "责改2021第3号",
        "责改20213",
        "2021-3",
    ],
)
def test_an_order_is_found_with_or_without_brackets(client, city, typed):
    order("津西青市监责改〔2021〕3号")
    order("津西青市监责改〔2021〕13号")

    assert found(client, typed) == ["津西青市监责改〔2021〕3号"]


def test_receipts_draws_and_signed_lists_are_found(client, city):
    ReportFactory(receipt_no="津市监自查回执〔2021〕5号", state="submitted")
    HandOverFactory(receipt_no="津西青市监名单签收〔2021〕5号")
    DrawRunFactory(record_no="津西青市监抽〔2021〕5号")

    assert len(found(client, "〔2021〕5号")) == 3
    assert found(client, "自查回执2021年5号") == ["津市监自查回执〔2021〕5号"]
    assert found(client, "自查回执") == []


def test_another_districts_number_is_not(client):
    order("津西青市监责改〔2021〕3号")
    other = AuthorityFactory(level="district")
    sign_in(client, MembershipFactory(role=Role.DISTRICT_ADMIN, authority=other))

    assert found(client, "责改2021年3号") == []
