"""Recompute a draw from its record: python3 verify_draw.py RECORD.json (see draw.md; needs nothing else)."""
import hashlib, json, sys

def H(what, *parts):
    return hashlib.sha256(b"".join([f"metrostd {what} 2\n".encode(), *parts])).digest()

def J(what, value):
    return H(what, json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode())

def picks(u, S):
    best = {}
    for s in u["standards"]:
        rank = (not s["priority"], H("standard", S, u["unit"].encode(), b"\n", s["id"].encode()), s["id"])
        best[s["field"]] = min(rank, best.get(s["field"], rank))
    return [{"field": f, "id": r[2], "why": "field_minimum" if r[0] else "priority"} for f, r in sorted(best.items())]

def draw(terms, frame, S):
    rest = [u for u in frame["units"] if u["unit"] not in terms["taken"]]
    chosen = rest = sorted(rest, key=lambda u: (H("unit", S, u["unit"].encode()), u["unit"]))
    if terms["kind"] == "supplement":
        chosen, have = [], lambda: {s["field"] for u in chosen for s in u["standards"]}
        for f in terms["fields"]:
            chosen += [u for u in rest if f not in have() and any(s["field"] == f for s in u["standards"])][:1]
    return [{"order": terms["last"] + n, "unit": u["unit"], "standards": picks(u, S)} for n, u in enumerate(chosen[:terms["required"]], 1)]

def check(r, frame, base=None):
    t, T, N, V = r["terms"], J("terms", r["terms"]), bytes.fromhex(r["nonce"]), r["public"]["value"].encode()
    S = H("substitute", base, V) if t["kind"] == "substitute" else H("seed", T, N, V)
    n = -(-len(frame["units"]) * t["ratio"] // 100) if t["kind"] == "units" else t["required"]
    got, said = draw(t, frame, S), {"frame": J("frame", frame).hex() == t["frame"], "terms": T.hex() == r["terms_hash"]}
    said |= {"commitment": t["kind"] == "substitute" or H("commit", T, N).hex() == r["commitment"], "required": n == t["required"]}
    said |= {"seed": S.hex() == r["seed"], "drawn": got == r["drawn"], "moment": r["committed_at"] < t["moment"] <= r["drawn_at"]}
    said["result"] = J("result", {"drawn": got, "required": n, "seed": S.hex(), "terms": T.hex()}).hex() == r["result_hash"]
    return [f"{t['number']}: {what}" for what, right in said.items() if not right], S

record = json.load(open(sys.argv[1], encoding="utf-8"))
wrong, S = check(record, record["frame"])
wrong += [line for later in record["later"] for line in check(later, record["frame"], S)[0]]
wrong += [f"{e['number']}: commitment" for e in record["earlier"] if e["nonce"] and H("commit", J("terms", e["terms"]), bytes.fromhex(e["nonce"])).hex() != e["commitment"]]
sys.exit("\n".join(["DIFFERENT", *wrong]) if wrong else print("OK", record["result_hash"]))
