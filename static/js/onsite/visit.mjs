// One task as it stands on this device: what was taken along, and over it what was entered since.
import { openValue } from "./crypto.mjs";
import { againstOf, entriesShown } from "./entries.mjs";
import { Queue, facePlace } from "./queue.mjs";
import { digestOf, gapsOf, suggested } from "./rules.mjs";
import { KINDS, worstOf } from "./states.mjs";
import * as store from "./store.mjs";

const channel = new BroadcastChannel("onsite");

export class Visit {
  constructor({ row, key, bundle }, redraw) {
    Object.assign(this, { row, key, bundle, redraw });
    this.faces = new Map();
    this.records = [];
    this.queue = new Queue({ lease: row.id, owner: row.owner, key, changed: () => this.read() });
    this.hears = ({ data }) => data === row.id && this.read();
    channel.addEventListener("message", this.hears);
  }

  // From the database: after every change, here or in another tab.
  async read() {
    const faces = new Map();
    for (const face of await store.faces(this.row.id)) {
      faces.set(face.target, await openValue(this.key, facePlace(this.row.id, face.target), face));
    }
    this.faces = faces;
    this.records = await store.records(this.row.id);
    this.row = (await store.lease(this.row.id)) || this.row;
    this.redraw();
  }

  async changed() {
    channel.postMessage(this.row.id);
    await this.read();
    this.queue.soon();
  }

  close() {
    channel.removeEventListener("message", this.hears);
    this.queue.stop();
  }

  // What stands -----------------------------------------------------------------------------------
  item(id) {
    return this.items.find((each) => each.id === id);
  }

  get items() {
    return this.bundle.sheets.flatMap((sheet) => sheet.items);
  }

  // In the order they were added.
  ownFiles(item) {
    const own = [...this.faces].filter(([target, face]) => target.startsWith("file:") && face.item === item.id).map(([target, face]) => ({ target, ...face }));
    return own.sort((a, b) => (a.at || 0) - (b.at || 0));
  }

  valueOf = (item) => {
    const face = this.faces.get(`answer:${item.id}`);
    const files = [...item.files, ...this.ownFiles(item).map((each) => each.sha256)];
    return { answer: face ? face.answer : item.answer, note: face ? face.note : item.note, files };
  };

  conclusionOf = (sheet) => {
    const face = this.faces.get(`sheet:${sheet.id}`);
    return face ? [face.conclusion, face.reason] : [sheet.conclusion, sheet.reason];
  };

  // in_progress, signing or concluded, with what waits here counted as done.
  get state() {
    return this.faces.get("task:conclude") ? "concluded" : this.faces.get("task:signing") ? "signing" : this.bundle.task.state;
  }

  // What may be called 其余符合 in a section: open, this person's to answer, and nothing on record against it.
  restOf(sheet, section) {
    if (this.state !== "in_progress") return [];
    return sheet.items.filter((item) => item.section === section && item.may && !againstOf(this, item) && !this.valueOf(item).answer);
  }

  lackingOf(item) {
    return gapsOf({ ...item, against: againstOf(this, item) }, this.valueOf(item), this.bundle.rules);
  }

  sheetOf(item) {
    return this.bundle.sheets.find((sheet) => sheet.items.includes(item));
  }

  // The gravest state of what waits of something.
  stateOf(target) {
    const own = this.records.filter((each) => each.target === target);
    return own.length ? worstOf(own) : this.faces.has(target) ? "done" : "";
  }

  progress(items) {
    return { done: items.filter((item) => this.valueOf(item).answer).length, total: items.length };
  }

  suggestedOf(sheet) {
    const value = suggested(sheet.items, this.valueOf);
    return this.bundle.rules.conclusions.find((each) => each.value === value);
  }

  // Everything that is missing before signing, as far as the device can say.
  gaps() {
    return this.bundle.sheets.flatMap((sheet) => {
      const items = sheet.items.flatMap((item) => this.lackingOf(item).map((text) => ({ sheet, item, text })));
      const severity = (value) => this.bundle.rules.conclusions.find((each) => each.value === value)?.severity ?? -1;
      const [conclusion] = this.conclusionOf(sheet);
      const lacking = !conclusion ? "结论未确定" : severity(conclusion) < this.suggestedOf(sheet).severity ? "结论轻于建议结论，请重新确定" : "";
      return lacking ? [...items, { sheet, item: null, text: lacking }] : items;
    });
  }

  // What is entered -------------------------------------------------------------------------------
  answer(item, answer, note, how = {}) {
    const known = { answer: item.answer, note: item.note, version: item.version, after: null };
    const same = (now) => now.answer === answer && now.note === note;
    return this.edit(`answer:${item.id}`, { kind: "answer", known, same, content: { answer_id: item.id, answer, note, ...how }, face: { answer, note } });
  }

  // An edit stands on the version this device knows, or on its own edit before, which may still wait here.
  async edit(target, { kind, known, content, face, same = () => false, base = (now) => ({ version: now.version }) }) {
    await this.queue.alone(async () => {
      const now = (await this.faceNow(target)) || known;
      if (same(now)) return;
      const put = (on, instead) =>
        this.queue.add({ kind, target, content: { ...content, ...on }, face: (id) => ({ ...face, version: null, after: id, base: on }), instead });
      if (!now.after) return void (await put(base(now)));
      // One that has not been sent gives its place to this one; otherwise this one comes after it.
      const made = await put(now.base, now.after);
      if (!made) return void (await this.onto(target, put, base));
      // What waited for the earlier one waits for this one; who signed under other words signs again.
      await store.standOn(this.row.id, now.after, made.id);
      for (const each of this.records.filter((row) => row.target.startsWith(`${target}/`))) await store.dropRecord(each, each.target, null);
    });
    await this.changed();
  }

  // Meanwhile the earlier edit is on its way, or there already.
  async onto(target, add, base) {
    const face = await this.faceNow(target);
    return add(face.after ? { base_after: face.after } : base(face));
  }

  async faceNow(target) {
    const kept = (await store.faces(this.row.id)).find((each) => each.target === target);
    return kept ? openValue(this.key, facePlace(this.row.id, target), kept) : null;
  }

  // `more`: kind, position; `original` is the photograph a copy was drawn on: its key on the portal, or its target here.
  async addFile(item, { bytes, name, thumb }, { kind = "", position = "", original = "" } = {}) {
    const own = original.startsWith("file:") ? this.faces.get(original) : null;
    const base = own?.after ? { base_after: own.after } : original ? { copy_of: own ? own.result.evidence : Number(original) } : {};
    await this.queue.add({
      kind: "evidence",
      // A copy stands on its photograph: it waits with it, and goes with it.
      target: `${own ? original : "file:"}${own ? "/" : ""}${crypto.randomUUID()}`,
      file: bytes,
      content: { answer_id: item.id, name, kind, ...(position && { position }), ...base },
      face: (id, said) => ({
        ...{ item: item.id, name, thumb, size: bytes.byteLength, sha256: said.sha256 },
        ...{ position, copy: Boolean(original), at: Date.now(), after: id },
      }),
    });
    await this.changed();
  }

  // The inspected confirm: files that wait here by their records, others by their keys on the portal.
  async confirmEvidence(rows, name) {
    const records = rows.map((each) => each.after).filter(Boolean);
    const evidence = rows.filter((each) => !each.after).map((each) => each.id);
    const face = (id) => ({ after: id, name, files: rows.map((each) => each.key) });
    await this.queue.add({ kind: "confirm_evidence", target: `confirm:${crypto.randomUUID()}`, content: { name, evidence, records }, after: records, face });
    await this.changed();
  }

  async conclude(sheet, conclusion, reason) {
    const target = `sheet:${sheet.id}`;
    const face = (id) => ({ conclusion, reason, after: id });
    await this.queue.add({ kind: "conclusion", target, content: { sheet_id: sheet.id, conclusion, reason }, face });
    await this.changed();
  }

  async closing(kind, target) {
    await this.queue.add({ kind, target, content: {}, after: await this.queue.idsBefore(), face: (id) => ({ after: id, at: Date.now() }) });
    await this.changed();
  }

  toSigning = () => this.closing("to_signing", "task:signing");
  end = () => this.closing("conclude", "task:conclude");

  async sign(who, fields) {
    const shown = await digestOf(this.bundle.sheets, this.valueOf, this.conclusionOf);
    const member = who === "unit" ? { who } : { who: "team", membership: Number(who) };
    await this.queue.add({
      kind: "signature",
      target: `signer:${who}`,
      content: { ...member, ...fields, shown, entries: entriesShown(this) },
      after: await this.queue.idsBefore(),
      face: (id) => ({ after: id, at: Date.now(), name: fields.name, image: fields.image }),
    });
    await this.changed();
  }

  // What the server did not take ------------------------------------------------------------------
  // keep: mine, theirs, or both with the other one as a note.
  async settle(row, keep) {
    await this.queue.alone(async () => {
      const { theirs, version, theirs_by: by } = await this.queue.told(row);
      const own = (await store.records(this.row.id)).filter((each) => each.target === row.target);
      const first = await this.queue.content(own.at(-1));
      const mine = { answer: first.answer, note: first.note };
      const item = this.item(first.answer_id);
      const other = `（${by || "同事"}填：${this.word(item, theirs.answer)}${theirs.note ? `，${theirs.note}` : ""}）`;
      const next = keep === "theirs" ? theirs : keep === "both" ? { ...mine, note: `${mine.note}${other}` } : mine;
      const kind = keep === "theirs" ? "give_way" : "answer";
      const base = { version };
      const content = { answer_id: item.id, ...next, ...base, lost: keep === "theirs" ? mine : theirs };
      const face = (id) => ({ ...next, version: null, after: id, base });
      const made = await this.queue.add({ kind, target: row.target, content, face });
      await this.replace(own, made);
    });
    await this.changed();
  }

  async replace(own, made) {
    for (const each of own) {
      await store.standOn(this.row.id, each.id, made.id);
      await store.dropRecord(each, null, null);
    }
  }

  word(item, answer) {
    const markup = this.bundle.sheets.flatMap((sheet) => sheet.sections).find((each) => each.html.includes(`id="item-${item.code}"`))?.html || "";
    const box = document.createElement("template");
    box.innerHTML = markup;
    const found = box.content.querySelector(`#item-${CSS.escape(item.code)} input[value="${CSS.escape(answer || "-")}"]`);
    return found ? found.closest("label").textContent.trim() : "未填";
  }

  async again(row, password) {
    if (password) this.queue.passwords.set(row.id, password);
    else await store.changeRecord(row.id, { state: "stored", tries: 1 });
    this.queue.tries = 0;
    await this.changed();
  }

  // With it goes what stands on it: later edits of the same item, signatures under it, and all that closes after 送签.
  async drop(row) {
    const closes = ({ kind }) => row.kind === "to_signing" && ["signature", "conclude"].includes(kind);
    const falls = (each) => each.target === row.target || each.target.startsWith(`${row.target}/`) || closes(each);
    for (const each of this.records.filter(falls)) {
      await store.standOn(this.row.id, each.id, null);
      await store.dropRecord(each, each.target, each.upload);
    }
    await this.changed();
  }

  // Everything that has not been delivered, in a file a person can keep and hand on.
  async exported() {
    const found = [];
    for (const row of await store.records(this.row.id)) {
      const content = await this.queue.content(row);
      const item = content.answer_id && this.bundle ? this.item(content.answer_id) : null;
      const file = row.upload ? await (await this.queue.fileOf(row)).arrayBuffer() : null;
      const told = await this.queue.told(row);
      const why = told.sentence || row.state;
      const kind = KINDS[row.kind] || row.kind;
      found.push({ 项目: item?.code || "", 种类: kind, 填写时间: new Date(row.at).toISOString(), 未送达的原因: why, 内容: content, file });
    }
    return found;
  }
}
