// One section of a sheet without a network: the markup of the online sheet, every tap stored on this device.
import { h, button, icon } from "./dom.mjs";
import { measuredBlock } from "./entering.mjs";
import { againstOf } from "./entries.mjs";
import { fileLine, taking } from "./evidence.mjs";
import { FileError } from "./photos.mjs";
import { WORDS, notStored, worstOf } from "./states.mjs";

const TYPING_MS = 800;
export class Card {
  constructor(visit, section) {
    this.visit = visit;
    this.section = section;
    this.form = section.querySelector("form[action*='/answers/']");
    this.item = visit.item(Number(this.form.getAttribute("action").match(/answers\/(\d+)/)[1]));
    this.pending = 0;
    this.typing = 0;
    this.extra = section.querySelector("[data-item-extra]");
    this.list = section.querySelector(".evidence-list");
    this.given = [...this.list.children];
    this.sign = h("p", { class: "sheet-saved onsite-item-state" });
    section.querySelector(".sheet-saved")?.remove();
    section.querySelector(".evidence").append(this.sign);
    this.measured = section.querySelector(".sheet-measured");
    this.withoutNetwork();
    this.listen();
    this.update();
  }

  // Pictures and acts that only the portal has.
  withoutNetwork() {
    this.list.querySelectorAll("form").forEach((form) => form.remove());
    this.section.querySelectorAll(".sheet-hint:has(a)").forEach((hint) => {
      hint.querySelectorAll("a").forEach((link) => link.remove());
      hint.textContent = hint.textContent.trim().replace(/\s*·$/, "");
    });
    this.list.querySelectorAll("a.evidence-link").forEach((link) => link.replaceWith(h("span", { class: "evidence-thumb" }, icon("photo"))));
    if (this.visit.state !== "in_progress") {
      this.section.querySelectorAll("input, select, textarea").forEach((field) => (field.disabled = true));
      this.section.querySelectorAll(".evidence-add, [data-annotate]").forEach((each) => each.remove());
    }
  }

  listen() {
    this.form.addEventListener("submit", (event) => event.preventDefault());
    this.form.addEventListener("change", () => this.edited(0));
    this.form.addEventListener("input", (event) => event.target.matches("textarea") && this.edited(TYPING_MS));
    taking(this);
  }

  get entered() {
    const answer = this.form.querySelector("input[type=radio]:checked")?.value || "";
    return { answer, note: (this.form.elements.note?.value || "").trim() };
  }

  edited(wait) {
    this.showNote();
    clearTimeout(this.typing);
    if (!this.item.may || this.visit.state !== "in_progress") return;
    if (wait) this.typing = setTimeout(() => this.store(), wait);
    else this.store();
  }

  // Leaving the section: what was typed last is stored, too.
  leave() {
    clearTimeout(this.typing);
    const { answer, note } = this.visit.valueOf(this.item);
    const now = this.entered;
    if (!this.form.isConnected || (now.answer === answer && now.note === note)) return Promise.resolve();
    return this.store();
  }

  async store() {
    const { answer, note } = this.entered;
    await this.doing(() => this.visit.answer(this.item, answer, note));
  }

  async doing(act) {
    this.pending += 1;
    try {
      await act();
      this.fault("");
    } catch (error) {
      this.fault(error instanceof FileError ? error.message : notStored(error));
    } finally {
      this.pending -= 1;
      this.update();
    }
  }

  fault(words) {
    this.section.classList.toggle("is-unsaved", Boolean(words));
    this.section.querySelectorAll(".onsite-fault").forEach((each) => each.remove());
    if (words) this.section.append(h("p", { class: "form-error onsite-fault", role: "alert" }, words));
    if (words && !this.section.isConnected) portal.toast(words); // kept after the section was left
  }

  // Looks -----------------------------------------------------------------------------------------
  showNote() {
    const { answer } = this.entered;
    this.section.querySelectorAll("[data-needs-note]").forEach((box) => {
      const against = answer === "conform" && box.matches(".sheet-note") && againstOf(this.visit, this.item);
      const wanted = Boolean(against) || box.dataset.needsNote.split(/\s+/).includes(answer);
      box.hidden = !wanted && !box.querySelector("textarea")?.value.trim();
      box.querySelectorAll(".required-mark").forEach((mark) => (mark.hidden = !wanted));
    });
  }

  update() {
    const value = this.visit.valueOf(this.item);
    if (!this.pending && !this.form.contains(document.activeElement)) {
      this.form.querySelectorAll("input[type=radio]").forEach((each) => (each.checked = each.value === value.answer));
      if (this.form.elements.note && this.form.elements.note.value.trim() !== value.note) this.form.elements.note.value = value.note;
      this.showNote();
    }
    const lacking = value.answer ? this.visit.lackingOf(this.item) : [];
    this.measured?.replaceChildren(...measuredBlock(this.visit, this.visit.sheetOf(this.item), this.item));
    this.extra.replaceChildren(...(lacking.length ? [h("p", { class: "item-lacking" }, icon("alert-circle"), `送签前还需要：${lacking.join("、")}`)] : []));
    this.list.replaceChildren(...this.given, ...this.visit.ownFiles(this.item).map((file) => fileLine(this, file)));
    const target = `answer:${this.item.id}`;
    const own = this.visit.records.filter((each) => each.target === target);
    const state = own.length ? worstOf(own) : "done";
    const face = this.visit.faces.get(target);
    this.sign.replaceChildren(...(own.length || face ? [icon(WORDS[state][2]), ` ${WORDS[state][0]}`] : []));
    this.sign.dataset.state = own.length || face ? state : "";
    this.showConflict(own.find((each) => each.state === "conflict"));
  }

  async showConflict(row) {
    const shown = this.section.querySelector(":scope > .conflict");
    if (!row) return shown?.remove();
    if (shown?.dataset.row === row.id) return undefined;
    shown?.remove();
    const { theirs, theirs_by: by } = await this.visit.queue.told(row);
    const mine = this.visit.valueOf(this.item);
    const side = (title, value, label, keep) =>
      h(
        ...["div", { class: "conflict-side" }, h("h3", {}, title), h("span", { class: "conflict-answer" }, this.visit.word(this.item, value.answer))],
        ...[h("p", {}, value.note || "（没有文字）"), button(label, () => this.doing(() => this.visit.settle(row, keep)))],
      );
    const sides = h("div", { class: "conflict-sides" }, side("我填的", mine, "保留我的", "mine"), side("对方填的", theirs, "采用对方的", "theirs"));
    const both = button("保留我的，并把对方的记入说明", () => this.doing(() => this.visit.settle(row, "both")));
    const title = h("p", { class: "conflict-title" }, `${by || "另一位同事"}已改过这一项，请选择保留哪一个。`);
    const box = h("div", { class: "conflict", role: "alert", "data-row": row.id }, title, sides, both);
    if (!this.section.querySelector(":scope > .conflict")) this.section.append(box);
    return undefined;
  }
}
