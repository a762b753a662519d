"""No route is public unless it is listed here."""

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from tests.factories.accounts import MembershipFactory, sign_in

PUBLIC = {
    "accounts:sign_in",
    "accounts:activate",
    "accounts:forgotten",
    "complaints_public:create",
    "complaints_public:follow",
}
#: Public to read: lists and pages of what was published, none of which exists here.
READ_ONLY = {
    "bulletins:index": 200,
    "bulletins:bulletin": 404,
    "bulletins:pdf": 404,
    "bulletins:record": 404,
    "bulletins:verifier": 200,
    "complaints_public:index": 200,
    "complaints_public:poster": 404,
    "notices_public:index": 200,
    "notices_public:notice": 404,
    "notices_public:file": 404,
    "notices_public:annex": 404,
}
#: Public and empty: what opens without a network, and the worker that keeps it (built by bin/setup).
READ_ONLY |= {"onsite:shell": 200, "onsite:who": 200, "onsite:worker": 200}
#: Public to send to, with the code of a receipt in what is sent.
SEND_ONLY = {"complaints_public:forget"}
#: The way to a provider of identities, only there where one is set up.
READ_ONLY |= dict.fromkeys(
    ("accounts:oidc_begin", "accounts:oidc_callback", "accounts:oidc_left"), 404
)
#: Public, and nothing to see without the step before.
SECOND = {"accounts:second_step"}
#: Only there in debug mode.
DEBUG_ONLY = {"gallery", "error_preview"}


def walk(resolver: URLResolver, prefix: str = ""):
    """(name, pattern) of every route outside the administration site."""
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            if entry.namespace != "admin":
                yield from walk(entry, f"{prefix}{entry.namespace}:" if entry.namespace else prefix)
        else:
            yield f"{prefix}{entry.name}", entry


ROUTES: dict[str, URLPattern] = {
    name: entry for name, entry in walk(get_resolver()) if name not in DEBUG_ONLY
}


def arguments(entry: URLPattern) -> dict[str, int]:
    return dict.fromkeys(entry.pattern.converters, 1)


@pytest.mark.django_db
@pytest.mark.parametrize("name", sorted(ROUTES))
def test_only_listed_routes_are_public(client, name):
    url = reverse(name, kwargs=arguments(ROUTES[name]))

    for ask in (client.get, client.post):
        response = ask(url)
        if name in PUBLIC:
            assert response.status_code in (200, 422)
        elif name in READ_ONLY:
            assert response.status_code == (READ_ONLY[name] if ask == client.get else 405)
        elif name in SEND_ONLY:
            assert response.status_code == (405 if ask == client.get else 422)
        elif name in SECOND:
            assert response.url == reverse("accounts:sign_in")
        else:
            assert response.status_code == 302
            assert response.url.startswith(reverse("accounts:sign_in"))


@pytest.mark.django_db
def test_the_administration_site_asks_for_a_sign_in(client):
    response = client.get("/admin/")

    assert response.status_code == 302
    assert client.get(response.url).url == reverse("accounts:sign_in") + "?next=/admin/"


@pytest.mark.django_db
def test_the_administration_site_has_no_door_of_its_own(client):
    """A password given there is not looked at: it would not be counted when wrong."""
    given = client.post("/admin/login/", {"username": "admin", "password": "sample-Passw0rd"})
    abroad = client.get("/admin/login/", {"next": "https://example.org/"})

    assert given.url.startswith(reverse("accounts:sign_in"))
    assert client.post(abroad.url).context["form"].errors  # where next is checked


@pytest.mark.django_db
def test_who_is_no_administrator_reads_why_not(client):
    sign_in(client, MembershipFactory())

    response = client.get("/admin/", follow=True)

    assert response.status_code == 403
    assert "数据维护由系统管理员办理" in response.content.decode()
