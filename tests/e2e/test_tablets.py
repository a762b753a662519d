"""What people typed or drew stays: another person signs in, the tablet is turned, a form beside is sent."""

import base64
import io
import json

import pytest
from PIL import Image
from playwright.sync_api import Locator, Page, expect

from metrostd.demo.people import PASSWORD

from .conftest import Portal
from .pages import all_saved, item, photo, press, upload

pytestmark = pytest.mark.browser

#: What lies on the device, as far as anybody can read it.
_WAITING = """() => new Promise((resolve) => {
  const asked = indexedDB.open("waiting");
  asked.onsuccess = () => {
    const all = asked.result.transaction("edits").objectStore("edits").getAll();
    all.onsuccess = () => resolve(all.result.map(({ place, data }) => [place, new TextDecoder().decode(data)]));
  };
})"""
#: Whether a page could open what lies at a place.
_OPENS = "async (place) => (await portal.waiting.load()).has(place.split(':')[1])"


@pytest.fixture(scope="module")
def tablets(portal: Portal) -> dict:
    code = "from tests.e2e.tablets import build; build()"
    return json.loads(portal.manage("shell", "-v", "0", "-c", code).splitlines()[-1])


def answered(portal: Portal, sheet: int) -> list[list[str]]:
    code = f"from tests.e2e.tablets import answered; answered({sheet})"
    return json.loads(portal.manage("shell", "-v", "0", "-c", code).splitlines()[-1])


def _sign_in_here(page: Page, portal: Portal, username: str) -> None:
    """In this tab, as the link 重新登录 opens it."""
    page.goto(f"{portal.url}/accounts/sign-in/")
    page.fill("[name=username]", username)
    page.fill("[name=password]", PASSWORD)
    page.click("main button[type=submit]")
    page.wait_for_url(f"{portal.url}/")


def _back_on_the_tab(page: Page) -> None:
    page.bring_to_front()
    page.evaluate("dispatchEvent(new Event('online'))")


def test_what_one_typed_is_not_saved_under_a_colleague_who_signed_in_meanwhile(tablets, visit):
    first = visit(tablets["first"], PASSWORD, width=768, height=1024)
    page, portal, context = first.page, first.portal, first.page.context
    address = f"/inspections/sheets/{tablets['sheet']}/"
    other_tab = context.new_page()
    other_tab.goto(f"{portal.url}/inspections/{tablets['task']}/")
    first.go(address)
    state = page.locator("[data-save-state]")
    code = page.locator(".sheet-item .sheet-code").first.inner_text()
    context.clear_cookies(name="sessionid")

    item(page, code).get_by_role("radio", name="不符合", exact=True).check()
    item(page, code).locator("textarea[name=note]").fill("甲的字：证书已过期，未能提供。")
    expect(state).to_contain_text("登录已失效，内容已留在本机")
    with context.expect_page() as opened:
        state.get_by_role("link", name="重新登录").click()
    _sign_in_here(opened.value, portal, tablets["second"])
    _back_on_the_tab(page)

    expect(state).to_contain_text(f"现在登录的是{tablets['second_name']}，没有保存，内容留在本机")
    first.picture("10-somebody-else", whole=False)
    upload(item(page, code).locator("form[data-upload]"), name="现场.jpg", content=photo(code))
    expect(item(page, code).locator(".upload-line .form-error")).to_contain_text(
        f"现场.jpg 未上传：现在登录的是{tablets['second_name']}"
    )
    opened.value.goto(portal.url + address)
    assert answered(portal, tablets["sheet"]) == []
    expect(item(opened.value, code).locator("textarea[name=note]")).to_have_value("")
    assert page.evaluate("Object.keys(localStorage)") == []
    (place, readable), *others = opened.value.evaluate(_WAITING)
    assert (place.split(":")[0], others) == (tablets["first_stamp"], [])
    assert "甲的字" not in readable
    assert page.evaluate(_OPENS, place)
    assert not opened.value.evaluate(_OPENS, place)

    reason = other_tab.locator("main form[method=post]:not([data-confirm]) textarea").first
    reason.evaluate("(each) => { each.value = '甲的理由'; each.form.requestSubmit(); }")
    expect(other_tab.locator("#toasts")).to_contain_text("现在登录的是另一位用户，没有提交")
    expect(reason).to_have_value("甲的理由")

    context.clear_cookies(name="sessionid")
    _sign_in_here(opened.value, portal, tablets["first"])
    _back_on_the_tab(page)
    all_saved(page)
    item(page, code).get_by_role("button", name="重试").click()
    expect(item(page, code).locator(".upload-line")).to_have_count(0)
    saved = answered(portal, tablets["sheet"])
    assert saved == [[code, tablets["first"], "nonconform"]]


def _stroke(page: Page, pad: Locator, start: float, end: float) -> None:
    """A line across the pad between two parts of its width."""
    pad.scroll_into_view_if_needed()
    box = pad.bounding_box()
    assert box is not None
    height = box["y"] + box["height"] / 2
    page.mouse.move(box["x"] + box["width"] * start, height - 10)
    page.mouse.down()
    for step in range(1, 11):
        across = start + (end - start) * step / 10
        page.mouse.move(box["x"] + box["width"] * across, height + 10 * (-1) ** step)
    page.mouse.up()


def _ink(page: Page) -> list[tuple[float, float]]:
    """The strokes of the picture the form would send, as stretches of its width."""
    url = page.locator("#sign input[name=image]").input_value()
    picture = Image.open(io.BytesIO(base64.b64decode(url.partition(",")[2])))
    alpha = picture.getchannel("A")
    width, height = alpha.size
    columns = [alpha.crop((x, 0, x + 1, height)).getbbox() is not None for x in range(width)]
    stretches, start = [], None
    for x, inked in enumerate([*columns, False]):
        if inked and start is None:
            start = x
        elif not inked and start is not None:
            stretches.append((start / width, x / width))
            start = None
    return stretches


def test_a_signature_survives_turning_the_tablet(tablets, visit):
    window = visit(tablets["signer"], PASSWORD, width=1180, height=820)
    page = window.page
    window.go(f"/inspections/{tablets['signing']}/signing/")
    pad = page.locator("canvas.signature-pad[data-ready]")
    _stroke(page, pad, 0.05, 0.2)
    _stroke(page, pad, 0.45, 0.6)
    _stroke(page, pad, 0.85, 0.98)
    assert len(_ink(page)) == 3
    wide = pad.bounding_box()["width"]

    page.set_viewport_size({"width": 600, "height": 960})
    expect(pad).to_have_js_property("width", round(pad.bounding_box()["width"]))
    narrow = pad.bounding_box()["width"]
    _stroke(page, pad, 0.25, 0.4)

    assert narrow < wide
    turned = _ink(page)
    assert len(turned) == 4
    for (start, end), expected in zip(
        turned, [(0.05, 0.2), (0.25, 0.4), (0.45, 0.6), (0.85, 0.98)], strict=True
    ):
        assert (start, end) == pytest.approx(expected, abs=0.04)
    window.picture("10-turned", whole=False)

    page.set_viewport_size({"width": 1180, "height": 820})
    expect(pad).to_have_js_property("width", round(wide))
    assert len(_ink(page)) == 4
    press(page, "重签")
    assert page.locator("#sign input[name=image]").input_value() == ""


def test_a_decision_leaves_what_was_typed_into_the_others_of_the_page(tablets, visit):
    window = visit(tablets["office"], PASSWORD, width=1440, height=900)
    page = window.page
    window.go(f"/rectification/orders/{tablets['order']}/")
    first, second, third = (page.locator(f"#finding-{pk}") for pk in tablets["findings"])
    for card, words in ((first, "甲：核对无误。"), (second, "乙：还差一份证书。"), (third, "丙")):
        card.locator("textarea").fill(words)
    chosen = second.locator("select").select_option(index=1)
    second.locator("input[type=radio]").last.check()
    first.locator("input[type=radio]").first.check()
    press(page, "作出决定", within=f"#finding-{tablets['findings'][0]}")

    expect(first.locator("textarea")).to_have_count(0)
    expect(first).to_contain_text("甲：核对无误。")
    expect(second.locator("textarea")).to_have_value("乙：还差一份证书。")
    expect(second.locator("select")).to_have_value(chosen[0])
    expect(second.locator("input[type=radio]").last).to_be_checked()
    expect(third.locator("textarea")).to_have_value("丙")
    expect(page.locator("#toasts")).to_contain_text("尚未提交的内容已恢复")
    window.picture("10-other-decisions", whole=False)

    third.locator("input[type=radio]").first.check()
    press(page, "作出决定", within=f"#finding-{tablets['findings'][2]}")
    expect(second.locator("textarea")).to_have_value("乙：还差一份证书。")
    page.locator(".topbar-drop summary[aria-label]").last.click()
    page.get_by_role("button", name="退出登录").click()
    page.wait_for_url("**/accounts/sign-in/")
    assert page.evaluate("sessionStorage.length") == 0
