"""我的视图: filter, order and columns of any list, kept under a name by one person for themselves."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from metrostd.common import kept_lists
from metrostd.common.models import AuditEntry, KeptList
from metrostd.common.roles import Role
from metrostd.common.templatetags.lists import page_of_kept
from tests.factories.accounts import MembershipFactory, sign_in

pytestmark = pytest.mark.django_db
UNITS = "/registry/units/"


@pytest.fixture
def person():
    return MembershipFactory(role=Role.CITY_ADMIN)


def keep(
    person, name="逾期", query="q=%E7%94%B2&sort=-name&hide=%E8%BE%96%E5%8C%BA&page=3&district="
):
    return kept_lists.keep(path=UNITS, query=query, name=name, actor=person.user)


def test_a_list_offers_its_views_and_opens_as_it_was_kept(client, person):
    sign_in(client, person)
    address = reverse("registry:units")
    listed = client.get(f"{address}?sort=-name&page=1").content.decode()
    page = page_of_kept(address, "sort=-name&page=1")
    assert page.replace("&", "&amp;") in listed

    assert client.post(page, {"name": " "}).status_code == 422
    sent = client.post(page, {"name": "按名称"})

    assert sent.url == f"{address}?sort=-name"
    assert client.get(sent.url).status_code == 200
    assert f'<a href="{sent.url}">按名称</a>' in client.get(page).content.decode()


def test_a_view_holds_filter_order_and_columns_but_no_page(person):
    row = keep(person)

    assert row.address == f"{UNITS}?q=%E7%94%B2&sort=-name&hide=%E8%BE%96%E5%8C%BA"
    again = keep(person, query="sort=name")
    assert again.pk == row.pk
    assert list(AuditEntry.objects.about(row).values_list("action", "before")) == [
        ("kept_list.keep", {"query": row.query}),
        ("kept_list.keep", None),
    ]


def test_views_are_ones_own(client, person):
    row = keep(person)
    other = MembershipFactory(role=Role.CITY_ADMIN)
    sign_in(client, other)

    page = client.get(page_of_kept(UNITS, "")).content.decode()

    assert "逾期" not in page
    assert client.post(reverse("kept_lists:remove", args=[row.pk])).status_code == 404
    sign_in(client, person)
    client.post(reverse("kept_lists:remove", args=[row.pk]))
    assert not KeptList.objects.exists()


@pytest.mark.parametrize("path", ["//example.org/", "https://example.org/", "/nowhere/at/all/", ""])
def test_a_view_leads_to_a_page_of_the_portal(client, person, path):
    sign_in(client, person)

    assert client.get(page_of_kept(path, "")).status_code == 404
    with pytest.raises(ValidationError):
        kept_lists.keep(path=path, query="", name="甲", actor=person.user)


def test_there_are_not_too_many(person):
    for number in range(kept_lists.MOST):
        keep(person, name=str(number))

    with pytest.raises(ValidationError, match="请先删除"):
        keep(person, name="再来一个")
    keep(person, name="0")  # replaced
