/* A witness's number stays on this device, sealed (waiting.js), until all have committed: only its salted hash is sent before. */
(() => {
  "use strict";
  const bytes = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
  const hex = (buffer) => Array.from(new Uint8Array(buffer), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const text = (words) => new TextEncoder().encode(words);
  const join = (parts) => {
    const whole = new Uint8Array(parts.reduce((size, part) => size + part.length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at); at += part.length;
    }
    return whole;
  };
  const commitment = async (form, salt, number) => hex(await crypto.subtle.digest("SHA-256", join([
    text("metrostd witness 2\n"), bytes(form.dataset.terms), text(form.dataset.person), text("\n"), bytes(salt), text(number),
  ])));
  const key = (form) => `witness:${form.dataset.terms}:${form.dataset.person}`;

  for (const form of document.querySelectorAll("form[data-witness=commit]")) {
    const number = form.querySelector("[data-number]");
    form.addEventListener("submit", async (event) => {
      const sent = form.elements.commitment;
      if (sent.value) {
        return;
      }
      event.preventDefault();
      if (!/^[0-9]{1,12}$/.test(number.value.trim())) {
        number.setCustomValidity("请填写12位以内的数字。"); number.reportValidity(); return;
      }
      const salt = hex(crypto.getRandomValues(new Uint8Array(16)));
      await portal.waiting.keep(key(form), { number: number.value.trim(), salt });
      sent.value = await commitment(form, salt, number.value.trim());
      form.submit(); // not again through the listeners that hold back a second press
    });
    number.addEventListener("input", () => number.setCustomValidity(""));
  }
  for (const form of document.querySelectorAll("form[data-witness=reveal]")) {
    portal.waiting.load().then((waiting) => {
      const old = JSON.parse(localStorage.getItem(key(form)) || "null"); // plain text of a page before this one
      const kept = waiting.get(key(form)) || old;
      if (kept && !form.elements.number.value) {
        form.elements.number.value = kept.number; form.elements.salt.value = kept.salt;
      }
      if (old) {
        portal.waiting.keep(key(form), old); localStorage.removeItem(key(form));
      }
    });
  }
})();
