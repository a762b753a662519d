"""A drawn bureau from the numbers of the draw to the city's confirmation, each part at its own desk."""

import json
import re

import pytest
from playwright.sync_api import expect

from metrostd.demo.people import PASSWORD

from .conftest import Portal
from .pages import all_saved, answer, heard, item, photo, press, upload

pytestmark = pytest.mark.browser
FACT = "抽查的案卷中没有补正告知书，受理单没有签收日期。"


def told(portal: Portal, call: str) -> dict:
    code = f"from tests.e2e import bureaus; bureaus.{call}"
    return json.loads(portal.manage("shell", "-v", "0", "-c", code).splitlines()[-1])


@pytest.fixture(scope="module")
def made(portal) -> dict:
    return told(portal, "build()")


def test_a_drawn_bureau_from_draw_to_confirmation(portal, visit, made):
    which = f"{made['terms']}, {made['code']!r}"
    office = visit(made["office"], PASSWORD)
    page = office.page

    # Two people, one value: the list says which bureau it is.
    office.go(made["url"])
    page.fill("[name=numbers]", made["numbers"])
    press(page, "录入号码")
    watch = visit(made["watch"], PASSWORD)
    watch.go(made["url"])
    watch.page.fill("[name=numbers]", made["numbers"])
    press(watch.page, "核对并抽取")
    heard(watch.page, "核对一致，已抽取")

    # A task is there; two officers go, the bureau is told, its files are asked for.
    office.go("/inspections/bureaus/")
    press(page, made["name"])
    expect(page.locator("main")).to_contain_text("进展")
    review = page.url
    press(page, "检查任务")
    page.wait_for_url(re.compile(r"/inspections/\d+/$"))
    task = page.url
    press(page, "派员")
    page.fill("[name=planned_on]", page.evaluate("new Date().toISOString().slice(0, 10)"))
    for role in ("leader", "officer"):
        row = page.locator(f"tbody tr:has(td:first-child:text-is('{made[f'{role}_name']}'))")
        row.locator("select").select_option(role)
    press(page, "派员")
    heard(page, "已派员")
    press(page, "通知被检查单位")
    heard(page, "已通知")
    bureau = visit(made["bureau"], PASSWORD)
    bureau.page.goto(review)
    expect(bureau.page.locator("main")).to_contain_text("通知书.pdf")
    page.goto(review)
    press(page, "调取案卷")
    page.fill("[name=due_on]", "2098-12-31")
    press(page, "调取")
    heard(page, "已调取案卷")
    bureau.page.goto(review)
    expect(bureau.page.locator("main")).to_contain_text("抽查的案卷")

    # On site: the papers of the case, work days counted by the portal, one deficiency with its proof.
    tablet = visit(made["leader"], PASSWORD, width=768, height=1024)
    there = tablet.page
    there.goto(task)
    press(there, "开始检查")
    there.fill("[name=attendees]", "示例区局计量科科长")
    there.check("[name=credential_shown]")
    there.check("[name=rules_read]")
    press(there, "开始检查")
    heard(there, "检查已开始")
    there.goto(task)
    rows = there.locator("tbody tr", has=there.get_by_role("link", name="检查表"))
    links = {
        (row.inner_text().split() or [""])[0]: row.get_by_role("link").get_attribute("href")
        for row in rows.all()
    }
    whole = links.pop("区局层面")
    (case,) = links.values()
    tablet.go(f"{case}case/")
    there.fill("[name=accepted_on]", "2021-04-30")
    there.fill("[name=organised_on]", "2021-05-19")
    there.fill("[name=employer-1]", "示例检定院")
    there.fill("[name=name-1]", "示例考评员")
    press(there, "保存")
    tablet.go(f"{case}?section=P")
    expect(there.locator(".sheet-hints", has_text="第11个工作日，超过期限").first).to_be_visible()
    tablet.picture("13-bureau-case", whole=False)
    tablet.go(f"{whole}?section=P")
    code = there.locator(".sheet-code").first.inner_text()
    answer(there, code, "有缺陷", note=FACT)
    all_saved(there)
    upload(item(there, code).locator(".evidence-add"), name="受理单.jpg", content=photo(code))
    expect(item(there, code).locator(".evidence-item")).to_contain_text("受理单.jpg")
    portal.manage("shell", "-v", "0", "-c", f"from tests.e2e import bureaus; bureaus.rest({which})")

    # The office looks at it and asks for measures; the bureau reports them; the city confirms.
    page.goto(task)
    press(page, "审核通过")
    heard(page, "已审核通过")
    page.goto(review)
    expect(page.locator("main")).to_contain_text(FACT)
    press(page, "提出整改要求")
    page.fill("[name=due_on]", "2098-12-31")
    page.fill("[name=requirement]", "举一反三，完善受理环节。")
    press(page, "提出")
    heard(page, "已提出整改要求")
    theirs = bureau.page
    theirs.goto(review)
    press(theirs, "填写措施")
    theirs.fill("[name=measure]", "补发受理单，完善窗口公示。")
    theirs.fill("[name=prevention]", "每季度自查一次受理档案。")
    theirs.fill("[name=completed_on]", theirs.evaluate("new Date().toISOString().slice(0, 10)"))
    theirs.set_input_files(
        "[name=proof]", {"name": "整改后.jpg", "mimeType": "image/jpeg", "buffer": photo("R1")}
    )
    press(theirs, "保存")
    heard(theirs, "整改措施已保存")
    press(theirs, "报送整改措施")
    heard(theirs, "整改措施已报送")
    page.goto(review)
    press(page, "确认整改")
    page.locator("input[value=confirmed]").check()
    page.locator("[name^=opinion]").fill("措施属实，同意销号。")
    office.picture("13-bureau-decide")
    press(page, "办理")
    heard(page, "已办理：")
    office.picture("13-bureau-confirmed")
    theirs.goto(review)
    expect(theirs.locator("main")).to_contain_text("同意销号")

    expect(theirs.locator(".page-head .state")).to_have_text("整改已确认")
    for window in (office, watch, bureau, tablet):
        assert window.complaints == []
