"""The main pages of every role in a real browser: nothing serious for axe, no icon missing, none heavy."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
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


#: How many pixels of a page stand out to the right of the screen.
_OVER = "() => Math.max(document.documentElement.scrollWidth - window.innerWidth, 0)"
#: Charts whose frame is there and empty.
_EMPTY = """() => [...document.querySelectorAll("[data-chart]")]
  .filter((frame) => frame.clientWidth && !frame.querySelector("canvas, svg")).map((frame) => frame.dataset.chart)"""


@dataclass(frozen=True, slots=True)
class Seen:
    """What is wrong on the pages of one account."""

    broken: list[str]
    blank: dict[str, list[str]]
    heavy: dict[str, float]
    wide: dict[str, int]


def _look(visitor: Visitor, addresses: list[str]) -> Seen:
    """Open each page as if none had been there before, weigh what came and let axe examine it."""
    source = AXE.read_text(encoding="utf-8")
    seen = Seen([], {}, {}, {})
    wire = visitor.page.context.new_cdp_session(visitor.page)
    wire.send("Network.enable")
    wire.send("Network.setCacheDisabled", {"cacheDisabled": True})
    came: list[float] = []
    wire.on("Network.loadingFinished", lambda done: came.append(done["encodedDataLength"]))
    for address in addresses:
        came.clear()
        response = visitor.page.goto(visitor.portal.url + address)
        assert response is not None
        assert response.ok, address
        if missing := visitor.page.evaluate(_BLANK):
            seen.blank[address] = missing
        seen.broken.extend(_violations(visitor, source))
        # With everything unfolded: what is too wide scrolls in its own frame, never the page.
        if over := visitor.page.evaluate(_OVER):
            seen.wide[address] = over
        # Scripts, styles and fonts are there; what a page asks for later came while axe was looking.
        if not 0 < sum(came) <= _HEAVIEST:
            seen.heavy[address] = sum(came)
    return seen


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
def test_no_page_has_a_serious_violation_a_missing_icon_or_too_much_weight(
    sample, browser: Browser, role: str, size: tuple[int, int]
):
    portal, pages = sample
    for username, addresses in pages[role].items():
        width, height = size
        context = browser.new_context(
            viewport={"width": width, "height": height}, locale="zh-CN", reduced_motion="reduce"
        )
        visitor = Visitor(context.new_page(), portal)
        visitor.page.set_default_timeout(PATIENCE)
        visitor.sign_in(username, PASSWORD)
        seen = _look(visitor, addresses)
        complaints = visitor.complaints
        context.close()

        assert (seen, complaints) == (Seen([], {}, {}, {}), [])


def test_every_chart_is_drawn_though_nobody_scrolls_to_it(sample, browser: Browser):
    portal, pages = sample
    context = browser.new_context(viewport={"width": 768, "height": 1024}, locale="zh-CN")
    visitor = Visitor(context.new_page(), portal)
    visitor.page.set_default_timeout(PATIENCE)
    visitor.sign_in(next(iter(pages["city"])), PASSWORD)
    visitor.go("/reports/cockpit/")
    height = visitor.page.evaluate("document.documentElement.scrollHeight")

    visitor.page.wait_for_function(f"() => ({_EMPTY})().length === 0")

    frames = visitor.page.locator("[data-chart]").count()
    complaints = visitor.complaints
    context.close()
    assert (height > 2 * 1024, frames > 5, complaints) == (True, True, [])


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
