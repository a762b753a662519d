"""Certificate numbers as the register keeps them: the form to print and the key that decides equality."""

from typing import TypedDict

from .annex4.certificates import CertificateNumber, normalise, read_certificate
from .annex4.text import tidy


class NumberFields(TypedDict):
    number_raw: str
    number: str
    identity: str
    first_year: int | None


def identity_of(parsed: CertificateNumber | None, text: str) -> str:
    """Two certificates with one identity are the same: 第001号 and 第1号; free text counts as it stands."""
    if parsed is None:
        return normalise(text)
    year, prov, social, mid, serial = parsed.identity
    return f"{year}|{prov}|{'社' if social else ''}|{mid}|{serial}"


def number_fields(raw: str) -> NumberFields:
    """What a certificate stores for a number as somebody typed it; an empty number has no identity."""
    text = tidy(raw)
    parsed = read_certificate(text) if text else None
    return {
        "number_raw": text,
        "number": parsed.norm if parsed else text,
        "identity": identity_of(parsed, text) if text else "",
        "first_year": parsed.year if parsed else None,
    }
