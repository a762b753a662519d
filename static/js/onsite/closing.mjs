// The end of a visit without a network: conclusions of sheets, what is missing, signatures, the end. All of it waits
// like everything else; the server concludes once all it stands on is there.
import { button, h, notice, panel } from "./dom.mjs";
import { KINDS, WORDS, notStored } from "./states.mjs";
import { base64Of } from "./crypto.mjs";

export function concludeView(visit, sheet) {
  const own = visit.suggestedOf(sheet);
  const [conclusion, reason] = visit.conclusionOf(sheet);
  const { done, total } = visit.progress(sheet.items);
  if (done < total) return [panel("结论", h("p", {}, `还有 ${total - done} 项未判定，填完后由组长确定结论。`))];
  if (!visit.bundle.me.leads) return [panel("结论", h("p", {}, `建议结论：${own.label}。由检查组组长确定。`))];
  const possible = visit.bundle.rules.conclusions.filter((each) => each.severity >= own.severity);
  const why = h("textarea", { class: "form-control", rows: 2, name: "reason", "aria-label": "提高严重程度的理由", placeholder: "提高严重程度的，请说明理由" });
  why.value = reason;
  const fault = h("p", { class: "form-error", role: "alert" });
  const chosen = conclusion || own.value;
  const choices = possible.map((each) =>
    h(
      ...["label", { class: "form-check" }],
      h("input", { class: "form-check-input", type: "radio", name: "conclusion", value: each.value, checked: each.value === chosen }),
      h("span", { class: "form-check-label" }, each.label),
    ),
  );
  const submit = h("button", { class: "btn btn-primary", type: "submit" }, "确定结论");
  const form = h("form", { class: "choice-list" }, ...choices, possible.length > 1 ? why : null, fault, submit);
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const value = new FormData(form).get("conclusion");
    const graver = value !== own.value;
    fault.textContent = !value ? "请选择结论。" : graver && !why.value.trim() ? "提高严重程度应当说明理由。" : "";
    if (!fault.textContent) await visit.conclude(sheet, value, graver ? why.value.trim() : "");
  });
  const set = visit.bundle.rules.conclusions.find((each) => each.value === conclusion);
  return [panel("结论", h("p", {}, `建议结论：${own.label}${set ? `；已确定：${set.label}` : ""}`), visit.state === "in_progress" ? form : null)];
}

export function signingView(visit, chosen, go) {
  if (visit.state === "in_progress") return beforeSigning(visit);
  const { team, me } = visit.bundle;
  const lines = team.map((each) => ({ key: String(each.membership), label: each.name, detail: each.role, own: each.own }));
  lines.push({ key: "unit", label: "被检查单位代表", detail: visit.bundle.task.title });
  lines.forEach((line) => (line.face = visit.faces.get(`signer:${line.key}`)));
  const may = (line) => (line.own ? true : line.key === "unit" ? me.officer : me.leads);
  const waiting = lines.filter((line) => !line.face && may(line));
  const now = waiting.find((line) => line.key === chosen) || waiting[0];
  const list = lines.map((line) => {
    const record = line.face && visit.records.find((each) => each.id === line.face.after);
    const state = record ? WORDS[record.state][0] : "已送达";
    const right = line.face
      ? [line.face.image ? h("img", { class: "signer-image", src: line.face.image, alt: `${line.label}的签名` }) : null, h("small", {}, `已签，${state}`)]
      : [may(line) ? button("由其签字", () => go(`signing/${line.key}`), "default btn-small") : h("small", {}, "由本人在自己的设备上签字")];
    const name = line.key === "unit" && line.face ? line.face.name : line.label;
    return h("li", { class: "signer" }, h("span", {}, h("b", {}, name), h("small", {}, line.detail)), ...right);
  });
  const parts = [panel("签字", h("ul", { class: "rows" }, ...list))];
  if (now && visit.state === "signing") parts.push(pad(visit, now));
  if (visit.state === "signing" && me.officer && lines.every((line) => line.face)) {
    const words = h("p", {}, "全部签字完成。结束后由门户在全部内容送达时形成结论和记录。");
    parts.push(panel("结束检查", words, button("结束检查", () => visit.end(), "primary", { id: "end" })));
  }
  if (visit.state === "concluded") {
    const waits = visit.records.length;
    parts.unshift(notice(waits ? "warn" : "ok", waits ? `检查已在本机结束，还有 ${waits} 项未送达。送达前请保管好这台设备。` : "检查结束，内容已全部送达。"));
  }
  return parts;
}

function beforeSigning(visit) {
  const gaps = visit.gaps();
  if (!gaps.length) {
    const send = visit.bundle.me.leads ? button("送签", () => visit.toSigning(), "primary", { id: "send" }) : h("p", { class: "quiet" }, "由检查组组长送签。");
    return [notice("ok", "检查表已填写完整。送签后检查表锁定，由检查组全体成员和被检查单位代表签字。"), send];
  }
  const line = ({ sheet, item, text }) => {
    const href = `#/lease/${visit.row.id}/sheet/${sheet.id}/${item ? item.section : "conclude"}`;
    return h("li", {}, h("a", { href }, item ? h("b", {}, item.code) : null, text));
  };
  // Sheets have items of the same code: each sheet says what is open on it.
  const parts = visit.bundle.sheets.flatMap((sheet) => {
    const open = gaps.filter((each) => each.sheet === sheet);
    return open.length ? [h("p", { class: "gap-subject" }, sheet.title), h("ul", { class: "gap-list" }, ...open.map(line))] : [];
  });
  return [panel(`还不能送签：${gaps.length} 处未完成`, ...parts)];
}

function pad(visit, line) {
  const unit = line.key === "unit";
  const note = !unit && !line.own ? `${line.label}的签字送达时，要由本人输入登录密码确认。` : "";
  const sign = ({ name, position, ...hand }) => visit.sign(line.key, { name: unit ? name : line.label, position, ...hand });
  return padPanel(visit, { title: line.label, unit, note, sign });
}

// The pad of the portal's signing page; `sign` gets the picture with its strokes, of a unit also name and position.
export function padPanel(visit, { title, unit = false, note = "", sign }) {
  const box = document.createElement("template");
  box.innerHTML = visit.bundle.signing_html;
  const form = box.content.querySelector("form");
  form.querySelector("[data-unit-only]").hidden = !unit;
  const fault = h("p", { class: "form-error", role: "alert" });
  form.append(fault, note ? h("p", { class: "quiet" }, note) : "", h("button", { class: "btn btn-primary", type: "submit" }, "确认签字"));
  const shown = panel(title, form);
  // On what holds the form: signature.js looks first whether there is a signature.
  shown.addEventListener("submit", async (event) => {
    if (event.defaultPrevented) return; // signature.js: no signature yet
    event.preventDefault();
    const data = new FormData(form);
    const [name, position] = ["name", "position"].map((each) => (data.get(each) || "").trim());
    fault.textContent = unit && (!name || !position) ? "请填写签字人姓名和职务。" : "";
    if (fault.textContent) return;
    await sign({ name, position, image: data.get("image"), strokes: data.get("image_strokes") }).catch((error) => (fault.textContent = notStored(error)));
  });
  return shown;
}

export function queueView(visit, again) {
  if (!visit.records.length) return [notice("ok", "没有未送达的内容。")];
  const lines = visit.records.map((row) => {
    const words = h("small", {}, WORDS[row.state][0]);
    const acts = h("span", { class: "onsite-acts" });
    const line = h("li", { class: "signer", "data-state": row.state }, h("span", {}, h("b", {}, KINDS[row.kind]), words), acts);
    visit.queue.content(row).then((content) => {
      const item = content.answer_id && visit.bundle ? visit.item(content.answer_id) : null;
      const { subject, person } = Object.fromEntries(content.fields || []);
      const what = content.name || subject || person;
      line.querySelector("b").textContent = `${item ? `${item.code} ` : ""}${KINDS[row.kind]}${what ? `：${what}` : ""}`;
    });
    visit.queue.told(row).then((told) => told.sentence && words.append(`：${told.sentence}`));
    if (row.state === "conflict") acts.append(h("a", { class: "btn btn-default btn-small", href: placeOf(visit, row) }, "去选择"));
    const amend = isEntered(row) ? h("a", { class: "btn btn-default btn-small", href: placeOf(visit, row) }, "更正") : "";
    const retry = button("重试", () => visit.again(row), "default btn-small");
    if (row.state === "refused") acts.append(amend, retry, button("放弃", () => visit.drop(row), "quiet btn-small"));
    if (row.state === "confirm") {
      const looks = { type: "password", class: "form-control", placeholder: "本人登录密码", autocomplete: "off" };
      const field = h("input", { ...looks, "aria-label": "本人登录密码" });
      acts.append(field, button("确认", () => field.value && visit.again(row, field.value), "primary btn-small"));
    }
    return line;
  });
  const acts = [button("立即发送", again, "primary"), button("导出未送达的内容", () => exportAll(visit))];
  return [panel(`未送达 ${visit.records.length} 项`, h("ul", { class: "rows" }, ...lines)), h("div", { class: "onsite-acts" }, ...acts)];
}

const isEntered = (row) => /^(experiment|environment|case_record|interview):[^/]+$/.test(row.target) && row.kind !== "withdraw";

// Where something that waits was entered.
function placeOf(visit, { target }) {
  const [kind, key] = target.split("/")[0].split(":");
  const base = `#/lease/${visit.row.id}`;
  if (!visit.bundle) return base;
  if (kind === "interview") return `${base}/interview/${key}`;
  if (kind === "answer") {
    const item = visit.item(Number(key));
    return `${base}/sheet/${visit.sheetOf(item).id}/${item.section}`;
  }
  const sheet = kind === "experiment" ? visit.faces.get(target)?.sheet : key;
  return `${base}/form/${sheet}/${kind}/${kind === "experiment" ? key : "-"}`;
}

async function exportAll(visit) {
  const found = (await visit.exported()).map(({ file, ...rest }) => ({ ...rest, ...(file && { 文件: base64Of(file) }) }));
  const blob = new Blob([JSON.stringify(found, null, 1)], { type: "application/json" });
  const link = h("a", { href: URL.createObjectURL(blob), download: `未送达-${visit.bundle?.task.title || visit.row.task}.json` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
}
