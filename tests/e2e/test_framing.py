"""Around the campaign: its notice, the plan of a district, a complaint, a warning, and a result from the desk to the public."""

import json
import re
import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from metrostd.demo.people import PASSWORD

from .conftest import Portal, serving
from .framing import pdf
from .pages import finish_job, heard, press

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}
#: Pages for anybody are kept for this long.
KEPT = 1


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory, django_db_setup: str) -> Iterator[Portal]:
    """A city of its own: what it publishes is counted."""
    folder = tmp_path_factory.mktemp("framing")
    with serving(folder, django_db_setup, PUBLIC_PAGES_SECONDS=str(KEPT)) as portal:
        yield portal


@pytest.fixture(scope="module")
def made(portal: Portal) -> dict:
    code = "from tests.e2e.framing import build; build()"
    return json.loads(portal.manage("shell", "-v", "0", "-c", code).splitlines()[-1])


def test_a_warning_is_given_out_handled_and_closed(made, visit):
    office = visit("d120103", PASSWORD)
    page = office.page
    office.go("/risk/warnings/")
    row = page.locator("tbody tr", has_text="计量标准器溯源超期")
    expect(row).to_contain_text(made["unit"])
    row.get_by_role("link", name="计量标准器溯源超期").click()
    handler = page.get_by_label("承办人")
    officer = handler.locator("option", has_text="区局检查人员").first
    handler.select_option(officer.get_attribute("value"))
    page.get_by_label("处置期限").fill(made["due"])
    press(page, "交办")
    heard(page, "已交办")

    inspector = visit("d120103_1", PASSWORD, **PHONE)
    own = inspector.page
    inspector.go("/")
    own.get_by_role("link", name="去处置").first.click()
    expect(own.locator("main")).to_contain_text("溯源已超期")
    own.get_by_label("处置情况").fill("已责令停用，器具已送检。")
    press(own, "处置")
    heard(own, "已登记处置情况")
    assert own.evaluate("document.documentElement.scrollWidth <= innerWidth")
    inspector.picture("14-warning")

    office.go(f"/risk/warnings/{made['warning']}/")
    expect(page.locator("main")).to_contain_text("已责令停用")
    press(page, "办结")
    expect(page.locator("main")).to_contain_text("请填写再次核查的日期")
    page.get_by_label("再次核查日期").fill(made["again"])
    press(page, "办结")
    heard(page, "已办结")
    office.go("/risk/warnings/?state=closed")
    expect(page.locator("tbody tr")).to_have_count(1)


def test_a_result_is_published_found_by_anybody_and_withdrawn(
    made, visit, browser: Browser, portal: Portal
):
    city = visit("city", PASSWORD)
    desk = city.page
    city.go("/reports/bulletins/")
    row = desk.locator("tr", has_text="检查结果")
    row.get_by_role("link", name="拟稿").click()
    press(desk, "保存")
    heard(desk, "已保存为草稿")
    draft = desk.url
    expect(desk.locator("main")).to_contain_text(made["unit"])

    stranger = browser.new_context(viewport=PHONE, locale="zh-CN").new_page()
    stranger.goto(f"{portal.url}/bulletins/?q={made['unit']}")
    expect(stranger.locator("main")).to_contain_text("没有找到")

    other = visit(made["deputy"], PASSWORD)
    other.page.goto(draft)
    press(other.page, "发布")
    heard(other.page, "已发布")

    time.sleep(KEPT)
    stranger.reload()
    stranger.locator("main").get_by_role("link", name="检查结果").click()
    expect(stranger.locator("main")).to_contain_text(made["unit"])
    expect(stranger.locator("main")).to_contain_text("符合")
    assert stranger.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert stranger.context.cookies() == []
    public = stranger.url

    desk.goto(draft)
    desk.locator("details.action-note summary", has_text="撤回").click()
    desk.get_by_label("撤回理由").fill("结论有误，更正后重新公开")
    press(desk, "确认撤回")
    heard(desk, "已撤回")
    time.sleep(KEPT)
    answer = stranger.goto(public)
    assert answer is not None
    assert answer.status == 404
    stranger.context.close()


def test_every_figure_of_a_bulletin_is_in_sight_on_a_phone(made, browser: Browser, portal: Portal):
    phone = browser.new_context(viewport=PHONE, locale="zh-CN").new_page()
    phone.goto(f"{portal.url}/bulletins/?q=示例通报")
    phone.locator("main").get_by_role("link", name="示例通报").click()

    expect(phone.locator("td").last).to_have_text("804")
    wide = "all => all.map(one => one.scrollWidth - one.clientWidth)"
    assert phone.locator(".table-wrap").evaluate_all(wide) == [0]
    phone.context.close()


def test_next_years_notice_is_taken_over_opened_read_and_urged(made, visit):
    city = visit(made["deputy"], PASSWORD)
    page = city.page
    city.go(f"/campaigns/new/?from={made['campaign']}")
    expect(page.locator("main")).to_contain_text("沿用上次方案")
    press(page, "保存")
    expect(page.locator("main")).to_contain_text("请逐项核对")
    opened = page.url
    title = page.locator("h1").inner_text().splitlines()[0]  # its state stands below
    page.locator("summary:has(.topbar-campaign)").click()
    page.get_by_role("button", name=title).click()
    expect(page.locator(".topbar-campaign").first).to_have_text(title)

    city.go("/notices/desk/")
    page.locator("main tbody a").first.click()
    expect(page.locator("main")).to_contain_text("现场监督检查表")
    notice = page.url
    page.get_by_label("附件名称").fill("统计表")
    page.get_by_label("文件").set_input_files(_file("附件3.pdf"))
    press(page, "添加附件")
    press(page, "修改")
    page.get_by_label("印发稿").set_input_files(_file("印发稿.pdf"))
    press(page, "保存")
    press(page, "印发")
    expect(page.locator("main")).to_contain_text("阅收情况")
    page.goto(opened)
    press(page, "开启专项行动")
    finish_job(page)
    expect(page.locator("main")).to_contain_text("进行中")

    unit = visit(made["unit_user"], PASSWORD, **PHONE)
    unit.page.goto(notice)
    expect(unit.page.locator("main")).to_contain_text("统计表")
    page.goto(f"{notice}?read=yes")
    rows = page.locator("main tbody tr", has_text=made["unit"])
    expect(rows).to_have_count(1)
    city.picture("14-receipts")
    page.goto(f"{notice}?read=no")
    expect(page.locator("main tbody")).not_to_contain_text(made["unit"])
    page.get_by_label(re.compile("本条件下全部")).check()
    press(page, "催办")
    heard(page, re.compile("催办"))


def _file(name: str) -> dict:
    return {"name": name, "mimeType": "application/pdf", "buffer": pdf()}


def test_a_district_plans_adjusts_and_is_quoted(made, visit):
    office = visit("d120103", PASSWORD)
    page = office.page
    office.go("/plans/")
    plan = page.url
    press(page, "修改")
    page.get_by_label("检查组设置").fill("设一个检查组。")
    page.get_by_label("主要措施").fill("逐条跟踪整改。")
    page.get_by_label("合并实施的其他监督检查").fill("检验检测机构双随机抽查")
    press(page, "保存")
    press(page, "报送")
    expect(page.locator("main")).to_contain_text("已报送")

    city = visit("city", PASSWORD)
    city.page.goto(plan)
    press(city.page, "备案")
    expect(city.page.locator("main")).to_contain_text("已备案")

    page.goto(plan)
    press(page, "调整本局安排")
    page.get_by_label("抽查比例（%）").fill("30")
    page.get_by_label("原因").select_option(label="疫情防控")
    page.get_by_label("说明").fill("两个街道暂不能进入")
    press(page, "调整方案")
    city.page.reload()
    expect(city.page.locator("main tbody")).to_contain_text("两个街道暂不能进入")

    office.go(f"/reports/hand-in/{made['report']}/")
    press(page, "统计")
    office.go(f"/reports/hand-in/{made['report']}/narrative/")
    practice = page.locator(".told-suggestion", has_text="精心组织实施")
    expect(practice).to_contain_text("检验检测机构双随机抽查合并实施")
    expect(practice).to_contain_text("两个街道暂不能进入")


def test_a_complaint_from_a_phone_leads_to_a_directed_check_and_its_answer(
    made, visit, browser: Browser, portal: Portal
):
    said, name = "检定证书上的示值与现场不符", "示例反映人"
    phone = browser.new_context(viewport=PHONE, locale="zh-CN").new_page()
    phone.goto(f"{portal.url}/complaints/new/")
    phone.get_by_label("被反映的单位").fill(made["left_out"])
    phone.get_by_label("所在区").select_option(label=made["office"])
    phone.get_by_label("反映的内容").fill(said)
    phone.get_by_label("您的姓名").fill(name)
    phone.get_by_label("联系方式").fill("13800000000")
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    press(phone, "提交", within="body")
    code = phone.locator("#code").inner_text()

    office = visit("d120103", PASSWORD)
    page = office.page
    office.go("/complaints/desk/")
    page.locator("main tbody a").first.click()
    expect(page.locator("main")).to_contain_text(said)
    expect(page.locator("main")).not_to_contain_text(name)
    press(page, "受理")
    press(page, "开始办理")
    press(page, "列为定向检查")
    page.locator("main form input[type=checkbox]").first.check()
    press(page, "列为定向检查单位")
    heard(page, re.compile("不写明来自投诉举报"))
    matter = page.url
    press(page, "抽取结果")
    drawn = page.locator("main tr", has_text=made["left_out"])
    expect(drawn.first).to_contain_text("定向")
    expect(page.locator("main")).not_to_contain_text("投诉")
    page.goto(matter)
    page.get_by_label("答复内容").fill("已列入检查，结果另行告知。")
    press(page, "答复")
    expect(page.locator("main")).to_contain_text("已答复")

    phone.goto(f"{portal.url}/complaints/follow/")
    phone.get_by_label("查询码").fill(code)
    press(phone, "查看", within="body")
    expect(phone.locator("body")).to_contain_text("已列入检查")
    unit = visit(made["unit_user"], PASSWORD)
    unit.go("/complaints/desk/")
    expect(unit.page.locator("body")).not_to_contain_text(said)
    phone.context.close()
