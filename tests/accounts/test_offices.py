"""Authorities in the portal's frame: who writes what about which, on record."""

import pytest
from django.urls import reverse

from metrostd.common.models import AuditEntry
from metrostd.common.roles import Role
from metrostd.registry.enums import Level
from metrostd.registry.models import Authority
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.registry import AuthorityFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin():
    return MembershipFactory(role=Role.SYSTEM_ADMIN, authority=AuthorityFactory(city=True))


def test_an_administrator_adds_one_and_its_first_person_follows(client, admin):
    sign_in(client, admin)
    given = {
        "code": "129901",
        "name": "示例功能区市场监督管理局",
        "short_name": "示例功能区局",
        "region_name": "示例区",
        "level": Level.DISTRICT,
        "parent": admin.authority_id,
    }

    response = client.post(reverse("accounts:office_create"), given)

    made = Authority.objects.get(code="129901")
    assert response.url == reverse("accounts:office", args=[made.pk])
    assert "还没有人员" in client.get(response.url).content.decode()
    assert AuditEntry.objects.get(action="authority.add").target == made
    again = client.post(reverse("accounts:office_create"), given)
    assert again.status_code == 422
    assert again.context["form"].errors["code"]


def test_an_office_writes_its_telephone_and_nothing_about_its_place(client):
    office = MembershipFactory()
    sign_in(client, office)
    url = reverse("accounts:office_edit", args=[office.authority_id])

    form = client.get(url).context["form"]
    client.post(url, {"office": "计量科", "phone": "022-1", "address": "示例路", "level": "city"})

    office.authority.refresh_from_db()
    assert list(form.fields) == ["office", "phone", "address"]
    assert (office.authority.phone, office.authority.level) == ("022-1", Level.DISTRICT)
    entry = AuditEntry.objects.get(action="authority.change")
    assert entry.after == {"office": "计量科", "phone": "022-1", "address": "示例路"}


def test_nobody_stands_above_itself(client, admin):
    upper = AuthorityFactory()
    lower = AuthorityFactory(parent=upper)
    sign_in(client, admin)
    url = reverse("accounts:office_edit", args=[upper.pk])
    given = {
        name: getattr(upper, name) or ""
        for name in ("code", "name", "short_name", "region_name", "level")
    }

    response = client.post(url, given | {"parent": lower.pk})

    assert response.status_code == 422
    assert "不能是本机关或其下级" in response.content.decode()


def test_another_office_is_not_there(client):
    sign_in(client, MembershipFactory())
    other = AuthorityFactory()

    for name in ("office", "office_edit"):
        assert client.get(reverse(f"accounts:{name}", args=[other.pk])).status_code == 404
    assert client.get(reverse("accounts:office_create")).status_code == 403


def test_the_authorities_of_ones_reach_are_listed_and_opened(client):
    office = MembershipFactory()
    AuthorityFactory()
    sign_in(client, office)

    found = client.get(reverse("accounts:offices"))
    page = client.get(reverse("accounts:office", args=[office.authority_id]))

    assert [row.pk for row in found.context["offices"]] == [office.authority_id]
    assert list(page.context["members"]) == [office]


def test_who_had_access_is_searched_by_name(client):
    office = MembershipFactory()
    other = MembershipFactory(authority=office.authority)
    sign_in(client, office)

    page = client.get(reverse("accounts:access"), {"q": other.user.display_name})

    assert list(page.context["page"].object_list) == [other]


def test_a_day_that_is_none_is_today(client):
    office = MembershipFactory()
    sign_in(client, office)

    page = client.get(reverse("accounts:access"), {"day": "gestern"})

    assert (page.status_code, office in page.context["page"].object_list) == (200, True)
