"""Witnesses as the public source: each commits to a salted number, all are revealed together.

``H("metrostd witness 2\\n" ‖ T ‖ person ‖ "\\n" ‖ salt ‖ number)``: the terms keep a commitment from being made
beforehand, the person from being copied, 128 bits of salt from being guessed.
"""

import re

from .hashing import digest

#: What the public value of witnesses begins with.
PREFIX = "wit:"
NAME = "见证人公布的数"
GRAMMAR = "wit:数1,数2,…（按见证人次序，各为十二位以内的十进制数）"
#: At least so many; more than four do not fit a meeting of ten minutes.
LEAST, MOST = 2, 4
_NUMBER, _SALT = re.compile(r"[0-9]{1,12}"), re.compile(r"[0-9a-f]{32}")
_HASH = re.compile(r"[0-9a-f]{64}")


def is_commitment(text: str) -> bool:
    return _HASH.fullmatch(text) is not None


def is_revelation(number: str, salt: str) -> bool:
    """Whether number and salt have the form that can have been committed to."""
    return _NUMBER.fullmatch(number) is not None and _SALT.fullmatch(salt) is not None


def commitment(terms: bytes, person: str, *, salt: str, number: str) -> str:
    """What a device publishes of its number before all are revealed."""
    parts = (terms, person.encode(), b"\n", bytes.fromhex(salt), number.encode("ascii"))
    return digest("witness", *parts).hex()


def value_of(numbers: list[str]) -> str:
    """The public value of numbers in the order of their witnesses."""
    return f"{PREFIX}{','.join(numbers)}"


def is_value(value: str) -> bool:
    """Whether a public value came from witnesses."""
    return value.startswith(PREFIX)
