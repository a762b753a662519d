// What narrative.js promises the person who writes a report: a figure where the cursor was, a text behind what stands.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Page } from "./page.mjs";

const EDITOR = `
  <div data-figure-picker>
    <select data-pick-row>
      <option value="I.ent_highest" data-block="I">企业最高计量标准</option>
      <option value="I.total" data-block="I" selected>合计</option>
      <option value="IV.teams.teams" data-block="IV">检查组数</option>
    </select>
    <select data-pick-figure>
      <option value="s_touched" data-blocks="III">发现问题：涉及标准项数</option>
      <option value="u_insp" data-blocks="I II">检查单位：实际检查单位</option>
    </select>
    <button type="button" data-pick>插入光标处</button>
  </div>
  <form data-autosave action="/a/"><input type="hidden" name="version" value="0"><textarea name="text" id="one">共家</textarea></form>
  <form data-autosave action="/b/"><input type="hidden" name="version" value="0"><textarea name="text" id="two">已有</textarea>
    <details open><button type="button" data-take="建议的话。">放入正文</button></details></form>`;

const editor = () => new Page(EDITOR, {}).run("app.js", "narrative.js");
function pick(page, row) {
  page.find("[data-pick-row]").value = row;
  page.tell(page.find("[data-pick-row]"), "change");
}
const text = (page, id) => page.find(`#${id}`).value;

describe("figures", () => {
  it("go where the cursor was last, under the words of row and column", () => {
    const page = editor();
    const field = page.find("#one");
    field.focus();
    field.setSelectionRange(1, 1);

    page.find("[data-pick]").click();
    assert.equal(text(page, "one"), "共【实际检查单位：I.total.u_insp】家");

    pick(page, "I.ent_highest");
    page.find("[data-pick]").click();
    assert.equal(text(page, "one"), "共【实际检查单位：I.total.u_insp】【企业最高计量标准·实际检查单位：I.ent_highest.u_insp】家");
  });

  it("of a row that is a figure of its own need no column", () => {
    const page = editor();

    pick(page, "IV.teams.teams");
    page.find("#two").focus();
    page.find("[data-pick]").click();

    assert.match(text(page, "two"), /【检查组数：IV\.teams\.teams】/);
    assert.equal(page.find("[data-pick-figure]").hidden, true);
  });
});

describe("a suggested text", () => {
  it("is put behind what is written", () => {
    const page = editor();

    page.find("[data-take]").click();

    assert.equal(text(page, "two"), "已有\n建议的话。");
    assert.equal(page.find("details").open, false);
  });
});
