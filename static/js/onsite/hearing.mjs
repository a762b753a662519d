// 现场笔录 without a network: begun, written down, signed by who answered and by the officer whose device it is. The
// second officer signs on a device of their own; the record is completed on the portal.
import { padPanel } from "./closing.mjs";
import { button, h, notice, panel } from "./dom.mjs";
import { conflictOf, formOf, refusalOf } from "./entering.mjs";
import { fieldsOf, interviewsOf, undersign, writeDown } from "./entries.mjs";
import { Wrong } from "./figures.mjs";
import { WORDS } from "./states.mjs";

const MORE = 3;
const MOST = 80;
const at = (visit, where) => `#/lease/${visit.row.id}/${where}`;

export function interviewsPanel(visit) {
  if (!visit.bundle.interviews) return panel("现场笔录", h("p", { class: "quiet" }, "联网从门户更新后，可以在本机制作现场笔录。"));
  const lines = interviewsOf(visit).map((each) => {
    const state = visit.stateOf(each.target);
    const said = h("small", {}, [each.state_label, state && WORDS[state][0]].filter(Boolean).join(" · "));
    const open = h("a", { class: "btn btn-default btn-small", href: at(visit, `interview/${each.target.split(":")[1]}`) }, "打开");
    return h("li", { class: "signer" }, h("span", {}, h("b", {}, each.title), said), open);
  });
  const start = h("a", { class: "btn btn-default btn-small", href: at(visit, "interview/new") }, "制作现场笔录");
  const list = lines.length ? h("ul", { class: "rows" }, ...lines) : h("p", { class: "quiet" }, "还没有现场笔录。");
  return panel("现场笔录", list, h("div", { class: "onsite-acts mt-3" }, start));
}

export function interviewView(visit, key, who, go) {
  const back = "";
  if (key === "new") return { title: "制作现场笔录", back, parts: [beginPanel(visit, go)] };
  const now = interviewsOf(visit).find((each) => each.target === `interview:${key}`);
  if (!now) return { title: "现场笔录", back, parts: [notice("muted", "这份笔录不在本机，联网从门户更新后再打开。")] };
  const facts = [["被询问人", now.person], ["职务", now.position], ["地点", now.place], ["开始时间", now.began_at]];
  const fact = ([name, value]) => h("div", {}, h("dt", {}, name), h("dd", {}, value.replace("T", " ")));
  const head = panel(now.title, h("dl", { class: "facts" }, ...facts.map(fact)));
  const parts = [refusalOf(visit, now.target), conflictOf(visit, now.target), head, wordsPanel(visit, now, go)];
  if (now.state === "draft") parts.push(...signing(visit, now, who, go));
  return { title: "现场笔录", subtitle: now.person, back, parts: parts.filter(Boolean) };
}

function beginPanel(visit, go) {
  const html = `${visit.bundle.interviews.begin_html}${LINES}`;
  const save = async (form) => {
    const said = Object.fromEntries(fieldsOf(form));
    const missing = [["person", "被询问人"], ["position", "职务"], ["place", "地点"], ["began_at", "开始时间"]].find(([name]) => !(said[name] || "").trim());
    if (missing) throw new Wrong(`请填写${missing[1]}。`);
    const fields = ["person", "position", "place", "began_at"].map((name) => [name, said[name].trim()]);
    const id = crypto.randomUUID();
    await writeDown(visit, `interview:${id}`, { head: Object.fromEntries(fields), fields, ...linesOf(form) });
    go(`interview/${id}`);
  };
  const form = formOf(visit, { html, draft: "draft:interview:new", save, back: at(visit, "") });
  setLines(visit, form, visit.bundle.interviews.opening.map((question) => [question, ""]));
  form.elements.began_at.value = localMinute(Date.now() + (visit.row.skew || 0));
  const words = "每份笔录记录一名被询问人。告知执法身份和权利的两个问题已列在开头，其余问题随问随记。";
  return panel("制作现场笔录", h("p", { class: "quiet" }, words), form);
}

// By the portal's clock: that of the device may be wrong.
const localMinute = (millis) => new Date(millis + 8 * 36e5).toISOString().slice(0, 16);

const LINES =
  `<ol class="qa"></ol><button class="btn btn-default btn-small mb-3" type="button" data-more>再加问题</button>
  <div class="mb-3"><label class="form-label" for="qa-remark">被询问人意见</label>
  <textarea class="form-control" id="qa-remark" name="remark" rows="2" maxlength="300" placeholder="以上笔录已经本人核对，与本人所说一致"></textarea></div>`;

function setLines(visit, form, lines) {
  const list = form.querySelector(".qa");
  const add = ([question, answer]) => {
    const box = document.createElement("template");
    box.innerHTML = visit.bundle.interviews.line_html.trim();
    const [asked, said] = box.content.querySelectorAll("textarea");
    [asked.value, said.value] = [question, answer];
    list.append(box.content);
  };
  [...lines, ...Array(MORE).fill(["", ""])].forEach(add);
  form.querySelector("[data-more]").addEventListener("click", () => list.children.length < MOST && add(["", ""]));
}

function linesOf(form) {
  const named = (name) => [...form.querySelectorAll(`[name=${name}]`)].map((field) => field.value.trim());
  const [questions, answers] = [named("question"), named("answer")];
  const lines = questions.map((question, place) => [question, answers[place]]).filter(([question, answer]) => question || answer);
  if (!lines.length || lines.some(([question]) => !question)) throw new Wrong("每条回答都要有问题，至少记录一个问题。");
  return { lines, remark: form.elements.remark.value.trim() };
}

function wordsPanel(visit, now, go) {
  if (now.state !== "draft") {
    const lines = now.lines.map(([question, answer]) => h("li", {}, h("p", {}, h("b", {}, "问："), question), h("p", {}, h("b", {}, "答："), answer || "（未记录）")));
    return panel("问答", h("ol", { class: "qa" }, ...lines), now.remark ? h("p", {}, h("b", {}, "被询问人意见："), now.remark) : null);
  }
  const signed = now.person_hand || now.own_hand || (now.unchanged && now.signed.length);
  const head = now.face?.head || { person: now.person, position: now.position, place: now.place, began_at: now.began_at };
  const save = async (form) => {
    await writeDown(visit, now.target, { head, fields: now.face?.result ? undefined : now.face?.begun, ...linesOf(form) });
    go(`interview/${now.target.split(":")[1]}`);
  };
  const form = formOf(visit, { html: LINES, draft: `draft:${now.target}`, save, back: at(visit, ""), label: "保存问答到本机" });
  setLines(visit, form, now.lines);
  form.elements.remark.value = now.remark;
  return panel("问答", signed ? notice("warn", "已有签字。修改内容后签字失效，须重新签字。") : null, form);
}

function signing(visit, now, who, go) {
  const state = (given) => {
    const record = visit.records.find((each) => each.id === given.after);
    return record ? WORDS[record.state][0] : "已送达";
  };
  const here = `interview/${now.target.split(":")[1]}`;
  const there = (name) => (now.unchanged ? now[name] : false);
  const lines = [
    { key: "person", label: `被询问人 ${now.person}`, hand: now.person_hand, done: there("person_signed") },
    { key: "own", label: `执法人员 ${visit.bundle.me.name}`, hand: now.own_hand, done: there("own_signed") },
  ];
  const list = lines.map((line) => {
    const picture = line.hand ? h("img", { class: "signer-image", src: line.hand.image, alt: `${line.label}的签名` }) : null;
    const said = line.hand ? `已签，${state(line.hand)}` : line.done ? "已签，已送达" : "";
    const open = !said && now.may_sign ? button("由其签字", () => go(`${here}/${line.key}`), "default btn-small") : null;
    return h("li", { class: "signer" }, h("b", {}, line.label), picture, said ? h("small", {}, said) : null, open);
  });
  const words = h("p", { class: "quiet" }, "另一名执法人员在自己的设备上签字；都签完后，在门户完成笔录。");
  const parts = [panel("签字", h("ul", { class: "rows" }, ...list), words)];
  const open = lines.find((line) => line.key === who && !line.hand && !line.done);
  if (!open || !now.may_sign) return parts;
  if (visit.faces.has(`draft:${now.target}`)) return [...parts, notice("warn", "问答有改动还没有保存，保存后再签字。")];
  if (now.lines.some(([, answer]) => !answer)) return [...parts, notice("warn", "还有问题没有记录回答，补记并保存后再签字。")];
  return [...parts, padPanel(visit, { title: open.label, sign: (data) => undersign(visit, now, open.key, data).then(() => go(here)) })];
}
