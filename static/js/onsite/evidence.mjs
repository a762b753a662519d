// Files at an item without a network: chosen, pasted, recorded or drawn on, kept on this device and sent when it can be.
// taking.js, recording.js and annotate.js are the portal's own; what they make comes in here.
import { h, button, icon } from "./dom.mjs";
import { FileError, prepare } from "./photos.mjs";
import { WORDS } from "./states.mjs";

const cards = new WeakMap(); // a form that takes files → the card of its item

export function taking(card) {
  const form = card.section.querySelector(".evidence-add");
  if (!form) return;
  cards.set(form, card);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("change", async (event) => {
    if (event.target.type !== "file") return;
    await portal.chosen(form, [...event.target.files]);
    event.target.value = "";
  });
}

// The bytes are copied at once, while the device finds out where it is.
async function keep(form, file, { kind, copy_of: original = "", whole }) {
  const card = cards.get(form);
  await card.doing(async () => {
    const ready = prepare(file, { keep: whole, limit: card.visit.bundle.rules.most_bytes, claims: portal.wantsPosition(form) });
    const [found, position] = await Promise.all([ready, portal.positionOf(form)]);
    if (original.startsWith("file:") && !card.visit.faces.has(original)) throw new FileError("原照片已不在本机，副本没有存下。");
    await card.visit.addFile(card.item, found, { kind, position: original ? "" : position, original });
  });
}

portal.chosen = async (form, files) => {
  const kind = form.elements.kind.value;
  const whole = form.querySelector("[data-keep-original]").checked;
  for (const file of files) await keep(form, file, { kind, whole });
};
portal.upload = (form, file, more) => keep(form, file, { ...more, whole: true });

// The picture of a file that waits here, for who draws on a copy of it.
portal.pictureOf = async (from) => {
  const { visit } = cards.get(from.closest(".sheet-item").querySelector(".evidence-add"));
  const { after, result } = visit.faces.get(from.dataset.annotate);
  const row = visit.records.find((each) => each.id === after);
  if (!row) return `/inspections/evidence/${result.evidence}/?shape=view`;
  const address = URL.createObjectURL(await visit.queue.fileOf(row));
  setTimeout(() => URL.revokeObjectURL(address), 60000); // decoded long before
  return address;
};

const weight = (size) => (size > 1048576 ? `${(size / 1048576).toFixed(1)} MB` : `${Math.ceil(size / 1024)} KB`);

// Who of the inspected confirmed a file on this device.
export const confirmationOf = (visit, key) => [...visit.faces].find(([target, face]) => target.startsWith("confirm:") && face.files.includes(key))?.[1];

// What stands of a file: whether it waits, what it is a copy of, where it was taken, whether it was confirmed.
export function factsOf(visit, { target, after, thumb, name, size, position, copy }) {
  const row = visit.records.find((each) => each.id === after);
  const sent = row?.count && row.state === "sending" ? `（${row.sent}/${row.count}）` : "";
  const unseen = thumb || !/\.(jpe?g|png|webp|hei[cf]|hif)$/i.test(name) ? "" : "本机不能预览，原件已存";
  const state = `${WORDS[row ? row.state : "done"][0]}${sent}`;
  return [weight(size), state, copy && "标注副本", position && "已记位置", confirmationOf(visit, target) && "单位已确认", unseen].filter(Boolean).join(" · ");
}

export function smallPicture({ thumb, name }) {
  if (thumb) return h("img", { class: "evidence-thumb", src: thumb, alt: name });
  return h("span", { class: "evidence-thumb" }, icon(/\.(m4a|mp3|wav|webm)$/i.test(name) ? "microphone" : "photo"));
}

export function fileLine(card, file) {
  const { visit } = card;
  const row = visit.records.find((each) => each.id === file.after);
  const open = visit.state === "in_progress";
  const marks = { type: "button", class: "btn btn-quiet btn-small", "data-annotate": file.target, "data-name": file.name };
  const draw = open && file.thumb && !file.copy ? h("button", marks, "标注") : null;
  const off = open && row && row.state !== "sending" ? button("撤下", () => card.doing(() => visit.drop(row)), "quiet btn-small") : null;
  const words = h("span", {}, h("b", {}, file.name), factsOf(visit, file));
  return h("div", { class: "evidence-item", "data-target": file.target }, smallPicture(file), words, draw, off);
}
