"""An address made of keys is the one Django looks up, wherever the portal stands."""

import pytest
from django.urls import NoReverseMatch, reverse, set_script_prefix

from metrostd.common.addresses import address


@pytest.mark.parametrize(
    ("name", "keys"),
    [
        ("desk", ()),
        ("registry:units", ()),
        ("inspections:task", (0,)),
        ("inspections:task", (12,)),
        ("inspections:task", (2**62,)),
        ("rectification:finding", (7,)),
    ],
)
def test_it_is_what_django_looks_up(name, keys):
    for _ in range(2):
        assert address(name, *keys) == reverse(name, args=keys)


def test_it_follows_the_portal_to_another_place():
    before = address("inspections:task", 5)
    set_script_prefix("/门户 100%/")
    try:
        assert address("inspections:task", 5) == reverse("inspections:task", args=[5]) != before
    finally:
        set_script_prefix("/")
    assert address("inspections:task", 5) == before


@pytest.mark.parametrize("keys", [(), (None,), (-1,), ("x",), (1, 2)])
def test_where_no_page_is_there_is_no_address(keys):
    with pytest.raises(NoReverseMatch):
        address("inspections:task", *keys)
