"""Inspectors in basements: what they enter without a network is there afterwards, all of it, once."""

import hashlib
import io

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from metrostd.demo.people import PASSWORD

from .conftest import Portal, Visitor
from .pages import draw_signature, item
from .tablet import (
    FACT,
    PIN,
    all_sent,
    at,
    choose,
    cold,
    conclude,
    enter,
    fill_sheet,
    photograph,
    picture,
    send_now,
    sheet,
    take,
    told,
    unlock,
)

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def visits(portal: Portal) -> list[dict]:
    return told(portal, "build(4)")


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def test_a_whole_visit_without_a_network_arrives_once_through_a_bad_one(
    tablet, network, portal, visits
):
    visit = visits[0]
    window = tablet(visit["leader"])
    take(window.page, network.url, visit["task"])
    page = cold(window, network)
    window.picture("13-cold-start", whole=False)
    at(page, "signing")
    expect(page.locator(".gap-subject")).to_have_count(2)  # what is open, sheet by sheet
    window.picture("13-open", whole=False)

    problems = {"A02": "deficient", "E05": "nonconform"}
    entered = fill_sheet(page, visit["sheet"], problems)
    photographs = {}
    for number in range(12):
        code = ("A02", "E05")[number % 2]
        name, data = f"照片{number + 1}.jpg", picture(number)
        sheet(page, visit["sheet"], code[0])
        photograph(page, code, name, data, keep=number < 6)
        photographs[name] = (f"{visit['sheet']}/{code}", data if number < 6 else None)
    window.picture("13-photographs", whole=False)
    entered |= fill_sheet(page, visit["unit_sheet"], {})
    conclude(page, visit["sheet"])
    conclude(page, visit["unit_sheet"])
    at(page, "signing")
    page.locator("#send").click()
    for signer in range(3):
        expect(page.locator(".signer-image")).to_have_count(signer)
        if signer == 2:
            page.fill("[name=name]", "孙示三")
            page.fill("[name=position]", "计量室主任")
        draw_signature(page)
        page.get_by_role("button", name="确认签字").click()
    expect(page.locator(".signer-image")).to_have_count(3)
    window.picture("13-signed", whole=False)
    page.locator("#end").click()
    expect(page.locator("main")).to_contain_text("检查已在本机结束")
    expect(page.locator("#onsite-state")).to_contain_text("没有网络，内容已存本机")
    nothing = told(portal, f"state({visit['task']})")
    assert set(map(tuple, nothing["answers"].values())) == {("", "")}

    network.mood = "flap"
    page.context.set_offline(False)
    at(page, "queue")
    for _ in range(200):
        if page.locator("[data-state=confirm]").count():
            break
        send_now(page)
        page.wait_for_timeout(300)
    window.picture("13-to-confirm", whole=False)
    network.mood = "pass"
    page.locator("[data-state=confirm] input[type=password]").fill(PASSWORD)
    page.get_by_role("button", name="确认", exact=True).click()
    all_sent(page)

    there = told(portal, f"state({visit['task']})")
    assert there["state"] == "concluded"
    assert there["answers"] == entered
    assert len(entered) >= 40
    # Words written before the tap was sent take its place: each item was written once.
    assert there["versions"] == there["trail"] == len(entered)
    assert [each[1] for each in there["files"]] == list(photographs)
    for place, name, digest in there["files"]:
        wanted, data = photographs[name]
        assert place == wanted
        assert data is None or digest == sha(data)
    assert [each[0] for each in there["signatures"]] == ["own", "password", "taken"]
    assert {"cut", "500", "502", "swallow"} <= set(network.met)


def test_two_tablets_on_one_sheet_lose_nothing_and_a_clash_is_shown_with_both_values(
    tablet, network, portal, visits
):
    visit = visits[1]
    first, second = tablet(visit["leader"]), tablet(visit["officer"])
    for window in (first, second):
        take(window.page, network.url, visit["task"])
    page = cold(first, network)
    sheet(page, visit["sheet"], "A")
    choose(page, "A01", "conform", "")
    choose(page, "A03", "conform")
    network.mood = "pass"
    other = second.page
    sheet(other, visit["sheet"], "A")
    choose(other, "A01", "nonconform", FACT)
    choose(other, "A04", "conform")
    all_sent(other)

    page.context.set_offline(False)
    send_now(page)
    box = item(page, "A01").locator(".conflict")
    expect(box).to_contain_text(FACT)
    expect(page.locator("#onsite-state")).to_contain_text("有冲突")
    first.picture("13-conflict", whole=False)
    box.get_by_role("button", name="保留我的，并把对方的记入说明").click()
    all_sent(page)

    there = told(portal, f"state({visit['task']})")["answers"]
    answer, note = there[f"{visit['sheet']}/A01"]
    assert answer == "conform"
    assert "不符合" in note
    assert FACT in note
    assert there[f"{visit['sheet']}/A03"] == there[f"{visit['sheet']}/A04"] == ["conform", ""]
    page.get_by_role("link", name="返回").click()
    page.get_by_role("button", name="从门户更新").click()
    expect(page.locator("#toasts")).to_contain_text("已更新")
    sheet(page, visit["sheet"], "A")
    expect(item(page, "A04").locator("input[value=conform]")).to_be_checked()


def _stored(page: Page) -> str:
    """Everything the browser keeps of this portal, as text."""
    return page.evaluate(
        """async () => {
          const db = await new Promise((done) => {
            const asked = indexedDB.open("onsite");
            asked.onsuccess = () => done(asked.result);
          });
          const found = [JSON.stringify({ ...localStorage }), JSON.stringify({ ...sessionStorage })];
          for (const name of db.objectStoreNames) {
            const rows = await new Promise((done) => {
              const asked = db.transaction(name).objectStore(name).getAll();
              asked.onsuccess = () => done(asked.result);
            });
            const read = (key, value) =>
              value instanceof ArrayBuffer ? new TextDecoder("utf-8").decode(value)
              : ArrayBuffer.isView(value) ? "" : value;
            found.push(name + JSON.stringify(rows, read));
          }
          db.close();
          return found.join("\\n");
        }"""
    )


def test_who_may_not_read_it_reads_nothing_and_nothing_waiting_is_lost(
    tablet, network, portal, visits
):
    """Ciphertext alone, a wrong PIN, a sign-in that expired, signing out, a lost tablet."""
    visit = visits[2]
    window = tablet(visit["leader"])
    take(window.page, network.url, visit["task"])
    page = cold(window, network)
    sheet(page, visit["sheet"], "A")
    choose(page, "A02", "deficient", FACT)
    assert FACT not in _stored(page)
    assert "标准器实物齐全" not in _stored(page)

    page.goto(f"{network.url}/onsite/")
    page.reload()
    for left in (9, 8):
        page.fill("#pin-pin", "000000")
        page.get_by_role("button", name="打开", exact=True).click()
        expect(page.locator(".form-error")).to_contain_text(f"还可以再试 {left} 次")
    enter(page, PIN)
    sheet(page, visit["sheet"], "A")
    expect(item(page, "A02").locator("textarea")).to_have_value(FACT)

    # Before the network is back: the page sends by itself as soon as it is.
    page.context.clear_cookies(name="sessionid")
    network.mood = "pass"
    page.context.set_offline(False)
    send_now(page)
    expect(page.locator("#onsite-state")).to_contain_text("请登录")
    window.picture("13-signed-out", whole=False)
    other = page.context.new_page()
    other.goto(f"{network.url}/accounts/sign-in/")
    other.fill("[name=username]", visit["officer"])
    other.fill("[name=password]", PASSWORD)
    other.click("main button[type=submit]")
    other.wait_for_url(f"{network.url}/")
    send_now(page)
    expect(page.locator("#onsite-state")).to_contain_text(f"现在登录的是{visit['officer_name']}")
    assert told(portal, f"state({visit['task']})")["receipts"] == 0

    # The colleague signs out, the owner signs in and out again: what waits stays, locked.
    other.context.clear_cookies(name="sessionid")
    other.goto(f"{network.url}/accounts/sign-in/")
    other.fill("[name=username]", visit["leader"])
    other.fill("[name=password]", PASSWORD)
    network.mood = "pass"
    page.close()
    other.click("main button[type=submit]")
    other.wait_for_url(f"{network.url}/")
    other.locator(".topbar-drop summary[aria-label]").last.click()
    other.get_by_role("button", name="退出登录").click()
    other.wait_for_url("**/accounts/sign-in/")
    other.goto(f"{network.url}/onsite/")
    expect(other.locator("main")).to_contain_text("已锁定，1 项未送达")
    assert "bundles[]" in _stored(other)
    other.fill("#pin-pin", PIN)
    other.fill("#pin-again", PIN)
    other.get_by_role("button", name="登录后重新打开").click()
    expect(other.locator(".form-error")).to_contain_text("登录已失效")
    Visitor(other, Portal(network.url, portal.environment)).sign_in(visit["leader"], PASSWORD)
    other.goto(f"{network.url}/onsite/")
    other.fill("#pin-pin", PIN)
    other.fill("#pin-again", PIN)
    other.get_by_role("button", name="登录后重新打开").click()
    all_sent(other)
    there = told(portal, f"state({visit['task']})")
    assert there["answers"][f"{visit['sheet']}/A02"] == ["deficient", FACT]
    assert there["receipts"] == 1

    office = tablet(visit["office"], width=1440)
    office.go(f"/inspections/{visit['task']}/devices/")
    office.page.get_by_role("button", name="停用设备").or_(
        office.page.locator("summary", has_text="停用设备")
    ).first.click()
    office.page.locator("textarea[name=note]:visible").fill("平板丢失")
    office.page.locator("form:has(textarea[name=note]:visible) button[type=submit]").click()
    expect(office.page.locator("main")).to_contain_text("已停用")
    office.picture("13-devices", whole=False)
    sheet(other, visit["sheet"], "A")
    choose(other, "A05", "conform")
    send_now(other)
    at(other, "queue")
    expect(other.locator("main")).to_contain_text("不再接收内容")
    with other.expect_download() as got:
        other.get_by_role("button", name="导出未送达的内容").click()
    assert '"A05"' in got.value.path().read_text(encoding="utf-8")

    # Ten wrong PINs in a row lock it; what waits stays for its owner.
    other.goto(f"{network.url}/onsite/")
    other.reload()
    for left in [*range(9, 0, -1), None]:
        other.fill("#pin-pin", "000000")
        other.get_by_role("button", name="打开", exact=True).click()
        sentence = f"还可以再试 {left} 次" if left else "PIN 连续输错 10 次，内容已锁定"
        expect(other.locator(".form-error")).to_contain_text(sentence)
    other.reload()
    expect(other.locator("main")).to_contain_text("已锁定，1 项未送达")


def test_faults_have_their_sentences_and_leave_what_was_entered(
    tablet, network, portal, visits, tmp_path
):
    """A full store, a photograph of 20 MB, HEIC, a clock that is wrong by a day, a second tab, a new version."""
    visit = visits[3]
    window = tablet(visit["leader"])
    page = window.page
    # So small before anything is written: a browser looks at what is left now and then only.
    quota = {"origin": network.url, "quotaSize": 8 * 1024 * 1024}
    page.context.new_cdp_session(page).send("Storage.overrideQuotaForOrigin", quota)
    page.clock.install()
    page.clock.fast_forward("24:00:00")
    take(page, network.url, visit["task"])
    page.clock.run_for(3000)
    sheet(page, visit["sheet"], "A")
    expect(page.locator("main")).to_contain_text("本机时间与门户相差约1 天")

    # A picture of 27 million points: smaller on the way; the original is too large.
    data = io.BytesIO()
    Image.effect_noise((600, 450), 90).resize((6000, 4500)).save(data, "JPEG", quality=90)
    large = data.getvalue() + b"\0" * 20 * 1024 * 1024  # what a camera appends after the picture
    card = item(page, "A01")
    card.locator("[data-keep-original]").check()
    files = {"大图.jpg": large, "存不下.jpg": large[: 12 * 1024 * 1024]}
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    card.locator(".evidence-add input[type=file]").first.set_input_files(tmp_path / "大图.jpg")
    expect(card.locator(".onsite-fault")).to_contain_text("“大图.jpg”超过 20 MB，没有存下")
    card.locator("[data-keep-original]").uncheck()
    card.locator(".evidence-add input[type=file]").first.set_input_files(tmp_path / "大图.jpg")
    expect(card.locator(".evidence-item")).to_contain_text("大图.jpg")
    expect(card.locator(".onsite-fault")).to_have_count(0)
    heic = b"\0\0\0\x18ftypheic" + b"\0" * 4000
    file = {"name": "苹果.heic", "mimeType": "image/heic", "buffer": heic}
    item(page, "A03").locator(".evidence-add input[type=file]").first.set_input_files(file)
    expect(item(page, "A03").locator(".evidence-item")).to_contain_text("本机不能预览，原件已存")

    network.mood = "cut"
    item(page, "A05").locator("[data-keep-original]").check()
    chooser = item(page, "A05").locator(".evidence-add input[type=file]").first
    chooser.set_input_files(tmp_path / "存不下.jpg")
    expect(item(page, "A05").locator(".onsite-fault")).to_contain_text("本机存储已满，没有存下")
    window.picture("13-full", whole=False)
    expect(item(page, "A05").locator(".evidence-item")).to_have_count(0)
    choose(page, "A05", "deficient")
    expect(item(page, "A05").locator(".onsite-fault")).to_have_count(0)

    # A second tab sees what the first one stores; a new version waits and strands nothing.
    second = page.context.new_page()
    unlock(second, network.url)
    expect(second.locator("main")).to_contain_text("也在另一个标签页打开着")
    sheet(second, visit["sheet"], "A")
    expect(item(second, "A05").locator("input[value=deficient]")).to_be_checked()
    choose(second, "A04", "conform")
    expect(item(page, "A04").locator("input[value=conform]")).to_be_checked()
    network.mood = "pass"
    network.rewrite["/sw.js"] = b"\n// the next version"
    waits = page.evaluate(
        """async () => {
          const own = await navigator.serviceWorker.getRegistration("/onsite/");
          await own.update();
          const coming = own.installing;
          if (coming) await new Promise((done) => coming.addEventListener("statechange", done, { once: true }));
          return Boolean(own.waiting);
        }"""
    )
    assert waits
    for tab in (page, second):
        send_now(tab)
    page.clock.run_for(3000)
    at(second, "queue")
    broken = second.locator("li[data-state=refused]")
    expect(broken).to_contain_text("苹果.heic", timeout=60_000)
    expect(broken).to_contain_text("门户没有接受：")
    broken.get_by_role("button", name="放弃").click()
    all_sent(second)
    there = told(portal, f"state({visit['task']})")
    answers = {key.split("/")[1]: value for key, value in there["answers"].items() if value[0]}
    assert answers == {"A04": ["conform", ""], "A05": ["deficient", ""]}
    assert [each[1] for each in there["files"]] == ["大图.jpg"]
