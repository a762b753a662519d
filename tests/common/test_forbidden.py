"""403 says whether it is the state of the thing or who asks."""

import pytest
from django.urls import reverse

from metrostd.common.roles import Role
from tests.factories.accounts import MembershipFactory, sign_in
from tests.factories.campaigns import CampaignFactory
from tests.factories.registry import AuthorityFactory

pytestmark = pytest.mark.django_db


def page(client, campaign, role):
    sign_in(client, MembershipFactory(role=role, authority=campaign.organiser))
    answer = client.get(reverse("campaigns:edit", args=[campaign.pk]))
    assert answer.status_code == 403
    return answer.content.decode()


def test_the_state_is_named_as_the_reason(client):
    campaign = CampaignFactory(organiser=AuthorityFactory(city=True), state="open")

    text = page(client, campaign, Role.CITY_ADMIN)

    assert "专项行动已经开启，不能再修改方案。" in text
    assert "由事项目前的状态决定的，与您的身份无关" in text
    assert "切换" not in text.split('class="error-reason"')[1]


def test_the_role_is_named_as_the_reason(client):
    campaign = CampaignFactory(organiser=AuthorityFactory(city=True), state="open")

    text = page(client, campaign, Role.AUDITOR)

    assert "只有市市场监管委计量处可以办理。" in text
    assert "由您当前的身份决定的" in text
