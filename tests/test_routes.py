"""No route is public unless it is listed here."""

import pytest
from django.urls import URLPattern, URLResolver, get_resolver, reverse

PUBLIC = {"accounts:sign_in"}
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
            assert response.status_code == 200
        else:
            assert response.status_code == 302
            assert response.url.startswith(reverse("accounts:sign_in"))


@pytest.mark.django_db
def test_the_administration_site_asks_for_a_sign_in(client):
    response = client.get("/admin/")

    assert response.status_code == 302
    assert "sign-in" in response.url or "login" in response.url
