"""Who is told what, and over which way: an office makes a rule, a unit says how it wants to be reached."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from metrostd.demo.people import PASSWORD

from .conftest import Portal, serving
from .pages import heard, press

pytestmark = pytest.mark.browser
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def portal(tmp_path_factory: pytest.TempPathFactory, django_db_setup: str) -> Iterator[Portal]:
    """A city of its own: its rules are rewritten."""
    with serving(tmp_path_factory.mktemp("reminding"), django_db_setup) as portal:
        yield portal


@pytest.fixture(scope="module")
def made(portal: Portal) -> dict:
    code = "from tests.e2e.reminding import build; build()"
    return json.loads(portal.manage("shell", "-v", "0", "-c", code).splitlines()[-1])


def test_an_office_edits_a_rule_and_a_unit_chooses_how_it_hears_of_it(made, visit):
    city = visit("city", PASSWORD)
    office = city.page
    address = f"/reminders/rules/{made['rule']}/"
    preview = f"/reminders/preview/?rule={made['rule']}&day={made['on']}"

    city.go(preview)
    expect(office.locator("main")).to_contain_text("这一天没有要提醒的")
    city.go("/reminders/rules/")
    office.locator(f"a[href='{address}']").click()
    office.fill("[name=days]", "0")
    press(office, "保存")
    expect(office.locator("main")).to_contain_text("请填1至90天")
    office.fill("[name=days]", str(made["days"]))
    office.fill("[name=text]", "请{who}于{due}前办结：{title}")
    press(office, "保存")
    expect(office.locator("main")).to_contain_text("{who}")
    office.fill("[name=text]", "{title}，{due}前务必办结")
    city.picture("11-rule")
    press(office, "保存")
    heard(office, "已保存。")
    expect(office.locator("main")).to_contain_text(f"到期前{made['days']}天")

    city.go(preview)
    told = office.locator("tbody tr", has_text=made["person"])
    expect(told).to_contain_text(f"{made['title']}，")
    expect(told).to_contain_text("务必办结")
    expect(told).to_contain_text("收件箱、邮件")
    city.picture("11-preview")

    unit = visit(made["user"], PASSWORD, **PHONE)
    page = unit.page
    unit.go("/accounts/own/")
    page.get_by_role("link", name="通知渠道").click()
    expect(page.locator("main")).to_contain_text("l***@example.cn")
    expect(page.get_by_label("收件箱")).to_be_disabled()
    page.get_by_label("邮件").uncheck()
    press(page, "保存")
    heard(page, "已保存")
    expect(page.get_by_label("邮件")).not_to_be_checked()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    unit.picture("11-channels")

    # What the office sees is what the unit will get; a rule the law asks for reaches it by mail all the same.
    city.go(preview)
    expect(told).to_contain_text("收件箱")
    expect(told).not_to_contain_text("邮件")
    city.go(address)
    office.get_by_label("法定告知").check()
    press(office, "保存")
    heard(office, "已保存。")
    city.go(preview)
    expect(told).to_contain_text("收件箱、邮件")
