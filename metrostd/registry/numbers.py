"""Certificate numbers as the register keeps them: the form to print and the key that decides equality."""

import re
from typing import TypedDict

from django.db.models import Q

from metrostd.annex4.certificates import CertificateNumber, normalise, read_certificate
from metrostd.annex4.uscc import normalise as code_as_kept
from metrostd.common.text import tidy

#: Year and serial number as people shorten one: 〔2016〕146, [2016]津量标146号.
_SHORT = re.compile(r"(?P<head>〔[0-9]{4}〕[^0-9]*?)第?(?P<serial>[0-9]{1,6})号?")


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


def typed_number(text: str) -> str:
    """A number of a certificate or a document as it is kept, however its brackets were typed."""
    return normalise(text)


def typed_code(text: str) -> str:
    """A credit code as it is kept, however it was typed; what is no code stays what it is."""
    return code_as_kept(text) or text


def numbered_like(text: str) -> Q:
    """Certificates a typed text may mean: part of a number, or a number shortened to year and serial.

    Brackets, spaces and leading zeros do not matter. Each part begins with what an index knows.
    """
    plain = typed_number(text)
    found = Q(number__contains=plain)
    if short := _SHORT.fullmatch(plain):
        found |= Q(number__contains=short["head"], identity__endswith=f"|{int(short['serial'])}")
    if parsed := read_certificate(plain):
        found |= Q(identity=identity_of(parsed, plain))
    return found
