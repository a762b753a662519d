"""Evidence without a network: where it was taken, pasted, drawn on, recorded, confirmed; and a clash settled after 送签."""

import re

import pytest
from playwright.sync_api import expect

from tests.cameras import camera

from .pages import item
from .proving import PASTE, TONE, stroke
from .tablet import (
    FACT,
    all_sent,
    at,
    choose,
    cold,
    conclude,
    photograph,
    picture,
    send_now,
    sheet,
    take,
    told,
)

pytestmark = pytest.mark.browser
#: As a phone held upright writes it, large enough to be made smaller.
TURNED = camera(taken="2021:06:15 10:00:00", orientation=6, size=(900, 600))
WHERE = {"latitude": 39.08416, "longitude": 117.20012, "accuracy": 12}


def test_evidence_of_a_visit_without_a_network_arrives_with_what_was_said_of_it(
    tablet, network, portal
):
    visit = told(portal, "build(1, start=9500)")[0]
    window = tablet(visit["leader"])
    context = window.page.context
    context.add_init_script(TONE)
    context.set_geolocation(WHERE)
    context.grant_permissions(["geolocation"])
    take(window.page, network.url, visit["task"])
    page = cold(window, network)
    sheet(page, visit["sheet"], "A")
    card = item(page, "A01")
    files = card.locator(".evidence-item")

    card.locator("[data-with-position]").check()
    card.locator(".evidence-add input[type=file]").first.set_input_files(
        [
            {"name": name, "mimeType": "image/jpeg", "buffer": data}
            for name, data in (("铭牌.jpg", TURNED), ("证书.jpg", picture(1)))
        ]
    )
    expect(files).to_have_count(2)
    expect(files.last).to_contain_text("已记位置")
    card.locator("[data-with-position]").uncheck()
    back = {"name": "背面.jpg", "mimeType": "image/jpeg", "buffer": TURNED}
    card.locator(".evidence-add input[type=file]").first.set_input_files([back])
    expect(files).to_have_count(3)

    card.locator(".sheet-title").click()
    card.evaluate(PASTE)
    expect(card.locator(".evidence-item", has_text="粘贴的图片")).to_contain_text("本机已存")

    card.locator(".evidence-item", has_text="铭牌.jpg").get_by_role("button", name="标注").click()
    dialog = page.locator("#marking[open]")
    stroke(page, (0.2, 0.2), (0.6, 0.6))
    window.picture("13-offline-marking", whole=False)
    dialog.get_by_role("button", name="存为副本").click()
    copy = card.locator(".evidence-item", has_text="铭牌（标注）.jpg")
    expect(copy).to_contain_text("标注副本")
    expect(copy.get_by_role("button", name="标注")).to_have_count(0)

    card.get_by_role("button", name="录音").click()
    recorder = card.locator("[data-record]")
    expect(recorder).to_contain_text("停止（0:0")
    expect(recorder).not_to_contain_text("0:00")
    # Another section before it is stopped: what was recorded is kept.
    sheet(page, visit["sheet"], "B")
    sheet(page, visit["sheet"], "A")
    expect(card.locator(".evidence-item", has_text=re.compile("录音[0-9]{14}"))).to_have_count(1)
    window.picture("13-offline-evidence", whole=False)

    at(page, "evidence")
    rows = page.locator(".proof-row")
    expect(rows).to_have_count(6)
    rows.filter(has_text="证书.jpg").get_by_role("checkbox").uncheck()
    page.fill("[name=name]", "")
    page.get_by_role("button", name="记录确认").click()
    expect(page.locator("main")).to_contain_text("请填写确认人姓名和职务。")
    page.fill("[name=name]", "孙示三（计量室主任）")
    page.get_by_role("button", name="记录确认").click()
    expect(rows.filter(has_text="单位已确认")).to_have_count(5)
    window.picture("13-offline-confirmed")

    network.mood = "pass"
    context.set_offline(False)
    send_now(page)
    all_sent(page)
    proofs = told(portal, f"state({visit['task']})")["proofs"]
    sound = next(name for name in proofs if name.startswith("录音"))
    place = "北纬39.08416°，东经117.20012°（误差约12米）"
    by = "孙示三（计量室主任）"
    assert proofs == {
        # Made smaller on the device, and yet it says when its camera took it.
        "铭牌.jpg": ["照片", place, "", by, "2021-06-15 02:00"],
        "证书.jpg": ["照片", place, "", "", ""],
        # Not allowed to say where it was taken, it says nothing of its camera.
        "背面.jpg": ["照片", "", "", by, ""],
        "粘贴的图片.png": ["照片", "", "", by, ""],
        "铭牌（标注）.jpg": ["照片", "", "铭牌.jpg", by, ""],
        sound: ["录音", "", "", by, ""],
    }

    # Delivered, the photograph is drawn on with the portal's picture of it.
    sheet(page, visit["sheet"], "A")
    card.locator(".evidence-item", has_text="证书.jpg").get_by_role("button", name="标注").click()
    stroke(page, (0.3, 0.3), (0.7, 0.5))
    page.locator("#marking").get_by_role("button", name="存为副本").click()
    expect(card.locator(".evidence-item", has_text="证书（标注）.jpg")).to_contain_text("已送达")
    proofs = told(portal, f"state({visit['task']})")["proofs"]
    assert proofs["证书（标注）.jpg"][2] == "证书.jpg"


def test_a_photograph_taken_off_takes_its_copy_and_leaves_the_confirmation(tablet, network, portal):
    visit = told(portal, "build(1, start=9550)")[0]
    window = tablet(visit["leader"])
    take(window.page, network.url, visit["task"])
    page = cold(window, network)
    sheet(page, visit["sheet"], "A")
    card = item(page, "A01")
    for seed, name in enumerate(("铭牌.jpg", "证书.jpg")):
        photograph(page, "A01", name, picture(seed))
    card.locator(".evidence-item", has_text="铭牌.jpg").get_by_role("button", name="标注").click()
    stroke(page, (0.2, 0.2), (0.6, 0.6))
    page.locator("#marking").get_by_role("button", name="存为副本").click()
    expect(card.locator(".evidence-item")).to_have_count(3)
    at(page, "evidence")
    page.fill("[name=name]", "孙示三")
    page.get_by_role("button", name="记录确认").click()
    expect(page.locator(".proof-row", has_text="单位已确认")).to_have_count(3)

    sheet(page, visit["sheet"], "A")
    card.locator(".evidence-item", has_text="铭牌.jpg").get_by_role("button", name="撤下").click()
    expect(card.locator(".evidence-item")).to_have_count(1)
    network.mood = "pass"
    page.context.set_offline(False)
    send_now(page)
    all_sent(page)
    proofs = told(portal, f"state({visit['task']})")["proofs"]
    assert proofs == {"证书.jpg": ["照片", "", "", "孙示三", ""]}


def test_a_clash_settled_after_signing_was_asked_for_is_sent_and_signing_follows(
    tablet, network, portal
):
    visit = told(portal, "build_filled(start=9900)")
    window = tablet(visit["leader"])
    take(window.page, network.url, visit["task"])
    page = cold(window, network)
    sheet(page, visit["sheet"], "A")
    choose(page, "A01", "conform", f"{FACT}另附照片。")
    for number in (visit["sheet"], visit["unit_sheet"]):
        conclude(page, number)
    at(page, "signing")
    page.locator("#send").click()
    expect(page.locator("canvas.signature-pad")).to_be_visible()
    told(portal, f"colleague({visit['task']}, 'A01', 'conform')")

    network.mood = "pass"
    page.context.set_offline(False)
    send_now(page)
    expect(page.locator("#onsite-state")).to_contain_text("有冲突")
    assert told(portal, f"state({visit['task']})")["state"] == "in_progress"
    sheet(page, visit["sheet"], "A")
    item(page, "A01").locator(".conflict").get_by_role("button", name="保留我的").first.click()
    all_sent(page)
    there = told(portal, f"state({visit['task']})")
    assert there["state"] == "signing"
    assert there["answers"][f"{visit['sheet']}/A01"] == ["conform", f"{FACT}另附照片。"]
