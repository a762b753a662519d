// What a device shows beside a sheet: what was taken along, and over it what was entered since.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { againstOf, entriesOf, entriesShown, interviewsOf } from "../../static/js/onsite/entries.mjs";

const bad = { title: "现场实验", words: "|En| = 1.2 > 1", verdict: "不满意", tone: "bad" };
const fine = { ...bad, words: "|En| = 0.5 ≤ 1", verdict: "满意", tone: "ok" };
const F01 = { id: 1, code: "F01", against: "" };

function visitOf({ forms = [], faces = {}, records = [], rows = [] } = {}) {
  const blank = { about: "experiment:new", method: "check_en", version: 0, lines: [], title: "现场实验" };
  const sheet = { id: 7, items: [F01], forms: [...forms, blank] };
  const rules = { measured: { experiment_item: "F01" } };
  const bundle = { sheets: [sheet], rules, interviews: { rows }, me: { officer: true } };
  return { bundle, records, faces: new Map(Object.entries(faces)), sheetOf: () => sheet, sheet };
}
const kept = { about: "experiment:k", sheet: 7, version: 3, lines: [bad], title: "现场实验1", method: "check_en" };

describe("entries of a sheet", () => {
  it("are those taken along with what was entered since, and those begun here", () => {
    const faces = {
      "experiment:k": { sheet: 7, lines: [fine], after: "r1" },
      "experiment:own": { sheet: 7, method: "check_en", lines: [bad], after: "r2" },
      "experiment:other": { sheet: 8, method: "check_en", lines: [bad] },
      "draft:experiment:own": [],
    };
    const visit = visitOf({ forms: [kept], faces });
    const found = entriesOf(visit, visit.sheet);

    assert.deepEqual(found.map(({ target, lines }) => [target, lines[0].tone]), [["experiment:k", "ok"], ["experiment:own", "bad"]]);
  });

  it("show the portal's judgement once it has come, and nothing that was withdrawn", () => {
    const faces = { "experiment:k": { sheet: 7, lines: [bad], after: null, version: 4, result: { lines: [fine] } } };
    const visit = visitOf({ forms: [kept], faces });
    assert.equal(entriesOf(visit, visit.sheet)[0].lines[0], fine);

    const gone = visitOf({ forms: [kept], faces: { "experiment:k": { sheet: 7, withdrawn: true, after: "r" } } });
    assert.deepEqual(entriesOf(gone, gone.sheet), []);
  });
});

describe("what is signed beside the sheets", () => {
  it("is named by its version, or by the record that will make one", () => {
    const forms = [kept, { about: "environment:7", version: 0, lines: [] }];
    const faces = { "experiment:own": { sheet: 7, method: "check_en", lines: [], after: "r2" } };

    assert.deepEqual(entriesShown(visitOf({ forms, faces })), { "experiment:k": { version: 3 }, "experiment:own": { base_after: "r2" } });
  });
});

describe("an experiment that fails", () => {
  it("speaks against 符合 as soon as it is on the device, and no more when it is corrected", () => {
    const own = { "experiment:own": { sheet: 7, method: "check_en", lines: [bad], after: "r" } };
    assert.equal(againstOf(visitOf({ faces: own }), F01), "|En| = 1.2 > 1，不满意");

    const corrected = { "experiment:k": { sheet: 7, lines: [fine], after: "r" } };
    assert.equal(againstOf(visitOf({ forms: [kept], faces: corrected }), { ...F01, against: "旧" }), "");
    assert.equal(againstOf(visitOf({ forms: [kept] }), { ...F01, against: "旧" }), "旧");
  });
});

describe("interviews", () => {
  const row = { id: 5, title: "现场笔录第1号", state: "draft", lines: [["问", "答"]], remark: "", seen: "h" };

  it("lose a signature given under other words", () => {
    const words = JSON.stringify([row.lines, ""]);
    const signed = { "interview:5/person": { words, image: "x", after: "r" } };
    assert.equal(interviewsOf(visitOf({ rows: [row], faces: signed }))[0].person_hand.image, "x");

    const changed = { ...signed, "interview:5": { lines: [["问", "别的"]], remark: "", after: "r2" } };
    const [now] = interviewsOf(visitOf({ rows: [row], faces: changed }));
    assert.equal(now.person_hand, null);
    assert.equal(now.unchanged, false);
  });

  it("begun here are listed with what is known of the person", () => {
    const head = { person: "示例甲", position: "主任", place: "示例路", began_at: "2021-06-15T10:00" };
    const [now] = interviewsOf(visitOf({ faces: { "interview:u": { head, lines: [["问", ""]], remark: "", after: "r" } } }));

    assert.equal(now.title, "现场笔录（示例甲）");
    assert.equal(now.may_sign, true);
  });
});
