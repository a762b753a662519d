// A page may hold several forms, and sending one leaves it: what was typed into the others waits sealed on the device
// (waiting.js) and is put back where the same form shows again in this tab, on this page or on the one that answers.
// The form is sent once the others are kept.
//
// Kept are fields that differ from what the server wrote, by whom the page was written for and by the address the
// form posts to. Files cannot be kept by a page; what saves itself (autosave, uploads) needs no keeping.
(() => {
  "use strict";

  const PREFIX = "typed:";
  const MARK = "typed"; // in this tab: something was kept; what, is sealed
  const PATIENCE_MS = 2000;
  const KEPT_MS = 12 * 36e5;
  const KEPT_AS_TICKS = ["radio", "checkbox"];
  const NEVER = ["hidden", "password", "submit", "button", "reset", "image"];

  const isOwn = (form) =>
    form.method === "post" && form.target !== "_blank" && !form.matches("[data-autosave], [data-upload], [hx-post]");
  const address = (form) => new URL(form.getAttribute("action") || "", location.href).pathname;

  // Forms by key; a second form with the same address is told apart by its place among them.
  function forms() {
    const seen = new Map();
    return [...document.querySelectorAll("form")].filter(isOwn).map((form) => {
      const to = address(form);
      seen.set(to, (seen.get(to) ?? -1) + 1);
      return [`${PREFIX}${to}#${seen.get(to)}`, form];
    });
  }

  const fieldsOf = (form) => [...form.elements].filter((field) => field.name && !field.disabled && !NEVER.includes(field.type));

  function isTouched(field) {
    if (KEPT_AS_TICKS.includes(field.type)) return field.checked !== field.defaultChecked;
    if (field.matches("select")) {
      const written = [...field.options].map((option) => option.defaultSelected);
      if (!field.multiple && !written.includes(true)) return field.selectedIndex > 0;
      return [...field.options].some((option, at) => option.selected !== written[at]);
    }
    return field.matches("input, textarea") && field.type !== "file" && field.value !== field.defaultValue;
  }

  // Rows of a form may call their fields alike: the place among those of one name tells them apart.
  const alike = (fields, name) => fields.filter((each) => each.name === name);

  const valueOf = (field, fields) => {
    const { name, value } = field;
    if (KEPT_AS_TICKS.includes(field.type)) return { name, value, checked: field.checked };
    const place = alike(fields, name).indexOf(field);
    if (field.matches("select")) return { name, place, chosen: [...field.selectedOptions].map((option) => option.value) };
    return { name, place, value };
  };

  // Name and value to keep for every form, null for nothing.
  function typedBut(sent) {
    return forms().map(([key, form]) => {
      if (form === sent) return [key, null];
      const fields = fieldsOf(form);
      const typed = fields.filter(isTouched).map((field) => valueOf(field, fields));
      const files = fieldsOf(form).some((field) => field.type === "file" && field.files.length);
      return [key, typed.length || files ? { typed, files, at: Date.now() } : null];
    });
  }

  async function keepAll(found) {
    sessionStorage.setItem(MARK, "yes");
    const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS));
    // A device that does not answer holds nobody up: the other forms come back empty, as without a script.
    await Promise.race([Promise.all(found.map(([key, value]) => portal.waiting.keep(key, value))).catch(() => {}), late]);
  }

  function putBack(form, typed) {
    const fields = fieldsOf(form);
    for (const { name, place = 0, value, checked, chosen } of typed) {
      const named = alike(fields, name);
      const field = checked === undefined ? named[place] : named.find((each) => each.value === value);
      if (!field || isTouched(field)) continue; // a quick hand was there first
      if (checked !== undefined) field.checked = checked;
      else if (chosen) [...field.options].forEach((option) => (option.selected = chosen.includes(option.value)));
      else field.value = value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }

  async function restore() {
    const found = await portal.waiting.load();
    const back = { typed: false, files: false };
    for (const [key, form] of forms()) {
      const kept = found.get(key);
      if (!kept) continue;
      found.delete(key);
      portal.waiting.keep(key, null);
      if (Date.now() - kept.at > KEPT_MS) continue;
      putBack(form, kept.typed);
      back.typed ||= kept.typed.length > 0;
      back.files ||= kept.files;
    }
    const left = [...found].filter(([key]) => key.startsWith(PREFIX));
    const over = left.filter(([, { at }]) => Date.now() - at > KEPT_MS);
    over.forEach(([key]) => portal.waiting.keep(key, null));
    if (left.length === over.length) sessionStorage.removeItem(MARK);
    const words = [
      back.typed && "本页其他表单中已填写、尚未提交的内容已恢复。",
      back.files && "其他表单中选好的文件没有提交，请重新选择。",
    ];
    if (back.typed || back.files) portal.toast(words.filter(Boolean).join(""), back.files ? "warn" : "ok");
  }

  // Capture, after app.js: what is asked first, refused or sent elsewhere is none of this one's.
  function hold(event) {
    const form = event.target;
    if (form.dataset.kept) return void delete form.dataset.kept;
    if (event.defaultPrevented || form.method !== "post" || !isOwn(form)) return;
    if (/\/sign-out\/$/.test(address(form))) return sessionStorage.removeItem(MARK);
    const found = typedBut(form);
    if (!form.dataset.keeping && !sessionStorage.getItem(MARK) && !found.some(([, value]) => value)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    if (form.dataset.keeping) return; // a second press
    form.dataset.keeping = "yes";
    keepAll(found).then(() => {
      delete form.dataset.keeping;
      form.dataset.kept = "yes";
      form.requestSubmit(event.submitter);
    });
  }

  // Plain text of pages before this one ends here.
  function takeOver() {
    const old = `${PREFIX}${portal.writtenFor}:`;
    for (const key of Object.keys(sessionStorage).filter((each) => each.startsWith(PREFIX))) {
      if (key.startsWith(old)) {
        keepAll([[PREFIX + key.slice(old.length), { ...JSON.parse(sessionStorage.getItem(key)), at: Date.now() }]]);
      }
      sessionStorage.removeItem(key);
    }
  }

  if (portal.waiting) {
    takeOver();
    document.addEventListener("submit", hold, true);
    if (sessionStorage.getItem(MARK)) restore();
  }

  // What is typed as note is the beginning of the problem recorded beside it, until that is written by hand.
  document.addEventListener("input", ({ target }) => {
    if (target.name !== "note" || !target.closest("form[data-autosave]")) return;
    target.closest(".sheet-item")?.querySelectorAll('[data-follows="note"]').forEach((field) => {
      if (field.value !== (field.dataset.followed ?? field.defaultValue)) return;
      field.value = field.dataset.followed = target.value;
    });
  });
})();
