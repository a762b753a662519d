"""Steps 1 to 4: the list, the campaign, the self-check, the draw."""

import datetime as dt
import json
import re

from playwright.sync_api import Page, expect

from . import annex4
from .conftest import Visitor
from .pages import (
    all_saved,
    answer,
    answer_rest,
    fetched,
    finish_job,
    go_on,
    heard,
    item,
    plain,
    press,
    words_of,
)
from .story import DISTRICT, Story

DAY = dt.timedelta(days=1)


def import_list(story: Story) -> None:
    """A wrong date keeps everything out; put right in the grid, the list goes in."""
    admin, units = story.window("admin"), story.units
    page = admin.page
    data = annex4.workbook(units, on=story.on)
    data, wrong = annex4.with_wrong_date(data, row=6, text="2023年13月40日")
    admin.go("/registry/imports/upload/")
    page.locator("input[type=file]").set_input_files(
        {"name": "附件4.xlsx", "mimeType": "application/octet-stream", "buffer": data}
    )
    page.locator("[name=issuing_authority]").select_option(label="市市场监管委")
    press(page, "读取并核对")

    cell = page.locator(f"#c-{wrong}")
    expect(cell).to_contain_text(wrong)
    expect(page.locator("#issues")).to_contain_text(wrong)
    expect(page.get_by_role("button", name="入库")).to_be_disabled()
    admin.picture("01-import-wrong-date")
    preview = page.url
    admin.go(f"/registry/units/?q={units[0].name}")
    expect(page.get_by_role("link", name=units[0].name)).to_have_count(0)

    page.goto(preview)
    cell.locator("input.cell-edit").fill(f"{units[1].standards[0].issue_date.year}年7月1日")
    press(page, "重新检查")
    heard(page, "没有错误，可以入库")
    admin.picture("01-import-preview")
    press(page, "入库")
    finish_job(page, seen=lambda: admin.picture("01-import-progress", whole=False))

    expect(page.locator(".page-head .state")).to_have_text("已入库")
    admin.picture("01-import-committed")
    admin.go("/registry/units/?q=天津示例")
    for unit in units:
        expect(page.get_by_role("link", name=unit.name)).to_be_visible()
    admin.picture("01-units")
    page.get_by_role("link", name=story.unit.name).click()
    for standard in story.unit.standards:
        expect(page.locator("main")).to_contain_text(standard.cert_no)
    admin.picture("01-unit")


def open_campaign(story: Story) -> None:
    """The notice's pattern moved so that today lies in the on-site stage; self-checks still run."""
    city, on = story.window("city"), story.on
    page = city.page
    days = {
        "notice_on": on - 30 * DAY,
        "self_check_start": on - 30 * DAY,
        "self_check_end": on + 10 * DAY,
        "onsite_start": on - 5 * DAY,
        "onsite_end": on + 25 * DAY,
        "rectify_start": on + 26 * DAY,
        "rectify_end": on + 56 * DAY,
        "handle_summary_start": on + 57 * DAY,
        "handle_summary_end": on + 100 * DAY,
        "bureau_self_check_due": on + 5 * DAY,
        "unit_self_check_due": on + 10 * DAY,
        "summary_due": on + 100 * DAY,
    }
    city.go("/campaigns/new/")
    page.fill("[name=code]", f"{on.year}-trial")
    page.fill("[name=title]", story.title)
    for name, day in days.items():
        page.fill(f"[name={name}]", day.isoformat())
    city.picture("02-campaign-form")
    press(page, "保存")
    expect(page.locator(".page-head .state")).to_have_text("筹备中")
    city.picture("02-campaign-draft")

    press(page, "开启专项行动")
    finish_job(page, seen=lambda: city.picture("02-campaign-progress", whole=False))
    expect(page.locator(".page-head .state")).to_have_text("进行中")
    expect(page.locator("main")).to_contain_text("西青区")
    city.picture("02-campaign-open")


def pledge(story: Story) -> None:
    """Before the pledge there is no inspection data, and the page says where it is signed; afterwards there is."""
    city = story.window("city")
    city.go("/inspections/")
    lead = city.page.get_by_role("link", name="阅读并签署保密承诺书")
    expect(lead).to_be_visible()
    city.picture("02-pledge-owed")
    city.pledge()
    city.go("/inspections/")
    expect(lead).to_have_count(0)
    expect(city.page.locator("main h1").first).to_be_visible()


def read_desks(story: Story) -> None:
    """Everybody finds on their desk what they owe, and by when."""
    unit, district = story.unit_window(), story.window(DISTRICT)
    of_district = ("签收单位名单", "报送考核工作自查报告", "抽取检查对象")
    owed = ((unit, ("报送自查报告",)), (district, of_district))
    for visitor, duties in owed:
        visitor.go("/")
        for words in duties:
            expect(visitor.page.locator(".task", has_text=words).first).to_be_visible()
    unit.picture("02-desk-unit")
    district.picture("02-desk-district")


def acknowledge_list(story: Story) -> None:
    """The district looks its rows of the list through, marks one by mistake, and acknowledges all."""
    district = story.window(DISTRICT)
    page = district.page
    own = [unit for unit in story.units if unit.district == "西青区"]
    rows = sum(len(unit.standards) for unit in own)
    district.go("/")
    page.locator(".task", has_text="签收单位名单").get_by_role("link", name="去签收").click()
    for unit in own:
        expect(page.locator("#rows").get_by_role("link", name=unit.name).first).to_be_visible()
    page.locator("#rows tbody input[type=checkbox]").first.check()
    page.locator("#rows [name=reason]").select_option(label="重复")
    press(page, "退回所选")
    heard(page, "已标记退回 1 行")
    expect(page.get_by_role("button", name=f"签收 {rows - 1} 行，退回 1 行")).to_be_visible()
    district.picture("02-hand-over-marked")
    page.locator("#returned").get_by_role("link").first.click()
    press(page, "撤销退回")
    heard(page, "已撤销退回")

    press(page, f"签收 {rows} 行")
    expect(page.locator(".page-head .state")).to_have_text("已签收")
    district.picture("02-hand-over-acknowledged")
    receipt = words_of(fetched(page, page.get_by_role("link", name="签收回执")))
    assert plain(own[0].name) in receipt

    city = story.window("city")
    city.go("/registry/hand-overs/")
    city.page.get_by_role("link", name="附件4.xlsx").click()
    done = city.page.locator("#districts tr", has_text="西青区局")
    expect(done).to_contain_text("已签收")
    city.picture("02-hand-over-city")


def chase(story: Story) -> None:
    """The office asks once a day; the unit is one press from the message to what it owes."""
    unit, city = story.unit_window(), story.window("city")
    city.go(f"/self-checks/?q={story.unit.name}")
    for said in ("已催办1项", "1项今天已经催办过"):
        city.page.get_by_label(f"选择{story.unit.name}").check()
        city.page.locator("#chase [name=text]").fill("请本周内报送。")
        press(city.page, "催办", within="#chase")
        heard(city.page, re.compile(said))
    city.picture("03-chased")

    unit.go("/")
    unit.page.locator(".topbar").get_by_role("link", name="收件箱").click()
    asked = unit.page.locator(".task", has_text="催办：")
    expect(asked).to_have_count(1)
    expect(asked).to_contain_text("请本周内报送。")
    unit.picture("03-inbox")
    asked.get_by_role("button", name="查看").click()
    expect(unit.page.get_by_role("button", name="开始填报")).to_be_visible()


def self_check(story: Story) -> None:
    """Item by item with autosave; handed in, sent back with a remark, handed in again, accepted."""
    unit, city = story.unit_window(), story.window("city")
    page = unit.page
    press(page, "开始填报")
    expect(page.locator(".sheet-item").first).to_be_visible()
    answer_rest(page)
    page.locator(".fill-groups a").nth(1).click()
    expect(item(page, "E03")).to_be_visible()
    _nothing_gets_lost(page)
    _record_problem(page)
    unit.picture("03-self-check-problem", whole=False)
    while True:
        answer_rest(page)
        all_saved(page)
        if "检查并报送" in go_on(page):
            break
    _hand_in(unit, "03-self-check-submit")
    unit.picture("03-receipt")

    _find_report(city, story.unit.name)
    page = city.page
    page.get_by_role("link", name="退回补正").click()
    page.locator("[name=note]").fill("E03 的问题请写明涉及哪一份技术报告。")
    page.locator(".read-items li", has_text="E03").first.locator("input").fill("请写明报告编号。")
    city.picture("03-send-back")
    press(page, "确认退回")
    heard(page, "已退回")

    page = unit.page
    unit.go("/self-checks/")
    unit.picture("03-returned")
    page.get_by_role("link", name="继续填报").click()
    page.locator(".fill-groups a").nth(1).click()
    expect(item(page, "E03")).to_contain_text("请写明报告编号。")
    answer(page, "E03", "有缺陷", note="建标技术报告（编号示例-07）未反映新换的压力发生器。")
    all_saved(page)
    unit.go("/self-checks/")
    page.get_by_role("link", name="检查并报送").click()
    _hand_in(unit)

    _find_report(city, story.unit.name)
    city.picture("03-report")
    press(city.page, "接收")
    expect(city.page.locator(".page-head .state")).to_have_text("已接收")


def _nothing_gets_lost(page: Page) -> None:
    """A reload right after the last press: what was still on its way is kept and sent."""
    first = page.locator(".choice:first-of-type input")
    for n in range(4):
        first.nth(n).click()
    page.reload()
    expect(page.locator(".choice-grid input:checked")).to_have_count(4)
    expect(page.locator("[data-save-state]")).to_have_attribute("data-save-state", "saved")
    page.reload()
    expect(page.locator(".choice-grid input:checked")).to_have_count(4)


def _record_problem(page: Page) -> None:
    answer(page, "E03", "有缺陷", note="建标技术报告未反映新换的压力发生器。")
    form = item(page, "E03").locator(".problem-new form")
    expect(form).to_be_visible()
    all_saved(page)
    form.locator("[name=description]").fill("建标技术报告未反映新换的压力发生器。")
    form.locator("[name=measure]").fill("重新评定不确定度，修订技术报告。")
    form.locator("[name=prevention_measure]").fill("更换设备时同步修订文件集。")
    form.get_by_role("button", name="保存问题").click()
    heard(page, "问题已记录")


def _hand_in(unit: Visitor, picture: str = "") -> None:
    page = unit.page
    expect(page.locator("main")).to_contain_text("已填写完整")
    page.locator("[name=summary]").fill(
        "本单位对全部在用的最高计量标准逐项自查，发现问题1项，已开始整改。"
    )
    page.locator("[name=declaration_by]").fill("赵示一")
    page.locator("[name=agreed]").check()
    if picture:
        unit.picture(picture)
    page.get_by_role("button", name="报送市市场监管委").click()
    expect(page.locator("h1")).to_contain_text("回执")


def _find_report(city: Visitor, name: str) -> None:
    city.go(f"/self-checks/?q={name}")
    city.page.locator("table.table").get_by_role("link", name=name).first.click()
    expect(city.page.locator("h1")).to_contain_text(name)


def draw(story: Story) -> None:
    """Shown, frozen, rehearsed, announced; two people enter the numbers, and anybody computes the draw again."""
    district, city = story.window(DISTRICT), story.window("city")
    page = district.page
    district.go("/campaigns/sampling/")
    show = page.locator("main").get_by_role("button", name=re.compile("^公示.+名单$"))
    press(page, show.inner_text().strip())
    heard(page, "以后可以冻结")
    expect(page.locator("main")).not_to_contain_text(story.units[-1].name)
    district.picture("04-shown")
    _inside(story, "shown_long_enough()")
    page.reload()
    press(page, "冻结名单")
    expect(page.locator("main")).to_contain_text("内容哈希")
    district.picture("04-frame")
    frame = page.url
    page.get_by_role("link", name="预演").click()
    page.locator("main form button[type=submit]").click()
    result = page.locator("section[aria-label=预演结果]")
    expect(result.locator("tbody tr", has_text="预演").first).to_be_visible()
    district.picture("04-rehearsal")
    page.goto(frame)
    page.get_by_role("link", name="公布抽取约定").click()
    expect(page.locator("[name=issue]")).to_be_visible()
    district.picture("04-announce")
    terms = json.loads(_inside(story, f"announced({story.unit.name!r})"))
    for visitor, button in ((district, "录入号码"), (city, "核对并抽取")):
        visitor.go(terms["url"])
        visitor.page.fill("[name=numbers]", terms["numbers"])
        visitor.picture(f"04-terms-{visitor is city:d}")
        press(visitor.page, button)
    heard(city.page, "核对一致，已抽取")
    city.picture("04-terms-drawn")
    page.goto(frame)
    page.get_by_role("link", name="查看抽取结果").click()
    expect(page.locator("section[aria-label=检查对象]")).to_contain_text(story.unit.name)
    expect(page.locator("section[aria-label=检查对象] tbody td.num")).to_have_count(2)
    page.get_by_role("link", name="重新验算").click()
    heard(page, "验算一致。")
    district.picture("04-draw-verified")
    record = words_of(fetched(page, page.get_by_role("link", name="抽取记录")))
    assert plain(story.unit.name) in record


def _inside(story: Story, call: str) -> str:
    """What a function of ``drawing`` prints, run inside the portal."""
    code = f"from tests.e2e import drawing; drawing.{call}"
    return story.portal.manage("shell", "-v", "0", "-c", code)
