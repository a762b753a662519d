"""What comes from outside: whole numbers of an address or a form (keys and versions), and JSON.

A column holds so and so many digits; a longer number is no key of anything and must not reach a database,
which would fail on it. Other scripts have digits of their own, which ``int`` takes and no page writes.
"""

import json
from typing import Any

from django import forms

#: What a column of 64 bits holds.
LARGEST = 2**63 - 1
#: What a version, an amount or an order in a list may be: a column of 32 bits.
LARGEST_SMALL = 2**31 - 1


def is_key(text: str | None) -> bool:
    """Whether a text is a number that may be the key of a row."""
    return whole(text) is not None


def whole(text: str | None, *, most: int = LARGEST) -> int | None:
    """The number a text writes in plain digits; None for anything else and for one above ``most``."""
    if not text or len(text) > 19 or not (text.isascii() and text.isdigit()):
        return None
    number = int(text)
    return number if number <= most else None


# Any: JSON somebody sent
def given_json(text: str | bytes) -> Any:
    """What JSON from outside says; ValueError for anything else, also for what no page writes.

    Nested without end it ends the reader; NUL and halves of a character end the database, which no check of
    the request sees, because JSON writes them in plain letters.
    """
    try:
        found = json.loads(text)
        written = json.dumps(found, ensure_ascii=False)
        written.encode()
    except RecursionError:
        raise ValueError("nested too deep") from None
    if "\\u0000" in written.replace("\\\\", ""):
        raise ValueError("a NUL in a text")
    return found


class VersionField(forms.IntegerField):
    """The version a form was filled in on."""

    widget = forms.HiddenInput

    # Any: whatever else Django's field takes, handed on as it is
    def __init__(self, *, min_value: int = 0, **kwargs: Any) -> None:
        super().__init__(min_value=min_value, max_value=LARGEST_SMALL, **kwargs)
