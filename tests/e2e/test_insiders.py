"""Insiders who would bend a visit end at a refusal with its reason; the honest way beside each."""

import json
import re

import pytest
from playwright.sync_api import Page, expect

from metrostd.demo.people import PASSWORD

from .conftest import Portal
from .pages import draw_signature, heard, press

pytestmark = pytest.mark.browser
TABLET = {"width": 768, "height": 1024}


@pytest.fixture(scope="module")
def insiders(portal: Portal) -> dict:
    code = "from tests.e2e.insiders import build; build()"
    return json.loads(portal.manage("shell", "-v", "0", "-c", code).splitlines()[-1])


def state_of(portal: Portal, task: int) -> list:
    code = f"from tests.e2e.insiders import state_of; state_of({task})"
    return json.loads(portal.manage("shell", "-v", "0", "-c", code).splitlines()[-1])


def forced(page: Page, action: str) -> None:
    """Send a form of one's own making from the page, with its token: what the buttons do not offer."""
    page.evaluate(
        """action => {
          const form = document.createElement("form");
          form.method = "post";
          form.action = action;
          form.append(document.querySelector("main [name=csrfmiddlewaretoken], [name=csrfmiddlewaretoken]").cloneNode());
          document.body.append(form);
          form.submit();
        }""",
        action,
    )


def refused(page: Page, reason: str) -> None:
    expect(page.locator(".error-reason")).to_contain_text(reason)


def test_one_assessor_does_not_sign_for_the_others_nor_end_the_visit(insiders, visit):
    window = visit(insiders["assessor"], PASSWORD, **TABLET)
    page, task = window.page, insiders["bent"]
    window.go(f"/inspections/{task}/signing/")
    expect(page.locator("main")).to_contain_text("不能代他人签字")
    expect(page.locator("main")).to_contain_text("由组长或者执法人员办理")

    page.locator(".sheet-footer").get_by_role("button", name="确认签字").click()
    expect(page.locator("[data-signature-error]")).to_be_visible()  # an empty picture goes nowhere
    draw_signature(page)
    expect(page.locator("[data-signature-error]")).to_be_hidden()
    window.picture("11-assessor")
    page.locator("#sign [name=who]").evaluate(
        "(field, place) => { field.value = place; }", str(insiders["leader_place"])
    )
    page.locator(".sheet-footer").get_by_role("button", name="确认签字").click()
    refused(page, "不能代他人签字")
    window.picture("11-assessor-refused")

    window.go(f"/inspections/{task}/signing/")
    forced(page, f"/inspections/{task}/conclude/")
    refused(page, "由组长或者执法人员办理")
    assert state_of(window.portal, task) == ["signing", []]


def test_the_honest_way_takes_one_password_for_each_colleague(insiders, visit):
    window = visit(insiders["leader"], PASSWORD, **TABLET)
    page, task = window.page, insiders["signing"]
    window.go(f"/inspections/{task}/signing/")
    draw_signature(page)
    press(page, "确认签字", within=".sheet-footer")
    heard(page, "已签字")

    page.fill("[name=password]", "nicht-das-richtige")
    draw_signature(page)
    drawn = page.locator("#sign [name=image_strokes]").input_value()
    press(page, "确认签字", within=".sheet-footer")
    expect(page.locator("main")).to_contain_text("密码不正确")
    # What was drawn is there again: only the password is typed anew.
    expect(page.locator("#sign [name=image_strokes]")).to_have_value(drawn)
    window.picture("11-password")
    for _ in range(2):
        if not page.locator("#sign [name=image_strokes]").input_value():
            draw_signature(page)
        page.fill("[name=password]", PASSWORD)
        press(page, "确认签字", within=".sheet-footer")
        heard(page, "已签字")
    page.fill("[name=name]", "示例代表")
    page.fill("[name=position]", "质量负责人")
    draw_signature(page)
    press(page, "确认签字", within=".sheet-footer")
    heard(page, "已签字")
    window.picture("11-signed")
    press(page, "结束检查", within=".sheet-footer")
    heard(page, re.compile("检查结束"))

    assert state_of(window.portal, task) == [
        "concluded",
        ["own", "password", "password", "taken"],
    ]


def test_one_official_does_not_review_and_close_his_own_visit(insiders, visit):
    reason = f"参加本次检查的人和应当回避的人不能审核本次检查的结果；本部门没有其他人员，由{insiders['above']}办理。"
    window = visit(insiders["official"], PASSWORD, **TABLET)
    page, task = window.page, insiders["own"]
    window.go(f"/inspections/{task}/")
    expect(page.locator("main")).to_contain_text(reason)
    expect(page.get_by_role("button", name="审核通过")).to_be_disabled()
    window.picture("11-official")

    forced(page, f"/inspections/{task}/review/")
    refused(page, reason)
    window.picture("11-official-refused")
    window.go(f"/inspections/{task}/")
    forced(page, f"/inspections/{task}/close/")
    refused(page, "参加本次检查的人不能办结本次检查")

    above = visit(insiders["city"], PASSWORD, **TABLET)
    above.go(f"/inspections/{task}/")
    press(above.page, "审核通过")
    heard(above.page, "已审核通过")
    press(above.page, "办结")
    heard(above.page, "检查任务已办结")
    above.picture("11-office-above")
    assert state_of(window.portal, task)[0] == "closed"


def test_an_administrator_does_not_make_himself_the_municipal_office(insiders, visit):
    window = visit(insiders["admin"], PASSWORD, **TABLET)
    page = window.page
    window.go(f"/accounts/people/{insiders['admin_person']}/grant/")
    page.select_option("[name=role]", "city_admin")
    page.select_option("[name=authority]", str(insiders["commission"]))
    page.locator("main button[type=submit]").first.click()
    expect(page.locator("main")).to_contain_text("不能给自己")
    window.picture("11-admin-refused")

    # To somebody else, and not without a second administrator.
    window.go(f"/accounts/people/{insiders['city_person']}/grant/")
    page.select_option("[name=role]", "discipline")
    page.select_option("[name=authority]", str(insiders["commission"]))
    page.locator("main button[type=submit]").first.click()
    heard(page, re.compile("须由另一名有权授予的人员确认后生效"))
    expect(page.get_by_role("button", name="确认", exact=True)).to_be_disabled()
    window.picture("11-admin-waits")

    second = visit(insiders["second_admin"], PASSWORD, **TABLET)
    second.go(f"/accounts/people/{insiders['city_person']}/")
    press(second.page, "确认")
    heard(second.page, re.compile("现在可以使用这项身份"))


def test_one_official_does_not_draw_alone(portal, visit):
    """The draw of whoever tried seeds until the wanted units came: there is no seed to choose, and a second person."""
    alone = told_of_a_draw(portal, "alone()")
    window = visit(alone["office"], PASSWORD, **TABLET)
    page, terms = window.page, alone["url"]
    window.go(terms)
    expect(page.locator("[name=seed]")).to_have_count(0)
    page.fill("[name=numbers]", alone["numbers"])
    press(page, "录入号码")
    expect(page.locator("main")).to_contain_text("核对开奖号码")
    expect(page.get_by_role("button", name="核对并抽取")).to_have_count(0)
    expect(page.locator("main")).to_contain_text("由上级")
    window.picture("11-draw-alone")
    forced(page, f"{terms}confirm/")
    refused(page, "由上级")

    above = visit(alone["above"], PASSWORD, **TABLET)
    above.go(terms)
    above.page.fill("[name=numbers]", alone["numbers"])
    press(above.page, "核对并抽取")
    heard(above.page, "核对一致，已抽取")
    assert told_of_a_draw(portal, f"drawn({alone['terms']})")[1:] == [2, []]


def told_of_a_draw(portal: Portal, call: str):
    code = f"from tests.e2e import ceremony; ceremony.{call}"
    return json.loads(portal.manage("shell", "-v", "0", "-c", code).splitlines()[-1])
