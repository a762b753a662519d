"""A tablet at /onsite/: taken along, opened with a PIN, filled in, photographed, signed, sent."""

import io
import json
import re
from random import Random

from PIL import Image
from playwright.sync_api import Page, expect

from .conftest import PATIENCE, Portal, Visitor
from .flapping import Flapping
from .pages import item

PIN = "135790"
SENT = re.compile("全部已送达")
FACT = "现场核对：编号与台账不一致，记录缺失两处。"
_FILES = ".evidence-add input[type=file]"


def told(portal: Portal, call: str) -> dict:
    """What a function of tests.e2e.offline prints."""
    code = f"from tests.e2e import offline; offline.{call}"
    return json.loads(portal.manage("shell", "-v", "0", "-c", code).splitlines()[-1])


def picture(seed: int, side: int = 120) -> bytes:
    """A photograph of noise: no two are alike, and shrinking one changes its bytes."""
    data = io.BytesIO()
    noise = Random(seed).randbytes(side * side * 3)
    Image.frombytes("RGB", (side, side), noise).save(data, "JPEG", quality=90)
    return data.getvalue()


def take(page: Page, base: str, task: int) -> None:
    page.goto(f"{base}/onsite/#/take/{task}")
    page.fill("#pin-pin", PIN)
    page.fill("#pin-again", PIN)
    page.get_by_role("button", name="带走", exact=True).click()
    expect(page.get_by_role("button", name="核对并送签")).to_be_visible()
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")


def unlock(page: Page, base: str, pin: str = PIN) -> None:
    page.goto(f"{base}/onsite/")
    enter(page, pin)


def enter(page: Page, pin: str) -> None:
    page.fill("#pin-pin", pin)
    page.get_by_role("button", name="打开", exact=True).click()
    expect(page.get_by_role("button", name=re.compile("未送达"))).to_be_visible()


def at(page: Page, where: str) -> None:
    """Go to a place in the open visit, as its links do."""
    lease = page.evaluate("location.hash.split('/')[2]")
    page.evaluate(f"location.hash = '#/lease/{lease}/{where}'")


def sheet(page: Page, number: int, section: str) -> None:
    at(page, f"sheet/{number}/{section}")
    chip = page.locator(f".section-chip[aria-current=true][href$='/{number}/{section}']")
    expect(chip).to_be_visible()
    if section != "conclude":
        expect(page.locator(".sheet-item").first).to_be_visible()


def sections(page: Page) -> list[str]:
    links = page.locator(".section-chip").evaluate_all("all => all.map(each => each.href)")
    return [each.rsplit("/", 1)[1] for each in links if not each.endswith("/conclude")]


def codes(page: Page) -> list[str]:
    return page.locator(".sheet-code").all_inner_texts()


def choose(page: Page, code: str, value: str, note: str = "") -> None:
    """A tap, and words where they are wanted; on disk when this returns."""
    card = item(page, code)
    card.locator(f"input[type=radio][value={value}]").check()
    if note:
        card.locator("textarea[name=note]").fill(note)
        card.locator("textarea[name=note]").blur()
    kept(page, code)


def kept(page: Page, code: str) -> None:
    """The item says that it is stored here, or there."""
    expect(item(page, code).locator(".onsite-item-state")).to_contain_text(
        re.compile("本机已存|已送达|发送中")
    )


def photograph(page: Page, code: str, name: str, data: bytes, *, keep: bool = False) -> None:
    card = item(page, code)
    card.locator("[data-keep-original]").set_checked(keep)
    file = {"name": name, "mimeType": "image/jpeg", "buffer": data}
    card.locator(_FILES).first.set_input_files(file)
    expect(card.locator(".evidence-item", has_text=name)).to_be_visible()


def fill_sheet(page: Page, number: int, problems: dict[str, str]) -> dict[str, list[str]]:
    """Answer everything on a sheet; what was entered, by sheet and item."""
    entered = {}
    sheet(page, number, "conclude")
    for section in sections(page):
        sheet(page, number, section)
        for code in codes(page):
            value = problems.get(code, "conform")
            note = FACT if value != "conform" else ""
            choose(page, code, value, note)
            entered[f"{number}/{code}"] = [value, note]
    return entered


def conclude(page: Page, number: int) -> None:
    sheet(page, number, "conclude")
    page.get_by_role("button", name="确定结论").click()
    expect(page.locator("main")).to_contain_text("已确定：")


def all_sent(page: Page, *, seconds: int = 60) -> None:
    expect(page.locator("#onsite-state")).to_have_text(SENT, timeout=seconds * 1000)


def send_now(page: Page) -> None:
    """As the browser does when a network comes back."""
    page.evaluate("dispatchEvent(new Event('online'))")


def cold(visitor: Visitor, network: Flapping) -> Page:
    """Without a network: the tab is closed, and the task opened again from nothing."""
    network.mood = "cut"
    visitor.page.context.set_offline(True)
    visitor.page.close()
    visitor.page = visitor.page.context.new_page()
    visitor.page.set_default_timeout(PATIENCE)
    unlock(visitor.page, network.url)
    return visitor.page
