"""Recompute a draw from its record: python3 verify_draw.py RECORD.json (see draw.md; needs nothing else)."""
import hashlib, json, sys
def H(what, *parts): return hashlib.sha256(b"".join([f"metrostd {what} 2\n".encode(), *parts])).digest()
def J(what, value): return H(what, json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode())
def hashed(r): return bytes.fromhex(r["terms_hash"]) if "withheld" in r["terms"] else J("terms", r["terms"])
def cases(u, S):
    ranked = lambda c: sorted((H("standard", S, u["unit"].encode(), b"\n", s["id"].encode()), s["id"], s["field"]) for s in u["standards"] if s["category"] == c)
    rounds = sorted((n, c, key, field) for c in {s["category"] for s in u["standards"]} for n, (_, key, field) in enumerate(ranked(c)))
    return [{"field": field, "id": key, "why": "case"} for _, _, key, field in rounds[:10]]
def picks(u, S):
    best = {}
    for s in u["standards"]:
        rank = (not s["priority"], H("standard", S, u["unit"].encode(), b"\n", s["id"].encode()), s["id"])
        best[s["field"]] = min(rank, best.get(s["field"], rank))
    return [{"field": f, "id": r[2], "why": "field_minimum" if r[0] else "priority"} for f, r in sorted(best.items())]
def draw(terms, frame, S):
    chosen = rest = sorted((u for u in frame["units"] if u["unit"] not in terms["taken"]), key=lambda u: (H("unit", S, u["unit"].encode()), u["unit"]))
    if terms["kind"] == "supplement":
        chosen, have = [], lambda: {s["field"] for u in chosen for s in u["standards"]}
        for f in terms["fields"]:
            chosen += [u for u in rest if f not in have() and any(s["field"] == f for s in u["standards"])][:1]
    of = cases if terms["kind"] == "bureaus" else picks
    return [{"order": terms["last"] + n, "unit": u["unit"], "standards": of(u, S)} for n, u in enumerate(chosen[:terms["required"]], 1)]
def check(r, frame, base=None):
    t, T, N, V = r["terms"], hashed(r), bytes.fromhex(r["nonce"]), r["public"]["value"].encode()
    S = H("substitute", base, V) if t["kind"] == "substitute" else H("seed", T, N, V)
    n = -(-len(frame["units"]) * t["ratio"] // 100) if t["kind"] == "units" else t["required"]
    n = max(1, (len(frame["units"]) * t["ratio"] + 50) // 100) if t["kind"] == "bureaus" else n
    got, said = draw(t, frame, S), {"frame": J("frame", frame).hex() == t["frame"], "terms": T.hex() == r["terms_hash"]}
    said |= {"commitment": t["kind"] == "substitute" or H("commit", T, N).hex() == r["commitment"], "required": n == t["required"]}
    said |= {"seed": S.hex() == r["seed"], "drawn": got == r["drawn"], "moment": r["committed_at"] < t["moment"] <= r["drawn_at"]}
    ws = r["public"].get("witnesses", []) if V.startswith(b"wit:") else []
    W = [H("witness", T, w["person"].encode(), b"\n", bytes.fromhex(w["salt"]), w["number"].encode()).hex() == w["commitment"] for w in ws]
    said["witnesses"] = "withheld" in t or all(W) and (not V.startswith(b"wit:") or (V.decode(), t["witnesses"]) == ("wit:" + ",".join(w["number"] for w in ws), [w["person"] for w in ws]))
    said["result"] = J("result", {"drawn": got, "required": n, "seed": S.hex(), "terms": T.hex()}).hex() == r["result_hash"]
    return [f"{t['number']}: {what}" for what, right in said.items() if not right], S
record = json.load(open(sys.argv[1], encoding="utf-8")); wrong, S = check(record, record["frame"])
wrong += [line for later in record["later"] for line in check(later, record["frame"], S)[0]] + [f"{e['number']}: commitment" for e in record["earlier"] if e["nonce"] and H("commit", hashed(e), bytes.fromhex(e["nonce"])).hex() != e["commitment"]]
blind = [f"\n{r['terms']['number']}: names withheld, nothing shows that these terms are those announced as {r['terms_hash']}" for r in [record, *record["later"], *record["earlier"]] if "withheld" in r["terms"]]
sys.exit("\n".join(["DIFFERENT", *wrong]) if wrong else print("PARTLY" if blind else "OK", record["result_hash"], *blind) or 2 * bool(blind))
