"""The main pages of every role in a real browser: nothing serious for axe, no icon missing, none heavy."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from metrostd.demo.people import PASSWORD

from .conftest import PATIENCE, ROOT, Portal, Visitor, serving

#: Not marked as browser tests are: no engine changes what axe sees, so they run once.
pytestmark = pytest.mark.accessibility

AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
#: The best-practice rules are not violations of WCAG and stay out.
_RUN = """() => axe.run(document, {
  resultTypes: ["violations"],
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"],
})"""
_FAILS = ("serious", "critical")
#: What the first visit of a page may bring over the line, in bytes.
_HEAVIEST = 250_000
#: Icons that are on the page and have no glyph.
_BLANK = """() => document.fonts.ready.then(() => [...document.querySelectorAll("i.ti")]
  .filter((icon) => ["none", "normal", ""].includes(getComputedStyle(icon, "::before").content))
  .map((icon) => icon.className))"""


@pytest.fixture(scope="module")
def sample(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: str
) -> Iterator[tuple[Portal, dict]]:
    """A small city with a campaign under way, and the pages to look at by role and account."""
    with serving(tmp_path_factory.mktemp("sample"), django_db_setup, compressed=True) as portal:
        made = portal.manage(
            "shell", "-v", "0", "-c", "from tests.e2e.sample import build; build()"
        )
        yield portal, json.loads(made.splitlines()[-1])


#: What is folded away is invisible to axe, too.
_UNFOLD = """() => document.querySelectorAll("main details:not([data-popover])").forEach(
  (each) => { each.open = true; })"""


def _violations(visitor: Visitor, source: str) -> list[str]:
    visitor.page.evaluate(_UNFOLD)
    visitor.page.evaluate(source)
    found = visitor.page.evaluate(_RUN)["violations"]
    return [
        f"{visitor.page.url}: {rule['id']} ({rule['impact']}) {node['target']} {node['html'][:120]}"
        for rule in found
        if rule["impact"] in _FAILS
        for node in rule["nodes"]
    ]


@pytest.mark.parametrize(
    ("role", "size"),
    [
        ("city", (1366, 860)),
        ("phone", (375, 740)),
        ("district", (1366, 860)),
        ("inspector", (768, 1024)),
        ("unit", (1366, 860)),
    ],
    ids=["city", "city on a phone", "district", "inspector", "unit"],
)
def test_no_serious_violation(sample, browser: Browser, role: str, size: tuple[int, int]):
    portal, pages = sample
    source = Path(AXE).read_text(encoding="utf-8")
    found = []
    for username, addresses in pages[role].items():
        width, height = size
        context = browser.new_context(
            viewport={"width": width, "height": height}, locale="zh-CN", reduced_motion="reduce"
        )
        visitor = Visitor(context.new_page(), portal)
        visitor.page.set_default_timeout(PATIENCE)
        visitor.sign_in(username, PASSWORD)
        for address in addresses:
            response = visitor.page.goto(portal.url + address)
            assert response is not None
            assert response.ok, address
            found += _violations(visitor, source)
        found += visitor.complaints
        context.close()

    assert found == []


def test_signing_in_and_errors_are_examined_too(sample, browser: Browser):
    portal, _ = sample
    source = Path(AXE).read_text(encoding="utf-8")
    context = browser.new_context(locale="zh-CN")
    visitor = Visitor(context.new_page(), portal)
    found = []
    for address in ("/accounts/sign-in/", "/nowhere/"):
        visitor.go(address)
        found += _violations(visitor, source)
    context.close()

    assert found == []


def _first_visits(visitor: Visitor, addresses: list[str]) -> Iterator[tuple[str, float]]:
    """Open one page after the other as if none had been there before: address and bytes received."""
    wire = visitor.page.context.new_cdp_session(visitor.page)
    wire.send("Network.enable")
    wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
    came: list[float] = []
    wire.on("Network.loadingFinished", lambda done: came.append(done["encodedDataLength"]))
    for address in addresses:
        came.clear()
        visitor.page.goto(visitor.portal.url + address, wait_until="networkidle")
        yield address, sum(came)


@pytest.mark.parametrize("role", ["city", "district", "inspector", "unit"])
def test_no_first_visit_is_heavy_and_no_icon_is_missing(sample, browser: Browser, role: str):
    portal, pages = sample
    heavy, blank = {}, {}
    for username, addresses in pages[role].items():
        context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="zh-CN")
        visitor = Visitor(context.new_page(), portal)
        visitor.sign_in(username, PASSWORD)
        for address, weight in _first_visits(visitor, addresses):
            if missing := visitor.page.evaluate(_BLANK):
                blank[address] = missing
            if not 0 < weight <= _HEAVIEST:
                heavy[address] = weight
        context.close()

    assert (heavy, blank) == ({}, {})
