// What autosave.js promises the person who fills in a sheet, whatever the network and others do.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Page, settled } from "./page.mjs";
import { choice, item, SAVED, sheet, SIGN, sign, words } from "./sheets.mjs";

describe("saving", () => {
  it("sends a choice at once, with the version of the page and an id of its own", async () => {
    const page = await sheet();

    page.choose(choice("conform"));

    assert.equal(page.server.requests.length, 1);
    const { url, fields, headers } = page.server.last;
    assert.equal(url, "/answers/A01/");
    assert.deepEqual({ ...fields, client_id: "" }, { answer: "conform", note: "", version: "3", client_id: "" });
    assert.match(fields.client_id, /^[0-9a-f-]{36}$/);
    assert.equal(headers["X-CSRFToken"], "from-the-form");
    assert.equal(headers["X-Written-For"], "7.12");
    assert.equal(sign(page), "saving");

    await page.server.last.answer(200, SAVED);
    assert.equal(page.find("[name=version]").value, "4");
    assert.equal(words(page), "已保存 09:30");
    await settled();
    assert.deepEqual(page.disk.places, []);
  });

  it("waits for a pause in the typing and sends the whole text once", async () => {
    const page = await sheet(item({ chosen: "deficient", note: "证" }));

    page.type("textarea", "证书");
    await page.clock.pass(700);
    page.type("textarea", "证书过期");
    await page.clock.pass(700);
    assert.equal(page.server.requests.length, 0);
    await page.clock.pass(100);

    assert.deepEqual(page.server.requests.map(({ fields }) => fields.note), ["证书过期"]);
  });

  it("sends what was typed as soon as the field is left", async () => {
    const page = await sheet(item({ chosen: "deficient" }));

    page.type("textarea", "标签脱落");
    page.tell(page.find("textarea"), "focusout");

    assert.equal(page.server.last.fields.note, "标签脱落");
  });

  it("has one save under way, and then sends the latest with the version that came back", async () => {
    const page = await sheet();

    page.choose(choice("conform"));
    page.choose(choice("deficient"));
    page.choose(choice("nonconform"));
    assert.equal(page.server.requests.length, 1);
    await page.server.last.answer(200, SAVED);

    assert.equal(page.server.requests.length, 2);
    assert.equal(page.server.last.fields.answer, "nonconform");
    assert.equal(page.server.last.fields.version, "4");
  });

  it("sends nothing when an edit is taken back to what is saved", async () => {
    const page = await sheet(item({ chosen: "deficient", note: "旧" }));

    page.tell(page.find("textarea"), "change");
    await page.clock.pass(5000);

    assert.equal(page.server.requests.length, 0);
  });

  it("saves what was touched before the script was there", async () => {
    const page = new Page(SIGN + item());
    page.find(choice("conform")).checked = true;

    page.run("app.js", "waiting.js", "autosave.js");
    await settled();

    assert.equal(page.server.last.fields.answer, "conform");
  });

  it("shows the progress and the part of the card that came back", async () => {
    const page = await sheet();

    page.choose(choice("conform"));
    const progress = { done: 5, total: 9, sections: [{ code: "A", done: 4, total: 4 }] };
    await page.server.last.answer(200, { ...SAVED, progress, html: "<p>还需要照片</p>" });

    assert.equal(page.find("[data-progress-done]").textContent, "5");
    assert.equal(page.find("[data-progress-bar]").value, 5);
    assert.equal(page.find("[data-section]").dataset.state, "done");
    assert.equal(page.find("[data-section-count]").textContent, "4/4");
    assert.equal(page.find("[data-item-extra]").innerHTML, "<p>还需要照片</p>");
  });
});

describe("when the network fails", () => {
  it("tries again with growing waits and the same id, so that a lost answer counts once", async () => {
    const page = await sheet();
    page.choose(choice("conform"));
    const { client_id: id } = page.server.last.fields;

    await page.server.last.lose();
    assert.equal(words(page), "未保存，正在重试");
    await page.clock.pass(1999);
    assert.equal(page.server.requests.length, 1);
    await page.clock.pass(1);
    await page.server.last.answer(503, {});
    await page.clock.pass(4999);
    assert.equal(page.server.requests.length, 2);
    await page.clock.pass(1);

    assert.deepEqual(page.server.requests.map(({ fields }) => fields.client_id), [id, id, id]);
    await page.server.last.answer(200, SAVED);
    assert.equal(sign(page), "saved");
  });

  it("keeps the edit over a reload, fills it in and sends it under its id", async () => {
    const before = await sheet();
    before.choose(choice("nonconform"));
    before.type("textarea", "无证书");
    await before.server.last.lose();
    const { client_id: id } = before.server.last.fields;

    const after = await sheet(item(), { disk: before.disk });

    assert.equal(after.find(choice("nonconform")).checked, true);
    assert.equal(after.find("textarea").value, "无证书");
    assert.equal(after.server.requests.length, 1);
    assert.equal(after.server.last.fields.client_id, id);
    await after.server.last.answer(200, SAVED);
    assert.equal(after.server.last.fields.note, "无证书");
    await after.server.last.answer(200, { ...SAVED, version: 5 });
    await settled();
    assert.deepEqual(after.disk.places, []);
  });

  it("does not fill one person's edit into another's page, and gives it back to its writer", async () => {
    const before = await sheet();
    before.choose(choice("nonconform"));
    before.type("textarea", "甲的字");
    await before.server.last.lose();

    const after = await sheet(item(), { writtenFor: "8.3", disk: before.disk });
    assert.equal(after.server.requests.length, 0);
    assert.equal(after.find(choice("nonconform")).checked, false);
    after.choose(choice("conform"));
    await after.server.last.answer(200, SAVED);

    const own = await sheet(item({ version: 4, chosen: "conform" }), { disk: before.disk });
    assert.equal(own.find("textarea").value, "甲的字");
    assert.equal(own.server.last.fields.version, "3");
  });

  it("keeps it for the membership it was written under", async () => {
    const before = await sheet();
    before.choose(choice("nonconform"));
    await before.server.last.lose();

    const after = await sheet(item(), { writtenFor: "7.13", disk: before.disk });

    assert.equal(after.server.requests.length, 0);
    assert.equal(after.find(choice("nonconform")).checked, false);
  });

  it("tries at once when the network is back", async () => {
    const page = await sheet();
    page.choose(choice("conform"));
    await page.server.last.lose();

    page.tell(page.window, "online");

    assert.equal(page.server.requests.length, 2);
  });

  it("holds back a page that is left with something unsaved", async () => {
    const page = await sheet();
    page.choose(choice("conform"));
    await page.server.last.lose();

    assert.equal(page.tell(page.window, "beforeunload").defaultPrevented, true);
  });
});

describe("when the session has ended", () => {
  for (const [what, status, options] of [
    ["a redirect", 302, { redirect: true }],
    ["the page of the sign-in", 200, { kind: "text/html" }],
    ["a refusal that is no answer to the form", 403, { kind: "text/html" }],
  ]) {
    it(`says so on ${what}, keeps the edit and offers the sign-in`, async () => {
      const page = await sheet();
      page.choose(choice("conform"));

      await page.server.last.answer(status, {}, options);

      assert.match(words(page), /^登录已失效，内容已留在本机/);
      assert.equal(page.find("[data-save-text] a").getAttribute("target"), "_blank");
      await settled();
      assert.equal(page.disk.places.length, 1);
    });
  }

  it("takes the token of the new session from the cookie", async () => {
    const page = await sheet();
    page.choose(choice("conform"));
    await page.server.last.answer(302, {}, { redirect: true });

    page.document.cookie = "csrftoken=fresh";
    page.tell(page.document, "visibilitychange");

    assert.equal(page.server.last.headers["X-CSRFToken"], "fresh");
  });
});

describe("a refusal", () => {
  it("stands at its field and is not sent again until something is changed", async () => {
    const page = await sheet();
    page.choose(choice("deficient"));

    await page.server.last.answer(422, { errors: { note: ["请写明事实。", "至少 5 个字。"] } });

    const error = page.find("textarea + [data-autosave-error=note]");
    assert.equal(error.textContent, "请写明事实。；至少 5 个字。");
    assert.equal(sign(page), "refused");
    await page.clock.pass(60000);
    assert.equal(page.server.requests.length, 1);

    page.type("textarea", "标签缺失两处");
    await page.clock.pass(800);
    assert.equal(page.server.requests.length, 2);
    await page.server.last.answer(200, SAVED);
    assert.equal(page.find("[data-autosave-error]"), null);
  });

  it("is filled in and asked about again after a reload", async () => {
    const before = await sheet();
    before.choose(choice("deficient"));
    await before.server.last.answer(422, { errors: { note: ["请写明事实。"] } });

    const after = await sheet(item(), { disk: before.disk });

    assert.equal(after.find(choice("deficient")).checked, true);
    assert.equal(after.server.last.fields.answer, "deficient");
  });

  it("speaks without a field when the server names none", async () => {
    const page = await sheet();
    page.choose(choice("conform"));

    await page.server.last.answer(404, {});

    assert.equal(page.find("[data-autosave-error=__all__]").textContent, "没有保存（404）。");
  });
});

describe("a conflict", () => {
  const THEIRS = { theirs: { answer: "conform", note: "已补" }, version: 9, theirs_by: "王芳", theirs_at: "2021-06-01T10:05:00+08:00" };
  const conflict = async () => {
    const page = await sheet();
    page.choose(choice("deficient"));
    await page.server.last.answer(409, { mine: {}, ...THEIRS });
    return page;
  };
  const press = (page, label) => page.all(".conflict button").find((each) => each.textContent === label).click();

  it("shows both values, who and when, and sends nothing until somebody chooses", async () => {
    const page = await conflict();

    assert.equal(page.find(".conflict-title").textContent, "王芳（10:05）已改过这一项，请选择保留哪一个。");
    assert.deepEqual(page.all(".conflict-answer").map((each) => each.textContent), ["deficient", "conform"]);
    page.type("textarea", "缺两份");
    await page.clock.pass(60000);
    assert.equal(page.server.requests.length, 1);
    assert.equal(page.find(".conflict-side p").textContent, "缺两份");
  });

  it("sends mine over the version of theirs", async () => {
    const page = await conflict();

    press(page, "保留我的");

    assert.equal(page.server.last.fields.answer, "deficient");
    assert.equal(page.server.last.fields.version, "9");
    assert.equal(page.find(".conflict"), null);
  });

  it("takes theirs without sending anything", async () => {
    const page = await conflict();

    press(page, "采用对方的");

    assert.equal(page.server.requests.length, 1);
    assert.equal(page.find(choice("conform")).checked, true);
    assert.equal(page.find("textarea").value, "已补");
    await settled();
    assert.deepEqual(page.disk.places, []);
    assert.equal(page.find("[name=version]").value, "9");
  });

  it("asks again after a reload", async () => {
    const before = await conflict();

    const after = await sheet(item({ version: 9, chosen: "conform" }), { disk: before.disk });

    assert.equal(after.server.last.fields.version, "3");
    await after.server.last.answer(409, { mine: {}, ...THEIRS });
    assert.equal(after.all(".conflict").length, 1);
  });
});

describe("the note", () => {
  it("appears with an answer that needs one and stays while it says something", async () => {
    const page = await sheet();
    const box = page.find("[data-needs-note]");

    page.choose(choice("deficient"));
    assert.equal(box.hidden, false);
    page.choose(choice("conform"));
    assert.equal(box.hidden, true);
    page.type("textarea", "留言");
    assert.equal(box.hidden, false);
    assert.equal(box.querySelector(".required-mark").hidden, true);
  });
});

it("cards of one page are saved each for itself, and the worst state is shown", async () => {
  const page = await sheet(item() + item({ code: "A02" }));
  page.all(choice("conform")).forEach((each) => each.click());
  const [first, second] = page.server.requests;

  await first.lose();
  await second.answer(200, SAVED);

  assert.deepEqual([first.url, second.url], ["/answers/A01/", "/answers/A02/"]);
  assert.equal(sign(page), "failed");
  assert.deepEqual(page.all(".sheet-item").map((card) => card.classList.contains("is-unsaved")), [true, false]);
});
