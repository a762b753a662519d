"""Recompute a draw from its record: python3 verify_draw.py RECORD.json (see draw.md; needs nothing else)."""
import datetime, hashlib, json, re, sys
def H(what, *parts): return hashlib.sha256(b"".join([f"metrostd {what} 2\n".encode(), *parts])).digest()
def J(what, value): return H(what, json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode())
def hashed(r): return bytes.fromhex(r["terms_hash"]) if "withheld" in r["terms"] else J("terms", r["terms"])
def wrongs(r, **said): return [f"{r['terms']['number']}: {what}" for what, right in said.items() if not right]
def rank(S, u, s): return H("standard", S, u["unit"].encode(), b"\n", s["id"].encode())
def cases(u, S):
    of = {c: sorted((rank(S, u, s), s["id"], s["field"]) for s in u["standards"] if s["category"] == c) for c in {s["category"] for s in u["standards"]}}
    return [{"field": field, "id": key, "why": "case"} for _, _, key, field in sorted((n, c, key, field) for c in of for n, (_, key, field) in enumerate(of[c]))[:10]]
def picks(u, S):
    best = lambda f: min((not s["priority"], rank(S, u, s), s["id"]) for s in u["standards"] if s["field"] == f)
    return [{"field": f, "id": best(f)[2], "why": "field_minimum" if best(f)[0] else "priority"} for f in sorted({s["field"] for s in u["standards"]})]
def draw(terms, frame, S):
    rest = sorted((u for u in frame["units"] if u["unit"] not in terms["taken"]), key=lambda u: (H("unit", S, u["unit"].encode()), u["unit"]))
    has, chosen = lambda u, f: any(s["field"] == f for s in u["standards"]), [] if terms["kind"] == "supplement" else rest
    for f in terms["fields"] if chosen is not rest else []: chosen += [u for u in rest if has(u, f) and not any(has(c, f) for c in chosen)][:1]
    return [{"order": terms["last"] + n, "unit": u["unit"], "standards": (cases if terms["kind"] == "bureaus" else picks)(u, S)} for n, u in enumerate(chosen[:terms["required"]], 1)]
def check(r, frame, base=None):
    t, T, N, p, V, at = r["terms"], hashed(r), bytes.fromhex(r["nonce"]), r["public"], r["public"]["value"], datetime.datetime.fromisoformat
    S, total, wit = H("substitute", base, V.encode()) if t["kind"] == "substitute" else H("seed", T, N, V.encode()), len(frame["units"]) * t["ratio"], V[:4] == "wit:"
    n, got = {"units": -(-total // 100), "bureaus": max(1, (total + 50) // 100)}.get(t["kind"], t["required"]), draw(t, frame, S)
    entered, due, receipts = p.get("entered_at", r["drawn_at"]), at(t["moment"]), [at(x["at"]) for x in r.get("receipts", [{"at": r["committed_at"]}])]
    said = {k: r.get(k, t[k]) == t[k] for k in ("algorithm", "campaign", "authority", "number", "kind", "ratio")} | {"frame": J("frame", frame).hex() == t["frame"]}
    said |= {"terms": T.hex() == r["terms_hash"], "commitment": H("commit", T, N).hex() == r["commitment"], "required": n == t["required"] == r.get("required", n)}
    said |= {"receipt": bool(receipts) and all(at(r["committed_at"]) <= x <= due - datetime.timedelta(1) for x in receipts), "seed": S.hex() == r["seed"], "drawn": got == r["drawn"]}
    said["moment"] = at(r["committed_at"]) < due <= at(entered) <= at(r["drawn_at"]) and (wit or at(entered) >= at(t.get("fallback_at", t["moment"])))
    W = [(w["person"], w["number"], H("witness", T, w["person"].encode(), b"\n", bytes.fromhex(w["salt"]), w["number"].encode()).hex() == w["commitment"]) for w in p.get("witnesses", []) if wit]
    said["witnesses"] = not wit or "withheld" in t or all(w[2] for w in W) and (V[4:], t.get("witnesses")) == (",".join(w[1] for w in W), [w[0] for w in W])
    return wrongs(r, **said, value=wit or V[4:11] >= t["issue"] and re.fullmatch(r"ssq:20\d{5}:\d\d(,\d\d){5}\|\d\d", V), result=J("result", {"drawn": got, "required": n, "seed": S.hex(), "terms": T.hex()}).hex() == r["result_hash"]), S
if (r := json.load(open(sys.argv[1], encoding="utf-8"))).get("rehearsal"): sys.exit("DIFFERENT\nrehearsal: 预演, this was no draw")
wrong, S = check(r, r["frame"])
for e, base in zip(r["later"], [x["result_hash"] for x in [r, *r["later"]]]):
    struck = all(any(s["unit"] == x["unit"] and s["evidence"][:200] in x["reason"] for x in r["struck"]) for s in e["terms"].get("struck", []) if "struck" in r)
    wrong += check(e, r["frame"], S)[0] + wrongs(e, base=e["terms"]["base"] == base, struck=struck)
for n, (e, N, V, t) in enumerate([(e, e["nonce"], e.get("value"), e["terms"]) for e in [*r["earlier"], r]], 1):
    again = draw(t, r["frame"], H("seed", hashed(e), bytes.fromhex(N), V.encode())) if N and V and (t["kind"], t["frame"]) == (r["terms"]["kind"], r["terms"]["frame"]) else e.get("drawn")
    wrong += wrongs(e, number=e.get("number", n) == t["number"] == n, kind=e.get("kind", t["kind"]) == t["kind"], terms=hashed(e).hex() == e["terms_hash"], commitment=not N or H("commit", hashed(e), bytes.fromhex(N)).hex() == e["commitment"], drawn=again == e.get("drawn"))
blind = [f"\n{e['terms']['number']}: names withheld, nothing shows that these terms are those announced as {e['terms_hash']}" for e in [r, *r["later"], *r["earlier"]] if "withheld" in e["terms"]]
sys.exit("\n".join(["DIFFERENT", *dict.fromkeys(wrong)]) if wrong else print("PARTLY" if blind else "OK", r["result_hash"], *blind) or 2 * bool(blind))
