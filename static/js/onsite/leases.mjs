// A task on this device from 带走 to 交回: taken, opened with the PIN, opened again by signing in, locked, given back.
import { ask } from "./ask.mjs";
import { bytesOf, importKey, openValue, sealValue, unwrap, wrap } from "./crypto.mjs";
import * as store from "./store.mjs";

export const PIN = /^\d{6,12}$/;
const MOST_WRONG = 10;
const bundlePlace = (lease) => ["bundle", lease].join("|");

// What stands in the way, in words for the person.
export class Trouble extends Error {}

async function answered(promise) {
  const answer = await promise;
  if (answer.outcome === "done") return answer.result;
  if (answer.outcome === "failed") throw new Trouble("现在连不上门户，请到有网络的地方再试。");
  if (answer.outcome === "signin") throw new Trouble(answer.sentence ? `${answer.sentence}，请由本人登录后再试。` : "登录已失效，请先登录再试。");
  throw new Trouble(answer.sentence || "门户没有接受，请稍后再试。");
}

async function keep(given, owner, pin, before = {}) {
  const raw = bytesOf(given.key);
  const key = await importKey(raw);
  const bundle = await answered(ask(`/inspections/leases/${given.id}/bundle/`));
  const row = { seq: 0, ...before, id: given.id, task: given.task, owner, wrong: 0, shut: "", locked_at: null, taken_at: before.taken_at || Date.now() };
  Object.assign(row, { expires_at: given.expires_at, skew: given.now - Date.now(), wrap: await wrap(raw, pin) });
  raw.fill(0);
  const sealed = { lease: given.id, ...(await sealValue(key, bundlePlace(given.id), bundle)) };
  await store.putLease(row, sealed);
  // Only what can be read again has been taken along.
  await openValue(key, bundlePlace(given.id), await store.bundle(given.id));
  return { row, key, bundle };
}

export async function take(task, owner, pin) {
  const asked = navigator.storage?.persist ? navigator.storage.persist().catch(() => false) : false;
  const given = await answered(ask(`/inspections/${task}/leases/`, { owner, body: new FormData() }));
  await asked;
  return keep(given, owner, pin);
}

// The server kept the key: its owner signs in, and says a new PIN.
export async function recover(row, pin) {
  const given = await answered(ask(`/inspections/leases/${row.id}/key/`, { owner: row.owner, body: new FormData() }));
  const bundle = await ask(`/inspections/leases/${row.id}/bundle/`);
  if (bundle.outcome === "done") return keep(given, row.owner, pin, row);
  if (!["refused", "shut_out"].includes(bundle.outcome)) await answered(bundle);
  // Shut out, given back, or the team was changed: what the server never got can still be read and exported.
  const raw = bytesOf(given.key);
  const next = { ...row, wrap: await wrap(raw, pin), wrong: 0, locked_at: null, shut: bundle.sentence };
  await store.putLease(next);
  return { row: next, key: await importKey(raw), bundle: null };
}

export const isOver = (row) => Date.now() + (row.skew || 0) > row.expires_at;

// The key for a PIN. Raises Trouble with what to do when it is another one.
export async function unlock(row, pin) {
  if (isOver(row)) {
    await store.lock(row.id);
    throw new Trouble("带走的期限已过，内容已锁定。请连网登录后重新打开，没有送达的内容都在。");
  }
  const key = await unwrap(row.wrap, pin);
  if (key) {
    await store.changeLease(row.id, () => ({ wrong: 0 }));
    const sealed = await store.bundle(row.id);
    const fresh = await store.lease(row.id);
    return { row: fresh, key, bundle: sealed ? await openValue(key, bundlePlace(row.id), sealed) : null };
  }
  const wrong = (row.wrong || 0) + 1;
  row.wrong = wrong;
  if (wrong >= MOST_WRONG) {
    await store.lock(row.id);
    throw new Trouble(`PIN 连续输错 ${MOST_WRONG} 次，内容已锁定。请连网登录后重新打开，没有送达的内容都在。`);
  }
  await store.changeLease(row.id, () => ({ wrong }));
  throw new Trouble(`PIN 不正确，还可以再试 ${MOST_WRONG - wrong} 次。忘记 PIN 的，连网登录后可以重设。`);
}

// One part of it is newer than what was taken along.
export const keepBundle = async (row, key, bundle) => store.putBundle({ lease: row.id, ...(await sealValue(key, bundlePlace(row.id), bundle)) });

// What colleagues did meanwhile; only while nothing of one's own waits.
export async function refreshed(row, key) {
  const answer = await ask(`/inspections/leases/${row.id}/bundle/`);
  if (answer.outcome !== "done") return answer;
  const sealed = { lease: row.id, ...(await sealValue(key, bundlePlace(row.id), answer.result)) };
  return (await store.refresh(row.id, sealed)) ? { outcome: "done", bundle: answer.result } : { outcome: "busy" };
}

export async function giveBack(row) {
  if (await store.countRecords(row.id)) throw new Trouble("还有内容没有送达，送达后才能交回。");
  if ((await store.faces(row.id)).some((each) => each.target.startsWith("draft:"))) throw new Trouble("还有填写了没有保存的内容，请先保存或者放弃，再交回。");
  await answered(ask(`/inspections/leases/${row.id}/return/`, { owner: row.owner, body: new FormData() }));
  await store.forget(row.id);
}
