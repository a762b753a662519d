"""The city's table down to one finding, and the bulletin it is told in: published by another, withdrawn."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from metrostd.demo.people import PASSWORD

from .conftest import PATIENCE, Portal, serving
from .pages import press

pytestmark = pytest.mark.browser
TITLE = "关于示例专项监督检查情况的通报"


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory, django_db_setup: str) -> Iterator[Portal]:
    """A city of its own with one district whose table is accepted."""
    folder = tmp_path_factory.mktemp("merging")
    # Each process keeps public pages for a moment; what is withdrawn is looked for at once here.
    with serving(folder, django_db_setup, PUBLIC_PAGES_SECONDS="0") as portal:
        code = "from tests.e2e.merging import build; build()"
        assert json.loads(portal.manage("shell", "-v", "0", "-c", code).splitlines()[-1])
        yield portal


def test_the_city_opens_its_cell_down_to_one_finding(visit):
    city = visit("city", PASSWORD)
    page = city.page

    city.go("/reports/hand-in/")
    press(page, "全市汇总")
    page.locator("nav.tabs a[href='?block=I']").click()
    page.locator("a[href$='cell=I/total/fd']").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("发现问题数")
    page.locator("tbody a.count").click()
    rows = page.locator("main tbody tr")
    expect(rows).to_have_count(14)
    city.picture("12-findings-of-the-city")
    rows.filter(has_text="整改不合格").get_by_role("link", name="问题").click()

    expect(page.locator("main")).to_contain_text("示例事实记录")
    expect(page.locator("main")).to_contain_text("示例单位E2")


def test_a_bulletin_is_published_by_another_and_withdrawn(visit, browser: Browser, portal):
    city, other = visit("city", PASSWORD), visit("city2", PASSWORD)
    anybody = browser.new_context(locale="zh-CN").new_page()
    anybody.set_default_timeout(PATIENCE)

    city.go("/reports/bulletins/")
    press(city.page, "拟写通报")
    city.page.fill("[name=title]", TITLE)
    city.page.fill(
        "[name=text]", "全市检查建标单位【I.total.u_insp】家，发现问题【I.total.fd】条。"
    )
    city.page.fill("[name=basis]", "《中华人民共和国政府信息公开条例》第二十条")
    press(city.page, "保存")
    anybody.goto(f"{portal.url}/bulletins/")
    expect(anybody.locator("main")).not_to_contain_text(TITLE)

    other.go(city.page.url.removeprefix(portal.url))
    press(other.page, "发布")
    expect(other.page.locator(".notice-ok")).to_contain_text("已发布")
    anybody.reload()
    anybody.get_by_role("link", name=TITLE).click()
    expect(anybody.locator("main")).to_contain_text("全市检查建标单位5家，发现问题14条。")

    other.page.locator("main summary", has_text="撤回").click()
    other.page.fill("main details[open] [name=note]", "数据有误，更正后重发")
    other.page.locator("main details[open] button[type=submit]").click()
    expect(other.page.locator(".notice-warn")).to_contain_text("数据有误")
    anybody.reload()
    expect(anybody.locator("body")).not_to_contain_text("全市检查建标单位")
    anybody.context.close()
