"""Evidence at an item: a copy drawn on by hand, a picture pasted, sound recorded, a film too heavy; then confirmed."""

import pytest
from playwright.sync_api import expect

from metrostd.demo.people import PASSWORD

from .pages import heard, item, photo, press, upload
from .proving import PASTE, TONE, stroke
from .tablet import told

pytestmark = pytest.mark.browser

#: A film chosen, heavier than the portal takes; made in the page, so that no test carries it about.
_FILM = """(input) => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(21 << 20)], "长片.mp4", { type: "video/mp4" }));
  input.files = data.files;
  input.dispatchEvent(new Event("change", { bubbles: true }));
}"""


@pytest.fixture(scope="module")
def made(portal) -> dict:
    return told(portal, "build(1, start=7600)")[0]


def test_evidence_is_drawn_on_pasted_recorded_and_confirmed(portal, visit, made):
    window = visit(made["leader"], PASSWORD, width=768, height=1024)
    page = window.page
    page.add_init_script(TONE)
    window.go(f"/inspections/sheets/{made['sheet']}/?section=A")
    card = item(page, "A01")
    upload(card.locator(".evidence-add"), name="铭牌.jpg", content=photo("A01"))
    expect(card.locator(".evidence-item")).to_have_count(1)

    card.get_by_role("button", name="标注").click()
    dialog = page.locator("#marking[open]")
    expect(dialog.get_by_role("button", name="存为副本")).to_be_disabled()
    stroke(page, (0.2, 0.2), (0.5, 0.5))
    dialog.get_by_role("button", name="框").click()
    stroke(page, (0.5, 0.4), (0.8, 0.7))
    stroke(page, (0.1, 0.8), (0.3, 0.9))
    dialog.get_by_role("button", name="撤销").click()
    dialog.get_by_role("button", name="文字").click()
    dialog.locator("input").fill("编号与证书不符")
    stroke(page, (0.1, 0.75), (0.1, 0.75))
    window.picture("13-marking", whole=False)
    dialog.get_by_role("button", name="存为副本").click()
    expect(card.locator(".evidence-item", has_text="铭牌（标注）.jpg")).to_contain_text("标注副本")

    card.locator(".sheet-title").click()
    card.evaluate(PASTE)
    expect(card.locator(".evidence-item", has_text="粘贴的图片")).to_be_visible()

    card.get_by_role("button", name="录音").click()
    recorder = card.locator("[data-record]")
    expect(recorder).to_contain_text("停止（0:0")
    expect(recorder).not_to_contain_text("0:00")
    recorder.click()
    expect(card.locator(".evidence-item", has_text="录音 ·")).to_have_count(1)
    expect(card.get_by_role("button", name="录音")).to_be_visible()

    card.locator(".evidence-add input[type=file]").last.evaluate(_FILM)
    expect(card.locator(".upload-line")).to_contain_text(
        "请在相机中调低清晰度，或者分段录制后再传。"
    )

    window.go(f"/inspections/{made['task']}/evidence/")
    expect(page.locator(".proof-row")).to_have_count(4)
    page.fill("[name=name]", "孙示三（计量室主任）")
    window.picture("13-evidence-list", whole=False)
    press(page, "记录确认")
    heard(page, "对 4 件证据的确认")

    files = told(portal, f"state({made['task']})")["files"]
    assert [name for _, name, *_ in files][:2] == ["铭牌.jpg", "铭牌（标注）.jpg"]
    assert len({digest for _, _, digest, *_ in files}) == 4
