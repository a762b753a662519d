import { FullError } from "./store.mjs";

// What a person reads of the state of a record, of an item and of the whole device. Nothing says 已送达 before the
// server has it.
export const WORDS = {
  stored: ["本机已存，等待送达", "muted", "device-tablet"],
  sending: ["发送中", "running", "cloud-upload"],
  retry: ["本机已存，等待网络重试", "warn", "cloud-off"],
  signin: ["本机已存，待登录后送达", "warn", "lock"],
  conflict: ["有冲突，请选择", "bad", "alert-triangle"],
  refused: ["门户没有接受", "bad", "alert-circle"],
  confirm: ["待本人确认", "warn", "lock"],
  done: ["已送达", "ok", "cloud-check"],
};
const WORST_FIRST = ["conflict", "refused", "confirm", "signin", "retry", "sending", "stored"];

export const worstOf = (records) => WORST_FIRST.find((state) => records.some((each) => each.state === state)) || "done";

export function summaryOf(visit) {
  const { records, row, queue } = visit;
  const state = worstOf(records);
  const time = row.delivered_at ? new Date(row.delivered_at).toLocaleTimeString("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false }) : "";
  if (state === "done") return [state, row.delivered ? `全部已送达 ${time}` : "没有待送达的内容"];
  const count = `${records.length} 项未送达`;
  if (["conflict", "refused", "confirm"].includes(state)) return [state, `${count}，${WORDS[state][0]}`];
  if (state === "signin") return [state, `${count}，${typeof queue.online === "string" && queue.online !== "nobody" ? `现在登录的是${queue.online}` : "请登录"}`];
  if (queue.online === false) return ["retry", `${count}，没有网络，内容已存本机`];
  return [state, state === "sending" ? `发送中，还有 ${count}` : `${count}，内容已存本机`];
}

export const KINDS = {
  answer: "判定",
  give_way: "采用对方的判定",
  evidence: "证据",
  confirm_evidence: "证据确认",
  conclusion: "检查表结论",
  to_signing: "送签",
  signature: "签字",
  conclude: "结束检查",
  environment: "现场环境",
  experiment: "现场实验",
  withdraw: "撤下现场实验",
  case_record: "案卷要素",
  interview: "现场笔录",
  undersign: "笔录签字",
};
export const LABELS = { conform: "符合", deficient: "有缺陷", nonconform: "不符合", not_applicable: "不适用" };

const FULL = "本机存储已满，没有存下。请先连网送达已有内容，或者在系统设置中腾出空间后再填；内容仍在本页，请不要关闭。";
const NEWER = "门户已更新，请先关闭其他标签页再重新打开本页；没有送达的内容都在。";
const LOST = "本机没有存下，请再试一次；仍不行的，请不要关闭本页，先在纸质检查表上记录。";

// Why something is not on this device, in words that say what to do.
export const notStored = (error) => (error.name === "VersionError" ? NEWER : error instanceof FullError && error.message === "full" ? FULL : LOST);
