// The browser's database. What a person entered is in it before the screen says so: strict durability, one
// transaction for a record, what the sheet shows of it and the bytes of its file. Upgrades only add: records
// of an older page stay readable.
import { openDB } from "idb";

const NAME = "onsite";
const VERSION = 1;
const STRICT = { durability: "strict" };
const EVERYTHING = ["leases", "bundles", "records", "faces", "pieces"];
let opening = null;

export class FullError extends Error {}

function connect() {
  opening ||= openDB(NAME, VERSION, {
    upgrade(db, old) {
      if (old >= 1) return;
      db.createObjectStore("leases", { keyPath: "id" });
      db.createObjectStore("bundles", { keyPath: "lease" });
      db.createObjectStore("records", { keyPath: "id" }).createIndex("order", ["lease", "seq"]);
      db.createObjectStore("faces", { keyPath: ["lease", "target"] }).createIndex("lease", "lease");
      db.createObjectStore("pieces", { keyPath: ["upload", "number"] }).createIndex("lease", "lease");
    },
    // A newer page in another tab wants to upgrade: this one lets go and opens again when it is needed.
    blocking: (current, blocked, event) => {
      event.target.close();
      opening = null;
    },
    terminated: () => (opening = null),
  }).catch((error) => {
    opening = null;
    throw error;
  });
  return opening;
}

// A handle that died while the tablet slept is opened again once; then it is told.
async function withDb(act) {
  try {
    return await act(await connect());
  } catch (error) {
    if (error.name === "QuotaExceededError") throw new FullError("full");
    if (!["InvalidStateError", "UnknownError"].includes(error.name)) throw error;
    opening = null;
    return act(await connect());
  }
}

const write = (stores, act) =>
  withDb(async (db) => {
    const tx = db.transaction(stores, "readwrite", STRICT);
    try {
      const result = await act(tx);
      await tx.done;
      return result;
    } catch (error) {
      await tx.done.catch(() => {});
      throw tx.error || error;
    }
  });

const inLease = (lease) => IDBKeyRange.bound([lease, 0], [lease, Infinity]);

export const leases = () => withDb((db) => db.getAll("leases"));
export const lease = (id) => withDb((db) => db.get("leases", id));
export const bundle = (id) => withDb((db) => db.get("bundles", id));
export const records = (id) => withDb((db) => db.getAllFromIndex("records", "order", inLease(id)));
export const record = (id) => withDb((db) => db.get("records", id));
export const countRecords = (id) => withDb((db) => db.countFromIndex("records", "order", inLease(id)));
export const faces = (id) => withDb((db) => db.getAllFromIndex("faces", "lease", id));
export const piece = (upload, number) => withDb((db) => db.get("pieces", [upload, number]));

export const putLease = (row, bundleRow) =>
  write(["leases", "bundles"], async (tx) => {
    await tx.objectStore("leases").put(row);
    if (bundleRow) await tx.objectStore("bundles").put(bundleRow);
  });

export const changeLease = (id, change) =>
  write(["leases"], async (tx) => {
    const row = await tx.store.get(id);
    if (row) await tx.store.put({ ...row, ...change(row) });
  });

// The next number of a lease; gaps do no harm.
export const nextSeq = (id) =>
  write(["leases"], async (tx) => {
    const row = await tx.store.get(id);
    const seq = (row.seq || 0) + 1;
    await tx.store.put({ ...row, seq });
    return seq;
  });

// What was typed into a form and not stored yet; no record, nothing of it is sent.
const isDraft = (target) => target.startsWith("draft:");
export const keepDraft = (face) => write(["faces"], (tx) => tx.store.put(face));
export const dropFace = (id, target) => write(["faces"], (tx) => tx.store.delete([id, target]));
export const putBundle = (row) => write(["bundles"], (tx) => tx.store.put(row));

// A record with its face and pieces, instead of one that has not been sent or was refused, which the server has
// nothing of; false when that one is on its way.
export const addRecord = ({ row, face, pieces = [], instead = null }) =>
  write(["records", "faces", "pieces"], async (tx) => {
    if (instead) {
      const old = await tx.objectStore("records").get(instead);
      if (!old || !(old.state === "refused" || (old.state === "stored" && !old.tries))) return false;
      await tx.objectStore("records").delete(instead);
    }
    for (const each of pieces) await tx.objectStore("pieces").put(each);
    await tx.objectStore("records").put(row);
    if (face) await tx.objectStore("faces").put(face);
    return true;
  });

export const changeRecord = (id, change) =>
  write(["records"], async (tx) => {
    const row = await tx.store.get(id);
    if (row) await tx.store.put({ ...row, ...change });
    return Boolean(row);
  });

// The server has it: the record and its bytes go, the face says which version it has become.
export const settle = (row, face, upload) =>
  write(["records", "faces", "pieces", "leases"], async (tx) => {
    await tx.objectStore("records").delete(row.id);
    if (face) await tx.objectStore("faces").put(face);
    if (upload) await tx.objectStore("pieces").delete(IDBKeyRange.bound([upload, 0], [upload, Infinity]));
    const own = await tx.objectStore("leases").get(row.lease);
    if (own) await tx.objectStore("leases").put({ ...own, delivered: (own.delivered || 0) + 1, delivered_at: Date.now() });
  });

// A conflict was settled: what waited for the record now waits for the one in its place.
export const standOn = (id, old, next) =>
  write(["records"], async (tx) => {
    for (const row of await tx.store.index("order").getAll(inLease(id))) {
      if (!row.after.includes(old)) continue;
      const after = row.after.filter((each) => each !== old);
      await tx.store.put({ ...row, after: next && next !== row.id ? [...after, next] : after });
    }
  });

// A person gave a record up that the server never took.
export const dropRecord = (row, target, upload) =>
  write(["records", "faces", "pieces"], async (tx) => {
    await tx.objectStore("records").delete(row.id);
    if (target) await tx.objectStore("faces").delete([row.lease, target]);
    if (upload) await tx.objectStore("pieces").delete(IDBKeyRange.bound([upload, 0], [upload, Infinity]));
  });

// Faces of what has been delivered are part of the fresh bundle.
export const refresh = (id, bundleRow) =>
  write(["bundles", "faces", "records"], async (tx) => {
    if (await tx.objectStore("records").index("order").count(inLease(id))) return false;
    for (const [, target] of await tx.objectStore("faces").index("lease").getAllKeys(id)) {
      if (!isDraft(target)) await tx.objectStore("faces").delete([id, target]);
    }
    await tx.objectStore("bundles").put(bundleRow);
    return true;
  });

// What the server has is wiped; what it has not stays, and without the wrap nobody on this device opens it.
export const lock = (id) =>
  write(EVERYTHING, async (tx) => {
    const stores = Object.fromEntries(EVERYTHING.map((name) => [name, tx.objectStore(name)]));
    const waiting = await stores.records.index("order").getAll(inLease(id));
    const kept = new Set(waiting.map((each) => each.target));
    await stores.bundles.delete(id);
    let drafts = 0;
    for (const face of await stores.faces.index("lease").getAll(id)) {
      if (isDraft(face.target)) drafts += 1;
      else if (!kept.has(face.target)) await stores.faces.delete([id, face.target]);
    }
    const row = await stores.leases.get(id);
    if (!row) return 0;
    if (waiting.length || drafts) await stores.leases.put({ ...row, wrap: null, locked_at: Date.now() });
    else await stores.leases.delete(id);
    return waiting.length;
  });

export const forget = (id) =>
  write(EVERYTHING, async (tx) => {
    await tx.objectStore("leases").delete(id);
    await tx.objectStore("bundles").delete(id);
    await tx.objectStore("faces").delete(IDBKeyRange.bound([id, ""], [id, "\uffff"]));
    for (const key of await tx.objectStore("records").index("order").getAllKeys(inLease(id))) await tx.objectStore("records").delete(key);
    for (const key of await tx.objectStore("pieces").index("lease").getAllKeys(id)) await tx.objectStore("pieces").delete(key);
  });
