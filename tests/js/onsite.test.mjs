// What a device without a network does by itself: keys and ciphertext, and its own look at a sheet.
import assert from "node:assert/strict";
import { test } from "node:test";
import * as box from "../../static/js/onsite/crypto.mjs";
import { clock } from "../../static/js/onsite/dom.mjs";
import { gapsOf, shownText, suggested } from "../../static/js/onsite/rules.mjs";
import { summaryOf, worstOf } from "../../static/js/onsite/states.mjs";

const RULES = { min_fact: 10, problems: ["deficient", "nonconform"] };
const item = (more = {}) => ({ id: 1, code: "A01", key: false, fault_if_inapplicable: false, against: "", ...more });
const said = (answer, note = "", files = []) => ({ answer, note, files });

test("a key comes out of its wrap with its PIN alone", async () => {
  const raw = crypto.getRandomValues(new Uint8Array(32));
  const wrapped = await box.wrap(raw, "135790", 1000);
  const key = await box.unwrap(wrapped, "135790");
  const sealed = await box.sealValue(await box.importKey(raw), "here", { fact: "编号不符" });

  assert.equal(await box.unwrap(wrapped, "135791"), null);
  assert.deepEqual(await box.openValue(key, "here", sealed), { fact: "编号不符" });
  assert.ok(!Buffer.from(sealed.data).includes("编号不符"));
});

test("what is sealed for one place does not open in another", async () => {
  const key = await box.importKey(crypto.getRandomValues(new Uint8Array(32)));
  const sealed = await box.sealValue(key, "record|1", "x");

  await assert.rejects(box.openValue(key, "record|2", sealed), { name: "OperationError" });
});

test("a moment is told as the portal tells days, midnight too", () => {
  assert.equal(clock(Date.UTC(2021, 4, 31, 16, 5)), "6月1日 00:05");
  assert.equal(clock(Date.UTC(2021, 11, 24, 1, 30)), "12月24日 09:30");
});

test("a PIN costs at least what is asked of one", () => assert.ok(box.ITERATIONS >= 600000));

test("an item lacks what the server says it lacks", () => {
  assert.deepEqual(gapsOf(item(), said(""), RULES), ["未判定"]);
  assert.deepEqual(gapsOf(item(), said("conform"), RULES), []);
  assert.deepEqual(gapsOf(item(), said("nonconform", " 太短 "), RULES), ["事实记录不少于10个字", "缺少证据"]);
  assert.deepEqual(gapsOf(item(), said("deficient", "现场核对编号与台账不一致", ["f"]), RULES), []);
  assert.deepEqual(gapsOf(item(), said("not_applicable", " "), RULES), ["不适用的理由未填"]);
  assert.deepEqual(gapsOf(item({ fault_if_inapplicable: true }), said("not_applicable", "没有"), RULES), ["事实记录不少于10个字"]);
  assert.deepEqual(gapsOf(item({ against: "证书过期" }), said("conform"), RULES), ["台账记载“证书过期”，判定符合的理由不少于10个字"]);
  const failed = item({ against: "|En| = 1.2 > 1，不满意", against_source: "现场实验结果为" });
  assert.deepEqual(gapsOf(failed, said("conform"), RULES), ["现场实验结果为“|En| = 1.2 > 1，不满意”，判定符合的理由不少于10个字"]);
});

test("the suggested conclusion follows the key items", () => {
  const items = [item({ id: 1, key: true }), item({ id: 2 }), item({ id: 3, fault_if_inapplicable: true })];
  const by = (...answers) => suggested(items, ({ id }) => said(answers[id - 1]));

  assert.equal(by("conform", "conform", "conform"), "conform");
  assert.equal(by("conform", "nonconform", "conform"), "deficient");
  assert.equal(by("conform", "conform", "not_applicable"), "deficient");
  assert.equal(by("nonconform", "conform", "conform"), "nonconform");
});

test("what was shown is one text, whatever order sheets and files come in", () => {
  const sheets = [{ id: 9, items: [item({ id: 4 })] }, { id: 7, items: [item({ id: 2 })] }];
  const values = { 2: said("conform", "“好”\n第二行"), 4: said("deficient", "", ["b", "a"]) };
  const text = shownText(sheets, ({ id }) => values[id], ({ id }) => ["conform", id === 7 ? "理由" : ""]);

  assert.equal(text, '[[[2,"conform","“好”\\n第二行"],[4,"deficient",""]],[[4,"a"],[4,"b"]],[[7,"conform","理由"],[9,"conform",""]]]');
});

test("nothing says 已送达 while anything waits", () => {
  const row = { delivered: 3, delivered_at: 0 };
  const visit = (states, more = {}) => ({ records: states.map((state) => ({ state })), row, queue: { online: true, ...more } });

  assert.match(summaryOf(visit([]))[1], /^全部已送达/);
  assert.match(summaryOf(visit(["stored"]))[1], /1 项未送达，内容已存本机/);
  assert.match(summaryOf(visit(["stored", "retry"], { online: false }))[1], /没有网络/);
  assert.match(summaryOf(visit(["signin"], { online: "李四" }))[1], /现在登录的是李四/);
  assert.equal(worstOf([{ state: "sending" }, { state: "conflict" }]), "conflict");
});
