"""The main pages of every role, examined by axe in a real browser: nothing serious, nothing critical."""

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


@pytest.fixture(scope="module")
def sample(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: str
) -> Iterator[tuple[Portal, dict]]:
    """A small city with a campaign under way, and the pages to look at by role and account."""
    with serving(tmp_path_factory.mktemp("sample"), django_db_setup) as portal:
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
