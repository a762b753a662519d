"""A list as offices really send it, in a real browser: put right, committed, taken back, handed over."""

import re

import pytest
from playwright.sync_api import Page, expect

from metrostd.common import clock
from metrostd.demo.people import PASSWORD

from . import messy
from .conftest import Portal
from .pages import finish_job, heard, press

pytestmark = pytest.mark.browser


def test_a_messy_list_finds_its_way_into_the_register(portal: Portal, visit):
    portal.manage("shell", "-v", "0", "-c", "from tests.e2e.messy import build; build()")
    admin = visit("admin", PASSWORD)
    page, given = admin.page, messy.messy_list(clock.today())
    admin.go("/registry/imports/upload/")
    page.locator("input[type=file]").set_input_files(
        {"name": "名单终稿2.xlsx", "mimeType": "application/octet-stream", "buffer": given.data}
    )
    page.locator("[name=issuing_authority]").select_option(label="市市场监管委")
    press(page, "读取并核对")

    _name_the_column(page)
    _move_by_keyboard(page)
    admin.picture("09-messy-mapped")
    _put_cells_right(page, given)
    _decide(page)
    admin.picture("09-messy-decided")
    preview = page.url

    press(page, "入库")
    finish_job(page)
    expect(page.locator(".page-head .state")).to_have_text("已入库")
    assert _units_found(page, portal) == 4

    page.goto(preview)
    page.locator("summary", has_text="撤回").click()
    page.locator(".action-note[open] [name=note]").fill("名单发错，等待新稿")
    press(page, "确认撤回")
    heard(page, re.compile("已撤回"))
    assert _units_found(page, portal) == 1

    page.goto(preview)
    press(page, "入库")
    finish_job(page)
    expect(page.locator(".page-head .state")).to_have_text("已入库")
    assert _units_found(page, portal) == 4
    page.goto(preview)
    admin.picture("09-messy-committed")

    _district_returns_a_row(portal, visit)


def _name_the_column(page: Page) -> None:
    """The heading nobody knows is matched by hand; without it every certificate lacks its end."""
    mapping = page.locator("details", has_text="表头对应")
    expect(mapping.locator("summary")).to_contain_text("1 列没有识别")
    mapping.locator("summary").click()
    column = mapping.locator("th", has_text=messy.HEADING)
    expect(column).to_be_visible()
    mapping.locator("td.is-unknown select").select_option(label="有效期至")
    press(page, "按此对应重新读取")
    expect(mapping.locator("summary")).to_contain_text("各列都已识别")


def _move_by_keyboard(page: Page) -> None:
    """The grid answers the keyboard as a spreadsheet does; Esc leaves a cell as it was."""
    cell, right, below = (page.locator(f"#c-{address}") for address in ("E6", "F6", "E7"))
    press_key, field = page.keyboard.press, cell.locator(".cell-edit")
    cell.focus()
    for key, reached in (("ArrowRight", right), ("ArrowLeft", cell), ("ArrowDown", below)):
        press_key(key)
        expect(reached).to_be_focused()
    press_key("ArrowUp")
    press_key("x")
    expect(field).to_have_value("x")
    press_key("Escape")
    expect(field).to_have_count(0)
    expect(cell).to_be_focused()

    press_key("Enter")
    expect(field).to_be_focused()
    field.fill("示例")
    press_key("Tab")
    expect(right.locator(".cell-edit")).to_be_focused()
    press_key("Shift+Tab")
    expect(field).to_be_focused()
    press_key("Enter")
    expect(below.locator(".cell-edit")).to_be_focused()
    expect(page.locator("#grid-count")).to_contain_text("已改 1 格")
    field.press("Escape")
    expect(page.locator("#grid-count")).to_be_empty()


def _put_cells_right(page: Page, given: messy.List) -> None:
    """Both errors name their cells; the commit waits until they are put right in the grid."""
    for address in (given.code_cell, given.date_cell):
        expect(page.locator("#issues")).to_contain_text(address)
    expect(page.get_by_role("button", name="入库", exact=True)).to_be_disabled()
    page.locator(f"#c-{given.code_cell} input.cell-edit").fill(given.right_code)
    page.locator(f"#c-{given.date_cell} input.cell-edit").fill(given.right_date)
    press(page, "重新检查")
    heard(page, re.compile("没有错误|待决定"))
    expect(page.locator(f"#c-{given.code_cell}")).to_contain_text("已改")


def _decide(page: Page) -> None:
    """A unit under a variant of its name is the one the register has: a person says so."""
    question = page.locator("#conflicts .questions li", has_text=messy.KNOWN_IN_LIST)
    choice = question.get_by_role("combobox")
    same = choice.locator("option", has_text="是同一单位，并入台账中的")
    expect(same).to_contain_text(messy.KNOWN)
    choice.select_option(same.get_attribute("value"))
    press(page, "保存决定")
    expect(page.locator("main")).to_contain_text("已作的决定")
    expect(page.get_by_role("button", name="入库", exact=True)).to_be_enabled()


def _units_found(page: Page, portal: Portal) -> int:
    """How many of the list's units the register holds, by the names people would look for."""
    found = 0
    for name in (messy.KNOWN, messy.NEW, messy.WRONG_CODE, messy.WRONG_DATE):
        page.goto(f"{portal.url}/registry/units/?q={name}")
        found += page.locator("main table").get_by_role("link", name=name, exact=True).count()
    return found


def _district_returns_a_row(portal: Portal, visit) -> None:
    """The district sends one row back with a reason and takes the rest; the city sees which."""
    district = visit(f"d{messy.DISTRICT[0]}", PASSWORD)
    page = district.page
    district.go("/registry/hand-overs/")
    waiting = page.get_by_role("region", name="待签收")
    waiting.get_by_role("link", name="名单终稿2.xlsx").click()
    row = page.locator("#rows tr", has_text=messy.WRONG_DATE)
    row.locator("input[type=checkbox]").check()
    page.locator("#rows [name=reason]").select_option(label="不在本区")
    press(page, "退回所选")
    heard(page, "已标记退回 1 行")
    press(page, "签收 4 行，退回 1 行")
    expect(page.locator(".page-head .state")).to_have_text("已签收")
    district.picture("09-messy-returned")

    city = visit("city", PASSWORD)
    city.go("/registry/hand-overs/")
    returned = city.page.locator("#returned")
    expect(returned).to_contain_text(messy.WRONG_DATE)
    expect(returned).to_contain_text("不在本区")
    city.picture("09-messy-returned-city")
