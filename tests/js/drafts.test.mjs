// A problem recorded beside an item begins with the note typed there.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Page, settled } from "./page.mjs";

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

const two = `
  <form method="post" action="/first/"><textarea name="a"></textarea><button type="submit" name="how" value="now">送</button></form>
  <form method="post" action="/second/"><textarea name="b"></textarea><input type="checkbox" name="c" value="1"></form>`;
const signedIn = (body, more) => {
  const page = new Page(body, more);
  page.window.document.cookie = "signed_in_as=7.12";
  page.sent = [];
  page.document.addEventListener("submit", (event) => {
    if (!event.defaultPrevented) page.sent.push([event.target.getAttribute("action"), event.submitter?.value]);
    event.preventDefault(); // jsdom leaves no page
  });
  return page.run("app.js", "waiting.js", "drafts.js");
};
const next = (before) => {
  const page = new Page(two, { disk: before.disk });
  Object.entries(before.window.sessionStorage).forEach(([key, value]) => page.window.sessionStorage.setItem(key, value));
  return page.run("app.js", "waiting.js", "drafts.js");
};

describe("what was typed into the other forms of a page", () => {
  it("waits sealed, and the form is sent once it does", async () => {
    const page = signedIn(two);
    page.type("[name=b]", "certificate expired");
    page.choose("[name=c]");
    page.choose("button");
    page.choose("button");

    assert.deepEqual(page.sent, []);
    await settled();

    assert.deepEqual(page.sent, [["/first/", "now"]]);
    assert.deepEqual(page.disk.places, ["7.12:typed:/second/#0"]);
    assert.doesNotMatch(page.disk.text, /certificate/);
    assert.deepEqual(Object.entries(page.window.sessionStorage), [["typed", "yes"]]);
    assert.deepEqual(page.plain, {});
  });

  it("is back on the page that answers, once", async () => {
    const page = signedIn(two);
    page.type("[name=b]", "证书过期");
    page.choose("[name=c]");
    page.choose("button");
    await settled();

    const answer = next(page);
    await settled();

    assert.equal(answer.find("[name=b]").value, "证书过期");
    assert.equal(answer.find("[name=c]").checked, true);
    assert.equal(answer.find("[name=a]").value, "");
    assert.deepEqual(answer.disk.places, []);
    assert.equal(answer.window.sessionStorage.length, 0);
  });

  it("is back in its own row where rows call their fields alike", async () => {
    const rows = `${two}<form method="post" action="/rows/">
      <input name="who"><select name="way"><option value="">–</option><option value="x">x</option></select>
      <input name="who"><select name="way"><option value="">–</option><option value="x">x</option></select>
      <input name="who"></form>`;
    const page = signedIn(rows);
    const of = (from, name) => [...from.document.querySelectorAll(`[name=${name}]`)];
    of(page, "who")[1].value = "乙";
    of(page, "who")[2].value = "丙";
    of(page, "way")[1].value = "x";
    page.type("[name=b]", "x");
    page.choose("button");
    await settled();

    const answer = new Page(rows, { disk: page.disk });
    answer.window.sessionStorage.setItem("typed", "yes");
    answer.run("app.js", "waiting.js", "drafts.js");
    await settled();

    assert.deepEqual(of(answer, "who").map((field) => field.value), ["", "乙", "丙"]);
    assert.deepEqual(of(answer, "way").map((field) => field.value), ["", "x"]);
  });

  it("is nothing where no other form was touched: the form is sent at once", () => {
    const page = signedIn(two);
    page.type("[name=a]", "x");
    page.choose("button");

    assert.deepEqual(page.sent, [["/first/", "now"]]);
    assert.equal(page.window.sessionStorage.length, 0);
  });

  it("of an older page, in plain text, is sealed and put back", async () => {
    const page = new Page(two);
    const typed = [{ name: "b", value: "旧页的字" }];
    page.window.sessionStorage.setItem("typed:7.12:/second/#0", JSON.stringify({ typed, files: false }));
    page.window.sessionStorage.setItem("typed:8.3:/second/#0", JSON.stringify({ typed, files: false }));
    page.run("app.js", "waiting.js", "drafts.js");
    await settled();

    assert.equal(page.find("[name=b]").value, "旧页的字");
    assert.equal(page.window.sessionStorage.length, 0);
  });
});
