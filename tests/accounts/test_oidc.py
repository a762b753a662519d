"""统一身份认证: a real provider on loopback; who gets in, who does not, and what a token cannot do."""

import http.client
import time
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from metrostd.accounts import moves, oidc, second_factor
from metrostd.accounts.models import Identity, SignedIn, User
from metrostd.common.models import AuditEntry
from metrostd.common.roles import Role
from metrostd.notifications.models import Message
from tests.factories.accounts import MembershipFactory, UserFactory, sign_in
from tests.oidc import CLIENT, SECRET, provider_running

from .signing import PASSWORD, on_phone, person_with_password, sign_in_by_form

pytestmark = pytest.mark.django_db
BEGIN, BACK = reverse("accounts:oidc_begin"), reverse("accounts:oidc_callback")
LINK, SIGN_IN = reverse("accounts:oidc_link"), reverse("accounts:sign_in")


@pytest.fixture
def provider(settings):
    with provider_running() as running:
        settings.OIDC_ISSUER, settings.SECURE_HTTPS = running.issuer, False
        settings.OIDC_CLIENT_ID, settings.OIDC_CLIENT_SECRET = CLIENT, SECRET
        yield running


@pytest.fixture
def person():
    return MembershipFactory(user=person_with_password()).user


@pytest.fixture
def linked(provider, person):
    Identity.objects.create(user=person, issuer=provider.issuer, subject=provider.subject)
    return person


def out(client, **query):
    """The provider's answer to where the portal sends the browser: an address of the portal."""
    answer = client.get(BEGIN, query)
    parts = urlsplit(answer.url)
    line = http.client.HTTPConnection(parts.hostname, parts.port, timeout=5)
    line.request("GET", f"{parts.path}?{parts.query}")
    return line.getresponse().headers["Location"]


def back(client, address, **more):
    return client.get(urlsplit(address).path, parse_qs(urlsplit(address).query) | more)


def go_there_and_back(client, **query):
    return back(client, out(client, **query))


def said(client):
    return client.get(SIGN_IN).content.decode()


def nobody_is_in(client):
    return "_auth_user_id" not in client.session and not SignedIn.objects.exists()


def test_without_a_provider_there_is_no_such_door(client, person):
    assert "oidc" not in said(client)
    for name in ("oidc_begin", "oidc_callback", "oidc_left"):
        assert client.get(reverse(f"accounts:{name}")).status_code == 404
    sign_in(client, person.memberships.get())
    assert client.get(LINK).status_code == 404
    assert "oidc" not in client.get(reverse("accounts:own")).content.decode()


def test_a_person_links_with_the_password_and_comes_in_without_it(client, provider, person):
    assert "用统一身份认证登录" in said(client)
    sign_in_by_form(client, person)
    assert client.post(LINK, {"password": "wrong"}).status_code == 422
    page = client.post(LINK, {"password": PASSWORD})
    assert BEGIN in page.content.decode()

    assert go_there_and_back(client).url == reverse("accounts:own")
    assert Identity.objects.get().user == person
    assert "已关联" in client.get(reverse("accounts:own")).content.decode()
    assert Message.objects.filter(membership__user=person, subject__contains="已关联").exists()
    visitor = Client()
    answer = go_there_and_back(visitor, next="/desk/?x=1")

    assert answer.url == "/desk/?x=1"
    assert int(visitor.session["_auth_user_id"]) == person.pk
    assert visitor.session["began"]
    assert SignedIn.objects.filter(user=person).count() == 2
    done = set(
        AuditEntry.objects.filter(action__contains="account.").values_list("action", flat=True)
    )
    assert {"account.link_identity", "account.oidc", "account.sign_in"} <= done


def test_the_way_out_proves_itself_and_asks_for_nothing_but_who_it_is(client, provider):
    asked = parse_qs(urlsplit(client.get(BEGIN).url).query)

    assert asked["scope"] == ["openid"]
    assert asked["code_challenge_method"] == ["S256"]
    assert asked["redirect_uri"] == [f"http://localhost:8000{BACK}"]
    assert len(asked["nonce"][0]) >= 20


def test_whoever_has_not_linked_gets_no_account(client, provider, person):
    answer = go_there_and_back(client)

    assert answer.url == SIGN_IN
    assert "还没有关联本系统的账户。请先用用户名和密码登录" in said(client)
    assert nobody_is_in(client)
    assert User.objects.count() == 1


def test_no_claim_opens_an_account_or_gives_a_right(client, linked, provider):
    other = person_with_password(username="boss", email="boss@example.org")
    MembershipFactory(user=other, role=Role.SYSTEM_ADMIN)
    provider.claims = {
        "preferred_username": "boss", "email": "boss@example.org", "email_verified": True,
        "roles": ["system_admin"], "groups": ["admin"], "is_superuser": True,
    }  # fmt: skip
    go_there_and_back(client)

    assert int(client.session["_auth_user_id"]) == linked.pk
    assert client.get(reverse("notifications:webhooks")).status_code == 403
    linked.refresh_from_db()
    assert not linked.is_superuser
    provider.subject = "stranger"
    stranger = Client()
    assert go_there_and_back(stranger).url == SIGN_IN
    assert "_auth_user_id" not in stranger.session


def test_the_second_factor_is_asked_for_as_after_a_password(client, linked, provider):
    second_factor.enrolment(linked)
    second_factor.confirm(linked, on_phone(linked))
    provider.claims = {"amr": ["otp", "mfa"], "acr": "high"}

    answer = go_there_and_back(client, next="/desk/?x=1")
    assert answer.url == reverse("accounts:second_step")
    assert nobody_is_in(client)
    assert client.post(answer.url, {"code": "000000"}).status_code == 422
    done = client.post(answer.url, {"code": on_phone(linked, later=1)})

    assert done.url == "/desk/?x=1"
    assert int(client.session["_auth_user_id"]) == linked.pk


def test_an_authority_without_one_has_to_enrol_first(client, linked, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    go_there_and_back(client)

    assert client.get(reverse("desk")).url == reverse("accounts:second_factor")


def test_a_closed_account_stays_closed(client, linked):
    moves.close(linked, actor=UserFactory(), note="离任")

    assert go_there_and_back(client).url == SIGN_IN
    assert "这个账户已停用或者休眠" in said(client)
    assert nobody_is_in(client)


@pytest.mark.parametrize(
    ("fault", "claims"),
    [
        ("", {"nonce": "another"}),
        ("", {"nonce": None}),
        ("", {"aud": "another-client"}),
        ("", {"aud": "another-client", "azp": CLIENT}),
        ("", {"iss": "https://elsewhere.example.org"}),
        ("", {"exp": int(time.time()) - 600}),
        ("", {"sub": None}),
        ("", {"sub": ""}),
        ("", {"sub": 7}),
        ("nothing", {}),
        ("key", {}),
        ("shared", {}),
        ("none", {}),
    ],
)
def test_a_token_that_is_not_for_us_now_lets_nobody_in(client, linked, provider, fault, claims):
    provider.fault, provider.claims = fault, claims
    if claims.get("sub") is not None:
        Identity.objects.create(
            user=UserFactory(), issuer=provider.issuer, subject=str(claims["sub"])
        )

    assert go_there_and_back(client).url == SIGN_IN
    assert "统一身份认证没有通过，请重新登录。" in said(client)
    assert nobody_is_in(client)


class TestTheWayBack:
    def test_works_once_and_in_its_own_browser(self, client, linked):
        address = out(client)
        stranger = Client()
        assert back(stranger, address).url == SIGN_IN
        assert "在另一个浏览器开始的" in said(stranger)

        assert back(client, address).url == reverse("desk")
        fresh = Client()
        out(fresh)
        assert back(fresh, address).url == SIGN_IN
        assert "_auth_user_id" not in fresh.session

    def test_does_not_take_for_ever(self, client, linked, monkeypatch):
        address = out(client)
        monkeypatch.setattr(oidc, "WITHIN", -1)

        assert back(client, address).url == SIGN_IN
        assert "登录已过期" in said(client)

    def test_from_another_provider_is_refused(self, client, linked):
        address = out(client)

        assert back(client, address, iss="https://elsewhere.example.org").url == SIGN_IN
        assert nobody_is_in(client)

    def test_somebody_changed_their_mind(self, client, provider):
        provider.error = "access_denied"

        assert go_there_and_back(client).url == SIGN_IN
        assert "统一身份认证没有完成" in said(client)

    def test_leads_nowhere_else(self, client, linked):
        answer = go_there_and_back(client, next="https://elsewhere.example.org/")

        assert answer.url == reverse("desk")


class TestTheProvider:
    def test_is_away(self, client, settings):
        settings.OIDC_ISSUER, settings.SECURE_HTTPS = "http://127.0.0.1:1", False

        assert client.get(BEGIN).url == SIGN_IN
        assert "连不上统一身份认证" in said(client)

    def test_hangs(self, client, provider, monkeypatch):
        monkeypatch.setattr(oidc, "_SECONDS", 0.1)
        provider.slow = 0.4

        assert client.get(BEGIN).url == SIGN_IN
        assert "连不上统一身份认证" in said(client)

    def test_calls_itself_something_else(self, client, provider):
        provider.calls_itself = "https://elsewhere.example.org"

        assert client.get(BEGIN).url == SIGN_IN
        assert "请系统管理员检查 OIDC_ISSUER" in said(client)

    def test_without_tls_is_for_tests_alone(self, client, provider, settings):
        settings.SECURE_HTTPS = True

        client.get(BEGIN)
        assert "须以 https:// 开头" in said(client)


class TestLinking:
    def test_needs_the_password_just_given(self, client, provider, person):
        sign_in_by_form(client, person)

        assert go_there_and_back(client).url == reverse("accounts:own")
        assert (
            "请在“我的账户”输入密码后再关联" in client.get(reverse("accounts:own")).content.decode()
        )
        assert not Identity.objects.exists()

    def test_one_identity_is_one_persons(self, client, linked):
        other = MembershipFactory(user=person_with_password()).user
        sign_in_by_form(client, other)
        client.post(LINK, {"password": PASSWORD})
        go_there_and_back(client)

        assert "已经关联了别的账户" in client.get(reverse("accounts:own")).content.decode()
        assert Identity.objects.get().user == linked

    def test_a_second_identity_waits_for_the_first_to_go(self, client, linked, provider):
        provider.subject = "subject-2"
        sign_in_by_form(client, linked)
        client.post(LINK, {"password": PASSWORD})
        go_there_and_back(client)

        assert "已经关联了另一个身份" in client.get(reverse("accounts:own")).content.decode()
        assert Identity.objects.get().subject == "subject-1"

    def test_unlinked_by_the_person_it_signs_nobody_in(self, client, linked):
        sign_in_by_form(client, linked)
        client.post(reverse("accounts:oidc_unlink"))

        assert go_there_and_back(Client()).url == SIGN_IN
        assert client.post(reverse("accounts:oidc_unlink")).status_code == 422
        assert AuditEntry.objects.filter(action="account.unlink_identity").count() == 1

    def test_unlinked_by_the_office_above_and_by_nobody_else(self, client, linked):
        url = reverse("accounts:oidc_unlink_other", args=[linked.pk])
        sign_in(client, MembershipFactory())
        assert client.post(url).status_code == 404
        above = MembershipFactory(role=Role.SYSTEM_ADMIN)
        sign_in(client, above)

        assert "解除统一身份认证" in client.get(linked.get_absolute_url()).content.decode()
        assert client.post(url, {"note": "换人"}).url == linked.get_absolute_url()
        assert not Identity.objects.exists()


def test_after_signing_out_the_provider_is_one_link_away(client, linked, provider):
    go_there_and_back(client)
    answer = client.post(reverse("accounts:sign_out"))

    assert answer.url == reverse("accounts:oidc_left")
    page = client.get(answer.url).content.decode()
    assert f"{provider.issuer}/end?client_id={CLIENT}" in page
    assert "_auth_user_id" not in client.session
    # Whoever came with a password reads nothing of it.
    other = Client()
    sign_in_by_form(other, linked)
    assert other.post(reverse("accounts:sign_out")).url == SIGN_IN


def test_pages_still_load_and_send_nothing_elsewhere(client, provider):
    policy = client.get(SIGN_IN).headers["Content-Security-Policy"]

    assert "form-action 'self'" in policy
    assert provider.issuer not in policy
