// What sections.js promises a quick hand: a key answers the item in hand, whatever arrives between two keys.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Page, settled } from "./page.mjs";

const CHOICES = ["conform", "deficient", "nonconform"];
const item = (code) => `
  <section class="sheet-item" id="item-${code}">
    <form data-autosave action="/answers/${code}/" method="post">
      <input type="hidden" name="version" value="0">
      <fieldset class="choice-grid">
        ${CHOICES.map((value) => `<label>${value}<input type="radio" name="answer" value="${value}"></label>`).join("")}
      </fieldset>
      <div data-needs-note="deficient nonconform" hidden><textarea name="note"></textarea></div>
    </form>
    <div id="e-${code}"><div data-item-extra></div><button type="button" class="withdraw">撤下</button></div>
  </section>`;
const SHEET = `${item("A01")}${item("A02")}${item("A03")}
  <footer class="sheet-footer"><a class="btn btn-primary" href="?section=B">下一节</a></footer>`;
const SAVED = { version: 1, saved_at: "2021-06-01T09:30:00+08:00", html: "<p>还需要照片</p>" };

const open = async () => {
  const page = new Page(SHEET);
  page.window.Element.prototype.scrollIntoView = () => {};
  page.run("app.js", "waiting.js", "autosave.js", "sections.js");
  await settled();
  return page;
};
const chosen = (page) => page.all(".sheet-item").map((each) => each.querySelector("input:checked")?.value || "");
const sent = (page) => page.server.requests.map(({ url, fields }) => [url.split("/")[2], fields.answer]);

describe("keys", () => {
  it("go from item to item, each saved for itself, before any of the saves is answered", async () => {
    const page = await open();

    page.press("1");
    page.press("1");
    page.press("2");

    assert.deepEqual(chosen(page), ["conform", "conform", "deficient"]);
    assert.deepEqual(sent(page), [["A01", "conform"], ["A02", "conform"], ["A03", "deficient"]]);
    assert.equal(page.document.activeElement.name, "note");
  });

  it("reach the next item when the answer to the first save arrives between them", async () => {
    const page = await open();

    page.press("1");
    await page.server.last.answer(200, SAVED);
    page.press("2");

    assert.deepEqual(chosen(page), ["conform", "deficient", ""]);
  });

  it("reach the next item when what had the focus is taken off the page", async () => {
    const page = await open();
    page.press("1");
    page.find("#e-A02 .withdraw").focus();
    page.window.portal.put(page.find("#e-A02"), "<p>fresh</p>");
    assert.equal(page.document.activeElement, page.document.body);

    page.press("2");

    assert.deepEqual(chosen(page), ["conform", "deficient", ""]);
  });

  it("stay with the item in hand although one before it is still open", async () => {
    const page = await open();
    page.find("#item-A02 [type=radio]").focus();
    page.find("#item-A02 [type=radio]").blur();

    page.press("1");
    page.press("1");

    assert.deepEqual(chosen(page), ["", "conform", "conform"]);
  });

  it("too many at the end of a section change nothing", async () => {
    const page = await open();

    ["1", "1", "1", "3", "3"].forEach((key) => page.press(key));

    assert.deepEqual(chosen(page), ["conform", "conform", "conform"]);
    assert.equal(page.document.activeElement.textContent, "下一节");
  });

  it("typed into a note are words", async () => {
    const page = await open();

    page.press("3");
    page.press("1");

    assert.deepEqual(chosen(page), ["nonconform", "", ""]);
  });
});
