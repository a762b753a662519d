// What a device judges without a network, it judges as the portal does (tests/inspections/test_figures.py, same cases).
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { describe, it } from "node:test";
import { environment, experiment, figure, number } from "../../static/js/onsite/figures.mjs";

const CASES = JSON.parse(readFileSync(new URL("../figures.json", import.meta.url), "utf8"));
const RULES = {
  bases: {
    established: "新建（或上次重新评定）时的重复性",
    mpe: "最大允许误差的绝对值（使用标称值或示值）",
    correction: "修正值的扩展不确定度U（k=2）",
    procedure: "规程、规范或核查方案规定的限值",
  },
  outcomes: { passed: ["合格", "ok"], failed: ["超差", "bad"], reassess: ["大于新建时，需重新评定不确定度", "warn"] },
};
const EN = CASES.find((each) => each.method === "check_en");
const judge = (method, fields) => experiment(method, fields, RULES);

describe("an experiment", () => {
  CASES.forEach(({ method, fields, line }, at) => {
    it(`${at} ${method} reads like the portal's`, () => assert.deepEqual(judge(method, fields), line));
  });

  it("that rests on what only the register knows says so", () => {
    const { fields } = CASES.find((each) => each.method === "repeatability_repeated");
    const { verdict, tone } = judge("repeatability_repeated", { ...fields, established: "" });

    assert.deepEqual([verdict, tone], ["待送达后判定", "info"]);
    const yearly = CASES.find((each) => each.method === "stability_yearly").fields;
    assert.equal(judge("stability_yearly", { ...yearly, previous: "" }).verdict, "待送达后判定");
  });

  it("with a fault is refused in the portal's words", () => {
    const wrong = (more) => () => judge("check_en", { ...EN.fields, ...more });

    assert.throws(wrong({ readings_0: "6.01 六" }), /第1组第2个读数“六”不是数。/);
    assert.throws(wrong({ readings_0: "1,000.5" }), /千位分隔符/);
    assert.throws(wrong({ readings_0: "" }), /没有读数/);
    assert.throws(wrong({ u_lab: "0" }), /应当大于零/);
    assert.throws(wrong({ u_ref: "-1" }), /不能是负数/);
    assert.throws(wrong({ k: "0" }), /包含因子k应当大于零/);
    assert.throws(wrong({ reference: "" }), /请填写参考值。/);
    assert.throws(() => judge("repeatability_repeated", { ...EN.fields, readings_0: "1 2 3" }), /至少需要6个读数，现有3个/);
  });
});

describe("numbers", () => {
  it("too long or too large ask for another unit", () => {
    assert.throws(() => number("1e11", "温度"), /过大/);
    assert.throws(() => number("0.0000000000001", "温度"), /位数过多/);
    assert.throws(() => number("1234567890123456", "温度"), /位数过多/);
    assert.equal(figure(number("０．５０", "温度")), "0.5");
    assert.equal(figure(number("-1234567.8", "温度")), "-1234568");
  });
});

describe("the environment", () => {
  it("is compared with its limits, both included", () => {
    const [line] = environment({ temperature: "22.0", temperature_low: "18", temperature_high: "22", basis: "规程" });
    assert.deepEqual(line, { title: "现场环境：温度", words: "温度 22 ℃，规定(18～22) ℃（规程）", verdict: "符合规定", tone: "ok" });
    assert.equal(environment({ humidity: "80.1", humidity_high: "80", basis: "x" })[0].verdict, "超出规定");
    assert.match(environment({ pressure: "101.3", pressure_low: "86", basis: "x" })[0].words, /规定不小于 86 kPa/);
    assert.equal(environment({ other: "3", other_name: "照度", other_unit: "lx" })[0].words, "照度 3 lx");
  });

  it("without a reading, with limits without a source or against reason is refused", () => {
    assert.throws(() => environment({ basis: "x" }), /至少填写一项/);
    assert.throws(() => environment({ temperature: "20", temperature_low: "18" }), /写明依据/);
    assert.throws(() => environment({ temperature: "20", temperature_low: "22", temperature_high: "18", basis: "x" }), /下限不能大于上限/);
    assert.throws(() => environment({ humidity: "101" }), /0到100/);
    assert.throws(() => environment({ other: "1" }), /另一项的名称/);
  });
});
