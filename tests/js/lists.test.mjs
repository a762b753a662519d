// Columns somebody does not want to see: named in the address, kept by filters, pages and 我的视图.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Page } from "./page.mjs";

const LIST = `<main>
  <form class="filter-bar" method="get" action="/units/" data-filter><input name="q">
    <details data-list-columns hidden><summary>显示的列</summary><div></div></details>
    <a href="/my-lists/?list=%2Funits%2F&query=" data-kept-lists>我的视图</a></form>
  <table class="table"><thead><tr><th>单位</th><th><a href="?sort=d">辖区<i>↑</i></a></th><th>联系人</th><th><span class="visually-hidden">操作</span></th></tr></thead>
    <tbody><tr><td>甲</td><td>和平</td><td>张</td><td></td></tr><tr><td colspan="4">说明</td></tr></tbody></table>
  <a id="next" href="?page=2">2</a></main>`;

const open = () => new Page(LIST).run("lists.js");
const boxes = (page) => page.all("[data-list-columns] input");
const press = (page, selector) => {
  const link = page.find(selector);
  link.addEventListener("click", (event) => event.preventDefault());
  link.click();
  return link;
};

describe("the columns of a list", () => {
  it("are offered by name, but for the first and what has none", () => {
    const page = open();
    assert.deepEqual(page.all("[data-list-columns] label").map((each) => each.textContent), ["辖区", "联系人"]);
    assert.equal(page.find("[data-list-columns]").hidden, false);
  });

  it("hide, and stand in the address, the pages and the view that is kept", () => {
    const page = open();
    const [district] = boxes(page);
    district.checked = false;
    district.dispatchEvent(new page.window.Event("change", { bubbles: true }));

    const hidden = page.all("th, td").filter((cell) => cell.hidden).map((cell) => cell.textContent);
    assert.deepEqual(hidden, ["辖区↑", "和平"]);
    assert.equal(new URLSearchParams(page.window.location.search).get("hide"), "辖区");
    assert.equal(new URL(press(page, "#next").href).searchParams.get("hide"), "辖区");
    const kept = new URL(press(page, "[data-kept-lists]").href).searchParams.get("query");
    assert.equal(new URLSearchParams(kept).get("hide"), "辖区");
  });
});
