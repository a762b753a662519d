"""What a password must be, and that none comes back."""

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.urls import reverse

from metrostd.accounts.models import PastPassword
from metrostd.accounts.passwords import REMEMBERED, set_password
from tests.factories.accounts import MembershipFactory, UserFactory

from .signing import NEW, PASSWORD, person_with_password, sign_in_by_form

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("password", "why"),
    [
        ("Ab3-efgh", "至少10位"),
        ("abcdefghij1", "至少三种"),
        ("Jiliang@2026", "太常见"),
        ("T1anjin-2026", "太常见"),
        ("P@ssw0rd123", "太常见"),
        ("Woaini1314520", "太常见"),
        ("1Qaz2wsx3edc", "太常见"),
        ("Aa1111111111", "太常见"),
        ("Wanglaowu-77", "相似"),
    ],
)
def test_a_password_that_is_guessed_is_refused(password, why):
    user = UserFactory(username="wanglaowu")

    with pytest.raises(ValidationError, match=why):
        validate_password(password, user)


@pytest.mark.parametrize("password", [NEW, PASSWORD, "Kaihu-2026-jiliang", "缙云山-Xia-2021"])
def test_others_are_taken(password):
    validate_password(password, UserFactory())


def test_the_last_ones_are_not_taken_again():
    user = person_with_password()
    used = [f"Shanshui-{n}-changliu" for n in range(REMEMBERED + 1)]
    for password in used:
        set_password(user, password, actor=user)

    for password in used[-REMEMBERED - 1 :]:
        with pytest.raises(ValidationError, match="以前用过"):
            validate_password(password, user)
    validate_password(PASSWORD, user)
    assert PastPassword.objects.filter(user=user).count() == REMEMBERED


def test_whoever_has_a_password_from_somebody_else_changes_it_first(client):
    user = person_with_password(must_change_password=True)
    MembershipFactory(user=user)
    sign_in_by_form(client, user)

    blocked = client.get(reverse("desk"))
    posted = client.post(reverse("notifications:inbox"))
    page = client.get(blocked.url)
    change = {"old_password": PASSWORD, "new_password1": NEW, "new_password2": NEW}
    changed = client.post(reverse("accounts:password"), change)

    assert blocked.url == reverse("accounts:password")
    assert posted.status_code == 403
    assert "请先修改密码" in page.content.decode()
    assert changed.url == reverse("desk")
    assert client.get(reverse("desk")).status_code == 200
    user.refresh_from_db()
    assert not user.must_change_password


def test_two_that_differ_are_told_beside_the_second(client):
    user = person_with_password()
    MembershipFactory(user=user)
    sign_in_by_form(client, user)

    response = client.post(
        reverse("accounts:password"),
        {"old_password": "wrong", "new_password1": NEW, "new_password2": f"{NEW}x"},
    )

    assert response.status_code == 422
    assert response.context["form"].errors == {
        "new_password2": ["两次输入的新密码不一致，请重新输入。"]
    }
