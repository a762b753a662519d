"""Check rows of the trail against their seal: python3 verify_trail.py PROOF.json [NUMBER:HEAD ...] (see trail.md; needs nothing else)."""
import hashlib, json, sys

def J(value):
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()

def H(tag, content):
    return hashlib.sha256(f"metrostd {tag} 1\n".encode() + content).hexdigest()

proof = json.load(open(sys.argv[1], encoding="utf-8"))
blocks, wrong = {b["number"]: b for b in proof["blocks"]}, []
for b in proof["blocks"]:
    said = {name: b[name] for name in ("number", "previous", "rows", "count", "total", "sealed_at", "format")}
    if H("trail block", J(said)) != b["head"]:
        wrong.append(f"block {b['number']}: head")
    before = blocks.get(b["number"] - 1)
    if before and (b["previous"], b["total"]) != (before["head"], before["total"] + b["count"]):
        wrong.append(f"block {b['number']}: does not follow block {before['number']}")
    if not before and b["number"] != min(blocks):
        wrong.append(f"block {b['number'] - 1}: missing")
for number, rows in proof["lists"].items():
    b = blocks.get(int(number), {"count": 0, "rows": ""})
    if (len(rows), H("trail rows", J(rows))) != (b["count"], b["rows"]):
        wrong.append(f"block {number}: list of rows")
for row in proof["rows"]:
    sealed = proof["lists"].get(str(row["block"]), [])[row["position"]:][:1]
    if sealed != [[row["kind"], row["fact"]["id"], H("trail row " + row["kind"], J(row["fact"]))]]:
        wrong.append(f"{row['kind']} {row['fact']['id']}: not what was sealed")
for told in sys.argv[2:]:
    number, _, head = told.partition(":")
    if blocks.get(int(number), {}).get("head") != head:
        wrong.append(f"block {number}: not the head you were told")
last = max(blocks.values(), key=lambda b: b["number"], default={"number": 0, "head": ""})
sys.exit("\n".join(["DIFFERENT", *wrong]) if wrong else print("OK", len(proof["rows"]), f"{last['number']}:{last['head']}"))
