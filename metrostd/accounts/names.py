"""User names the portal gives: short, in plain letters, free."""

import re

from metrostd.common.text import compact
from metrostd.registry.models import Unit

from .models import User

_TRIES = 10_000


def free_username(name: str, *, unit: Unit | None = None) -> str:
    """A name nobody has: of a unit its number (``dw00012``), of an officer the pinyin (``wangxiaoming``)."""
    base = unit_username(unit) if unit else _pinyin(name)
    taken = set(User.objects.filter(username__istartswith=base).values_list("username", flat=True))
    return next_free(base, {each.lower() for each in taken})


def next_free(base: str, taken: set[str]) -> str:
    """``base``, or with the first number that makes it free."""
    if base not in taken:
        return base
    return next(each for n in range(2, _TRIES) if (each := f"{base}-{n}") not in taken)


def unit_username(unit: Unit) -> str:
    """The first account of a unit is called after its number in the register."""
    return f"dw{unit.pk:05d}"


def _pinyin(name: str) -> str:
    # A dictionary of 40,000 phrases: every process would read it at its start.
    from pypinyin import lazy_pinyin  # noqa: PLC0415

    letters = "".join(lazy_pinyin(compact(name), errors="default")).lower()
    return re.sub(r"[^a-z0-9]", "", letters)[:40] or "user"
