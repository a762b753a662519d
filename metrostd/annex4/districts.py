"""Finding a district in a cell, a section row or a sheet name."""

import re
from collections.abc import Mapping

from metrostd.common.text import compact

_ORDINAL = re.compile(r"^[(]?(?:第)?[一二三四五六七八九十百\d]+[)]?(?:部分)?[、.．,:]?")
_COUNT = re.compile(
    r"[(](?:共)?\d+(?:家|户|个|项|台|套|件|家单位)?.*?[)]$|[:：]$|共?\d+(?:家|户|项)$"
)
_OFFICE = re.compile(r"(?:市场监督管理|市场监管|市监|市场)局$|区局$")
_LONGEST_HEADING = 100
_CITY = re.compile(r"^.{1,6}?市(?!场)")
_LOOKS_LIKE_DISTRICT = re.compile(r"^.{1,8}[区县]$")


class Districts:
    """Looks up authority codes by whatever a list calls a district."""

    def __init__(self, codes: Mapping[str, str]) -> None:
        self._codes = {compact(name): code for name, code in codes.items()}
        self._names = sorted(self._codes, key=len, reverse=True)
        self._seen: dict[str, str] = {}

    def code(self, text: str) -> str:
        """The authority code, or ``""`` when the text is no district of this city."""
        found = self._seen.get(text)
        if found is None:
            found = self._seen[text] = self._look_up(compact(text))
        return found

    def name(self, code: str) -> str:
        """The fullest name given for a code, or ``""``."""
        return next((name for name in self._names if self._codes[name] == code), "")

    def _look_up(self, key: str) -> str:
        for form in (key, _CITY.sub("", key)):
            for name in (form, _OFFICE.sub("", form), _OFFICE.sub("区", form)):
                if code := self._codes.get(name):
                    return code
        return ""

    def section(self, text: str) -> str | None:
        """The district heading in 一、和平区（12家）: its code, ``""`` if a district unknown here, else None."""
        if len(text) > _LONGEST_HEADING:
            return None
        key = _COUNT.sub("", compact(text)).rstrip(":")
        for form in (key, _ORDINAL.sub("", key)):
            if code := self.code(form):
                return code
        bare = _ORDINAL.sub("", key)
        return "" if bare != key and _LOOKS_LIKE_DISTRICT.match(bare) else None

    def of_sheet(self, name: str) -> str:
        """The district a sheet is named after, or ``""``."""
        return self.section(name) or ""

    def within(self, text: str) -> str:
        """The name of a district that occurs in an address, for a hint; ``""`` if none or several."""
        key = compact(text)
        found = {
            self._codes[name]: name for name in self._names if name.endswith("区") and name in key
        }
        return next(iter(found.values())) if len(found) == 1 else ""
