"""The bytes of the protocol: what is hashed under which tag. ``docs/draw.md`` says the same in words.

Every hash is SHA-256 over ``metrostd WHAT 2`` and a line feed, followed by its parts. JSON is canonical:
UTF-8, keys in order, no spaces. Hashes and nonces enter as 32 raw bytes, identities as UTF-8.
"""

import hashlib
import json
import unicodedata

ALGORITHM = "metrostd-draw/2"
#: Beside frame, terms and value: what each kind of seed is made under.
REAL, REHEARSAL = "seed", "rehearsal"


def digest(what: str, *parts: bytes) -> bytes:
    """SHA-256 over the tag and the parts."""
    return hashlib.sha256(b"".join((f"metrostd {what} 2\n".encode(), *parts))).digest()


def canonical(value: object) -> str:
    """The one way to write a value as JSON."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def hash_of(what: str, value: object) -> bytes:
    """The hash of a value written as canonical JSON: of a frame, of terms."""
    return digest(what, canonical(value).encode())


def commitment(terms: bytes, nonce: bytes) -> bytes:
    """What is published of a nonce before its draw: it binds the terms and tells nothing."""
    return digest("commit", terms, nonce)


def seed(terms: bytes, nonce: bytes, value: str) -> bytes:
    """The seed of a real draw: terms everybody has, a nonce nobody knows, a value that comes later."""
    return digest(REAL, terms, nonce, value.encode("ascii"))


def rehearsal_seed(frame: bytes, nonce: bytes) -> bytes:
    """A seed to throw away: under its own tag no rehearsal is a draw."""
    return digest(REHEARSAL, frame, nonce)


def substitute_seed(base: bytes, value: str) -> bytes:
    """The seed of later substitutes: that of the draw, and a value that came after the strike."""
    return digest("substitute", base, value.encode("ascii"))


def result_hash(drawn: list[dict[str, object]], *, required: int, seed: bytes, terms: bytes) -> str:
    """Binds what was drawn to seed and terms; directed additions are no part of it."""
    what = {"drawn": drawn, "required": required, "seed": seed.hex(), "terms": terms.hex()}
    return hash_of("result", what).hex()


def identity(text: str) -> str:
    """An identity as it is hashed: NFC, on one line."""
    return " ".join(unicodedata.normalize("NFC", text).split())
