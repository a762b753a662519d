// 证据清单 without a network: every file of the visit, ticked and confirmed by the inspected before signing. The
// confirmation waits like everything else and is sent after the files it names.
import { h, notice, panel } from "./dom.mjs";
import { confirmationOf, factsOf, smallPicture } from "./evidence.mjs";
import { WORDS, notStored } from "./states.mjs";

// Ticks and the name while the list is drawn anew because a file got through.
const typed = { lease: 0, name: "", off: new Set() };

// Every file of the visit: `key` is what a confirmation on this device names it by.
export function filesOf(visit) {
  const of = (sheet, item) => [
    ...(item.evidence || []).map((each) => ({ ...each, key: `evidence:${each.id}`, sheet, item })),
    ...visit.ownFiles(item).map((each) => ({ ...each, key: each.target, id: each.result?.evidence, words: wordsOf(visit, each), sheet, item })),
  ];
  return visit.bundle.sheets.flatMap((sheet) => sheet.items.flatMap((item) => of(sheet, item)));
}

// The line says by itself whether it was confirmed.
const wordsOf = (visit, file) => factsOf(visit, { ...file, target: "" });

const saidOf = (visit, row) => {
  const face = confirmationOf(visit, row.key);
  if (!face) return row.confirmed || "";
  const record = visit.records.find((each) => each.id === face.after);
  return `${face.name}，${WORDS[record ? record.state : "done"][0]}`;
};

export function evidenceView(visit) {
  if (typed.lease !== visit.row.id) Object.assign(typed, { lease: visit.row.id, name: visit.bundle.task.attendees, off: new Set() });
  const rows = filesOf(visit).map((row) => ({ ...row, said: saidOf(visit, row) }));
  const open = rows.filter((row) => !row.said);
  const may = visit.state === "in_progress" && visit.bundle.me.officer;
  const older = visit.items.some((item) => item.files.length && !item.evidence);
  const parts = older ? [notice("warn", "门户上已有的证据要联网从门户更新后才列在这里。")] : [];
  const subtitle = `共 ${rows.length} 件${open.length ? `，${open.length} 件未经被检查单位确认` : ""}`;
  if (!rows.length) parts.push(notice("muted", "还没有证据。在检查表各项下拍照、录音或选择文件。"));
  else parts.push(panel("逐件核对", h("ul", { class: "rows proof-rows" }, ...rows.map((row) => lineOf(row, may)))));
  if (open.length && may) parts.push(confirmPanel(visit, open));
  else if (open.length) parts.push(notice("muted", visit.state === "in_progress" ? "由执法人员请被检查单位确认。" : "检查表已送签，不能再确认证据。"));
  return { title: "证据清单", subtitle, back: "", parts };
}

function lineOf(row, may) {
  const turn = (event) => typed.off[event.target.checked ? "delete" : "add"](row.key);
  const looks = { class: "form-check-input", type: "checkbox", checked: !typed.off.has(row.key), "aria-label": `确认 ${row.name}`, onchange: turn };
  const tick = may && !row.said ? h("input", looks) : null;
  const words = h("div", {}, h("b", {}, `${row.item.code} ${row.name}`), h("small", {}, `${row.sheet.title} · ${row.words}`));
  const state = row.said ? [h("span", { class: "state state-ok" }, "单位已确认"), h("small", {}, row.said)] : [h("span", { class: "quiet" }, "未确认")];
  return h("li", { class: "proof-row" }, tick, smallPicture(row), words, h("div", { class: "proof-state" }, ...state));
}

function confirmPanel(visit, open) {
  const keep = (event) => (typed.name = event.target.value);
  const name = h("input", { class: "form-control", id: "confirm-name", name: "name", maxlength: 80, value: typed.name, oninput: keep });
  const label = h("label", { class: "form-label", for: "confirm-name" }, "确认人姓名和职务 ", h("span", { class: "required-mark" }, "必填"));
  const fault = h("p", { class: "form-error", role: "alert" });
  const form = h("form", {}, h("div", { class: "mb-3" }, label, name), fault, h("button", { class: "btn btn-primary", type: "submit" }, "记录确认"));
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const chosen = open.filter((row) => !typed.off.has(row.key));
    fault.textContent = !chosen.length ? "请勾选已核对的证据。" : name.value.trim() ? "" : "请填写确认人姓名和职务。";
    if (fault.textContent) return;
    name.blur();
    await visit.confirmEvidence(chosen, name.value.trim()).catch((error) => (fault.textContent = notStored(error)));
  });
  return panel("被检查单位确认", form);
}
