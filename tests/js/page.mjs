// A page for a script of the portal: the document of jsdom, a clock that stands still until it is moved,
// and a server whose answers the test gives. The scripts are the served files themselves, unchanged.
import { readFileSync } from "node:fs";
import { webcrypto } from "node:crypto";
import { JSDOM, VirtualConsole } from "jsdom";
import { counted, Disk, isBusy } from "./database.mjs";

const FOLDER = new URL("../../static/js/", import.meta.url);
// What base_document.html brings on every page.
const FRAME = '<dialog id="ask"></dialog><div id="toasts"></div>';
const source = (name) => readFileSync(new URL(name, FOLDER), "utf8");

class Clock {
  now = 0;
  #last = 0;
  #waiting = new Map();

  set = (call, wait = 0) => {
    this.#last += 1;
    this.#waiting.set(this.#last, { at: this.now + wait, call });
    return this.#last;
  };

  clear = (id) => this.#waiting.delete(id);

  // What is due within that time is called in its order, and what it promised is awaited.
  async pass(ms) {
    const until = this.now + ms;
    for (;;) {
      const due = [...this.#waiting].filter(([, each]) => each.at <= until).sort(([a, x], [b, y]) => x.at - y.at || a - b);
      if (!due.length) break;
      const [id, { at, call }] = due[0];
      this.#waiting.delete(id);
      this.now = Math.max(this.now, at);
      call();
      await settled();
    }
    this.now = until;
    await settled();
  }
}

class Server {
  requests = [];

  fetch = (url, { body, headers, keepalive = false }) => new Promise((resolve, reject) => {
    const type = "application/json";
    this.requests.push({
      url,
      headers,
      keepalive,
      fields: Object.fromEntries(body),
      answer: async (status, data, { kind = type, redirect = false } = {}) => {
        resolve({
          status,
          ok: status >= 200 && status < 300,
          type: redirect ? "opaqueredirect" : "basic",
          headers: { get: () => kind },
          json: async () => data,
        });
        await settled();
      },
      lose: async () => {
        reject(new TypeError("network"));
        await settled();
      },
    });
  });

  get last() {
    return this.requests.at(-1);
  }
}

// Nothing is under way any more but what waits for the clock or the server.
export async function settled() {
  let quiet = 0;
  while (quiet < 3) {
    await new Promise((resolve) => setImmediate(resolve));
    quiet = isBusy() ? 0 : quiet + 1;
  }
}

// What jsdom lacks of a browser on HTTPS.
const SUBTLE = Object.fromEntries(
  ["importKey", "encrypt", "decrypt"].map((name) => [name, (...told) => counted(webcrypto.subtle[name](...told))]),
);
// The key the portal gives to a person's pages.
const keyOf = (writtenFor) => Buffer.alloc(32, writtenFor.split(".")[0]).toString("base64");

export class Page {
  constructor(body, { writtenFor = "7.12", disk = new Disk(), old = {}, secure = true } = {}) {
    const quiet = new VirtualConsole();
    quiet.on("jsdomError", (error) => {
      throw error;
    });
    this.clock = new Clock();
    this.disk = disk;
    this.keys = keyOf(writtenFor);
    this.server = new Server();
    this.dom = new JSDOM(`<!doctype html><meta name="written-for" content="${writtenFor}"><body>${body}${FRAME}`, {
      url: "http://portal.test/sheets/1/",
      runScripts: "dangerously",
      pretendToBeVisual: true,
      virtualConsole: quiet,
    });
    this.window = this.dom.window;
    this.document = this.window.document;
    this.window.setTimeout = this.clock.set;
    this.window.clearTimeout = this.clock.clear;
    this.window.fetch = this.server.fetch;
    Object.assign(this.window, { indexedDB: disk, TextEncoder, TextDecoder });
    if (secure) Object.defineProperty(this.window.crypto, "subtle", { value: SUBTLE });
    Object.entries(old).forEach(([key, value]) => this.window.localStorage.setItem(key, value));
  }

  run(...names) {
    names.forEach((name) => {
      const script = this.document.createElement("script");
      script.dataset.htmx = "/static/vendor/htmx.min.js";
      script.dataset.keys = this.keys;
      script.textContent = source(name);
      this.document.head.append(script);
    });
    return this;
  }

  find(selector) {
    return this.document.querySelector(selector);
  }

  all(selector) {
    return [...this.document.querySelectorAll(selector)];
  }

  // As browsers do it: a press of a radio, letters in a field, a key.
  choose(selector) {
    this.find(selector).click();
  }

  type(selector, text) {
    const field = typeof selector === "string" ? this.find(selector) : selector;
    field.value = text;
    field.dispatchEvent(new this.window.Event("input", { bubbles: true }));
  }

  press(key, more = {}) {
    const event = new this.window.KeyboardEvent("keydown", { key, bubbles: true, cancelable: true, ...more });
    this.document.activeElement.dispatchEvent(event);
    return event;
  }

  tell(target, name) {
    const event = new this.window.Event(name, { bubbles: true, cancelable: true });
    target.dispatchEvent(event);
    return event;
  }

  // What the browser keeps for the next page and anybody can read.
  get plain() {
    const storage = this.window.localStorage;
    return Object.fromEntries(Array.from({ length: storage.length }, (_, at) => storage.key(at)).map((key) => [key, storage.getItem(key)]));
  }
}
