"""What the law is called on the day of an act: the one place papers, forms and checks ask.

Rows of the library decide; what it has nothing about stands as it was delivered, so that a portal whose library was
never loaded prints the same. Before its first day a provision is called what its oldest row says.
"""

import datetime as dt
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.core.exceptions import ValidationError

from metrostd.common.templatetags.formats import cn_date

from .models import LegalBasis

FILE = settings.BASE_DIR / "fixtures" / "legal_basis.json"

#: Provisions the portal names of itself, by the codes of the library.
SUPERVISION, LICENCE_CHECKED, EXAMINATION = "jlf-18", "xkf-61", "khbf-0"
MATERIAL_REFUSED, VIOLATIONS = "xkf-80-3", "cfxz-0"
TWO_OFFICERS, CREDENTIALS_SHOWN = "cff-officers", "cff-credentials"
RANDOM_AND_PUBLIC, PUBLIC_IN_TIME = "yshj-54", "xxgk-26"
COMPLAINTS = "tsjb-0"
DEREGISTRATION, ANNULMENT = "xkf-70", "xkf-69"
NOT_VERIFIED, USED_REGARDLESS = "jlf-9", "jlf-25"


def named(*codes: str, on: dt.date, formal: bool = False) -> list[str]:
    """What these provisions are called on a day, in this order.

    One that ended without another in its place: a paper (``formal``) is refused by ValidationError, a page says so.
    """
    rows: dict[str, list[LegalBasis]] = {code: [] for code in codes}
    for row in LegalBasis.objects.filter(code__in=codes).order_by("starts_on"):
        rows[row.code].append(row)
    found = [_on(rows[code] or _delivered()[code], on) for code in codes]
    if formal:
        return [_standing(row, on).formal for row in found]
    return [f"{row}{'' if row.holds_on(on) else '（已停止施行）'}" for row in found]


def sentence(*codes: str, on: dt.date) -> str:
    """The same in one line."""
    return "、".join(named(*codes, on=on))


def _on(rows: Sequence[LegalBasis], day: dt.date) -> LegalBasis:
    row = rows[0]
    for later in rows:
        if later.starts_on <= day:
            row = later
    return row


def _standing(row: LegalBasis, day: dt.date) -> LegalBasis:
    if not row.holds_on(day):
        raise ValidationError(
            f"{row}自{cn_date(row.ends_on)}起停止施行，法规库中没有代替的条款，请联系系统管理员维护后再办理。"
        )
    return row


@lru_cache(maxsize=1)
def _delivered() -> dict[str, list[LegalBasis]]:
    found: dict[str, list[LegalBasis]] = {}
    for row in json.loads(FILE.read_text(encoding="utf-8")):
        day = dt.date.fromisoformat(row["starts_on"])
        found.setdefault(row["code"], []).append(LegalBasis(**row | {"starts_on": day}))
    return {code: sorted(rows, key=lambda row: row.starts_on) for code, rows in found.items()}


_LAW = re.compile(r"《([^》]+)》([^《]*)")
_NUMBER = re.compile(r"第?([0-9]+|[一二三四五六七八九十百]+)(?:条|至)")
_DIGITS = {word: number for number, word in enumerate("一二三四五六七八九", 1)}


@dataclass(frozen=True, slots=True)
class Doubt:
    """A citation the library does not bear out."""

    cited: str
    said: str


class Library:
    """Read once, asked for many citations (``doubts``)."""

    def __init__(self, on: dt.date) -> None:
        self._on = on
        self._rows: dict[tuple[str, int | None], list[LegalBasis]] = {}
        self._by_code: dict[str, list[LegalBasis]] = {}
        for row in LegalBasis.objects.order_by("code", "starts_on"):
            number = next(_numbers(row.article), None)
            self._rows.setdefault((row.law, number), []).append(row)
            self._rows.setdefault((row.formal_name, number), []).append(row)
            self._by_code.setdefault(row.code, []).append(row)
        self._laws = {law for law, _ in self._rows}

    def doubts(self, text: str) -> Iterator[Doubt]:
        """Articles a text names that the library does not know, or that others have replaced by the day."""
        for law, rest in _LAW.findall(text):
            if law not in self._laws:
                continue  # not every paper that is named is law
            for number in dict.fromkeys(_numbers(rest)):
                cited = f"《{law}》第{number}条"
                rows = self._rows.get((law, number))
                if not rows:
                    yield Doubt(cited, "法规库中没有这一条")
                elif not any(self._holds(row) for row in rows):
                    yield Doubt(cited, self._why(rows))

    def _holds(self, row: LegalBasis) -> bool:
        if not row.holds_on(self._on):
            return False
        siblings = self._by_code[row.code]
        started = [one for one in siblings if one.starts_on <= self._on]
        return row is (started[-1] if started else siblings[0])

    def _why(self, rows: list[LegalBasis]) -> str:
        row = rows[-1]
        if not row.holds_on(self._on):
            return f"自{cn_date(row.ends_on)}起停止施行"
        if row.starts_on > self._on:
            return f"{cn_date(row.starts_on)}起才施行"
        now = [
            [one for one in self._by_code[each.code] if one.starts_on <= self._on][-1]
            for each in rows
        ]
        named = "、".join(dict.fromkeys(map(str, now)))
        return f"自{cn_date(min(one.starts_on for one in now))}起由{named}代替"


def doubts(texts: Iterable[str], *, on: dt.date) -> list[Doubt]:
    """Of several texts, each citation once."""
    library = Library(on)
    return list(dict.fromkeys(doubt for text in texts for doubt in library.doubts(text)))


def _numbers(text: str) -> Iterator[int]:
    for found in _NUMBER.findall(text):
        yield int(found) if found.isdigit() else _value(found)


def _value(words: str) -> int:
    """八十 is 80, 一百零二 is not needed: no law cited here is that long, but 百 is read."""
    hundreds, _, rest = words.rpartition("百")
    tens, ten, ones = rest.rpartition("十")
    value = _DIGITS.get(hundreds, 0) * 100 + _DIGITS.get(ones, 0)
    return value + (_DIGITS.get(tens, 1) * 10 if ten else 0)
