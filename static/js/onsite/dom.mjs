// Small helpers for what the shell draws; text is always text, markup comes from the server's own templates alone.
export function h(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return made;
}

export const icon = (name) => h("i", { class: `ti ti-${name}`, "aria-hidden": "true" });
export const button = (label, onclick, tone = "default", more = {}) => h("button", { type: "button", class: `btn btn-${tone}`, onclick, ...more }, label);
export const notice = (tone, ...words) => h("div", { class: `notice notice-${tone}`, role: tone === "bad" ? "alert" : "status" }, h("div", {}, ...words));

export function panel(title, ...children) {
  return h("section", { class: "panel" }, h("header", { class: "panel-head" }, h("h2", {}, title)), h("div", { class: "panel-body" }, ...children));
}

const PARTS = { month: "numeric", day: "numeric", hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
const CLOCK = new Intl.DateTimeFormat("zh-CN", { ...PARTS, timeZone: "Asia/Shanghai" });

// A moment as the portal spells days: 6月1日 09:05.
export function clock(millis) {
  const part = Object.fromEntries(CLOCK.formatToParts(millis).map((each) => [each.type, each.value]));
  return `${part.month}月${part.day}日 ${part.hour}:${part.minute}`;
}

// The portal's own question (base_document.html); resolves to whether it was answered with yes.
export function asked(text, label) {
  const ask = document.getElementById("ask");
  document.getElementById("ask-text").textContent = text;
  document.getElementById("ask-yes").textContent = label;
  ask.returnValue = "";
  ask.showModal();
  return new Promise((resolve) => ask.addEventListener("close", () => resolve(ask.returnValue === "yes"), { once: true }));
}
