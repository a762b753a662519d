"""A standard without deficiencies: section by section confirmed, in at most 15 taps; by keyboard with 1 to 4."""

import hashlib

import pytest
from playwright.sync_api import expect

from metrostd.demo.people import PASSWORD

from .pages import all_saved, item
from .tablet import picture, told

pytestmark = pytest.mark.browser
MOST = 15
_COUNTER = """addEventListener("pointerdown", () => {
  sessionStorage.setItem("taps", Number(sessionStorage.getItem("taps") || 0) + 1);
}, true);"""


@pytest.fixture(scope="module")
def made(portal) -> list[dict]:
    return told(portal, "build(3, start=7000)")


def test_a_standard_without_deficiencies_takes_at_most_15_taps(portal, visit, made):
    made = made[0]
    window = visit(made["leader"], PASSWORD, width=768, height=1024)
    page = window.page
    page.add_init_script(_COUNTER)
    window.go(f"/inspections/sheets/{made['sheet']}/")
    total = int(page.locator("[data-progress-total]").first.inner_text())

    # By keyboard: the item in hand, then the next one.
    page.keyboard.press("1")
    page.keyboard.press("2")
    all_saved(page)
    expect(item(page, "A01").locator("input[value=conform]")).to_be_checked()
    expect(item(page, "A02").locator("input[value=deficient]")).to_be_checked()
    expect(item(page, "A02").locator("textarea")).to_be_focused()
    item(page, "A02").locator("input[value=conform]").check(force=True)
    all_saved(page)
    page.evaluate("sessionStorage.clear()")

    page.get_by_role("button", name="其余3项符合").click()
    for section in "BCDEFGH":
        expect(page.locator("#ask[open]")).to_contain_text("确认都已检查并且符合")
        if section == "C":
            window.picture("13-rest", whole=False)
        page.locator("#ask-yes").click()
        page.wait_for_url(f"**section={section}&rest=1")
    page.locator("#ask-yes").click()
    page.wait_for_url("**section=conclude")
    page.get_by_role("button", name="确定结论").click()
    expect(page.locator("main")).to_contain_text("已确定结论：符合")

    taps = int(page.evaluate("sessionStorage.getItem('taps')"))
    assert taps <= MOST
    there = told(portal, f"state({made['task']})")["answers"]
    mine = [value for key, value in there.items() if key.startswith(f"{made['sheet']}/")]
    assert mine == [["conform", ""]] * total


def test_keys_pressed_before_the_first_save_is_answered_all_count(portal, visit, made):
    made = made[2]
    window = visit(made["leader"], PASSWORD, width=768, height=1024)
    page, held = window.page, []
    window.go(f"/inspections/sheets/{made['sheet']}/?section=A")
    page.route("**/inspections/answers/*/", lambda route: held.append(route))
    for key in "112":
        page.keyboard.press(key)
    while len(held) < 3:
        page.wait_for_timeout(50)
    for route in reversed(held):
        page.wait_for_timeout(200)  # the fragment of one answer is swapped in before the next
        route.continue_()
    page.unroute("**/inspections/answers/*/")
    page.keyboard.type("标签脱落，现场核对台账与实物不一致。")
    all_saved(page)

    there = told(portal, f"state({made['task']})")["answers"]
    mine = sorted(tuple(value) for value in there.values() if value[0])
    note = "标签脱落，现场核对台账与实物不一致。"
    assert mine == [("conform", ""), ("conform", ""), ("deficient", note)]


def test_photographs_are_made_smaller_before_they_are_sent_unless_the_original_is_wanted(
    portal, visit, made
):
    made = made[1]
    window = visit(made["leader"], PASSWORD, width=768, height=1024)
    window.go(f"/inspections/sheets/{made['sheet']}/?section=A")
    card, data = item(window.page, "A01"), picture(5, side=1200)
    chooser = card.locator(".evidence-add input[type=file]").first
    for name, keep in (("小.jpg", False), ("原.jpg", True)):
        card.locator("[data-keep-original]").set_checked(keep)
        chooser.set_input_files({"name": name, "mimeType": "image/jpeg", "buffer": data})
        expect(card.locator(".evidence-item", has_text=name)).to_be_visible()
    window.picture("13-evidence", whole=False)

    files = told(portal, f"state({made['task']})")["files"]
    digest = hashlib.sha256(data).hexdigest()
    assert [each[1] for each in files] == ["小.jpg", "原.jpg"]
    assert [each[2] == digest for each in files] == [False, True]
