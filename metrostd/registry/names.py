"""Names as they are searched for: the initials of their pinyin."""

from functools import lru_cache
from typing import Protocol

from metrostd.common.text import compact, name_key


@lru_cache(maxsize=8192)
def pinyin_initials(name: str) -> str:
    """天津示例仪器厂 gives ``tjslyqc``; letters and digits stay, everything else is dropped."""
    # A dictionary of 40,000 phrases: every process would read it at its start.
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415

    letters = lazy_pinyin(compact(name), style=Style.FIRST_LETTER, errors="default")
    return "".join(c for part in letters for c in part.lower() if c.isascii() and c.isalnum())[:120]


class Searched(Protocol):
    """A record that is found by its name, however it is written."""

    name: str
    name_key: str
    pinyin: str


def set_keys(obj: Searched) -> None:
    """What is derived from the name of a unit or a standard; every write of a name calls it."""
    obj.name_key = name_key(obj.name)
    obj.pinyin = pinyin_initials(obj.name)
