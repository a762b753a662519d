"""附件3 from the district's desk to the city's, and what changes afterwards."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from metrostd.demo.people import PASSWORD

from .conftest import Portal, serving
from .pages import draw_signature, fetched, heard, press, words_of

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory, django_db_setup: str) -> Iterator[Portal]:
    """A city of its own: the offices of other stories would all be asked for a table."""
    with serving(tmp_path_factory.mktemp("summing"), django_db_setup) as portal:
        yield portal


@pytest.fixture(scope="module")
def summing(portal: Portal) -> dict:
    code = "from tests.e2e.summing import build; build()"
    return json.loads(portal.manage("shell", "-v", "0", "-c", code).splitlines()[-1])


def _enter(page: Page, place: str, value: str) -> None:
    """A figure nobody counts yet, by hand with where it is from."""
    page.get_by_text("修改一格").click()
    page.select_option("[name=row]", place)
    page.fill("[name=value]", value)
    page.fill("#overrides [name=reason]", "12315 平台转来")
    press(page, "保存这一格")


def _explain(page: Page) -> None:
    for rule in ("R22", "R23"):
        page.fill(f"[name={rule}]", f"{rule}：企业停产，已列入后续监督检查。")
    press(page, "保存理由")
    heard(page, "理由已保存。")


def _write(page: Page) -> None:
    """The five chapters: suggested words, one figure picked, words of one's own."""
    page.get_by_role("link", name="总结报告", exact=True).click()
    for chapter in ("basics", "practice", "cases", "problems", "advice"):
        page.locator(f"#{chapter} [data-take]").click()
    page.fill("#text-advice", "建议加强监管，涉及单位")
    page.select_option("[data-pick-row]", "I.total")
    page.select_option("[data-pick-figure]", "u_total")
    press(page, "插入光标处")
    expect(page.locator("#advice .told-figure")).to_have_text("1")
    expect(page.locator("[data-save-text]")).to_contain_text("已保存")
    page.get_by_role("link", name="统计表和报送").click()


def _sign_and_send(page: Page) -> None:
    press(page, "完成校核")
    page.fill("[name=name]", "示例局长")
    page.fill("[name=position]", "局长")
    draw_signature(page)
    press(page, "确认签字")
    heard(page, "负责人已签字，可以报送。")
    press(page, "报送")
    heard(page, "已报送，回执见下方版次。")


def test_a_table_is_handed_in_returned_and_taken_and_a_later_change_shows(summing, visit, portal):
    address = f"/reports/hand-in/{summing['report']}/"
    district, city = visit(summing["clerk"], PASSWORD), visit("city", PASSWORD)
    clerk, office = district.page, city.page

    district.go(address)
    press(clerk, "统计")
    _enter(clerk, "IV/cmp_in/cmp_in", "1")
    expect(clerk.locator("#blocking")).to_contain_text("R27")
    expect(clerk.get_by_role("button", name="完成校核")).to_be_disabled()
    _enter(clerk, "IV/cmp_done/cmp_done", "1")
    expect(clerk.locator("#blocking")).to_have_count(0)
    _explain(clerk)
    expect(clerk.locator("#unwritten")).to_contain_text("总结报告“基本情况”还没有写。")
    _write(clerk)
    expect(clerk.locator("#unwritten")).to_have_count(0)
    district.picture("11-ready-to-sign")
    _sign_and_send(clerk)
    expect(clerk.locator("#editions")).to_contain_text("统计表回执")

    city.go(address)
    press(office, "退回修改")
    office.fill("[name='mark-I/total/s_total']", "请核对标准项数")
    office.fill("[name=note]", "请核对后重新报送")
    press(office, "确认退回")
    clerk.reload()
    expect(clerk.locator(".notice-warn")).to_contain_text("请核对标准项数")
    press(clerk, "开始修改")
    press(clerk, "重新统计")
    _sign_and_send(clerk)

    clerk.get_by_role("link", name="第2版").click()
    kept = fetched(clerk, clerk.get_by_role("link", name="PDF", exact=True))
    assert "投诉举报受理件数" in words_of(kept)
    office.reload()
    press(office, "接收")
    heard(office, "已接收，计入全市汇总。")
    clerk.reload()
    clerk.get_by_role("link", name="总结报告", exact=True).click()
    written = fetched(clerk, clerk.get_by_role("link", name="PDF", exact=True))
    assert "涉及单位1" in "".join(words_of(written).split())
    clerk.go_back()

    code = f"from tests.e2e.summing import draw; draw({summing['campaign']})"
    portal.manage("shell", "-v", "0", "-c", code)
    clerk.get_by_role("link", name="记录此后的变动").click()
    changed = clerk.get_by_role("row").filter(has_text="列入检查清单单位").last
    expect(changed).to_contain_text("新计入 1")
    changed.get_by_role("link").click()
    expect(clerk.locator("main")).to_contain_text("天津示例丑压力表有限公司")
    district.picture("11-changed-since")
    clerk.go_back()
    clerk.get_by_role("link", name="回到这一版").click()
    assert fetched(clerk, clerk.get_by_role("link", name="PDF", exact=True)) == kept
