// What waiting.js promises: what could not be saved yet waits on the device for its writer and for nobody else.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Page, settled } from "./page.mjs";
import { choice, item, SAVED, sheet, SIGN, sign } from "./sheets.mjs";

describe("on the device", () => {
  it("lies nothing that anybody can read", async () => {
    const page = await sheet();
    page.choose(choice("nonconform"));
    page.type("textarea", "certificate expired");
    await page.server.last.lose();
    await settled();

    assert.deepEqual(page.disk.places, ["7.12:/answers/A01/"]);
    assert.doesNotMatch(page.disk.text, /certificate|nonconform/);
    assert.deepEqual(page.plain, {});
    assert.equal(page.window.sessionStorage.length, 0);
  });

  it("a row moved to another item is not opened there", async () => {
    const before = await sheet();
    before.choose(choice("nonconform"));
    await before.server.last.lose();
    await settled();
    const [row] = before.disk.rows.values();
    before.disk.rows.set("7.12:/answers/A02/", { ...row, place: "7.12:/answers/A02/" });

    const after = await sheet(item({ code: "A02" }), { disk: before.disk });

    assert.equal(after.server.requests.length, 0);
  });

  it("plain text of an older page is taken over for its writer and ends", async () => {
    const edit = { id: "1-2", fields: [["answer", "deficient"], ["note", "旧页的字"]], version: "3" };
    const stored = JSON.stringify([edit, null]);
    const old = { "autosave:7.12:/answers/A01/": stored, "autosave:8.3:/answers/A01/": stored };

    const page = await sheet(item(), { old });

    assert.equal(page.find("textarea").value, "旧页的字");
    assert.equal(page.server.last.fields.client_id, "1-2");
    assert.deepEqual(Object.keys(page.plain), ["autosave:8.3:/answers/A01/"]);
    await page.server.last.lose();
    const after = await sheet(item(), { disk: page.disk });
    assert.equal(after.find("textarea").value, "旧页的字");
  });

  it("what is chosen while the device is being asked comes after what it kept", async () => {
    const before = await sheet();
    before.choose(choice("nonconform"));
    before.type("textarea", "无证书");
    await before.clock.pass(800);
    await before.server.last.lose();
    await settled();

    const after = new Page(SIGN + item(), { disk: before.disk }).run("app.js", "waiting.js", "autosave.js");
    after.choose(choice("deficient"));
    assert.equal(after.server.requests.length, 0);
    await settled();

    assert.equal(after.find(choice("deficient")).checked, true);
    assert.equal(after.find("textarea").value, "无证书");
    await after.server.last.answer(200, SAVED);
    assert.equal(after.server.last.fields.answer, "deficient");
  });

  it("a page left before the device has it sends the same save by a request that outlives the page", async () => {
    const page = await sheet();
    page.choose(choice("conform"));

    assert.equal(page.tell(page.window, "beforeunload").defaultPrevented, true);

    const [first, again] = page.server.requests;
    assert.equal(again.keepalive, true);
    assert.deepEqual(again.fields, first.fields);
  });

  it("without HTTPS nothing is stored, and a page with unsaved work is held back", async () => {
    const page = await sheet(item(), { secure: false });
    page.choose(choice("conform"));
    await page.server.last.lose();
    await settled();

    assert.deepEqual([page.disk.places, page.plain], [[], {}]);
    assert.equal(page.tell(page.window, "beforeunload").defaultPrevented, true);
    await page.clock.pass(2000);
    await page.server.last.answer(200, SAVED);
    assert.equal(sign(page), "saved");
  });
});
