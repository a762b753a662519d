// A drop-down is seen whole, however near the edge of the screen its button stands.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Page } from "./page.mjs";

const BODY = "<details data-popover><summary>撤回</summary><form><textarea></textarea></form></details>";

// jsdom lays nothing out: where the box would lie is given, and how wide the screen is.
function opened(left, width, screen) {
  const page = new Page(BODY).run("app.js");
  const box = page.find("form");
  box.getBoundingClientRect = () => ({ left, right: left + width });
  Object.defineProperty(page.document.documentElement, "clientWidth", { value: screen });
  page.find("details").open = true;
  page.find("details").dispatchEvent(new page.window.Event("toggle"));
  return box.style.getPropertyValue("translate") || box.style.translate || "";
}

describe("a drop-down", () => {
  it("moves in from the left edge", () => assert.equal(opened(-120, 400, 768), "128px"));
  it("moves in from the right edge", () => assert.equal(opened(500, 400, 768), "-140px"));
  it("stays where it is seen whole", () => assert.equal(opened(100, 400, 768), ""));
});
