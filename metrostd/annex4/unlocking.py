"""Workbooks locked with the password every spreadsheet program knows: they open without asking, so they are read.

Excel and WPS encrypt a workbook whose structure is protected (工作簿保护) or that is to be opened read only with
a fixed password of their own and try that first. A person who sees such a list open does not know it is locked.
"""

import io

from msoffcrypto import OfficeFile

_KNOWN_TO_ALL = "VelvetSweatshop"
#: Rounds of hashing a file may ask for; programs write a hundred thousand.
_MAX_ROUNDS = 1_000_000


def unlocked(data: bytes) -> bytes | None:
    """The workbook inside, or None when somebody chose a password, or nothing can be made of the file."""
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        return None
    out = io.BytesIO()
    try:
        locked = OfficeFile(io.BytesIO(data))
        if getattr(locked, "info", {}).get("spinValue", 0) > _MAX_ROUNDS:
            return None
        proof = {"verify_password": True} if locked.format == "ooxml" else {}  # .xls always does
        locked.load_key(password=_KNOWN_TO_ALL, **proof)
        locked.decrypt(out)
    except Exception:  # a foreign file, and another password, end in whatever they meet
        return None
    return out.getvalue()
