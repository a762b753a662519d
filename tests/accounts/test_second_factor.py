"""动态口令: switched on with a first code, asked for at every sign-in, each code good once."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from metrostd.accounts import lockout, second_factor
from metrostd.accounts.models import SecondFactor, SignInCounter
from metrostd.common.roles import Role
from tests.factories.accounts import MembershipFactory, sign_in

from .signing import NEW, PASSWORD, on_phone, person_with_password, sign_in_by_form

pytestmark = pytest.mark.django_db
STEP_TWO = "accounts:second_step"


@pytest.fixture
def required(settings):
    settings.SECOND_FACTOR_REQUIRED = True


@pytest.fixture
def enrolled():
    """A person of an office with a second factor, and its recovery codes; the phone is one step on."""
    user = person_with_password()
    MembershipFactory(user=user)
    second_factor.enrolment(user)
    user.recovery = second_factor.confirm(user, on_phone(user, later=-1))
    return user


def second(client, code):
    return client.post(reverse(STEP_TWO), {"code": code})


def test_the_figures_of_the_phone_are_the_same_in_wide_ones(client, enrolled):
    sign_in_by_form(client, enrolled)

    second(client, "".join(chr(ord(sign) + 0xFEE0) for sign in on_phone(enrolled)))

    assert client.get(reverse("desk")).status_code == 200


class TestRequired:
    def test_an_office_sets_it_up_before_anything_else(self, client, required):
        user = person_with_password()
        MembershipFactory(user=user)
        sign_in_by_form(client, user)

        blocked = client.get(reverse("desk"))
        page = client.get(blocked.url)
        wrong = client.post(reverse("accounts:second_factor_confirm"), {"code": "000000x"})
        done = client.post(reverse("accounts:second_factor_confirm"), {"code": on_phone(user)})

        assert blocked.url == reverse("accounts:second_factor")
        assert page.context["enrolment"].picture.startswith("data:image/svg+xml")
        assert wrong.status_code == 422
        assert len(done.context["codes"]) == second_factor.RECOVERY_CODES
        assert client.get(reverse("desk")).status_code == 200

    def test_a_unit_may_do_without(self, client, required):
        user = person_with_password()
        MembershipFactory(user=user, as_unit=True)

        sign_in_by_form(client, user)

        assert client.get(reverse("desk")).status_code == 200

    def test_only_where_the_setting_says_so(self, client):
        sign_in(client, MembershipFactory(role=Role.CITY_ADMIN))

        assert client.get(reverse("desk")).status_code == 200

    def test_it_cannot_be_switched_off_where_it_is_required(self, client, required, enrolled):
        sign_in(client, enrolled.memberships.get())

        refused = client.post(reverse("accounts:second_factor_off"), {"password": PASSWORD})

        assert refused.status_code == 422
        assert SecondFactor.objects.filter(user=enrolled).exists()


class TestSigningIn:
    def test_the_password_alone_signs_nobody_in(self, client, enrolled):
        first = sign_in_by_form(client, enrolled)

        assert first.url == reverse(STEP_TWO)
        assert client.get(reverse("desk")).url.startswith(reverse("accounts:sign_in"))

    def test_the_code_of_the_phone_does(self, client, enrolled):
        sign_in_by_form(client, enrolled, next="/accounts/own/")

        response = second(client, on_phone(enrolled))

        assert response.url == reverse("accounts:own")
        assert client.get(response.url).status_code == 200
        assert not SignInCounter.objects.filter(name=enrolled.username, failures__gt=0).exists()

    def test_a_code_is_good_once(self, client, enrolled):
        second_factor.check(enrolled, on_phone(enrolled))
        sign_in_by_form(client, enrolled)

        assert second(client, on_phone(enrolled)).status_code == 422

    @pytest.mark.parametrize("later", [-3, 3])
    def test_a_phone_minutes_off_is_told_so(self, client, enrolled, later):
        sign_in_by_form(client, enrolled)

        response = second(client, on_phone(enrolled, later=later))

        assert response.status_code == 422
        assert "校准手机时间" in response.content.decode()

    def test_a_recovery_code_gets_in_once(self, client, enrolled):
        code = enrolled.recovery[0]
        sign_in_by_form(client, enrolled)
        assert second(client, code.lower()).url == reverse("desk")
        client.logout()
        sign_in_by_form(client, enrolled)

        assert second(client, code).status_code == 422

    def test_guesses_count_in_the_same_lock_and_the_password_does_not_forgive_them(
        self, client, enrolled
    ):
        """Otherwise who knows the password guesses on for ever, between two right passwords."""
        for n in range(lockout.NAME_LIMIT):
            sign_in_by_form(client, enrolled)
            response = second(client, f"00000{n}")

        locked = sign_in_by_form(client, enrolled)

        assert "暂停登录" in response.content.decode() + locked.content.decode()

    def test_a_new_password_ends_a_half_finished_sign_in(self, client, enrolled):
        sign_in_by_form(client, enrolled)
        enrolled.set_password(NEW)
        enrolled.save()

        assert second(client, on_phone(enrolled)).url == reverse("accounts:sign_in")

    def test_without_a_first_step_there_is_no_second(self, client):
        assert client.get(reverse(STEP_TWO)).url == reverse("accounts:sign_in")


def test_secrets_are_not_readable_in_the_database(enrolled):
    row = SecondFactor.objects.get()

    assert row.secret.hex() not in row.sealed_secret
    assert all(
        code not in str(list(enrolled.recovery_codes.values())) for code in enrolled.recovery
    )


def test_new_recovery_codes_end_the_old(client, enrolled):
    sign_in(client, enrolled.memberships.get())

    page = client.post(reverse("accounts:recovery_codes"), {"password": PASSWORD})

    with pytest.raises(ValidationError):
        second_factor.check(enrolled, enrolled.recovery[0])
    second_factor.check(enrolled, page.context["codes"][0])
