"""What a person sees when the portal says no: stale pages, foreign records, false files."""

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Page, Route, expect

from metrostd.demo.people import PASSWORD

from .conftest import Portal, Visitor
from .pages import all_saved, answer, item, photo, press, upload
from .world import OWN

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def world(portal: Portal) -> dict:
    made = portal.manage("shell", "-v", "0", "-c", "from tests.e2e.world import build; build()")
    return json.loads(made.splitlines()[-1])


def _fill_in(window: Visitor, report: int) -> None:
    """Open the unit's items of a self-check, which somebody may have begun."""
    window.go(f"/self-checks/{report}/")
    if window.page.get_by_role("button", name="开始填报").count():
        press(window.page, "开始填报")
    window.go(f"/self-checks/{report}/form/?group=0")
    expect(item(window.page, "U04")).to_be_visible()


@contextmanager
def _before_the_scripts(page: Page) -> Iterator[None]:
    """Load the page again, over a line that brings its scripts only at the end of the block."""
    held: list[Route] = []
    page.route("**/js/*.js", lambda route: held.append(route))
    page.goto(page.url, wait_until="commit")
    yield
    assert page.evaluate("window.portal === undefined")
    for route in held:
        route.continue_()
    page.unroute_all()


def test_a_second_submission_is_told_what_happened(world, visit):
    admin = visit("admin", PASSWORD)
    first, second = admin.page, admin.page.context.new_page()
    address = f"{admin.portal.url}/registry/imports/{world['list']}/"
    for page in (first, second):
        page.goto(address)

    press(first, "放弃")
    expect(first.locator(".messages")).to_contain_text("已放弃")
    with second.expect_response(lambda answer: answer.request.method == "POST") as answered:
        press(second, "放弃")

    assert answered.value.status == 409
    expect(second.locator("h1")).to_have_text("记录已变化，没有执行")
    expect(second.locator(".error-reason")).to_contain_text("目前是“已放弃”，不能“放弃”")
    Visitor(second, admin.portal).picture("08-second-submission")


def test_two_windows_on_one_item_choose_between_both_values(world, visit):
    windows = [visit(world["user"], PASSWORD) for _ in range(2)]
    for window in windows:
        _fill_in(window, world["report"])
    early, late = (window.page for window in windows)

    answer(early, "U04", "符合")
    all_saved(early)
    answer(late, "U04", "有缺陷", note="缺少事故报告制度。")
    box = item(late, "U04").locator(".conflict")

    expect(box).to_contain_text("我填的有缺陷缺少事故报告制度。")
    expect(box).to_contain_text("对方填的符合")
    expect(late.locator("[data-save-state]")).to_contain_text("有冲突，请选择")
    windows[1].picture("08-conflict", whole=False)
    box.get_by_role("button", name="保留我的").click()
    all_saved(late)
    early.reload()
    expect(item(early, "U04").get_by_role("radio", name="有缺陷")).to_be_checked()


def test_foreign_records_are_not_found(world, visit):
    unit = visit(world["user"], PASSWORD)

    for path in (
        f"/registry/units/{world['foreign_unit']}/",
        f"/self-checks/{world['foreign_report']}/",
    ):
        answered = unit.page.goto(unit.portal.url + path)
        assert answered is not None
        assert answered.status == 404
        expect(unit.page.locator("h1")).to_have_text("没有找到")
    unit.picture("08-not-found")


def test_a_file_that_is_not_what_its_name_says_is_refused(world, visit):
    unit = visit(world["user"], PASSWORD)
    unit.go(f"/self-checks/{world['report']}/")

    form = unit.page.locator("form[data-upload]")
    upload(form, name="现场照片.jpg", content="这不是照片。".encode())

    refusal = unit.page.locator(".upload-line .form-error")
    expect(refusal).to_contain_text("现场照片.jpg 未上传：“现场照片.jpg”的内容无法识别")
    unit.picture("08-false-file")
    unit.page.reload()
    expect(unit.page.locator("#report-files")).not_to_contain_text("现场照片.jpg")


def test_a_page_written_before_the_last_save_shows_it_all_the_same(world, visit):
    """The reload is answered from before the save, and arrives after it."""
    window = visit(world["user"], PASSWORD)
    page = window.page
    _fill_in(window, world["report"])
    form = page.url
    saves: list[Route] = []
    page.route("**/answers/**", lambda route: saves.append(route))

    def overtaken(route: Route) -> None:
        written = route.fetch()
        for save in saves:
            save.fulfill(response=save.fetch())
        page.wait_for_timeout(500)  # the old page hears of it
        route.fulfill(response=written)

    page.route(lambda url: url == form, overtaken)
    item(page, "U05").get_by_role("radio", name="符合", exact=True).check()
    page.reload()
    page.unroute_all()

    expect(item(page, "U05").get_by_role("radio", name="符合", exact=True)).to_be_checked()
    all_saved(page)
    answer(page, "U05", "有缺陷", note="缺少应急预案。")
    all_saved(page)
    expect(item(page, "U05").locator(".conflict")).to_have_count(0)


def test_what_is_touched_before_the_scripts_are_there_is_kept(world, visit):
    """A slow line brings the page first and what makes it save later."""
    window = visit(world["user"], PASSWORD)
    page = window.page
    _fill_in(window, world["report"])
    touched = item(page, "U04").get_by_role("radio", name="不符合", exact=True)
    with _before_the_scripts(page):
        touched.check()

    all_saved(page)
    item(page, "U04").locator("textarea[name=note]").fill("采集记录缺少两个月。")
    all_saved(page)
    page.reload()
    expect(touched).to_be_checked()
    expect(item(page, "U04").locator("textarea[name=note]")).to_have_value("采集记录缺少两个月。")


def test_a_photograph_chosen_before_the_scripts_are_there_is_sent(world, visit):
    unit = visit(world["user"], PASSWORD)
    page = unit.page
    unit.go(f"/self-checks/{world['report']}/")
    with _before_the_scripts(page):
        upload(page.locator("form[data-upload]"), name="早到.jpg", content=photo("早到"))

    expect(page.locator("#report-files")).to_contain_text("早到.jpg")


def test_the_way_back_shows_what_was_saved_meanwhile(world, visit):
    window = visit(world["user"], PASSWORD)
    page = window.page
    _fill_in(window, world["report"])
    answer(page, "U04", "符合")
    all_saved(page)
    window.go("/")
    page.go_back()

    chosen = item(page, "U04").get_by_role("radio", name="符合", exact=True)
    expect(chosen).to_be_checked()
    answer(page, "U04", "有缺陷", note="没有按期开展核查。")
    all_saved(page)
    expect(item(page, "U04").locator(".conflict")).to_have_count(0)


def test_of_two_answers_to_one_card_the_later_look_stays(world, visit):
    """Whatever the order they arrive in; a part inside a card is judged by its own look."""
    page = visit(world["user"], PASSWORD).page
    shown = page.evaluate(
        """() => {
          const look = (at, words) => `<span hidden data-as-of="${at}"></span>${words}`;
          const part = (at, words) => `<div data-item-extra>${look(at, words)}</div>`;
          const card = document.createElement("div");
          const seen = [];
          const answered = (target, html) => { portal.put(target, html); seen.push(card.textContent); };
          answered(card, look(2, "照片两张 ") + part(2, "还缺说明"));
          answered(card, look(1, "照片一张 ") + part(1, "还缺一切"));
          answered(card.querySelector("[data-item-extra]"), look(4, "已填写完整"));
          answered(card, look(3, "照片三张 ") + part(3, "还缺说明"));
          return seen;
        }"""
    )

    assert shown == [
        "照片两张 还缺说明",
        "照片两张 还缺说明",
        "照片两张 已填写完整",
        "照片三张 已填写完整",
    ]


def test_a_complaint_from_a_phone_to_its_answer(world, visit, browser, portal):
    """Said without an account, handled by the district alone, read with the code of the receipt."""
    phone = browser.new_context(viewport={"width": 375, "height": 700}, locale="zh-CN").new_page()
    phone.goto(f"{portal.url}/complaints/")
    phone.get_by_role("link", name="我要反映").click()
    phone.get_by_label("被反映的单位").fill(OWN)
    phone.get_by_label("反映的内容").fill("示例：使用过期砝码出具证书。")
    phone.get_by_role("button", name="提交").click()
    code = phone.locator("#code").inner_text()
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")

    office = visit("d120103", PASSWORD).page
    office.goto(f"{portal.url}/complaints/desk/")
    office.locator("main table a").first.click()
    expect(office.locator("main")).to_contain_text("使用过期砝码")
    address = office.url
    office.locator("#accept").get_by_role("button", name="受理").click()
    press(office, "开始办理")
    office.get_by_label("答复内容").fill("经核查属实，已责令改正。")
    office.locator("#answer").get_by_role("button", name="答复").click()
    press(office, "办结")
    expect(office.locator("main")).to_contain_text("已办结")

    phone.goto(f"{portal.url}/complaints/follow/")
    phone.get_by_label("查询码").fill(code.lower())
    phone.get_by_role("button", name="查看").click()
    expect(phone.locator("main")).to_contain_text("经核查属实，已责令改正。")
    expect(phone.locator("main")).to_contain_text("已办结")
    above = visit("city", PASSWORD).page
    assert above.goto(address).status == 404
    phone.context.close()
