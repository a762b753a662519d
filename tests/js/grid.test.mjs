// What grid.js promises the person who corrects a list in its preview, with the keyboard alone.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Page } from "./page.mjs";

const cell = (key, text) => `<td data-edit="${key}" data-raw="${text}" data-label="格 ${key}"><span class="cell-text">${text}</span></td>`;
const row = (number, ...texts) => `<tr><th>${number}</th>${texts.map((text, at) => cell(`${"BCD"[at]}${number}`, text)).join("")}</tr>`;

const grid = (rows = [row(1, "甲", "乙", "丙"), row(2, "丁", "戊", "己")]) => {
  const page = new Page(`<form id="grid"><table><tbody>${rows.join("")}</tbody></table><p id="grid-count"></p></form>`).run("grid.js");
  page.cell = (key) => page.find(`[data-edit=${key}]`);
  page.at = () => page.document.activeElement.closest("[data-edit]")?.dataset.edit;
  page.field = () => page.document.activeElement;
  return page;
};
const stops = (page) => page.all("[data-edit]").filter((each) => each.tabIndex === 0).map((each) => each.dataset.edit);

describe("moving about", () => {
  it("is one stop for the Tab key", () => {
    assert.deepEqual(stops(grid()), ["B1"]);
  });

  it("follows the arrows and takes the stop along", () => {
    const page = grid();
    page.cell("B1").focus();

    for (const [key, place] of [["ArrowRight", "C1"], ["ArrowDown", "C2"], ["ArrowLeft", "B2"], ["ArrowUp", "B1"]]) {
      page.press(key);
      assert.equal(page.at(), place);
      assert.deepEqual(stops(page), [place]);
    }
  });

  it("stays where it is at the edges", () => {
    const page = grid();
    page.cell("B1").focus();

    page.press("ArrowUp");
    assert.equal(page.at(), "B1");
    page.press("ArrowLeft");
    assert.equal(page.at(), "B1");
  });
});

describe("editing", () => {
  it("opens with Enter on what the file says, and sends that along", () => {
    const page = grid();
    page.cell("C1").focus();

    page.press("Enter");

    assert.equal(page.field().value, "乙");
    assert.equal(page.field().getAttribute("aria-label"), "格 C1");
    assert.equal(page.find("[name='was:C1']").value, "乙");
    assert.equal(page.cell("C1").querySelector(".cell-text").hidden, true);
  });

  it("opens with a press, but not with one on a button inside", () => {
    const page = grid([`<tr>${cell("B1", "甲").replace("</td>", "<button type='button'>恢复</button></td>")}</tr>`]);

    page.find("button").click();
    assert.equal(page.find(".cell-edit"), null);
    page.cell("B1").click();
    assert.equal(page.field().value, "甲");
  });

  it("begins anew with a letter, as in a spreadsheet", () => {
    const page = grid();
    page.cell("B1").focus();

    page.press("7");

    assert.equal(page.field().value, "7");
    assert.equal(page.field().defaultValue, "甲");
    assert.equal(page.find("#grid-count").textContent, "已改 1 格，尚未检查。");
  });

  it("leaves shortcuts and the input method alone", () => {
    const page = grid();
    page.cell("B1").focus();

    page.press("c", { ctrlKey: true });
    page.press("a", { isComposing: true });

    assert.equal(page.find(".cell-edit"), null);
  });

  it("goes down with Enter and right with Tab, and closes what was not changed", () => {
    const page = grid();
    page.cell("B1").focus();
    page.press("Enter");

    page.press("Enter");
    assert.equal(page.at(), "B2");
    assert.equal(page.cell("B1").querySelector(".cell-edit"), null);
    page.press("Tab");
    assert.equal(page.at(), "C2");
    page.press("Tab", { shiftKey: true });
    assert.equal(page.at(), "B2");
    assert.equal(page.all(".cell-edit").length, 1);
  });

  it("puts back with Escape what was there, and stays on the cell", () => {
    const page = grid();
    page.cell("B1").focus();
    page.press("x");

    page.press("Escape");

    assert.equal(page.find(".cell-edit"), null);
    assert.equal(page.cell("B1").querySelector(".cell-text").hidden, false);
    assert.equal(page.at(), "B1");
    assert.equal(page.find("#grid-count").textContent, "");
  });

  it("counts the changed cells and keeps them open", async () => {
    const page = grid();
    page.cell("B1").focus();
    page.press("Enter");
    page.type(page.field(), "甲二");
    page.press("Tab");
    page.type(page.field(), "乙二");
    page.cell("D1").focus();
    await page.clock.pass(0);

    assert.equal(page.find("#grid-count").textContent, "已改 2 格，尚未检查。");
    assert.deepEqual(page.all(".cell-edit").map((each) => [each.name, each.value]), [["B1", "甲二"], ["C1", "乙二"]]);
  });

  it("closes an unchanged field that is left", async () => {
    const page = grid();
    page.cell("B1").focus();
    page.press("Enter");

    page.field().blur();
    await page.clock.pass(0);

    assert.equal(page.find(".cell-edit"), null);
  });
});

describe("leaving the page", () => {
  it("is held back while something is changed", () => {
    const page = grid();
    assert.equal(page.tell(page.window, "beforeunload").defaultPrevented, false);

    page.cell("B1").focus();
    page.press("x");

    assert.equal(page.tell(page.window, "beforeunload").defaultPrevented, true);
  });

  it("is free once the form is sent", () => {
    const page = grid();
    page.cell("B1").focus();
    page.press("x");

    page.tell(page.find("form"), "submit");

    assert.equal(page.tell(page.window, "beforeunload").defaultPrevented, false);
  });
});
