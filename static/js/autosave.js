// Saves one item a form, as it is filled in. Every <form data-autosave action=URL> holds the fields of one
// item (radio "answer", textarea "note", others) and the hidden "version" the page was based on.
//
// A save carries the version and an id made here; a retry carries the same id, so that a save whose answer
// got lost counts once. One save of an item is under way at a time. What is not saved yet is kept in memory
// and sealed on the device (waiting.js), survives a reload, and is sent again with growing waits.
//
// Answers: 200 {version, saved_at, progress, html?}; 409 {mine, theirs, version, theirs_by, theirs_at}, or
// 409 {stranger} when the page was written for another person or membership than is signed in now;
// 422/403 {errors: {field: [...]}}; a redirect means the session has ended.
(() => {
  "use strict";

  const TYPING_MS = 800;
  const WAITS_MS = [2000, 5000, 10000, 20000, 30000];
  const NEEDS_NOTE = ["deficient", "nonconform", "not_applicable"];
  const WAITING = ["conflict", "refused"]; // nothing is sent until the person acts
  const PLUMBING = ["csrfmiddlewaretoken", "version", "client_id", "written_for"];
  const { element } = portal;
  const items = [];
  const LEAVING_MS = 30000;
  let lastSaved = "";
  let someoneElse = ""; // who is signed in instead, in words
  // The next page may have been written before a save whose answer still reaches this one: while this page
  // is being left, what is saved stays kept too. The next page sends it again, and the same id counts once.
  let leaving = 0;

  class Item {
    constructor(form) {
      this.form = form;
      this.card = form.closest(".sheet-item, [data-autosave-card]") || form;
      this.name = form.getAttribute("action");
      this.ready = false; // what was kept has been put back: before that nothing is sent
      this.inflight = null; // the edit being sent or waiting for a retry
      this.queued = null; // the edit after it
      this.state = "saved"; // saved | saving | failed | signed-out | stranger | refused | conflict
      this.tries = 0;
      this.typing = 0;
      this.retrying = 0;
      this.savedText = JSON.stringify(this.written());
      form.addEventListener("change", () => this.edited(0));
      form.addEventListener("input", (event) => event.target.matches("textarea, input[type=text]") && this.edited(TYPING_MS));
      form.addEventListener("focusout", () => this.queued && this.edited(0));
      form.addEventListener("submit", (event) => (event.preventDefault(), this.edited(0)));
      this.showNote();
    }

    begin(kept) {
      this.ready = true;
      this.restore(kept);
      this.edited(0); // a quick thumb is there before this script
    }

    // What the form says --------------------------------------------------------------------------
    fields(form = this.form) {
      return [...new FormData(form)].filter(([name, value]) => !PLUMBING.includes(name) && typeof value === "string");
    }

    // ... and what the server had written into it, whatever was touched since.
    written() {
      const clean = this.form.cloneNode(true);
      clean.reset();
      return this.fields(clean);
    }

    text() {
      return JSON.stringify(this.fields());
    }

    get version() {
      return this.form.elements.version?.value ?? "";
    }

    set version(value) {
      if (this.form.elements.version) this.form.elements.version.value = value;
    }

    fill(fields) {
      const values = new Map(fields);
      for (const field of this.form.elements) {
        if (!values.has(field.name) || PLUMBING.includes(field.name) || field.type === "file") continue;
        if (field.type === "radio" || field.type === "checkbox") field.checked = values.get(field.name) === field.value;
        else field.value = values.get(field.name) ?? "";
      }
      this.showNote();
    }

    answerLabel(value) {
      const input = [...this.form.querySelectorAll("input[type=radio]")].find((each) => each.value === value);
      return input ? input.closest("label").textContent.trim() : value ? String(value) : "未填";
    }

    // Editing -------------------------------------------------------------------------------------
    edited(wait) {
      this.showNote();
      if (!this.ready) return;
      const latest = this.queued || this.inflight;
      const text = this.text();
      if (text !== (latest ? JSON.stringify(latest.fields) : this.savedText)) {
        this.queued = { id: portal.uuid(), fields: this.fields(), version: this.inflight ? null : this.version };
        this.keep();
        if (this.state === "saved" || this.state === "refused") this.enter("saving");
      }
      if (this.state === "conflict") this.showMine();
      clearTimeout(this.typing);
      if (!this.queued || WAITING.includes(this.state)) return;
      if (wait) this.typing = setTimeout(() => this.flush(), wait);
      else this.flush();
    }

    flush() {
      if (this.inflight || !this.queued || WAITING.includes(this.state)) return;
      this.inflight = this.queued;
      this.queued = null;
      this.inflight.version ??= this.version;
      this.tries = 0;
      this.keep();
      this.send();
    }

    post(edit, more = {}) {
      const body = new FormData();
      edit.fields.forEach(([name, value]) => body.append(name, value));
      body.set("version", edit.version);
      body.set("client_id", edit.id);
      const headers = { "X-Requested-With": "autosave", Accept: "application/json", ...portal.headers() };
      return fetch(this.name, { method: "POST", body, redirect: "manual", credentials: "same-origin", headers, ...more });
    }

    async send() {
      clearTimeout(this.retrying);
      if (this.sending || !this.inflight) return;
      this.sending = true;
      if (!["failed", "stranger"].includes(this.state)) this.enter("saving");
      try {
        await this.answered(await this.post(this.inflight));
      } catch {
        this.again("failed");
      } finally {
        this.sending = false;
      }
      if (!this.inflight && this.queued) this.flush();
    }

    async answered(answer) {
      const json = (answer.headers.get("content-type") || "").includes("json");
      if (answer.type === "opaqueredirect" || answer.status === 401 || (answer.status === 403 && !json) || (answer.ok && !json))
        return this.again("signed-out");
      if (answer.status >= 500 || answer.status === 429 || answer.status === 408) return this.again("failed");
      const data = json ? await answer.json() : {};
      if (answer.ok) return this.saved(data);
      if (answer.status === 409 && "theirs" in data) return this.conflict(data);
      if (answer.status === 409 && "stranger" in data) {
        someoneElse = data.stranger;
        return this.again("stranger");
      }
      return this.refuse(data.errors || { __all__: [`没有保存（${answer.status}）。`] });
    }

    // Outcomes ------------------------------------------------------------------------------------
    saved(data) {
      this.savedText = JSON.stringify(this.inflight.fields);
      this.inflight = null;
      this.tries = 0;
      if (data.version !== undefined) this.version = data.version;
      if (this.queued) this.queued.version ??= this.version;
      if (this.queued || !leaving) this.keep();
      this.errors({});
      lastSaved = clock(data.saved_at);
      if (data.progress) showProgress(data.progress);
      const extra = this.card.querySelector("[data-item-extra]");
      if (data.html !== undefined && extra) portal.put(extra, data.html);
      this.enter(this.queued ? "saving" : "saved");
    }

    again(state) {
      const wait = WAITS_MS[Math.min(this.tries, WAITS_MS.length - 1)];
      this.tries += 1;
      this.enter(state);
      this.retrying = setTimeout(() => this.send(), wait);
    }

    refuse(errors) {
      const refused = this.inflight;
      this.inflight = null;
      this.errors(errors);
      if (this.queued) {
        this.queued.version ??= this.version;
        this.enter("saving");
      } else {
        // Kept for a reload, but sent again only when it is changed.
        this.queued = { ...refused, id: portal.uuid() };
        this.enter("refused");
      }
      this.keep();
    }

    conflict(data) {
      // Kept with the version it was based on: after a reload the choice is asked for again.
      this.queued = { id: portal.uuid(), fields: this.fields(), version: this.inflight.version };
      this.inflight = null;
      this.keep();
      this.enter("conflict");
      this.card.querySelector(".conflict")?.remove();
      const box = element("div", "conflict");
      box.setAttribute("role", "alert");
      const when = data.theirs_at ? `（${clock(data.theirs_at)}）` : "";
      box.append(element("p", "conflict-title", `${data.theirs_by || "另一位同事"}${when}已改过这一项，请选择保留哪一个。`));
      const sides = element("div", "conflict-sides");
      this.mine = this.side("我填的", "保留我的", () => this.settle(data.version));
      const theirs = this.side("对方填的", "采用对方的", () => this.settle(data.version, data.theirs || {}));
      this.show(theirs, data.theirs || {});
      this.showMine();
      sides.append(this.mine, theirs);
      box.append(sides);
      this.card.append(box);
    }

    // The person may go on typing before choosing.
    showMine() {
      this.show(this.mine, Object.fromEntries(this.fields()));
    }

    show(box, values) {
      const words = [...this.form.querySelectorAll("textarea")].map((field) => values[field.name]).filter(Boolean);
      const answer = box.querySelector(".conflict-answer");
      if (answer) answer.textContent = this.answerLabel(values.answer);
      box.querySelector("p").textContent = words.join("\n") || "（没有文字）";
    }

    side(title, label, choose) {
      const box = element("div", "conflict-side");
      const button = element("button", "btn btn-default", label);
      button.type = "button";
      button.onclick = choose;
      box.append(element("h3", "", title));
      if (this.form.querySelector("input[type=radio]")) box.append(element("span", "conflict-answer"));
      box.append(element("p"), button);
      return box;
    }

    settle(version, theirs) {
      this.card.querySelector(".conflict")?.remove();
      this.version = version;
      this.queued = null;
      this.errors({});
      if (theirs) {
        this.fill(Object.entries(theirs));
        this.savedText = this.text();
        this.keep();
        this.enter("saved");
        return;
      }
      this.savedText = "";
      this.state = "saved";
      this.edited(0);
    }

    errors(errors) {
      this.card.querySelectorAll("[data-autosave-error]").forEach((each) => each.remove());
      for (const [name, reasons] of Object.entries(errors)) {
        const found = this.form.elements[name];
        const field = found instanceof RadioNodeList ? found[0] : found;
        const words = element("p", "form-error", [].concat(reasons).join("；"));
        words.dataset.autosaveError = name;
        words.setAttribute("role", "alert");
        const place = field && (field.closest("fieldset.choice-grid") || field);
        if (place) place.after(words);
        else this.form.append(words);
      }
    }

    // Looks ---------------------------------------------------------------------------------------
    showNote() {
      const answer = this.form.querySelector("input[type=radio]:checked")?.value;
      this.card.querySelectorAll("[data-needs-note]").forEach((box) => {
        const wanted = (box.dataset.needsNote || NEEDS_NOTE.join(" ")).split(/\s+/).includes(answer);
        const filled = Boolean(box.querySelector("textarea")?.value.trim());
        box.hidden = !wanted && !filled;
        box.querySelectorAll(".required-mark").forEach((mark) => (mark.hidden = !wanted));
      });
    }

    enter(state) {
      this.state = state;
      this.card.classList.toggle("is-unsaved", ["failed", "signed-out", "stranger", "refused"].includes(state));
      this.card.classList.toggle("is-conflict", state === "conflict");
      showState();
    }

    // What survives a reload ----------------------------------------------------------------------
    keep() {
      portal.waiting.keep(this.name, this.inflight || this.queued ? [this.inflight, this.queued] : null);
    }

    get isAtRisk() {
      return !["saved", "saving"].includes(this.state) || portal.waiting.isWriting(this.name) || (!this.ready && this.text() !== this.savedText);
    }

    // The page is left before the device has taken it: the same save once more, by a request that outlives the page.
    outlive() {
      this.flush();
      if (this.inflight && portal.waiting.isWriting(this.name)) this.post(this.inflight, { keepalive: true }).catch(() => {});
    }

    restore(kept) {
      if (!kept) return;
      [this.inflight, this.queued] = kept;
      const latest = this.queued || this.inflight;
      if (!latest) return;
      const written = new Map(this.written());
      const touched = this.fields().filter(([name, value]) => written.get(name) !== value);
      this.fill([...latest.fields, ...touched]); // what was touched on this page came after what was kept
      this.state = "saving";
      if (this.inflight) this.send();
    }
  }

  // Page-wide signs -------------------------------------------------------------------------------
  const SIGNS = {
    conflict: ["alert-triangle", "有冲突，请选择"],
    stranger: ["user-off", "没有保存，内容留在本机"],
    "signed-out": ["lock", "登录已失效，内容已留在本机"],
    failed: ["cloud-off", "未保存，正在重试"],
    refused: ["alert-circle", "有内容未通过检查"],
    saving: ["cloud-upload", "保存中…"],
    saved: ["cloud-check", "已保存"],
  };

  function showState() {
    const state = Object.keys(SIGNS).find((each) => items.some((item) => item.state === each)) || "saved";
    const [icon, words] = SIGNS[state];
    document.querySelectorAll("[data-save-state]").forEach((sign) => {
      if (state === "saved" && !lastSaved) return;
      sign.dataset.saveState = state;
      sign.querySelector(".ti").className = `ti ti-${icon}`;
      const text = sign.querySelector("[data-save-text]");
      text.textContent = state === "saved" ? `${words} ${lastSaved}` : words;
      if (state === "stranger") text.prepend(`${someoneElse}，`);
      if (state === "signed-out") {
        const link = element("a", "", "重新登录");
        link.href = "/";
        link.target = "_blank";
        link.rel = "noopener";
        text.append(" ", link);
      }
    });
  }

  function showProgress({ done, total, sections = [] }) {
    const put = (selector, value) => document.querySelectorAll(selector).forEach((each) => (each.textContent = value));
    Object.entries({ done, total, left: total - done }).forEach(([name, value]) => put(`[data-progress-${name}]`, value));
    document.querySelectorAll("[data-progress-bar]").forEach((bar) => {
      bar.max = Math.max(total, 1);
      bar.value = done;
    });
    sections.forEach((section) => {
      put(`[data-section-count="${section.code}"]`, `${section.done}/${section.total}`);
      const state = section.done >= section.total ? "done" : section.done ? "part" : "none";
      document.querySelectorAll(`[data-section="${section.code}"]`).forEach((chip) => (chip.dataset.state = state));
    });
  }

  function clock(value) {
    if (/^\d{1,2}:\d{2}$/.test(value || "")) return value;
    const moment = value ? new Date(value) : new Date();
    const options = { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" };
    return Number.isNaN(moment.getTime()) ? String(value) : moment.toLocaleTimeString("zh-CN", options);
  }

  async function begin() {
    const forms = [...document.querySelectorAll("form[data-autosave]:not([data-autosave-on])")];
    if (!forms.length) return;
    forms.forEach((form) => (form.dataset.autosaveOn = "yes"));
    const fresh = forms.map((form) => new Item(form));
    items.push(...fresh);
    const waiting = await portal.waiting.load();
    fresh.forEach((item) => item.begin(waiting.get(item.name)));
    showState();
  }

  // Back on the network, or back on this tab after signing in elsewhere: try at once.
  const retryNow = () => items.forEach((item) => ["failed", "signed-out", "stranger"].includes(item.state) && item.send());
  window.addEventListener("online", retryNow);
  document.addEventListener("visibilitychange", () => document.visibilityState === "visible" && retryNow());
  window.addEventListener("beforeunload", (event) => {
    items.forEach((item) => item.outlive());
    clearTimeout(leaving);
    leaving = setTimeout(() => {
      leaving = 0; // it stayed after all
      items.forEach((item) => item.keep());
    }, LEAVING_MS);
    if (items.some((item) => item.isAtRisk)) event.preventDefault();
  });
  document.addEventListener("htmx:afterSwap", begin);
  begin();
})();
