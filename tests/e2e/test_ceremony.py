"""Two witnesses of two offices draw in one room: each with a device of their own, in a few presses."""

import json

import pytest
from playwright.sync_api import expect

from metrostd.demo.people import PASSWORD

from .conftest import Portal, Visitor
from .pages import heard, press

pytestmark = pytest.mark.browser
#: Two people, ten minutes: a minute for each press leaves time to read.
MOST = 10
_COUNTER = """addEventListener("pointerdown", () => {
  sessionStorage.setItem("taps", Number(sessionStorage.getItem("taps") || 0) + 1);
}, true);"""


@pytest.fixture(scope="module")
def ceremony(portal: Portal) -> dict:
    return told(portal, "build()")


def told(portal: Portal, call: str):
    code = f"from tests.e2e import ceremony; ceremony.{call}"
    return json.loads(portal.manage("shell", "-v", "0", "-c", code).splitlines()[-1])


def taps(window: Visitor) -> int:
    return int(window.page.evaluate("sessionStorage.getItem('taps') || 0"))


def test_two_witnesses_draw_in_a_few_presses(portal, ceremony, visit):
    numbers = {"watch": "4711", "other": "815"}
    windows = {who: visit(ceremony[who], PASSWORD, width=768, height=1024) for who in numbers}
    for who, window in windows.items():
        window.page.add_init_script(_COUNTER)
        window.go(ceremony["url"])
        window.page.evaluate("sessionStorage.clear()")
        window.page.fill("[data-number]", numbers[who])
        window.picture(f"12-commit-{who}")
        press(window.page, "提交承诺")
        expect(window.page.locator("main")).to_contain_text("已提交承诺")

    office = visit(ceremony["office"], PASSWORD)
    office.go(ceremony["url"])
    expect(office.page.locator("main")).to_contain_text("已提交承诺")
    for number in numbers.values():
        expect(office.page.locator("main")).not_to_contain_text(f"公布的数 {number}")
    expect(office.page.get_by_role("button", name="公布", exact=True)).to_have_count(0)

    for who, window in windows.items():
        window.go(ceremony["url"])
        # What was committed to waits on the device; nobody types it a second time.
        expect(window.page.locator("[data-witness=reveal] [name=number]")).to_have_value(
            numbers[who]
        )
        window.picture(f"12-reveal-{who}")
        press(window.page, "公布")
    heard(windows["other"].page, "已抽取")
    windows["other"].picture("12-drawn")

    assert sum(map(taps, windows.values())) <= MOST
    assert told(portal, f"drawn({ceremony['terms']})") == ["wit:4711,815", 2, []]
