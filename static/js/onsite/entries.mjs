// What is entered beside a sheet on this device: experiments, environment, the facts of a case file, and 现场笔录.
// Each has a target; over what was taken along lies what was entered since (a face), as with items.
import { keepBundle } from "./leases.mjs";
import * as store from "./store.mjs";

const PLUMBING = ["base_version", "client_id", "csrfmiddlewaretoken"];
export const fieldsOf = (form) => [...new FormData(form)].filter(([name, value]) => !PLUMBING.includes(name) && typeof value === "string");

// Of one sheet, those taken along and those begun here; withdrawn ones are gone.
export function entriesOf(visit, sheet) {
  const kept = (sheet.forms || []).filter(({ about }) => !about.endsWith(":new")).map((form) => ({ target: form.about, form }));
  const known = kept.map(({ target }) => target);
  const own = [...visit.faces].filter(([target, face]) => target.startsWith("experiment:") && face.sheet === sheet.id && !known.includes(target));
  const begun = own.map(([target, face]) => ({ target, form: { ...blank(sheet, face.method), version: 0 } }));
  return [...kept, ...begun]
    .map(({ target, form }) => {
      const face = visit.faces.get(target);
      return { target, form, face, kind: target.split(":")[0], lines: face?.result?.lines || face?.lines || form.lines };
    })
    .filter((each) => !each.face?.withdrawn);
}

export const blank = (sheet, method) => (sheet.forms || []).find((form) => form.about === "experiment:new" && form.method === method);
export const methodsOf = (sheet) => (sheet.forms || []).filter((form) => form.about === "experiment:new");

// What an entry stands on: the version the portal is known to have, or an edit that still waits here.
const baseOf = ({ face, form }) => (!face ? { version: form.version } : face.after ? { base_after: face.after } : { version: face.version });

// Everything that stands beside the sheets, as somebody sees it who signs now.
export function entriesShown(visit) {
  const all = visit.bundle.sheets.flatMap((sheet) => entriesOf(visit, sheet)).map((each) => [each.target, baseOf(each)]);
  return Object.fromEntries(all.filter(([, base]) => base.base_after || base.version));
}

// What speaks against 符合 of an item: the register, and an experiment of this visit that fails.
export function againstOf(visit, item) {
  if (item.code !== visit.bundle.rules.measured?.experiment_item) return item.against;
  const found = entriesOf(visit, visit.sheetOf(item)).filter((each) => each.kind === "experiment");
  if (!found.some((each) => each.face) && !visit.records.some((row) => row.kind === "withdraw")) return item.against;
  const bad = found.flatMap((each) => each.lines).filter((line) => line.tone === "bad");
  return bad.map((line) => `${line.words}，${line.verdict}`).join("；");
}

export async function enter(visit, { sheet, target, kind, method, fields, lines }) {
  const form = (sheet.forms || []).find((each) => each.about === target);
  const known = { fields: null, version: form ? form.version : 0, after: null };
  const same = (now) => JSON.stringify(now.fields) === JSON.stringify(fields);
  const content = { sheet_id: sheet.id, fields, ...(kind === "experiment" && { method, entry: target.split(":")[1] }) };
  await visit.edit(target, { kind, known, same, content, face: { sheet: sheet.id, method, fields, lines } });
}

export async function withdraw(visit, sheet, target) {
  const form = (sheet.forms || []).find((each) => each.about === target);
  const known = { version: form ? form.version : 0, after: null };
  const content = { sheet_id: sheet.id, entry: target.split(":")[1] };
  await visit.edit(target, { kind: "withdraw", known, content, face: { sheet: sheet.id, withdrawn: true } });
}

// 现场笔录 ------------------------------------------------------------------------------------------
export const wordsOf = ({ lines, remark }) => JSON.stringify([lines, remark]);

export function interviewsOf(visit) {
  const kept = (visit.bundle.interviews?.rows || []).map((row) => ({ target: `interview:${row.id}`, row }));
  const known = kept.map(({ target }) => target);
  const own = [...visit.faces.keys()].filter((target) => /^interview:[^/]+$/.test(target) && !known.includes(target));
  return [...kept, ...own.map((target) => ({ target, row: null }))].map(({ target, row }) => {
    const face = visit.faces.get(target);
    const head = row || { ...face.head, state: "draft", state_label: "记录中", signed: [], may_sign: visit.bundle.me.officer, title: `现场笔录（${face.head.person}）` };
    const now = { ...head, target, face, lines: face ? face.lines : head.lines, remark: face ? face.remark : head.remark };
    const hand = (who) => {
      const given = visit.faces.get(`${target}/${who}`);
      return given && given.words === wordsOf(now) ? given : null;
    };
    return { ...now, unchanged: !face || (row && wordsOf(row) === wordsOf(now)), person_hand: hand("person"), own_hand: hand("own") };
  });
}

const placeOf = (now) => (now.result ? { interview: now.result.interview, seen: now.result.seen } : now.id ? { interview: now.id, seen: now.seen } : {});

export async function writeDown(visit, target, { head, lines, remark, fields }) {
  const row = (visit.bundle.interviews?.rows || []).find((each) => target === `interview:${each.id}`);
  const known = row ? { ...row, after: null } : { after: null };
  const same = (now) => Boolean(now.lines) && wordsOf(now) === wordsOf({ lines, remark });
  const content = { lines, remark, ...(fields && { fields }) };
  await visit.edit(target, { kind: "interview", known, same, content, base: placeOf, face: { head, lines, remark, begun: fields } });
}

// Signed are these words: those that wait here, or those the portal was known to have.
export async function undersign(visit, now, who, { image, strokes }) {
  const { face } = now;
  const base = face?.after ? { base_after: face.after } : placeOf(face || now);
  const shown = (id) => ({ after: id, at: Date.now(), words: wordsOf(now), image });
  await visit.queue.add({ kind: "undersign", target: `${now.target}/${who}`, content: { ...base, who, image, strokes }, face: shown });
  await visit.changed();
}

// Conflicts -----------------------------------------------------------------------------------------
// keep: mine, theirs, or both with theirs beside mine. Either way what gives way stays on record.
export async function settleEntry(visit, row, keep) {
  await visit.queue.alone(async () => {
    const told = await visit.queue.told(row);
    const own = (await store.records(visit.row.id)).filter((each) => each.target === row.target);
    const mine = withoutBase(await visit.queue.content(own.at(-1)));
    const talk = row.target.startsWith("interview:");
    const base = talk ? { interview: told.fresh.id, seen: told.fresh.seen } : { version: told.fresh.version };
    await renew(visit, row.target, told.fresh, keep === "theirs");
    if (keep === "theirs") {
      const entry = talk ? base : { sheet_id: mine.sheet_id, about: row.target.split(":")[0], ...(mine.entry && { entry: mine.entry }) };
      const said = { ...entry, lost: talk ? mine.lines : mine.fields || [] };
      await visit.replace(own, await visit.queue.add({ kind: "give_way", target: row.target, content: said }));
      await store.dropFace(visit.row.id, row.target);
    } else {
      const next = keep === "both" ? withTheirs(mine, told.fields, talk) : mine;
      const kept = await visit.faceNow(row.target);
      const face = (id) => ({ ...kept, ...(talk ? { lines: next.lines } : { fields: next.fields }), version: null, after: id, base });
      await visit.replace(own, await visit.queue.add({ kind: own.at(-1).kind, target: row.target, content: { ...next, ...base, lost: told.fields }, face }));
    }
    // Who signed the words that were in conflict signs again.
    for (const each of visit.records.filter(({ target }) => target.startsWith(`${row.target}/`))) await store.dropRecord(each, each.target, null);
  });
  await visit.changed();
}

const BASE = ["base_after", "version", "interview", "seen", "lost"];
const withoutBase = (content) => Object.fromEntries(Object.entries(content).filter(([name]) => !BASE.includes(name)));

function withTheirs(mine, fields, talk) {
  const words = Object.entries(fields).filter(([, [theirs]]) => theirs).map(([label, [theirs]]) => `${label}：${theirs.replaceAll("\n", " ")}`).join("；");
  if (talk) return { ...mine, lines: [...mine.lines, ["另一位同事同时记录的内容", words]] };
  return { ...mine, fields: mine.fields.map(([name, value]) => (name === "note" ? [name, `${value}（同事填：${words}）`] : [name, value])) };
}

// What stands now takes the place of what was taken along.
async function renew(visit, target, fresh, always) {
  const { bundle } = visit;
  const put = (rows, at) => (at >= 0 ? rows.splice(at, 1, fresh) : always && rows.push(fresh));
  if (target.startsWith("interview:")) put(bundle.interviews.rows, bundle.interviews.rows.findIndex((each) => each.id === fresh.id));
  else {
    const { forms } = bundle.sheets.find((sheet) => sheet.id === fresh.sheet);
    put(forms, forms.findIndex((each) => each.about === fresh.about));
  }
  await keepBundle(visit.row, visit.key, bundle);
}
