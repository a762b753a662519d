"""Steps 5 to 7: the visit with a tablet, the order and its rectification, the statistics table."""

import io
import re

from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from metrostd.demo.people import PASSWORD

from .conftest import Visitor
from .pages import (
    all_saved,
    answer,
    answer_rest,
    draw_signature,
    fetched,
    go_on,
    heard,
    item,
    photo,
    plain,
    press,
    upload,
    words_of,
)
from .story import DISTRICT, OFFICERS, Story

#: What is found at the standard: a key item that does not conform, and a deficiency.
FACTS = {
    "D02": ("不符合", "检定人员名录只有王示一一人具备相应能力证明，不足两名。"),
    "E05": ("有缺陷", "第12号原始记录涂改两处，未签字也未注明日期。"),
}


def assign(story: Story) -> None:
    """Two officers, the first leads; the unit is told."""
    district, tablet = story.window(DISTRICT), story.tablet()
    page = district.page
    district.go("/inspections/")
    district.picture("05-tasks")
    page.get_by_role("link", name=story.unit.name).first.click()
    page.get_by_role("link", name="派员").click()
    page.fill("[name=planned_on]", story.on.isoformat())
    for username, role in zip(OFFICERS, ("leader", "officer"), strict=True):
        name = _name(story, username)
        row = page.locator("tbody tr", has=page.locator(f"td:first-child:text-is('{name}')"))
        row.locator("select").select_option(role)
    district.picture("05-assign")
    press(page, "派员")
    heard(page, "已派员")
    press(page, "通知被检查单位")
    heard(page, "已通知")
    district.picture("05-task-assigned")
    tablet.go("/")
    expect(tablet.page.locator(".task", has_text=story.unit.name).first).to_be_visible()
    tablet.picture("05-desk-inspector")


def _name(story: Story, username: str) -> str:
    """How the officer is called: the top bar of their own window says so."""
    shown = story.window(username).page.locator(".topbar-person").text_content() or ""
    return shown.split("·")[0].strip()


def inspect(story: Story) -> None:
    """From the door to the last signature, on the tablet."""
    tablet = story.tablet()
    page = tablet.page
    tablet.go("/inspections/")
    tablet.picture("05-my-tasks")
    page.locator(".task", has_text=story.unit.name).get_by_role("link", name="打开").click()
    press(page, "开始检查")
    page.fill("[name=attendees]", "孙示三、计量室主任")
    page.check("[name=credential_shown]")
    page.check("[name=rules_read]")
    tablet.picture("05-start")
    press(page, "开始检查")
    heard(page, "检查已开始")
    page.get_by_role("link", name="检查表").first.click()
    _fill_sheets(tablet)
    _sign(tablet)
    tablet.picture("05-task-concluded")
    for code, (_, fact) in FACTS.items():
        expect(page.locator("#findings")).to_contain_text(code)
        expect(page.locator("#findings")).to_contain_text(fact)
    _declare_costs(tablet)


def _fill_sheets(tablet: Visitor) -> None:
    """Section by section, through every sheet of the visit; ends on the signing page."""
    page = tablet.page
    found = False
    while True:
        for code, (label, fact) in FACTS.items():
            if item(page, code).count() and not found:
                _find(tablet, code, label, fact)
                found = code == list(FACTS)[-1]
        if answer_rest(page):
            all_saved(page)
        words = go_on(page)
        if "核对并送签" in words:
            return
        if "确定结论" in words:
            _conclude(tablet, found)


def _find(tablet: Visitor, code: str, label: str, fact: str) -> None:
    """The fact in words and a photograph of it."""
    page = tablet.page
    answer(page, code, label, note=fact)
    all_saved(page)
    upload(item(page, code).locator(".evidence-add"), name=f"现场{code}.jpg", content=photo(code))
    expect(item(page, code).locator(".evidence-item")).to_contain_text(f"现场{code}.jpg")
    expect(item(page, code).locator(".item-lacking")).to_have_count(0)
    expect(item(page, code)).to_contain_text("自查：符合")
    tablet.picture(f"05-item-{code}", whole=False)


def _conclude(tablet: Visitor, found: bool) -> None:
    """The suggested conclusion is chosen already; a key item decides it."""
    page = tablet.page
    wanted = "不符合" if found else "符合"
    expect(page.locator(".fact", has_text="建议结论").locator(".state")).to_have_text(wanted)
    tablet.picture("05-conclusion")
    press(page, "确定结论")
    heard(page, f"已确定结论：{wanted}。")


def _sign(tablet: Visitor) -> None:
    page = tablet.page
    expect(page.locator("main")).to_contain_text("检查表已填写完整")
    tablet.picture("05-before-signing")
    press(page, "送签", within=".sheet-footer")
    heard(page, "检查表已锁定")
    for signed in range(3):
        expect(page.locator(".signer-image")).to_have_count(signed)
        if signed == 1:
            page.fill("[name=password]", PASSWORD)
        if signed == 2:
            page.fill("[name=name]", "孙示三")
            page.fill("[name=position]", "计量室主任")
        draw_signature(page)
        if signed != 1:
            tablet.picture(f"05-signing-{signed + 1}")
        press(page, "确认签字", within=".sheet-footer")
        heard(page, "已签字")
    tablet.picture("05-signed")
    press(page, "结束检查", within=".sheet-footer")
    heard(page, "形成问题 2 个")


def _declare_costs(tablet: Visitor) -> None:
    """The unit bore nothing; the office does not review before the leader has said so."""
    page = tablet.page
    press(page, "申报检查费用")
    for kind in ("lodging", "meals", "transport", "other"):
        page.fill(f"[name={kind}]", "0")
    tablet.picture("05-costs")
    press(page, "申报")
    heard(page, "被检查单位没有承担费用")


def review(story: Story) -> None:
    """The office approves what the team concluded."""
    district = story.window(DISTRICT)
    page = district.page
    district.go("/inspections/?state=concluded")
    page.get_by_role("link", name=story.unit.name).first.click()
    expect(page.locator("#findings")).to_contain_text("D02")
    press(page, "审核通过")
    heard(page, "已审核通过")
    district.picture("05-reviewed")
    press(page, "下达整改文书")
    expect(page.locator("h1")).to_have_text("下达整改文书")


def _name_the_parties(page: Page) -> None:
    """What the paper names is entered where it is kept; the office says its own phone."""
    issue = page.url
    expect(page.locator("main")).to_contain_text("还不能下达")
    page.get_by_role("link", name="去填写联系电话").click()
    page.locator("[name=phone]").fill("022-27900001")
    press(page, "保存")
    heard(page, "已保存")
    page.goto(issue)
    page.get_by_role("link", name="去填写法定代表人").click()
    page.locator("[name=legal_representative]").fill("示例法人")
    press(page, "保存")
    heard(page, "已保存")
    page.goto(issue)
    expect(page.locator("main")).not_to_contain_text("还不能下达")


def rectify(story: Story) -> None:
    """Order with its paper, report with evidence, confirmation finding by finding."""
    district, unit = story.window(DISTRICT), story.unit_window()
    page = district.page
    district.go("/rectification/")
    district.picture("06-findings")
    page.locator("tbody tr", has_text="D02").get_by_role("link", name="下达整改").click()
    _name_the_parties(page)
    page.locator("[name=waiver]").fill("单位负责人当场书面声明没有异议，请求尽早整改。")
    district.picture("06-issue")
    press(page, "下达文书")
    heard(page, "单位已收到消息")
    address = page.url
    words = _paper(page, "文书 PDF")
    for part in (story.unit.name, story.unit.uscc, *(fact for _, fact in FACTS.values())):
        assert plain(part) in words
    district.picture("06-order")

    _report(unit)

    page.goto(address)
    for opinion in ("证明材料齐全，整改符合要求。",) * 2:
        form = page.locator(".rect-foot form").first
        form.get_by_label("合格", exact=True).check()
        form.locator("[name$=opinion]").fill(opinion)
        if page.locator(".rect-foot form").count() == 2:
            district.picture("06-review")
        form.get_by_role("button", name="作出决定").click()
        heard(page, re.compile("合格|确认"))
    expect(page.locator(".page-head .state")).not_to_have_text("整改中")
    assert "确认单" in _paper(page, "整改情况确认单")
    district.picture("06-confirmed")


def _report(unit: Visitor) -> None:
    """Cause, measure, prevention and a photograph for each finding; then everything at once."""
    page = unit.page
    unit.go("/")
    unit.picture("06-desk-unit")
    unit.go("/rectification/")
    page.get_by_role("link", name="去整改").click()
    cards = page.locator(".rect-card")
    expect(cards).to_have_count(2)
    for n in range(2):
        card = cards.nth(n)
        card.locator("[name=cause]").fill("岗位职责不清，到期提醒没有落实到人。")
        card.locator("[name=action]").fill("已补充培训并取得证明，相关记录重新签署。")
        card.locator("[name=prevention]").fill("建立人员能力台账，每季度由质量负责人核对。")
        upload(card.locator(".rect-upload"), name=f"整改后{n + 1}.jpg", content=photo(f"R{n}"))
        expect(card).to_contain_text(f"整改后{n + 1}.jpg")
        expect(card).to_contain_text("已填写完整，可以报送")
    all_saved(page)
    unit.picture("06-rectification", whole=False)
    press(page, "报送整改情况")
    heard(page, "已报送 2 项问题的整改情况")
    unit.picture("06-submitted")


def _paper(page: Page, label: str) -> str:
    """The text of a paper; it is made in the background, so look again until it is there."""
    link = page.get_by_role("link", name=label)
    for _ in range(40):
        if link.count():
            break
        page.wait_for_timeout(500)
        page.reload()
    return words_of(fetched(page, link))


def annex3(story: Story) -> None:
    """Every figure opens its records; the two files say the same."""
    district = story.window(DISTRICT)
    page = district.page
    district.go("/reports/annex3/")
    district.picture("07-annex3")
    for number, tab in enumerate(("按专业计量领域", "按问题类别"), start=2):
        page.get_by_role("link", name=tab).click()
        expect(page.get_by_role("link", name=tab)).to_have_attribute("aria-current", "page")
        district.picture(f"07-annex3-{number}")
    page.get_by_role("link", name="按计量标准类别").click()
    cell = page.locator("a.count[href*='figure=s_insp'][href*='row=total']")
    inspected = int(cell.inner_text())
    book, paper = (
        fetched(page, page.get_by_role("link", name=name, exact=True)) for name in ("Excel", "PDF")
    )
    cell.click()
    rows = page.locator("table.table tbody tr")
    expect(rows).to_have_count(inspected)
    expect(rows.first).to_contain_text(story.unit.name)
    district.picture("07-annex3-records")

    sheet = load_workbook(io.BytesIO(book), data_only=True).worksheets[0]
    assert inspected in _figures(sheet, "检查标准项数")
    words = words_of(paper)
    assert "西青区" in words
    assert "检查标准项数" in words


def _figures(sheet, heading: str) -> list[object]:
    """The values under a heading, from top to bottom."""
    place = next(
        cell for row in sheet.iter_rows() for cell in row if heading in str(cell.value or "")
    )
    return [
        row[0].value
        for row in sheet.iter_rows(
            min_row=place.row + 1, min_col=place.column, max_col=place.column
        )
    ]
