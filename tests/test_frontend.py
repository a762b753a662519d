"""What is served of the front-end packages holds everything the pages name, and little else."""

import re
import runpy
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client
from fontTools.ttLib import TTFont

ROOT = settings.BASE_DIR
VENDOR = settings.FRONTEND_DIR / "vendor"
TRIM = runpy.run_path(str(ROOT / "bin/frontend/trim.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
NEEDS_SETTING_UP = "run bin/setup: the pages name what var/frontend/ was built without"


def served_icons() -> dict[str, int]:
    sheet = (VENDOR / "tabler-icons.min.css").read_text(encoding="utf-8")
    return {name: int(code, 16) for name, code in TRIM["ICON_RULE"].findall(sheet)}


def named_icons() -> set[str]:
    """Written out in a template, or as the value of something called icon."""
    found = set()
    for file in (*TEMPLATES, *(ROOT / "static/js").glob("*.js")):
        text = file.read_text(encoding="utf-8")
        found |= set(re.findall(r"\bti ti-([a-z0-9-]+)", text))
        found |= set(re.findall(r"\bicon=\"([a-z0-9-]+)\"", text))
    return found


def test_every_icon_a_page_names_is_served():
    assert named_icons() - set(served_icons()) == set(), NEEDS_SETTING_UP


def test_the_font_has_a_glyph_for_every_icon_of_the_style_sheet_and_of_our_own():
    with TTFont(VENDOR / "fonts" / "tabler-icons.woff2") as font:
        glyphs = set(font.getBestCmap())
    own = "".join(f.read_text(encoding="utf-8") for f in (ROOT / "static/css").glob("*.css"))
    codes = {int(code, 16) for code in re.findall(r'content:\s*"\\([0-9a-f]{4})"', own)}

    assert codes
    assert {*served_icons().values(), *codes} - glyphs == set(), NEEDS_SETTING_UP


def test_the_menu_and_the_states_have_their_icons():
    """They are chosen in Python, where no template names them."""
    from metrostd import frame

    menu = {icon for _, _, icon, _, _ in frame._MENU}

    assert menu - set(served_icons()) == set(), NEEDS_SETTING_UP


@pytest.mark.parametrize(
    ("selector", "used"),
    [
        (".btn", True),
        (".btn-primary:not(.disabled)", True),
        (".form-control.is-invalid", True),
        (".carousel .carousel-item", False),
        ("[data-bs-theme=dark] .btn", False),
        ("table>tbody", True),
        (":root", True),
    ],
)
def test_a_rule_stays_when_a_page_can_have_what_it_selects(selector, used):
    named, _ = TRIM["named_in"](VENDOR)

    assert TRIM["is_used"](selector, named) is used


def test_a_class_put_together_from_a_beginning_and_a_word_stays():
    assert TRIM["is_named"]("badge-ok", {"badge-", "ok"})
    assert not TRIM["is_named"]("badge-ok", {"badge", "ok"})


def test_of_bootstrap_only_the_side_menu_is_used():
    """Its script is the only one built into vendor/tabler.min.js."""
    wanted = set()
    for file in TEMPLATES:
        wanted |= set(re.findall(r"data-bs-toggle=\"([^\"]+)\"", file.read_text(encoding="utf-8")))

    assert wanted == {"offcanvas"}


def test_charts_ask_for_their_library_themselves():
    for file in TEMPLATES:
        assert not re.search(r"src=\"[^\"]*echarts", file.read_text(encoding="utf-8")), file.name


@pytest.mark.django_db
def test_pages_travel_compressed_and_as_long_as_chance_wants():
    """Lengths tell nothing about the token inside: each answer is padded differently."""
    client = Client(headers={"Accept-Encoding": "gzip, deflate, br"})

    answers = [client.get("/accounts/sign-in/") for _ in range(20)]

    assert {answer.headers["Content-Encoding"] for answer in answers} == {"gzip"}
    assert len({len(answer.content) for answer in answers}) > 5


def test_the_proxy_compresses_what_the_portal_leaves():
    compose = (Path(ROOT) / "docker-compose.yml").read_text(encoding="utf-8")

    assert re.search(r"^ +encode zstd gzip$", compose, re.MULTILINE)
