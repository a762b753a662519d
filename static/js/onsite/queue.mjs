// What waits on a device and how it gets to the portal: in the order it was entered, file by file, in pieces, with
// growing waits. Only an answer that says "done" empties the queue; the same record sent again carries the same id
// and the same text, and counts once. States of a record:
//   stored 本机已存 → sending 发送中 → (gone) 已送达; retry 重试, conflict 冲突, refused 被拒, signin 待登录, confirm 待本人确认
import { ask, who } from "./ask.mjs";
import { open, openValue, seal, sealValue, sha256 } from "./crypto.mjs";
import * as store from "./store.mjs";

export const PIECE = 512 * 1024;
const SCHEMA = 1;
const WAITS_MS = [2000, 5000, 10000, 20000, 30000, 60000];
const IDLE_MS = 60000;
const CLAIM_MS = 60000;
const STEPS = 3; // so often a record steps back for another one before it waits like after a cut line
const CLOSING = ["to_signing", "signature", "conclude"];
const STUCK = ["conflict", "refused", "confirm"];

const recordPlace = (row) => ["record", row.lease, row.id, row.kind, row.target, row.seq].join("|");
const toldPlace = (row) => ["told", row.lease, row.id].join("|");
const piecePlace = (lease, upload, number) => ["piece", lease, upload, number].join("|");
export const facePlace = (lease, target) => ["face", lease, target].join("|");

export class Queue {
  constructor({ lease, owner, key, changed = () => {} }) {
    Object.assign(this, { lease, owner, key, changed });
    this.tries = 0;
    this.timer = 0;
    this.running = false;
    this.again = false; // something came while a pass was under way
    this.online = null; // what the last request said: true, false, or who else is signed in
    this.passwords = new Map();
  }

  // One edit or one outcome at a time, across tabs.
  alone(act) {
    return navigator.locks.request(`onsite-edit-${this.lease}`, act);
  }

  // Store a record with what the sheet shows of it; resolves when both are on disk. `file` are its bytes.
  async add({ kind, target, content, face, file, after, instead }) {
    const { lease, owner } = this;
    const id = crypto.randomUUID();
    const seq = await store.nextSeq(lease);
    const pieces = file ? await this.cut(id, file) : [];
    const said = file ? { ...content, upload: id, pieces: pieces.length, sha256: await sha256(file) } : content;
    const text = JSON.stringify(said);
    const row = {
      ...{ id, lease, owner, seq, kind, target, schema: SCHEMA, hash: await sha256(text), at: Date.now(), after: after || [] },
      ...{ state: "stored", tries: 0, upload: file ? id : null, count: pieces.length, sent: 0 },
    };
    Object.assign(row, await sealValue(this.key, recordPlace(row), text));
    const shown = face && { lease, target, ...(await sealValue(this.key, facePlace(lease, target), face(id, said))) };
    const stored = await store.addRecord({ row, face: shown, pieces, instead });
    if (!stored) return null;
    // Read back: a database may say yes and keep nothing.
    if (!(await store.record(id))) throw new store.FullError("lost");
    return row;
  }

  async cut(upload, file) {
    const found = [];
    for (let at = 0; at < file.byteLength; at += PIECE) {
      const number = found.length;
      const sealed = await seal(this.key, piecePlace(this.lease, upload, number), file.slice(at, at + PIECE));
      found.push({ upload, number, lease: this.lease, ...sealed });
    }
    return found;
  }

  text(row) {
    return openValue(this.key, recordPlace(row), row);
  }

  async content(row) {
    return JSON.parse(await this.text(row));
  }

  async told(row) {
    return row.told ? openValue(this.key, toldPlace(row), row.told) : {};
  }

  async fileOf(row) {
    const parts = [];
    for (let number = 0; number < row.count; number += 1) parts.push(await this.pieceOf(row, number));
    return new Blob(parts);
  }

  async pieceOf(row, number) {
    return open(this.key, piecePlace(this.lease, row.upload, number), await store.piece(row.upload, number));
  }

  async idsBefore() {
    return (await store.records(this.lease)).map((each) => each.id);
  }

  // Sending -------------------------------------------------------------------------------------
  soon(wait = 0) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.pass(), wait);
  }

  stop() {
    clearTimeout(this.timer);
    this.stopped = true;
  }

  // One tab sends at a time; a tab that died lets go of its lock by itself. What is entered while a pass is
  // under way is sent by the next one, at once.
  async pass() {
    clearTimeout(this.timer);
    if (this.stopped) return;
    if (this.running) {
      this.again = true;
      return;
    }
    this.running = true;
    this.again = false;
    try {
      const went = await navigator.locks.request(`onsite-send-${this.lease}`, { ifAvailable: true }, (lock) => (lock ? this.through() : "elsewhere"));
      this.tries = went === "waiting" ? this.tries + 1 : 0;
      if (!this.stopped) await this.changed();
      const wait = { clear: IDLE_MS, again: 0, elsewhere: WAITS_MS[0] }[went] ?? WAITS_MS[Math.min(this.tries, WAITS_MS.length) - 1];
      if (!this.stopped) this.soon(this.again ? 0 : wait * (0.9 + Math.random() / 5));
    } catch (error) {
      if (!this.stopped) this.soon(WAITS_MS[2]); // the database may be there again
      throw error;
    } finally {
      this.running = false;
    }
  }

  async through() {
    const rows = await store.records(this.lease);
    const there = await who();
    this.online = there ? (there.written_for === this.owner ? true : there.name || "nobody") : false;
    if (there) await store.changeLease(this.lease, () => ({ skew: there.skew, seen_at: Date.now() + there.skew }));
    if (this.online !== true) {
      if (there) await this.mark(rows, "signin");
      return rows.length ? "waiting" : "clear";
    }
    const held = new Set();
    let stuck = false;
    for (const { id } of rows) {
      const row = await store.record(id);
      if (!row) continue;
      const stands = held.has(row.target.split("/")[0]) || row.after.some((each) => held.has(each)); // on what is held itself
      const waits = (STUCK.includes(row.state) && !this.passwords.has(id)) || stands || (stuck && CLOSING.includes(row.kind));
      if (waits) {
        held.add(row.target).add(id);
        stuck = true;
        continue;
      }
      const went = await this.send(row, rows.length);
      if (went === "stop") return "waiting";
      if (went === "stuck") {
        held.add(row.target).add(id);
        stuck = true;
      }
    }
    return this.again ? "again" : "clear";
  }

  async mark(rows, state) {
    for (const row of rows) if (!STUCK.includes(row.state)) await store.changeRecord(row.id, { state });
  }

  async send(row, waiting) {
    await store.changeRecord(row.id, { state: "sending", claimed_until: Date.now() + CLAIM_MS });
    await this.changed();
    const answer = await this.deliver(row, waiting);
    this.passwords.delete(row.id);
    switch (answer.outcome) {
      case "done":
        await this.alone(() => this.settle(row, answer.result));
        await this.changed();
        return "done";
      case "conflict":
      case "refused":
      case "confirm":
        await store.changeRecord(row.id, { state: answer.outcome, told: await sealValue(this.key, toldPlace(row), answer) });
        return "stuck";
      case "shut_out":
        await store.changeLease(this.lease, () => ({ shut: answer.sentence }));
        await store.changeRecord(row.id, { state: "refused", told: await sealValue(this.key, toldPlace(row), answer) });
        return "stop";
      case "signin":
        this.online = answer.sentence || "nobody";
        await store.changeRecord(row.id, { state: "signin" });
        return "stop";
      case "parts":
        // It stands on a record that came later, such as what settled a conflict: that one goes first.
        if (row.tries < STEPS && (await store.records(this.lease)).some((each) => answer.parts.includes(each.id) && !STUCK.includes(each.state))) {
          await store.changeRecord(row.id, { state: "stored", tries: row.tries + 1 });
          this.again = true;
          return "stuck";
        }
      // falls through
      default: // failed, or parts that are not there: again from the first piece
        await store.changeRecord(row.id, { state: "retry", tries: row.tries + 1, ...(answer.outcome === "parts" && { sent: 0 }) });
        return "stop";
    }
  }

  async deliver(row, waiting) {
    const base = `/inspections/leases/${this.lease}`;
    for (let number = row.sent; number < row.count; number += 1) {
      const bytes = await this.pieceOf(row, number);
      const headers = { "X-Upload": row.upload, "X-Piece": String(number), "X-Sha256": await sha256(bytes), "Content-Type": "application/octet-stream" };
      const answer = await ask(`${base}/pieces/`, { owner: row.owner, body: bytes, headers });
      if (answer.outcome !== "done") return answer;
      await store.changeRecord(row.id, { sent: number + 1, claimed_until: Date.now() + CLAIM_MS });
    }
    const body = new FormData();
    const { id, seq, kind, hash, at } = row;
    const fields = { id, seq, kind, hash, at, content: await this.text(row), after: row.after.join(" "), now: Date.now() };
    Object.entries(fields).forEach(([name, value]) => body.set(name, value));
    if (this.passwords.has(row.id)) body.set("password", this.passwords.get(row.id));
    return ask(`${base}/records/`, { owner: row.owner, body, headers: { "X-Waiting": String(waiting) } });
  }

  // The face of a delivered record says its version, unless a later edit has taken its place.
  async settle(row, result) {
    const kept = (await store.faces(this.lease)).find((each) => each.target === row.target);
    let face = null;
    if (kept) {
      const value = await openValue(this.key, facePlace(this.lease, row.target), kept);
      if (value.after === row.id) {
        const now = { ...value, after: null, version: result.version, result };
        face = { lease: this.lease, target: row.target, ...(await sealValue(this.key, facePlace(this.lease, row.target), now)) };
      }
    }
    await store.settle(row, face, row.upload);
  }
}
