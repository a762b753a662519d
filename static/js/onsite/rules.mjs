// What a device can say of a sheet by itself, with the values the server gave along. The server judges again.
import { sha256 } from "./crypto.mjs";

const chars = (text) => [...text.trim()].length;

export function severityOf(item, answer) {
  if (answer === "nonconform") return "nonconform";
  if (answer === "deficient" || (answer === "not_applicable" && item.fault_if_inapplicable)) return "deficient";
  return "";
}

// As conclusions.gaps: what an item lacks before signing.
export function gapsOf(item, { answer, note, files }, rules) {
  if (!answer) return ["未判定"];
  const found = [];
  if (severityOf(item, answer) && chars(note) < rules.min_fact) found.push(`事实记录不少于${rules.min_fact}个字`);
  else if (answer === "not_applicable" && !note.trim()) found.push("不适用的理由未填");
  if (answer === "conform" && item.against && chars(note) < rules.min_fact) {
    found.push(`${item.against_source || "台账记载"}“${item.against}”，判定符合的理由不少于${rules.min_fact}个字`);
  }
  if (rules.problems.includes(answer) && !files.length) found.push("缺少证据");
  return found;
}

export function suggested(items, valueOf) {
  let worst = "conform";
  for (const item of items) {
    const severity = severityOf(item, valueOf(item).answer);
    if (severity === "nonconform" && item.key) return "nonconform";
    if (severity) worst = "deficient";
  }
  return worst;
}

// The text that inspections/offline/shown.py makes, too: what is on the screen when somebody signs.
export function shownText(sheets, valueOf, conclusionOf) {
  const items = sheets.flatMap((sheet) => sheet.items).sort((a, b) => a.id - b.id);
  const answers = items.map((item) => [item.id, valueOf(item).answer, valueOf(item).note]);
  const files = items.flatMap((item) => [...valueOf(item).files].sort().map((hash) => [item.id, hash]));
  const conclusions = [...sheets].sort((a, b) => a.id - b.id).map((sheet) => [sheet.id, ...conclusionOf(sheet)]);
  return JSON.stringify([answers, files, conclusions]);
}

export const digestOf = (...shown) => sha256(shownText(...shown));
