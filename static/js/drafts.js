// A page may hold several forms, and sending one leaves it: what was typed into the others is kept in this tab and
// put back where the same form shows again, on this page or on the one that answers.
//
// Kept are fields that differ from what the server wrote, by whom the page was written for and by the address the
// form posts to. Files cannot be kept by a page; what saves itself (autosave, uploads) needs no keeping.
(() => {
  "use strict";

  const PREFIX = `typed:${portal.writtenFor}:`;
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

  const valueOf = (field) => {
    if (KEPT_AS_TICKS.includes(field.type)) return { name: field.name, value: field.value, checked: field.checked };
    if (field.matches("select")) return { name: field.name, chosen: [...field.selectedOptions].map((option) => option.value) };
    return { name: field.name, value: field.value };
  };

  function keepAllBut(sent) {
    for (const [key, form] of forms()) {
      const typed = form === sent ? [] : fieldsOf(form).filter(isTouched).map(valueOf);
      const files = form !== sent && fieldsOf(form).some((field) => field.type === "file" && field.files.length);
      try {
        if (typed.length || files) sessionStorage.setItem(key, JSON.stringify({ typed, files }));
        else sessionStorage.removeItem(key);
      } catch {
        // Storage full or switched off: the other forms come back empty, as without a script.
      }
    }
  }

  function putBack(form, typed) {
    const fields = fieldsOf(form);
    for (const { name, value, checked, chosen } of typed) {
      const field = fields.find((each) => each.name === name && (checked === undefined || each.value === value));
      if (!field || isTouched(field)) continue; // a quick hand was there first
      if (checked !== undefined) field.checked = checked;
      else if (chosen) [...field.options].forEach((option) => (option.selected = chosen.includes(option.value)));
      else field.value = value;
      field.dispatchEvent(new Event("input", { bubbles: true }));
      field.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }

  function restore() {
    const back = { typed: false, files: false };
    for (const [key, form] of forms()) {
      const kept = JSON.parse(sessionStorage.getItem(key) || "null");
      sessionStorage.removeItem(key);
      if (!kept) continue;
      putBack(form, kept.typed);
      back.typed ||= kept.typed.length > 0;
      back.files ||= kept.files;
    }
    const words = [
      back.typed && "本页其他表单中已填写、尚未提交的内容已恢复。",
      back.files && "其他表单中选好的文件没有提交，请重新选择。",
    ];
    if (back.typed || back.files) portal.toast(words.filter(Boolean).join(""), back.files ? "warn" : "ok");
  }

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.method !== "post" || !isOwn(form)) return;
    // Who signs out leaves nothing to read in this tab.
    if (/\/sign-out\/$/.test(address(form))) sessionStorage.clear();
    else keepAllBut(form);
  });
  // What is typed as note is the beginning of the problem recorded beside it, until that is written by hand.
  document.addEventListener("input", ({ target }) => {
    if (target.name !== "note" || !target.closest("form[data-autosave]")) return;
    target.closest(".sheet-item")?.querySelectorAll('[data-follows="note"]').forEach((field) => {
      if (field.value !== (field.dataset.followed ?? field.defaultValue)) return;
      field.value = field.dataset.followed = target.value;
    });
  });

  if (portal.writtenFor) restore();
})();
