// The forms beside a sheet without a network: the markup of the portal's own pages, judged here with its figures.
// What is typed and not saved yet lies sealed on the device, too.
import { facePlace } from "./queue.mjs";
import { openValue, sealValue } from "./crypto.mjs";
import { asked, button, h, icon, notice, panel } from "./dom.mjs";
import { blank, enter, entriesOf, fieldsOf, methodsOf, settleEntry, withdraw } from "./entries.mjs";
import { Wrong, environment, experiment } from "./figures.mjs";
import { WORDS, notStored } from "./states.mjs";
import * as store from "./store.mjs";

const TYPING_MS = 500;
const href = (visit, sheet, where) => `#/lease/${visit.row.id}/form/${sheet.id}/${where}`;

// Beside an item of the sheet -----------------------------------------------------------------------
export function measuredBlock(visit, sheet, item) {
  const may = visit.state === "in_progress" && sheet.forms;
  const found = entriesOf(visit, sheet).filter((each) => each.kind === item.measures);
  const lines = found.flatMap((each) => each.lines.map((line) => lineOf(visit, sheet, each, line, may)));
  const parts = [lines.length ? h("ul", { class: "rows" }, ...lines) : null, ...found.map((each) => conflictOf(visit, each.target))];
  const link = (where, icons, words) => h("a", { class: "btn btn-outline", href: href(visit, sheet, where) }, icon(icons), words);
  if (may && item.measures === "experiment") parts.push(link("experiment/new", "plus", "记录现场实验"));
  else if (may) parts.push(link("environment/-", lines.length ? "pencil" : "plus", lines.length ? "更正现场环境" : "记录现场环境"));
  else if (!sheet.forms) parts.push(h("p", { class: "quiet" }, "联网从门户更新后，可以在本机记录实测数据。"));
  return parts.filter(Boolean);
}

function lineOf(visit, sheet, each, line, may) {
  const state = visit.stateOf(each.target);
  const said = state ? h("span", { class: "quiet" }, icon(WORDS[state][2]), ` ${WORDS[state][0]}`) : null;
  const title = each.face && !each.face.result ? line.title || each.form.title : line.title;
  const words = h("div", { class: "measured-words" }, h("b", {}, title), h("span", {}, line.words), said);
  const amend = { class: "btn btn-default btn-small", href: href(visit, sheet, each.target.replace(":", "/")) };
  const change = may && each.kind === "experiment" ? h("a", amend, "更正") : null;
  return h("li", { class: "measured-line" }, words, h("span", { class: `state state-${line.tone}` }, line.verdict), change);
}

// A conflict on something entered here, with both values, where it is shown and filled in.
export function conflictOf(visit, target) {
  const row = visit.records.find((each) => each.target === target && each.state === "conflict");
  if (!row) return null;
  const box = h("div", { class: "conflict", role: "alert", "data-row": row.id }, h("p", { class: "conflict-title" }, "另一位同事已改过这一项，请选择保留哪一个。"));
  visit.queue.told(row).then((told) => {
    const side = (title, at, label, keep) => {
      const lines = Object.entries(told.fields).map(([name, values]) => h("p", {}, h("b", {}, `${name}：`), values[at] || "（空）"));
      return h("div", { class: "conflict-side" }, h("h3", {}, title), ...lines, button(label, () => settleEntry(visit, row, keep)));
    };
    const sides = h("div", { class: "conflict-sides" }, side("我填的", 1, "保留我的", "mine"), side("对方填的", 0, "采用对方的", "theirs"));
    const both = /^(experiment|interview):/.test(target) ? button("保留我的，并记入对方的内容", () => settleEntry(visit, row, "both")) : null;
    box.append(sides, ...(both ? [both] : []), h("p", { class: "quiet small" }, "没有采用的一方留在操作记录中。"));
  });
  return box;
}

// What was refused, with the portal's sentence.
export function refusalOf(visit, target) {
  const row = visit.records.find((each) => each.target === target && each.state === "refused");
  if (!row) return null;
  const box = notice("bad", "门户没有接受这一项，更正后重新保存：");
  visit.queue.told(row).then((told) => box.firstElementChild.append(told.sentence || ""));
  return box;
}

// One form --------------------------------------------------------------------------------------------
// where: experiment/new[.METHOD], experiment/ID, environment/-, case_record/-
export function formView(visit, sheetId, kind, key, go) {
  const sheet = visit.bundle.sheets.find((each) => each.id === Number(sheetId));
  const [id, wanted] = key.split(".");
  const fresh = kind === "experiment" && id === "new";
  const target = kind === "experiment" ? `experiment:${id}` : `${kind}:${sheet.id}`;
  const found = fresh ? null : entriesOf(visit, sheet).find((each) => each.target === target);
  const method = wanted || found?.form.method || methodsOf(sheet)[0]?.method;
  const given = fresh ? blank(sheet, method) : found?.form;
  const back = `sheet/${sheet.id}/${{ experiment: "F", environment: "C" }[kind] || ""}`;
  if (visit.state !== "in_progress") return { title: "填写", back, parts: [notice("muted", "检查表已送签，不能再填写。")] };
  if (!given) return { title: "填写", back, parts: [notice("muted", "这一项已经撤下，或者要联网从门户更新后才能填写。")] };
  const draft = `draft:${fresh ? `experiment:new.${sheet.id}.${method}` : target}`;
  const save = async (form) => {
    const fields = fieldsOf(form);
    const lines = judgedBy(visit, kind, method, fields);
    const to = fresh ? `experiment:${crypto.randomUUID()}` : target;
    await enter(visit, { sheet, target: to, kind, method, fields, lines });
    go(back);
  };
  const form = formOf(visit, { html: given.html, fields: found?.face?.fields, draft, save, back: `#/lease/${visit.row.id}/${back}` });
  const chips = fresh && methodsOf(sheet).map((each) => chip(visit, sheet, each, method));
  const acts = kind === "experiment" && !fresh ? [button("撤下这项实验", () => takeOff(visit, sheet, target, () => go(back)), "quiet btn-small")] : [];
  const words = {
    experiment: "统计量和判断在本机按门户同一公式计算；要与台账历年数据比较的，送达后判定。",
    environment: "读数与限值比较的结果显示在C01旁，并进入检查记录。",
    case_record: "工作日、回避和证件由门户在送达后计算、比对，从门户更新后显示在各项的系统预判中。",
  };
  const methods = chips ? h("nav", { class: "section-chips measured-methods", "aria-label": "实验方法" }, ...chips) : null;
  const body = panel(given.title, methods, h("p", { class: "quiet" }, words[kind]), form, ...acts);
  return { title: given.title, subtitle: sheet.title, back, parts: [refusalOf(visit, target), conflictOf(visit, target), body].filter(Boolean) };
}

const chip = (visit, sheet, { method, label }, now) =>
  h("a", { class: "section-chip", href: href(visit, sheet, `experiment/new.${method}`), "aria-current": method === now ? "true" : null }, label);

async function takeOff(visit, sheet, target, done) {
  if (!(await asked("撤下这项实验？已送达的数据留在操作记录中。", "撤下"))) return;
  await withdraw(visit, sheet, target);
  done();
}

function judgedBy(visit, kind, method, fields) {
  const said = Object.fromEntries(fields);
  if (kind === "environment") return environment(said);
  if (kind !== "experiment") return [];
  return [{ title: `现场实验（${said.subject.trim()}）`, ...experiment(method, said, visit.bundle.rules.measured) }];
}

// A form with what was entered, over it what was typed and not saved: both survive a tablet that dies.
export function formOf(visit, { html, fields, draft, save, back, label = "保存到本机" }) {
  const fault = h("p", { class: "form-error", role: "alert" });
  const form = h("form", { class: "onsite-form", novalidate: true });
  form.innerHTML = html;
  offerPeople(visit, form);
  const cancel = h("a", { class: "btn btn-default", href: back, onclick: () => letGo() }, "放弃");
  form.append(fault, h("div", { class: "form-buttons form-buttons-start" }, h("button", { class: "btn btn-primary", type: "submit" }, label), cancel));
  if (fields) fill(form, fields);
  restored(visit, draft).then((kept) => kept && (fill(form, kept), fault.before(notice("ok", "上次填写后没有保存的内容已恢复。"))));
  let typing = 0;
  let keeping = Promise.resolve();
  const put = async () => {
    delete form.dataset.kept;
    const typed = fieldsOf(form);
    const face = await sealValue(visit.key, facePlace(visit.row.id, draft), typed);
    try {
      await store.keepDraft({ lease: visit.row.id, target: draft, ...face });
      visit.faces.set(draft, typed);
      form.dataset.kept = "yes";
    } catch (error) {
      fault.textContent = notStored(error);
    }
  };
  const keep = () => {
    clearTimeout(typing);
    keeping = keeping.then(put);
  };
  const letGo = async () => {
    clearTimeout(typing);
    await keeping;
    visit.faces.delete(draft);
    await store.dropFace(visit.row.id, draft);
  };
  form.addEventListener("input", () => {
    clearTimeout(typing);
    typing = setTimeout(keep, TYPING_MS);
  });
  form.addEventListener("change", keep);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    clearTimeout(typing);
    fault.textContent = "";
    try {
      await save(form);
      await letGo();
    } catch (error) {
      fault.textContent = error instanceof Wrong ? error.message : notStored(error);
    }
  });
  return form;
}

// What was typed on this device and not saved, with the way back to it.
export function draftsNotice(visit) {
  const found = [...visit.faces.keys()].filter((target) => target.startsWith("draft:")).map((target) => target.slice(6));
  if (!found.length) return [];
  const link = (target) => h("a", { class: "btn btn-default btn-small", href: `#/lease/${visit.row.id}/${wayTo(visit, target)}` }, NAMES[target.split(":")[0]]);
  const links = found.map(link);
  return [notice("warn", "填写了还没有保存：", h("span", { class: "onsite-acts" }, ...links))];
}

const NAMES = { experiment: "现场实验", environment: "现场环境", case_record: "案卷要素", interview: "现场笔录" };

function wayTo(visit, target) {
  const [kind, key] = target.split(":");
  if (kind === "interview") return `interview/${key}`;
  if (kind !== "experiment") return `form/${key}/${kind}/-`;
  const [id, sheet, method] = key.split(".");
  if (id === "new") return `form/${sheet}/experiment/new.${method}`;
  const own = visit.bundle.sheets.find((each) => entriesOf(visit, each).some((entry) => entry.target === target));
  return own ? `form/${own.id}/experiment/${id}` : "";
}

async function restored(visit, draft) {
  const kept = (await store.faces(visit.row.id)).find((each) => each.target === draft);
  return kept ? openValue(visit.key, facePlace(visit.row.id, draft), kept) : null;
}

// Fields of one name in their order: texts, ticks, and the several lines of an interview.
export function fill(form, fields) {
  const left = new Map();
  fields.forEach(([name, value]) => left.set(name, [...(left.get(name) || []), value]));
  const lines = (left.get("question") || []).length;
  while (form.querySelector("[data-more]") && form.querySelectorAll("[name=question]").length < lines) form.querySelector("[data-more]").click();
  for (const field of form.elements) {
    if (!field.name || field.type === "submit") continue;
    const values = left.get(field.name) || [];
    if (field.type === "checkbox" || field.type === "radio") field.checked = values.includes(field.value);
    else field.value = values.shift() ?? "";
  }
}

// Everybody on record came once with the bundle.
function offerPeople(visit, form) {
  for (const choice of form.querySelectorAll("select[name^=person-]")) {
    const known = [...choice.options].map((option) => option.value);
    const rest = (visit.bundle.people || []).filter(([key]) => !known.includes(String(key)));
    choice.append(...rest.map(([key, name]) => new Option(name, key)));
  }
}
