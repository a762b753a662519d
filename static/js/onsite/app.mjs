// The page at /onsite/: what this device has taken along, opened with a PIN, with or without a network.
//   #/                      tasks on this device
//   #/take/TASK             take one along (needs a network once)
//   #/lease/ID[/sheet/SHEET/SECTION | /signing[/WHO] | /evidence | /queue | /form/SHEET/KIND/KEY | /interview/KEY[/WHO]]
import { who } from "./ask.mjs";
import { concludeView, queueView, signingView } from "./closing.mjs";
import { evidenceView } from "./confirming.mjs";
import { draftsNotice, formView } from "./entering.mjs";
import { interviewView, interviewsPanel } from "./hearing.mjs";
import { asked, button, clock, h, icon, notice, panel } from "./dom.mjs";
import * as leases from "./leases.mjs";
import { Card } from "./sheet.mjs";
import { WORDS, summaryOf } from "./states.mjs";
import * as store from "./store.mjs";
import { Visit } from "./visit.mjs";

const CLOCK_OFF_MS = 10 * 60000;
const IDLE_MS = 30 * 60000;
const NEW_PIN = [["设置 PIN（6 至 12 位数字）", "pin"], ["再输一次", "again"]];
const main = document.getElementById("main");
const title = document.getElementById("onsite-title");
const subtitle = document.getElementById("onsite-subtitle");
const sign = document.getElementById("onsite-state");
const tools = document.getElementById("onsite-tools");
const footer = document.getElementById("onsite-footer");
const back = document.getElementById("onsite-back");
let visit = null;
let cards = [];
let drawn = "";
let turn = 0;
let secondTab = false;
let used = Date.now();
let letGo = () => {};

const path = () => location.hash.replace(/^#\/?/, "").split("/");
const go = (where) => (location.hash = `#/${where}`);
const inVisit = (where) => go(`lease/${visit.row.id}${where ? `/${where}` : ""}`);

function frame(head, below, toolbar = [], steps = [], to = "#/") {
  title.textContent = head;
  subtitle.textContent = below;
  tools.replaceChildren(...toolbar);
  footer.hidden = !steps.length;
  footer.firstElementChild.replaceChildren(...steps);
  back.href = to;
}

// Tasks on this device --------------------------------------------------------------------------
async function home() {
  // Nobody came back within the days: readable for nobody until its owner signs in.
  for (const row of await store.leases()) if (row.wrap && leases.isOver(row)) await store.lock(row.id);
  const rows = await store.leases();
  frame("现场检查", "带走的任务没有网络也能打开", [], [], "/");
  sign.replaceChildren();
  const counts = await Promise.all(rows.map((row) => store.countRecords(row.id)));
  main.replaceChildren(...rows.map((row, at) => leasePanel(row, counts[at])));
  if (!rows.length) main.replaceChildren(notice("muted", "这台设备上没有带走的任务。有网络时，在检查任务的“离线设备”页选择“带走到本机”。"));
}

function leasePanel(row, waiting) {
  const said = `${clock(row.taken_at)}带走，${row.wrap ? `可打开到${clock(row.expires_at - (row.skew || 0))}` : "已锁定"}，${waiting} 项未送达`;
  const form = row.wrap
    ? pinForm("打开", [["PIN", "pin"]], async ([pin]) => opened(await leases.unlock(row, pin)))
    : pinForm("登录后重新打开", NEW_PIN, async ([pin, again]) => opened(await leases.recover(row, checked(pin, again))));
  const relock = h("a", { href: "#/", onclick: () => store.lock(row.id).then(home) }, "锁定后登录重设");
  const forgot = row.wrap ? h("p", { class: "quiet small mt-3" }, "忘记 PIN：", relock, "，没有送达的内容不会丢失。") : null;
  return panel(`检查任务 ${row.task}`, h("p", {}, said), row.shut ? notice("bad", row.shut) : null, form, forgot);
}

function checked(pin, again) {
  if (!leases.PIN.test(pin)) throw new leases.Trouble("PIN 是 6 至 12 位数字。");
  if (pin !== again) throw new leases.Trouble("两次输入的 PIN 不一致。");
  return pin;
}

function pinForm(label, fields, act) {
  const looks = { class: "form-control", type: "password", inputmode: "numeric", autocomplete: "off", maxlength: 12 };
  const inputs = fields.map(([, name]) => h("input", { ...looks, name, id: `pin-${name}` }));
  const lines = fields.map(([words], at) => h("div", { class: "mb-3" }, h("label", { class: "form-label", for: inputs[at].id }, words), inputs[at]));
  const fault = h("p", { class: "form-error", role: "alert" });
  const submit = h("button", { class: "btn btn-primary", type: "submit" }, label);
  const form = h("form", { class: "onsite-pin", novalidate: true }, ...lines, fault, submit);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    submit.disabled = true;
    fault.textContent = "";
    try {
      await act(inputs.map((each) => each.value));
    } catch (error) {
      fault.textContent = troubleOf(error);
      inputs.forEach((each) => (each.value = ""));
    } finally {
      submit.disabled = false;
    }
  });
  return form;
}

const troubleOf = (error) =>
  error instanceof leases.Trouble ? error.message : error instanceof store.FullError ? "本机存储已满，请腾出空间后再试。" : `没有完成（${error.name}），请再试一次。`;

async function takeView(task) {
  frame("带走到本机", "检查表、预判和自查情况存到本机，没有网络也能填写");
  main.replaceChildren();
  const there = await who();
  if (!there) return main.replaceChildren(notice("warn", "现在连不上门户：带走任务要在有网络的地方办理。"));
  if (!there.written_for) return main.replaceChildren(notice("warn", "登录已失效，请先", h("a", { href: "/accounts/sign-in/" }, "登录"), "，再从检查任务页面带走。"));
  const form = pinForm("带走", NEW_PIN, async ([pin, again]) => opened(await leases.take(task, there.written_for, checked(pin, again))));
  const words = h("p", {}, "内容在本机加密，只有用 PIN 才能打开。PIN 挡得住捡到设备的人，挡不住拷走存储的人：请给设备设置锁屏密码。");
  return main.replaceChildren(panel(`${there.name}的 PIN`, words, form));
}

// One task ----------------------------------------------------------------------------------------
async function opened(found) {
  visit?.close();
  letGo();
  visit = new Visit(found, redraw);
  used = Date.now();
  await visit.read();
  secondTab = await isOpenElsewhere(visit.row.id);
  mark(visit.bundle?.watermark);
  visit.queue.soon();
  drawn = "";
  inVisit("");
  await route();
}

// This tab holds the lock as long as it shows the visit.
const isOpenElsewhere = (lease) =>
  new Promise((resolve) => {
    navigator.locks.request(`onsite-open-${lease}`, { ifAvailable: true }, (lock) => {
      resolve(!lock);
      return lock && new Promise((done) => (letGo = done));
    });
  });

// Whose copy it is stands over everything that is shown of a visit.
function mark(markup) {
  document.querySelectorAll("body > .watermark").forEach((each) => each.remove());
  if (markup) document.body.insertAdjacentHTML("afterbegin", markup);
}

function warnings() {
  const found = [];
  const { row } = visit;
  if (row.shut) found.push(notice("bad", row.shut, " 没有送达的内容可以在“未送达”中导出，交给检查组。"));
  if (secondTab) found.push(notice("muted", "这项任务也在另一个标签页打开着，两边填写的内容会互相更新，由其中一页发送。"));
  if (Math.abs(row.skew || 0) > CLOCK_OFF_MS) found.push(notice("warn", `本机时间与门户相差约${apart(Math.abs(row.skew))}，取证和签字时间会按门户的时间校正，请校准本机时间。`));
  if (leases.isOver(row)) found.push(notice("warn", "带走的期限已过，关闭本页后须连网登录才能再打开。请尽快送达。"));
  return found;
}

const apart = (ms) => (ms >= 36e5 * 12 ? `${Math.round(ms / 864e5) || 1} 天` : ms >= 36e5 ? `${Math.round(ms / 36e5)} 小时` : `${Math.round(ms / 6e4)} 分钟`);

function taskView() {
  const { task, sheets } = visit.bundle;
  frame(task.title, `${task.place} · ${task.state_label}`);
  const lines = sheets.map((sheet) => {
    const { done, total } = visit.progress(sheet.items);
    const name = h("span", {}, h("b", {}, sheet.title), h("small", {}, sheet.certificate));
    const facts = (sheet.forms || []).some((form) => form.about.startsWith("case_record:"));
    const papers = facts ? button("案卷要素", () => inVisit(`form/${sheet.id}/case_record/-`), "default btn-small") : null;
    const open = button("检查表", () => inVisit(`sheet/${sheet.id}`), "default btn-small");
    return h("li", { class: "signer" }, name, h("span", {}, `${done}/${total}`), papers, open);
  });
  const acts = [
    button("核对并送签", () => inVisit("signing"), "primary"),
    button("证据清单", () => inVisit("evidence")),
    button(`未送达 ${visit.records.length} 项`, () => inVisit("queue")),
    button("从门户更新", () => update(), "default"),
    button("锁定", () => shut(), "default"),
    button("交回", () => acting(() => leases.giveBack(visit.row).then(() => leave())), "default"),
  ];
  const sheetsPanel = panel("检查表", h("ul", { class: "rows" }, ...lines));
  main.replaceChildren(...warnings(), ...draftsNotice(visit), sheetsPanel, interviewsPanel(visit), h("div", { class: "form-buttons onsite-acts" }, ...acts));
}

// A form or an interview is drawn once and left alone while somebody fills it in.
function entryView(key, made) {
  const { title: head, subtitle: below = visit.bundle.task.title, back: to, parts } = made;
  frame(head, below, [], [], `#/lease/${visit.row.id}${to ? `/${to}` : ""}`);
  main.replaceChildren(...warnings(), ...parts);
  document.dispatchEvent(new Event("htmx:afterSwap")); // signature.js looks for new pads then
  drawn = key;
}

async function acting(act) {
  try {
    await act();
  } catch (error) {
    portal.toast(troubleOf(error));
  }
}

async function update() {
  const answer = await leases.refreshed(visit.row, visit.key);
  const words = { done: "已更新到门户现在的内容。", busy: "还有内容没有送达，送达后再更新。", failed: "现在连不上门户，本机内容不受影响。", signin: "请先登录再更新。" };
  if (answer.bundle) visit.bundle = answer.bundle;
  if (answer.outcome === "shut_out") await store.changeLease(visit.row.id, () => ({ shut: answer.sentence }));
  portal.toast(words[answer.outcome] || answer.sentence, answer.outcome === "done" ? "ok" : "warn");
  drawn = "";
  await visit.read();
}

async function leave() {
  mark("");
  visit?.close();
  letGo();
  visit = null;
  cards = [];
  drawn = "";
  go("");
  await route();
}

async function shut() {
  await Promise.all(cards.map((card) => card.leave()));
  await leave();
}

function sheetView(sheetId, code) {
  const sheet = visit.bundle.sheets.find((each) => each.id === Number(sheetId)) || visit.bundle.sheets[0];
  const order = [...sheet.sections.map((each) => each.code), "conclude"];
  const open = sheet.sections.find(({ code: each }) => sheet.items.some((item) => item.section === each && !visit.valueOf(item).answer));
  const here = order.includes(code) ? code : open ? open.code : "conclude";
  const key = `${sheet.id}/${here}/${visit.state}`;
  const at = order.indexOf(here);
  const step = (to, words, tone) => h("a", { class: `btn btn-${tone}`, href: `#/lease/${visit.row.id}/${to}` }, words);
  const next = sheet.sections.find((each) => each.code === order[at + 1]);
  const words = next ? `下一节：${next.code} ${next.label}` : "下一步：确定结论";
  const onward = here === "conclude" ? step("signing", "核对并送签", "primary") : step(`sheet/${sheet.id}/${order[at + 1]}`, words, "primary");
  const left = sheet.items.length - visit.progress(sheet.items).done;
  const before = at ? step(`sheet/${sheet.id}/${order[at - 1]}`, "上一节", "default") : "";
  const rest = visit.restOf(sheet, here);
  const all = rest.length ? button(`其余${rest.length}项符合`, () => restConforms(sheet, rest, order[at + 1])) : "";
  const steps = [h("p", {}, "还有 ", h("b", {}, String(left)), " 项未填"), all, before, onward];
  const below = `${visit.bundle.task.title}${sheet.certificate ? ` · ${sheet.certificate}` : ""}`;
  frame(sheet.title, below, [chips(sheet, here)], steps, `#/lease/${visit.row.id}`);
  if (drawn === key && here !== "conclude") return cards.forEach((card) => card.update());
  drawn = key;
  if (here === "conclude") {
    cards = [];
    return main.replaceChildren(...concludeView(visit, sheet));
  }
  main.innerHTML = sheet.sections.find((each) => each.code === here).html;
  cards = [...main.querySelectorAll(".sheet-item")].map((section) => new Card(visit, section));
  main.prepend(...warnings(), ...caseNotice(sheet));
  return undefined;
}

function caseNotice(sheet) {
  const form = (sheet.forms || []).find((each) => each.about.startsWith("case_record:"));
  if (!form || visit.state !== "in_progress") return [];
  const link = h("a", { href: `#/lease/${visit.row.id}/form/${sheet.id}/case_record/-` }, "填写日期、考评员和申请材料");
  const state = visit.stateOf(form.about);
  return [notice("info", h("b", {}, "案卷要素。"), link, `，工作日和回避由门户计算、比对${state ? `（${WORDS[state][0]}，送达并更新后显示在系统预判中）` : ""}。`)];
}

async function restConforms(sheet, rest, next) {
  const codes = rest.map((item) => item.code).join("、");
  const yes = await asked(`本节还有${rest.length}项未判定：${codes}。确认都已检查并且符合？每项单独记录判定人和时间。`, "确认并看下一节");
  if (!yes) return;
  await acting(async () => {
    for (const item of rest) await visit.answer(item, "conform", visit.valueOf(item).note, { rest: true });
    inVisit(`sheet/${sheet.id}/${next}`);
  });
}

function chips(sheet, here) {
  const chip = (code, state, ...words) => {
    const href = `#/lease/${visit.row.id}/sheet/${sheet.id}/${code}`;
    return h("a", { class: "section-chip", href, "data-state": state, "aria-current": code === here ? "true" : null }, ...words);
  };
  const links = sheet.sections.map((each) => {
    const { done, total } = visit.progress(sheet.items.filter((item) => item.section === each.code));
    return chip(each.code, done >= total ? "done" : done ? "part" : "none", `${each.code} ${each.label} `, h("span", {}, `${done}/${total}`));
  });
  const last = chip("conclude", visit.conclusionOf(sheet)[0] ? "done" : "none", "结论");
  return h("div", { class: "focus-tools" }, h("nav", { class: "section-chips", "aria-label": "检查表分节" }, ...links, last));
}

function showState() {
  if (!visit) return;
  const [state, words] = summaryOf(visit);
  const tone = { done: "saved", sending: "saving", stored: "saving", retry: "failed", signin: "signed-out" }[state] || "conflict";
  const link = state === "signin" ? h("a", { href: "/accounts/sign-in/", target: "_blank", rel: "noopener" }, "登录") : null;
  const about = { class: "save-state", "data-save-state": tone, "data-onsite-state": state, href: `#/lease/${visit.row.id}/queue` };
  sign.replaceChildren(h("a", about, icon(WORDS[state][2]), h("span", {}, words)), link || "");
}

// Routing -----------------------------------------------------------------------------------------
function redraw() {
  showState();
  const [first, , view, ...rest] = path();
  if (!visit || first !== "lease") return;
  if (!visit.bundle) {
    frame("未送达的内容", "");
    return void main.replaceChildren(...warnings(), ...queueView(visit, () => visit.queue.pass()));
  }
  if (view === "sheet") return void sheetView(...rest);
  if (["form", "interview", "evidence"].includes(view)) return drawEntry(view, rest);
  const key = `${view}/${rest[0]}/${visit.state}/${visit.records.map((each) => each.id + each.state)}/${visit.row.shut}`;
  if (drawn === key) return;
  drawn = key;
  cards = [];
  if (view === "signing") {
    frame(visit.state === "in_progress" ? "核对并送签" : "签字", visit.bundle.task.title, [], [], `#/lease/${visit.row.id}`);
    // A pad somebody is writing on is not drawn anew because a record got through meanwhile.
    const busy = main.querySelector("#signature-image")?.value;
    if (busy && main.dataset.pad === `${rest[0]}/${visit.state}/${visit.faces.size}`) return;
    main.replaceChildren(...signingView(visit, rest[0], inVisit));
    main.dataset.pad = `${rest[0]}/${visit.state}/${visit.faces.size}`;
    document.dispatchEvent(new Event("htmx:afterSwap")); // signature.js looks for new pads then
  } else if (view === "queue") {
    if (main.contains(document.activeElement) && document.activeElement.type === "password") return;
    frame("未送达的内容", visit.bundle.task.title, [], [], `#/lease/${visit.row.id}`);
    main.replaceChildren(...warnings(), ...queueView(visit, () => visit.queue.pass()));
  } else taskView();
}

// Drawn anew when what it shows of the portal's word changes, never under a hand that writes.
function drawEntry(view, rest) {
  const stuck = visit.records.filter((each) => ["conflict", "refused"].includes(each.state)).map((each) => each.id);
  const key = `${view}/${rest.join("/")}/${visit.state}/${view === "form" ? "" : visit.records.map((each) => each.id + each.state)}/${stuck}/${visit.row.shut}`;
  const typing = main.contains(document.activeElement) && document.activeElement.matches("textarea, input, select");
  const place = `${view}/${rest.join("/")}/`;
  if (drawn === key || (drawn.startsWith(place) && (typing || main.querySelector("#signature-image")?.value))) return;
  cards = [];
  const views = {
    form: () => formView(visit, ...rest, inVisit),
    interview: () => interviewView(visit, rest[0], rest[1], inVisit),
    evidence: () => evidenceView(visit),
  };
  entryView(key, views[view]());
}

async function route() {
  const mine = (turn += 1);
  await portal.recorded?.();
  await Promise.all(cards.map((card) => card.leave()));
  if (mine !== turn) return;
  const [first, id] = path();
  if (first === "take") return takeView(Number(id));
  if (first === "lease" && visit && visit.row.id === Number(id)) {
    drawn = path()[2] === "sheet" ? drawn : "";
    redraw();
    if (path()[2] === "sheet") scrollTo(0, 0);
    return;
  }
  await home();
}

const sendNow = () => visit && visit.records.length && visit.queue.soon();
window.addEventListener("hashchange", route);
window.addEventListener("online", sendNow);
document.addEventListener("visibilitychange", () => (document.visibilityState === "visible" ? sendNow() : cards.forEach((card) => card.leave())));
window.addEventListener("pagehide", () => cards.forEach((card) => card.leave()));
window.addEventListener("beforeunload", (event) => document.querySelector(".sheet-item.is-unsaved") && event.preventDefault());
// A tablet that is put down is not left open for who finds it.
["pointerdown", "keydown"].forEach((name) => document.addEventListener(name, () => (used = Date.now()), true));
setInterval(() => visit && Date.now() - used > IDLE_MS && !document.querySelector(".is-recording") && shut(), 60000);

async function begin() {
  if (!window.isSecureContext || !navigator.serviceWorker || !crypto.subtle || !navigator.locks) {
    return main.replaceChildren(notice("bad", "这里不能离线使用：离线填写需要 HTTPS 连接和较新的浏览器，请联系系统管理员。在线检查表不受影响。"));
  }
  navigator.serviceWorker.register("/sw.js", { scope: "/onsite/" }).catch(() => {});
  return route();
}
begin();
