"""People are let in: from an empty database by create_admin to a successor who takes over, on a phone and at a desk.

The portal is as in production: a second factor is required of whoever acts for an authority.
"""

import base64
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from metrostd.accounts.second_factor import STEP, code_at
from metrostd.common import clock

from . import annex4
from .conftest import PATIENCE, Portal, Visitor, serving
from .pages import finish_job, heard, press, words_of

pytestmark = pytest.mark.browser
FIRST, ADMIN = "Kaihu-2026-jiliang", "Haihe-9-guanli"
UNIT, COLLEAGUE = "Lanhua-7-shanding", "Zhuzi-8-heliu"
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory, django_db_setup: str) -> Iterator[Portal]:
    folder: Path = tmp_path_factory.mktemp("empty")
    with serving(folder, django_db_setup, SECOND_FACTOR_REQUIRED="true") as portal:
        yield portal


def window(browser: Browser, portal: Portal, size: dict) -> Visitor:
    context = browser.new_context(viewport=size, locale="zh-CN", reduced_motion="reduce")
    visitor = Visitor(context.new_page(), portal)
    visitor.page.set_default_timeout(PATIENCE)
    return visitor


def give_password(visitor: Visitor, username: str, password: str) -> None:
    visitor.go("/accounts/sign-in/")
    visitor.page.fill("[name=username]", username)
    visitor.page.fill("[name=password]", password)
    visitor.page.click("main button[type=submit]")


def activate(visitor: Visitor, username: str, code: str, password: str) -> None:
    """With the code of a slip or of an office: a password of one's own, and in."""
    page = visitor.page
    visitor.go("/accounts/sign-in/")
    page.get_by_role("link", name="我有启用通知单或验证码").click()
    for name, value in (("username", username), ("code", code)):
        page.fill(f"[name={name}]", value)
    for name in ("new_password1", "new_password2"):
        page.fill(f"[name={name}]", password)
    press(page, "设置密码并登录")


def fits(page: Page) -> None:
    """Nothing stands beyond the edge of the screen."""
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_from_an_empty_database_to_a_successor(browser, empty):
    admin = _first_sign_in_on_a_phone(browser, empty)
    code, username, unit_name = _list_and_slips(admin)
    unit = window(browser, empty, PHONE)
    activate(unit, username, code, UNIT)
    expect(unit.page).to_have_url(f"{empty.url}/")
    fits(unit.page)
    unit.picture("10-unit-first-page")
    again = window(browser, empty, PHONE)
    activate(again, username, code, COLLEAGUE)
    expect(again.page.locator("main")).to_contain_text("已经用过")

    _locked_out_and_let_in(browser, empty, admin, username)
    _a_successor_takes_over(browser, empty, unit, username, unit_name)
    assert [text for each in (admin, unit, again) for text in each.complaints] == []


def _first_sign_in_on_a_phone(browser: Browser, portal: Portal) -> Visitor:
    """The password of the variable is changed, and the phone joins, before anything else is shown."""
    portal.manage(
        "create_admin", ADMIN_USERNAME="guanliyuan", ADMIN_NAME="示例管理员", ADMIN_PASSWORD=FIRST
    )
    admin = window(browser, portal, PHONE)
    page = admin.page
    give_password(admin, "guanliyuan", FIRST)
    expect(page.locator("h1")).to_have_text("请先修改密码")
    fits(page)
    admin.picture("10-forced-change")
    page.fill("[name=old_password]", FIRST)
    for name in ("new_password1", "new_password2"):
        page.fill(f"[name={name}]", ADMIN)
    press(page, "保存新密码")

    expect(page.locator("h1")).to_have_text("启用动态口令")
    fits(page)
    admin.picture("10-second-factor")
    secret = base64.b32decode(page.locator("code.secret").inner_text().replace(" ", ""))
    step = int(time.time()) // STEP
    page.fill("[name=code]", code_at(secret, step))
    press(page, "启用")
    expect(page.locator(".code-list li")).to_have_count(10)
    recovery = page.locator(".code-list li").first.inner_text()
    fits(page)
    press(page, "已经抄好，继续")
    expect(page).to_have_url(f"{portal.url}/")

    # The next time the password alone is not enough; a recovery code stands in for the phone.
    desk = window(browser, portal, DESK)
    give_password(desk, "guanliyuan", ADMIN)
    expect(desk.page.locator("h1")).to_have_text("动态口令")
    desk.page.fill("[name=code]", "000000")
    press(desk.page, "登录")
    expect(desk.page.locator("main")).to_contain_text("动态口令不正确")
    desk.page.fill("[name=code]", recovery)
    press(desk.page, "登录")
    heard(desk.page, re.compile("上次登录"))
    return desk


def _list_and_slips(admin: Visitor) -> tuple[str, str, str]:
    """A list goes in, its units are offered accounts, and each gets a slip: code, user name, unit of one."""
    page, on = admin.page, clock.today()
    units = [
        annex4.enterprise(
            f"天津示例账户{n}厂",
            district=("120111", "西青区"),
            rows=(n,),
            serial=81_000_001 + n,
            on=on,
        )
        for n in range(3)
    ]
    admin.go("/registry/imports/upload/")
    page.locator("input[type=file]").set_input_files(
        {"name": "附件4.xlsx", "mimeType": "application/octet-stream", "buffer": annex4.workbook(units, on=on)}
    )  # fmt: skip
    page.locator("[name=issuing_authority]").select_option(label="市市场监管委")
    press(page, "读取并核对")
    press(page, "入库")
    finish_job(page)
    expect(page.locator(".page-head .state")).to_have_text("已入库")
    expect(page.locator("main")).to_contain_text("3 家单位还没有账户")
    press(page, "开设账户并打印启用通知单")
    admin.picture("10-opening")
    press(page, "开设 3 个账户")
    finish_job(page)
    expect(page.locator("main")).to_contain_text("所有单位都已有账户")
    admin.picture("10-opened")

    form = page.locator("form.print-line")
    token = form.locator("[name=csrfmiddlewaretoken]").input_value()
    answer = page.request.post(
        f"{admin.portal.url}{form.get_attribute('action')}", form={"csrfmiddlewaretoken": token}
    )
    text = words_of(answer.body())
    found = re.search(r"(天津示例账户0厂).*?用户名(dw\d+).*?([A-Z2-9]{5}-[A-Z2-9]{5})", text)
    assert found, text[:400]
    return found[3], found[2], found[1]


def _locked_out_and_let_in(browser: Browser, portal: Portal, admin: Visitor, username: str) -> None:
    """Five wrong passwords from elsewhere have to wait; the office ends the wait."""
    elsewhere = window(browser, portal, PHONE)
    for n in range(6):
        give_password(elsewhere, username, f"wrong-{n}")
    expect(elsewhere.page.locator("main")).to_contain_text("已暂停登录")
    fits(elsewhere.page)
    elsewhere.picture("10-locked")

    page = admin.page
    admin.go(f"/accounts/people/?q={username}")
    page.locator("tbody a").first.click()
    admin.picture("10-person")
    press(page, "解除登录暂停")
    heard(page, re.compile("已解除"))
    give_password(elsewhere, username, UNIT)
    expect(elsewhere.page).to_have_url(f"{portal.url}/")
    assert elsewhere.complaints == []


def _a_successor_takes_over(
    browser: Browser, portal: Portal, unit: Visitor, username: str, unit_name: str
) -> None:
    """The unit opens an account for a colleague, who ends the first one's and goes on alone."""
    page = unit.page
    unit.go("/accounts/people/new/")
    page.fill("[name=name]", "接任人示例")
    press(page, "保存")
    press(page, "发放一次性验证码")
    code = page.locator(".code-shown").inner_text()
    unit.picture("10-code")
    colleague = page.locator(".page-subtitle").inner_text()

    heir = window(browser, portal, DESK)
    activate(heir, colleague, code, COLLEAGUE)
    heir.go(f"/accounts/people/?q={username}")
    heir.page.locator("tbody").get_by_role("link", name="王示一").click()
    press(heir.page, "结束任职")
    heir.page.locator("[name=at_once]").check()
    heir.page.locator("[name=successor]").select_option(index=1)
    heir.page.fill("[name=note]", "调离本单位")
    heir.picture("10-leave")
    press(heir.page, "登记离任")
    heard(heir.page, "任职已结束。")
    expect(heir.page.locator("main")).to_contain_text("接任人示例")

    unit.go("/")
    expect(page.locator("main")).to_contain_text("您的账户还没有任职身份")
    heir.go("/registry/units/")
    expect(heir.page.locator("main")).to_contain_text(unit_name)
    assert heir.complaints == []
