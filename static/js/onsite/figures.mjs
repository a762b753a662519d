// What a device makes of readings by itself, with the formulas and the rounding of the portal
// (metrostd/registry/capability); tests/figures.json is judged by both. Numbers are whole multiples of 10^-60.
const PLACES = 60;
const ONE = 10n ** BigInt(PLACES);
const STORED_DIGITS = 12;
const STORED_PLACES = 12;
const BELOW = ["stability_yearly"];
const EN = ["check_en"];
const BETWEEN = /[\s、，；;]+/;
const NUMBER = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,2})?$/;
const THOUSANDS = /^[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?$/;
const LATER = "待送达后判定";

// What stands in the way of a judgement, in words for the person.
export class Wrong extends Error {}

const abs = (value) => (value < 0n ? -value : value);
const digitsOf = (value) => abs(value).toString().length; // of a value at 60 places

// Half to even, as decimals are rounded on the portal.
function toPlaces(value, places) {
  const unit = 10n ** BigInt(PLACES - places);
  const whole = abs(value) / unit;
  const twice = (abs(value) % unit) * 2n;
  const up = twice > unit || (twice === unit && whole % 2n === 1n) ? 1n : 0n;
  return (value < 0n ? -1n : 1n) * (whole + up) * unit;
}

// Twelve significant digits, at most twelve places: what is stored, and compared.
function stored(value) {
  const short = toPlaces(value, Math.min(PLACES, STORED_DIGITS - (digitsOf(value) - PLACES)));
  return toPlaces(short, STORED_PLACES);
}

function root(square) {
  if (square < 2n) return square;
  let at = 1n << BigInt((square.toString(2).length + 1) >> 1);
  for (;;) {
    const next = (at + square / at) >> 1n;
    if (next >= at) return at;
    at = next;
  }
}
const sqrt = (value) => root(value * ONE);
const squared = (value) => (value * value) / ONE;

// As people read it: so many significant digits, no exponent, no idle zeros.
export function figure(value, digits = 6) {
  if (value === 0n) return "0";
  const places = Math.max(0, digits - (digitsOf(value) - PLACES));
  const text = abs(toPlaces(value, places)).toString().padStart(PLACES + 1, "0");
  const rest = text.slice(-PLACES).replace(/0+$/, "");
  return `${value < 0n ? "-" : ""}${text.slice(0, -PLACES)}${rest ? `.${rest}` : ""}`;
}

export function number(text, what) {
  const plain = text.trim().replace(/[−–﹣]/g, "-").normalize("NFKC");
  const shown = text.trim().slice(0, 20);
  if (THOUSANDS.test(plain)) throw new Wrong(`${what}“${shown}”含有逗号，请去掉千位分隔符。`);
  if (!NUMBER.test(plain)) throw new Wrong(`${what}“${shown}”不是数。`);
  const [, sign, digits, power] = /^([+-]?)([\d.]+)(?:[eE]([+-]?\d+))?$/.exec(plain);
  const [whole, part = ""] = digits.split(".");
  const exponent = Number(power || 0) - part.length;
  const kept = (whole + part).replace(/^0+(?=\d)/, "");
  if (kept.length > 15 || exponent < -12) throw new Wrong(`${what}“${shown}”的位数过多（最多15位有效数字、12位小数），请换用合适的计量单位。`);
  if (kept !== "0" && kept.length + exponent > 11) throw new Wrong(`${what}“${shown}”过大，请换用较大的计量单位。`);
  return (sign === "-" ? -1n : 1n) * BigInt(kept) * 10n ** BigInt(PLACES + exponent);
}

function readings(text) {
  const tokens = text.split(BETWEEN).flatMap((token) => (THOUSANDS.test(token) ? [token] : token.split(",")));
  return tokens.filter(Boolean).map((token, at) => number(token, `第1组第${at + 1}个读数`));
}

// Environment ---------------------------------------------------------------------------------------
const QUANTITIES = [["temperature", "温度", "℃"], ["humidity", "相对湿度", "%RH"], ["pressure", "大气压", "kPa"]];

const ENDS = { "": "", _low: "下限", _high: "上限" };

export function environment(fields) {
  const said = (name) => (fields[name] || "").trim();
  const read = (name, label) => Object.entries(ENDS).map(([end, words]) => (said(name + end) ? number(said(name + end), label + words) : null));
  const lines = [];
  let bounded = false;
  for (const [name, label, unit] of [...QUANTITIES, ["other", said("other_name"), said("other_unit")]]) {
    const [value, low, high] = read(name, label || "另一项");
    bounded ||= low !== null || high !== null;
    refuse(name, label, value, low, high);
    if (value !== null) lines.push(against(value, low, high, label, unit, said("basis")));
  }
  if (!lines.length) throw new Wrong("请至少填写一项现场读数。");
  if (bounded && !said("basis")) throw new Wrong("填写了限值的，请写明依据，例如规程或者技术报告的条款。");
  return lines;
}

function refuse(name, label, value, low, high) {
  if (low !== null && high !== null && low > high) throw new Wrong("下限不能大于上限。");
  if (name === "humidity" && value !== null && (value < 0n || value > 100n * ONE)) throw new Wrong("相对湿度应当在0到100之间。");
  if (value !== null && !label) throw new Wrong("请填写另一项的名称，例如：振动、照度。");
}

function against(value, low, high, label, unit, basis) {
  const shown = (each) => figure(each, 15);
  const words = `${label} ${shown(value)} ${unit}`.trimEnd();
  const title = `现场环境：${label}`;
  if (low === null && high === null) return { title, words, verdict: "没有登记限值", tone: "info" };
  const bounds = low === null ? `不大于 ${shown(high)} ${unit}` : high === null ? `不小于 ${shown(low)} ${unit}` : `(${shown(low)}～${shown(high)}) ${unit}`;
  const within = (low === null || value >= low) && (high === null || value <= high);
  const told = `${words}，规定${bounds.trimEnd()}${basis ? `（${basis}）` : ""}`;
  return { title, words: told, verdict: within ? "符合规定" : "超出规定", tone: within ? "ok" : "bad" };
}

// Experiments ---------------------------------------------------------------------------------------
const NAMES = { established: "新建时的重复性", previous: "上年测得值", limit: "限值", reference: "参考值", u_lab: "扩展不确定度U（本标准）", u_ref: "扩展不确定度U（参考值）", k: "包含因子k" };
const NEEDS = {
  repeatability_repeated: [],
  stability_yearly: ["limit", "limit_basis"],
  validation_transfer: ["reference", "u_lab", "u_ref", "k"],
  check_limit: ["reference", "limit", "limit_basis"],
  check_en: ["reference", "u_lab", "u_ref", "k"],
};

const LEAST = { repeatability_repeated: 6, stability_yearly: 2 };

// Numbers and readings of a form, or what is wrong with it.
function taken(method, said) {
  if (!said("subject")) throw new Wrong("请填写被测对象或核查标准及测量点。");
  const missing = NEEDS[method].find((name) => !said(name));
  if (missing) throw new Wrong(missing === "limit_basis" ? "请填写限值依据。" : `请填写${NAMES[missing]}。`);
  const given = Object.fromEntries(Object.entries(NAMES).filter(([name]) => said(name)).map(([name, what]) => [name, number(said(name), what)]));
  for (const name of ["limit", "u_lab", "u_ref", "established"]) if (given[name] < 0n) throw new Wrong(`${NAMES[name]}不能是负数。`);
  for (const name of ["u_lab", "u_ref"]) if (given[name] === 0n) throw new Wrong("扩展不确定度应当大于零。");
  if (given.k <= 0n) throw new Wrong("包含因子k应当大于零。");
  const all = readings(said("readings_0"));
  if (!all.length) throw new Wrong("没有读数。请至少填写一组试验日期和读数。");
  if (!said("day_0")) throw new Wrong("第1组没有试验日期。");
  const least = LEAST[method] || 1;
  const what = method === "repeatability_repeated" ? "重复性试验" : "第1组";
  if (all.length < least) throw new Wrong(`${what}至少需要${least}个读数，现有${all.length}个。`);
  return { given, all };
}

// Working, verdict and tone of what is in the form; what only the register knows is judged on arrival.
export function experiment(method, fields, rules) {
  const said = (name) => (fields[name] || "").trim();
  const { given, all } = taken(method, said);
  const told = judged(method, all, given);
  const unit = EN.includes(method) ? "" : said("unit_symbol");
  const withUnit = (value) => `${figure(value)} ${unit}`.trimEnd();
  if (told.statistic === undefined) return { words: `ȳ = ${`${figure(told.mean)} ${said("unit_symbol")}`.trimEnd()}`, verdict: LATER, tone: "info" };
  const found = `${told.formula} = ${withUnit(told.statistic)}`;
  if (told.limit === undefined) return { words: found, verdict: LATER, tone: "info" };
  return compared(method, told, { found, withUnit, basis: told.basis || said("limit_basis") }, rules);
}

function compared(method, told, { found, withUnit, basis }, { bases, outcomes }) {
  const below = BELOW.includes(method);
  const passed = below ? told.statistic < told.limit : told.statistic <= told.limit;
  const sign = below ? (passed ? "<" : "≥") : passed ? "≤" : ">";
  if (EN.includes(method)) {
    const outcome = passed ? ["满意", outcomes.passed[1]] : ["不满意", outcomes.failed[1]];
    return { words: `${found} ${sign} 1`, verdict: outcome[0], tone: outcome[1] };
  }
  const bound = told.combined ? `${told.combined} = ${withUnit(told.limit)}` : `${withUnit(told.limit)}${basis ? `（${bases[basis]}）` : ""}`;
  const [verdict, tone] = outcomes[passed ? "passed" : told.otherwise || "failed"];
  return { words: `${found} ${sign} ${bound}`, verdict, tone };
}

function judged(method, all, given) {
  const n = BigInt(all.length);
  const mean = all.reduce((sum, each) => sum + each, 0n) / n;
  const nine = (value) => figure(value, 9);
  const signed = (value) => (value < 0n ? `(${nine(value)})` : nine(value));
  // What is shown of the mean is what the portal stores of it.
  const y = nine(stored(mean));
  const apart = (other) => stored(abs(mean - other));
  if (method === "repeatability_repeated") {
    const s = stored(sqrt(all.reduce((sum, each) => sum + squared(each - mean), 0n) / (n - 1n)));
    const formula = `s = √(Σ(yᵢ − ȳ)² ÷ (n − 1))，n = ${all.length}，ȳ = ${y}，s`;
    return { mean, formula, statistic: s, limit: given.established, basis: "established", otherwise: "reassess" };
  }
  if (method === "stability_yearly") {
    if (given.previous === undefined) return { mean: stored(mean) };
    return { formula: `|ȳ − ȳ上年| = |${y} − ${signed(given.previous)}|`, statistic: apart(given.previous), limit: stored(given.limit) };
  }
  const difference = `|${y} − ${signed(given.reference)}|`;
  if (method === "check_limit") return { formula: `|ȳ − y参考| = ${difference}`, statistic: apart(given.reference), limit: stored(given.limit) };
  const both = sqrt(squared(given.u_lab) + squared(given.u_ref));
  const roots = `√(${nine(given.u_lab)}² + ${nine(given.u_ref)}²)`;
  if (method === "validation_transfer") {
    return { formula: `|ȳ − y参考| = ${difference}`, statistic: apart(given.reference), limit: stored(both), combined: roots };
  }
  const en = stored((abs(mean - given.reference) * ONE) / both);
  return { formula: `|En| = |ȳ − y参考| ÷ √(U实验² + U参考²) = ${difference} ÷ ${roots}`, statistic: en, limit: ONE };
}
