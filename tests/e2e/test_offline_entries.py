"""Without a network beyond Annex 1: a drawn bureau from cold to signed, what is measured, and 现场笔录."""

import re

import pytest
from playwright.sync_api import Page, expect

from .pages import draw_signature, item
from .tablet import (
    FACT,
    PIN,
    all_sent,
    at,
    choose,
    codes,
    cold,
    conclude,
    enter,
    photograph,
    picture,
    sections,
    send_now,
    sheet,
    take,
    told,
)

pytestmark = pytest.mark.browser


def conform(page: Page, number: int, problems: dict[str, str]) -> None:
    """Section by section: problems by hand, 其余符合 for the others, words where the register objects."""
    sheet(page, number, "conclude")
    for section in sections(page):
        sheet(page, number, section)
        for code in codes(page):
            if code in problems:
                choose(page, code, problems[code], FACT)
        rest = page.get_by_role("button", name=re.compile("其余.*项符合"))
        if rest.count():
            rest.click()
            page.locator("#ask-yes").click()
            here = page.locator(f".section-chip[aria-current=true][href$='/{section}']")
            expect(here).to_have_count(0)
            sheet(page, number, section)
        for code in page.locator(
            ".sheet-item:not(:has(input:checked)) .sheet-code"
        ).all_inner_texts():
            choose(page, code, "conform", FACT)


def save(page: Page) -> None:
    """Keep what is in the form; it leaves the form then."""
    form = page.locator(".onsite-form").element_handle()
    page.get_by_role("button", name=re.compile("到本机$")).click()
    form.wait_for_element_state("hidden")


def sign(page: Page) -> None:
    expect(page.locator("canvas.signature-pad")).to_be_visible()
    draw_signature(page)
    page.get_by_role("button", name="确认签字").click()
    expect(page.locator(".signer-image")).to_have_count(1)


def test_a_drawn_bureau_is_inspected_from_cold_to_the_signature_and_arrives(
    tablet, network, portal
):
    visit = told(portal, "build_bureau(start=9300)")
    window = tablet(visit["leader"])
    take(window.page, network.url, visit["task"])
    page = cold(window, network)
    window.picture("13-bureau", whole=False)

    at(page, f"form/{visit['case']}/case_record/-")
    page.fill("[name=accepted_on]", "2021-04-30")
    page.fill("[name=organised_on]", "2021-05-18")
    window.picture("13-case-record")
    save(page)
    expect(page.locator("main")).to_contain_text("本机已存")
    conform(page, visit["case"], {"P02": "deficient"})
    sheet(page, visit["case"], "P")
    photograph(page, "P02", "受理单.jpg", picture(1))
    window.picture("13-case-sheet", whole=False)
    conform(page, visit["whole"], {})
    for number in (visit["case"], visit["whole"]):
        conclude(page, number)
    at(page, "signing")
    page.locator("#send").click()
    sign(page)

    page.context.set_offline(False)
    network.mood = "pass"
    send_now(page)
    all_sent(page)
    there = told(portal, f"state({visit['task']})")
    assert there["state"] == "signing"
    assert len(there["answers"]) == 41
    assert there["answers"][f"{visit['case']}/P02"] == ["deficient", FACT]
    assert all(answer for answer, _ in there["answers"].values())
    assert there["versions"] == there["trail"] == 41
    assert [each[1] for each in there["files"]] == ["受理单.jpg"]
    assert [each[0] for each in there["signatures"]] == ["own"]
    assert there["cases"] == [["2021-04-30", 1]]


def measure(page: Page, number: int, readings: str) -> None:
    at(page, f"form/{number}/experiment/new")
    expect(page.locator("[name=readings_0]")).to_be_visible()
    fields = {"subject": "精密压力表，6 MPa", "unit_symbol": "MPa", "day_0": "2021-06-15"}
    known = {"reference": "6.002", "u_lab": "0.006", "u_ref": "0.008", "readings_0": readings}
    for name, value in {**fields, **known}.items():
        page.fill(f"[name={name}]", value)


def surround(page: Page, number: int, degrees: str) -> None:
    at(page, f"form/{number}/environment/-")
    for name, value in (("temperature", degrees), ("temperature_high", "22"), ("basis", "规程")):
        page.fill(f"[name={name}]", value)
    save(page)
    expect(item(page, "C01").locator(".measured-line")).to_contain_text(f"温度 {degrees} ℃")


def test_measured_and_asked_without_a_network_arrives_once_and_a_clash_shows_both(
    tablet, network, portal
):
    visit = told(portal, "build(1, start=9400)")[0]
    first, second = tablet(visit["leader"]), tablet(visit["officer"])
    for window in (first, second):
        take(window.page, network.url, visit["task"])
    page, number = cold(first, network), visit["sheet"]

    measure(page, number, "六")
    page.get_by_role("button", name="保存到本机").click()
    expect(page.locator(".onsite-form .form-error")).to_contain_text("不是数")
    page.fill("[name=readings_0]", "6.010 6.012 6.020")
    page.fill("[name=note]", "第二次读数重测")
    page.locator("[name=readings_0]").focus()
    expect(page.locator(".onsite-form[data-kept=yes]")).to_have_count(1)
    page.reload()
    enter(page, PIN)
    at(page, f"form/{number}/experiment/new")
    expect(page.locator("[name=readings_0]")).to_have_value("6.010 6.012 6.020")
    first.picture("13-experiment")
    save(page)
    line = item(page, "F01").locator(".measured-line")
    expect(line).to_contain_text("= 1.2 > 1")
    expect(line).to_contain_text("不满意")
    choose(page, "F01", "conform")
    expect(item(page, "F01")).to_contain_text(
        re.compile("现场实验结果为“.*= 1.2 > 1，不满意”，判定符合的理由不少于10个字")
    )
    first.picture("13-measured", whole=False)
    surround(page, number, "23.5")

    at(page, "interview/new")
    about = {"person": "示例甲", "position": "计量室主任", "place": "示例路1号"}
    for name, value in about.items():
        page.fill(f"[name={name}]", value)
    for place, answer in enumerate(("看清楚了。", "不申请。")):
        page.locator("[name=answer]").nth(place).fill(answer)
    save(page)
    expect(page.locator("main")).to_contain_text("被询问人 示例甲")
    page.get_by_role("button", name="由其签字").first.click()
    sign(page)
    first.picture("13-interview")

    network.mood = "pass"
    surround(second.page, number, "21")
    send_now(second.page)
    all_sent(second.page)
    page.context.set_offline(False)
    send_now(page)
    expect(page.locator("#onsite-state")).to_contain_text("有冲突")
    sheet(page, number, "C")
    clash = item(page, "C01").locator(".conflict")
    expect(clash).to_contain_text("23.5")
    expect(clash).to_contain_text("21")
    first.picture("13-measured-conflict", whole=False)
    clash.get_by_role("button", name="保留我的").click()
    all_sent(page)

    there = told(portal, f"state({visit['task']})")
    assert there["experiments"] == 1
    assert any("= 1.2 > 1，不满意" in each for each in there["measured"])
    assert any("温度 23.5 ℃" in each for each in there["measured"])
    [[person, lines, hands]] = there["interviews"]
    assert (person, hands) == ("示例甲", ["示例甲"])
    assert [answer for _, answer in lines] == ["看清楚了。", "不申请。"]
