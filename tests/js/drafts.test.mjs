// A problem recorded beside an item begins with the note typed there.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Page } from "./page.mjs";

const item = (note = "", description = note) => `
  <section class="sheet-item">
    <form data-autosave action="/answers/A01/" method="post"><textarea name="note" class="note">${note}</textarea></form>
    <div data-item-extra>
      <form method="post" action="/problems/"><textarea name="description" data-follows="note">${description}</textarea></form>
    </div>
  </section>
  <section class="sheet-item"><form method="post"><textarea id="other" data-follows="note"></textarea></form></section>`;

const open = (body) => new Page(body).run("app.js", "drafts.js");
const described = (page) => page.find("[name=description]").value;

describe("a problem beside a note", () => {
  it("begins with the note as it is typed", () => {
    const page = open(item());

    page.type(".note", "证书过期");
    page.type(".note", "证书过期三个月");

    assert.equal(described(page), "证书过期三个月");
    assert.equal(page.find("#other").value, "");
  });

  it("goes on from the note the server knew", () => {
    const page = open(item("证书"));

    page.type(".note", "证书过期");

    assert.equal(described(page), "证书过期");
  });

  it("stays what was written by hand", () => {
    const page = open(item());
    page.type(".note", "证书");

    page.type("[name=description]", "主标准器证书过期");
    page.type(".note", "证书过期");

    assert.equal(described(page), "主标准器证书过期");
  });
});
